//! The three series every tracker has under its own names.

/// `train_loss`, `val_loss` or `lr` where a name means that, else the name itself.
pub fn ours(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    let only = |allowed: &[&str]| words.iter().all(|word| allowed.contains(word));
    let any = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let held_out = ["val", "valid", "validation", "eval", "evaluation", "dev"];
    let plain = [
        "train", "training", "loss", "epoch", "total", "losses", "metrics",
    ];
    if any(&["loss"]) && any(&held_out) && only(&[held_out.as_slice(), &plain].concat()) {
        "val_loss"
    } else if any(&["loss"]) && only(&plain) {
        "train_loss"
    } else if only(&["lr", "train", "training", "optim", "optimizer"]) && any(&["lr"])
        || only(&["learning", "rate", "train", "training"]) && any(&["rate"])
    {
        "lr"
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clear_names_are_ours() {
        let pairs = [
            ("loss/train", "train_loss"),
            ("Loss", "train_loss"),
            ("epoch_loss", "train_loss"),
            ("validation/loss", "val_loss"),
            ("eval_loss", "val_loss"),
            ("learning_rate", "lr"),
            ("train/lr", "lr"),
            ("kl_loss", "kl_loss"),
            ("val_kl_loss", "val_kl_loss"),
            ("train/acc", "train/acc"),
            ("lr_scale", "lr_scale"),
            ("", ""),
        ];
        for (name, wanted) in pairs {
            assert_eq!(ours(name), wanted, "{name}");
        }
    }
}
