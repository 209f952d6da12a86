//! Takes secrets out of what leaves a host: command lines, environments, addresses. Works by the
//! names things have and the marks well-known tokens begin with, so it is a net, not a proof.

/// What stands where a secret was.
pub const STARS: &str = "***";

/// What stands there when the reporter took it out.
const HIDDEN: &str = "[hidden]";

/// Whether something was taken out of a text, so that it cannot be used as it is.
pub fn lacks_secret(text: &str) -> bool {
    text.contains(STARS) || text.contains(HIDDEN)
}

/// Words in a name that promise a secret.
const WORDS: [&str; 14] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "access-key",
    "private_key",
    "private-key",
    "credential",
    "auth_key",
];

/// Beginnings of tokens that say what they are.
const MARKS: [&str; 18] = [
    "em_live_",
    "em_view_",
    "em_run_",
    "ag_live_",
    "hf_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "sk-",
    "sk_live_",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "ASIA",
    "eyJhbGci",
    "AIza",
];

/// Whether a variable or option of this name holds a secret.
pub fn names_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    // Tokenizers and token counts are everyday words of this trade.
    let lower = lower.replace("tokeniz", "").replace("tokens", "");
    WORDS.iter().any(|word| lower.contains(word))
        || lower.ends_with("_pwd")
        || lower.ends_with("_key") && !lower.ends_with("public_key")
}

/// Whether a value looks like a secret whatever its name is.
pub fn looks_secret(value: &str) -> bool {
    MARKS.iter().any(|mark| {
        value
            .strip_prefix(mark)
            .is_some_and(|rest| rest.len() >= 12 && rest.chars().all(is_token_char))
    })
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/')
}

/// The value of a variable as it may be shown.
pub fn value(name: &str, value: &str) -> String {
    if names_secret(name) || looks_secret(value) {
        return STARS.to_owned();
    }
    address(value)
}

/// A command line as it may be shown: `--token X`, `--token=X`, `api_key=X`, tokens on their own,
/// and passwords in addresses lose their secret part.
pub fn argv<S: AsRef<str>>(argv: &[S]) -> Vec<String> {
    let mut hide_next = false;
    let one = |arg: &S| {
        let arg = arg.as_ref();
        if std::mem::take(&mut hide_next) && !arg.starts_with('-') {
            return STARS.to_owned();
        }
        if let Some((name, text)) = arg.split_once('=') {
            return format!("{name}={}", value(name, text));
        }
        hide_next = arg.starts_with('-') && names_secret(arg);
        value("", arg)
    };
    argv.iter().map(one).collect()
}

/// Text with the password of every `scheme://user:password@host` replaced.
fn address(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) if rest[..at].contains(':') || at > 20 => {
            format!("{scheme}://{STARS}{}", &rest[at..])
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_starred_and_the_rest_is_not() {
        let given = [
            "python",
            "train.py",
            "--api-key",
            "abc",
            "--wandb_token=abc",
            "model.password=x=y",
            "lr=0.1",
            "hf_abcdefghijklmnop",
            "--data=postgres://me:pw@db/x",
            "https://example.org/a@b",
            "--auth-token",
            "--verbose",
            "monkey=1",
            "tokenizer_path=/x",
        ];
        let shown = argv(&given);
        let expected = [
            "python",
            "train.py",
            "--api-key",
            "***",
            "--wandb_token=***",
            "model.password=***",
            "lr=0.1",
            "***",
            "--data=postgres://***@db/x",
            "https://example.org/a@b",
            "--auth-token",
            "--verbose",
            "monkey=1",
            "tokenizer_path=/x",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_and_marks() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "HF_TOKEN",
            "DB_PASSWORD",
            "OPENAI_API_KEY",
        ] {
            assert_eq!(value(name, "anything"), STARS, "{name}");
        }
        assert_eq!(value("X", "ghp_0123456789abcdef"), STARS);
        assert_eq!(value("CUDA_VISIBLE_DEVICES", "0,1"), "0,1");
        assert_eq!(value("X", "sk-short"), "sk-short");
        assert_eq!(value("X", "ünï://cödé:ß@x"), "ünï://***@x");
    }
}
