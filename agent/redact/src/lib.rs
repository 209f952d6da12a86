//! Takes secrets out of what leaves a host: command lines, environments, addresses. Works by the
//! names things have and the marks well-known tokens begin with, so it is a net, not a proof.
//!
//! A command that lacks a secret cannot be run again as recorded, so everyday names (`tokenizer`,
//! `author`, `monkey`) must pass.

/// What stands where a secret was.
pub const STARS: &str = "***";

/// What stood there in snapshots of reporters before there was one word for it.
const HIDDEN: &str = "[hidden]";

/// Whether something was taken out of a text, so that it cannot be used as it is.
pub fn lacks_secret(text: &str) -> bool {
    text.contains(STARS) || text.contains(HIDDEN)
}

/// Parts of a name that promise a secret wherever they stand. `-` and `.` count as `_`.
const PARTS: [&str; 11] = [
    "token",
    "secret",
    "passw",
    "passphrase",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "auth_key",
    "credential",
    "cookie",
];

/// Words of a name that promise one when they stand on their own.
const WORDS: [&str; 5] = ["auth", "authorization", "bearer", "private", "session"];

/// Beginnings of tokens of our own: nothing else looks like them.
const OURS: [&str; 4] = ["em_live_", "em_view_", "em_run_", "ag_live_"];

/// Beginnings of other tokens that say what they are.
const MARKS: [&str; 14] = [
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
/// Shorter than this behind such a beginning, it is a word.
const MARK_REST: usize = 12;

/// Whether a variable or option of this name holds a secret.
pub fn names_secret(name: &str) -> bool {
    let name = name.trim_start_matches('-').to_ascii_lowercase();
    // Tokenizers and token counts are everyday words of this trade.
    let name = name.replace("tokeniz", "").replace("tokens", "");
    let name = name.replace(['-', '.'], "_");
    let mut words = name.split('_').rev();
    let is_key = words.next() == Some("key") && words.next() != Some("public");
    is_key
        || name.ends_with("_pwd")
        || PARTS.iter().any(|part| name.contains(part))
        || name.split('_').any(|word| WORDS.contains(&word))
}

/// Whether a value looks like a secret whatever its name is.
pub fn looks_secret(value: &str) -> bool {
    OURS.iter().any(|mark| value.contains(mark))
        || value.contains("-----BEGIN ") && value.contains("PRIVATE KEY")
        || pieces(value).any(|piece| MARKS.iter().any(|mark| is_token(piece, mark)))
        || follows_scheme(value)
}

/// What stands between the signs that set a token off from its surroundings. Parts of paths are
/// not on their own: folders may be called anything.
fn pieces(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c.is_whitespace() || "=:@,;&?\"'()[]{}<>|".contains(c))
}

fn is_token(piece: &str, mark: &str) -> bool {
    piece
        .strip_prefix(mark)
        .is_some_and(|rest| rest.len() >= MARK_REST && rest.chars().all(is_token_char))
}

/// `Authorization: Bearer …` and its kin, as one argument.
fn follows_scheme(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let header = lower.split_once("authorization:");
    let told = header.map_or(lower.as_str(), |(_, after)| after).trim();
    match told.split_once(' ') {
        Some((scheme, rest)) => {
            let known = scheme == "bearer" || scheme == "basic" && header.is_some();
            known && !rest.trim().contains(' ')
        }
        None => header.is_some() && !told.is_empty(),
    }
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '=' | '+' | '/')
}

