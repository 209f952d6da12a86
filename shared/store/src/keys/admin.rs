//! Keys of what administrators set and look at.

use super::{Key, key, part};

/// Partition of the words of mails somebody wrote.
pub const MAIL_TEMPLATES: &str = "MT";

/// Words of a template in a language.
pub fn mail_template(template: &str, locale: &str) -> Key {
    let sk = format!("{}#{}", part(template), part(locale));
    key(MAIL_TEMPLATES.to_owned(), sk)
}

/// Partition of the last runs of scheduled functions.
pub const RUNS: &str = "RUNS";

/// Last run of a scheduled function.
pub fn run(name: &str) -> Key {
    key(RUNS.to_owned(), part(name))
}

/// Partition of what processes did on a day.
pub fn spent_on(day: &str) -> String {
    format!("SPENT#{day}")
}

/// What a process did on a day.
pub fn spent(day: &str, row: u64) -> Key {
    key(spent_on(day), super::number(row))
}

/// What an hour of a host costs the batches of a user; of nobody: of everybody who said nothing else.
pub fn host_rate(user: Option<u64>, host: &str) -> Key {
    match user {
        Some(user) => key(super::user_partition(user), format!("HR#{}", part(host))),
        None => key("HR".to_owned(), part(host)),
    }
}
