//! Keeping secrets out of what is reported.

/// What stands in a secret's place.
const HIDDEN: &str = "[hidden]";

/// Parts of names whose values nobody else should see.
const SECRET: [&str; 12] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "api_key",
    "apikey",
    "access_key",
    "private",
    "credential",
    "auth",
    "cookie",
    "session",
];

/// Beginnings of well-known credentials.
const PREFIXES: [&str; 10] = [
    "em_live_",
    "em_view_",
    "em_run_",
    "ag_live_",
    "ghp_",
    "github_pat_",
    "hf_",
    "sk-",
    "xoxb-",
    "AKIA",
];

/// Whether a name speaks of a secret.
pub fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('-', "_");
    SECRET.iter().any(|part| name.contains(part)) || name.ends_with("_key") || name == "key"
}

/// A value as it may be shown.
pub fn value(name: &str, value: &str) -> String {
    if is_secret(name) || PREFIXES.iter().any(|prefix| value.contains(prefix)) {
        return HIDDEN.to_owned();
    }
    url(value)
}

/// An address without the user and password in it.
pub fn url(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}://{}", &rest[at + 1..]),
        None => text.to_owned(),
    }
}

/// Arguments without the secrets in them: `--token x`, `--token=x`, `token=x`.
pub fn arguments(argv: &[String]) -> Vec<String> {
    let mut hide_next = false;
    let mut shown = Vec::with_capacity(argv.len());
    for argument in argv {
        if std::mem::take(&mut hide_next) && !argument.starts_with('-') {
            shown.push(HIDDEN.to_owned());
        } else if let Some((name, given)) = argument.split_once('=') {
            shown.push(format!("{name}={}", value(name, given)));
        } else {
            hide_next = argument.starts_with("--") && is_secret(argument);
            shown.push(value("", argument));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_stay_at_home() {
        let argv = [
            "train.py",
            "--token",
            "x",
            "--lr",
            "1",
            "--api-key=abc",
            "db=postgres://u:p@h/d",
            "em_live_abc",
        ];
        let argv: Vec<String> = argv.iter().map(|a| (*a).to_owned()).collect();
        let shown = arguments(&argv);
        let expected = [
            "train.py",
            "--token",
            HIDDEN,
            "--lr",
            "1",
            "--api-key=[hidden]",
            "db=postgres://h/d",
            HIDDEN,
        ];
        assert_eq!(shown, expected);
        assert_eq!(value("AWS_SECRET_ACCESS_KEY", "x"), HIDDEN);
        assert_eq!(value("CUDA_VISIBLE_DEVICES", "0,1"), "0,1");
    }
}