/// The value of a variable as it may be shown.
pub fn value(name: &str, value: &str) -> String {
    if names_secret(name) || looks_secret(value) {
        return STARS.to_owned();
    }
    addresses(value)
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

/// Text with who logs in replaced in every `scheme://user:password@host`. A user's name alone
/// may stay, unless it is long enough to be a token.
pub fn addresses(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        shown.push_str(before);
        shown.push_str("://");
        let end = after.find(['/', '?', '#', ',', ' ']).unwrap_or(after.len());
        rest = match after[..end].rfind('@') {
            Some(at) if after[..at].contains(':') || at > 20 => {
                shown.push_str(STARS);
                &after[at..]
            }
            _ => after,
        };
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is given, and what is shown of it.
    const LINES: [(&[&str], &[&str]); 8] = [
        (
            &[
                "python",
                "train.py",
                "--api-key",
                "abc",
                "--wandb_token=abc",
            ],
            &[
                "python",
                "train.py",
                "--api-key",
                "***",
                "--wandb_token=***",
            ],
        ),
        (
            &["model.password=x=y", "lr=0.1", "hf_abcdefghijklmnop"],
            &["model.password=***", "lr=0.1", "***"],
        ),
        (
            &["--data=postgres://me:pw@db/x", "https://example.org/a@b"],
            &["--data=postgres://***@db/x", "https://example.org/a@b"],
        ),
        // An option follows, so this one had no value.
        (
            &["--auth-token", "--verbose", "monkey=1", "tokenizer_path=/x"],
            &["--auth-token", "--verbose", "monkey=1", "tokenizer_path=/x"],
        ),
        (
            &["--token", "x", "--lr", "1", "--api-key=abc", "em_live_abc"],
            &["--token", "***", "--lr", "1", "--api-key=***", "***"],
        ),
        (
            &[
                "curl",
                "-H",
                "Authorization: Bearer abc.def",
                "bearer of news",
            ],
            &["curl", "-H", "***", "bearer of news"],
        ),
        (
            &["db=a://u:p@h/d,b://u:p@i", "ssh://git@host/x", "key=v"],
            &["db=a://***@h/d,b://***@i", "ssh://git@host/x", "key=***"],
        ),
        (
            &[
                "--author=me",
                "max_tokens=5",
                "/data/hf_datasets_of_us",
                "task-sk-1",
            ],
            &[
                "--author=me",
                "max_tokens=5",
                "/data/hf_datasets_of_us",
                "task-sk-1",
            ],
        ),
    ];

    #[test]
    fn secrets_are_starred_and_the_rest_is_not() {
        for (given, shown) in LINES {
            assert_eq!(argv(given), shown);
        }
    }

    #[test]
    fn names_that_promise_a_secret() {
        for name in [
            "AWS_SECRET_ACCESS_KEY",
            "HF_TOKEN",
            "DB_PASSWORD",
            "MYSQL_PWD",
            "OPENAI_API_KEY",
            "HTTP_COOKIE",
            "PROXY_AUTH",
            "DJANGO_SESSION",
            "SSH_PRIVATE",
            "GOOGLE_APPLICATION_CREDENTIALS",
        ] {
            assert_eq!(value(name, "anything"), STARS, "{name}");
        }
        for name in [
            "PWD",
            "PUBLIC_KEY",
            "AUTHORS",
            "MONKEY",
            "KEYBOARD",
            "TOKENIZERS_PARALLELISM",
            "NUM_TOKENS",
            "CUDA_VISIBLE_DEVICES",
        ] {
            assert_eq!(value(name, "0,1"), "0,1", "{name}");
        }
    }

    #[test]
    fn values_that_are_secrets_by_any_name() {
        for text in [
            "ghp_0123456789abcdef",
            "user:ghp_0123456789abcdef",
            "Bearer x",
            "AKIAIOSFODNN7EXAMPLE",
            "-----BEGIN RSA PRIVATE KEY-----\nMII",
            "see em_view_x",
        ] {
            assert_eq!(value("X", text), STARS, "{text}");
        }
        for text in ["sk-short", "disk-full", "basic training"] {
            assert_eq!(value("X", text), text);
        }
        assert_eq!(value("X", "ünï://cödé:ß@x"), "ünï://***@x");
        assert!(lacks_secret("a=***") && lacks_secret("[hidden]") && !lacks_secret("a"));
    }
}
