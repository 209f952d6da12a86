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
