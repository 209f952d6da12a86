//! Keys of what guards accounts. The table of all keys is in the parent.

use super::{Key, key, number, part, user_partition};

/// Where a user logged in from.
pub fn places(user: u64) -> Key {
    key(user_partition(user), "PLACES")
}

/// Level of the bucket `name` for `of` (an address, an account).
pub fn limit(name: &str, of: &str) -> Key {
    key(format!("LM#{}#{}", part(name), part(of)), "=")
}

/// Partition of the wrong passwords for `who`.
pub fn login_locks(who: &str) -> String {
    format!("LL#{}", part(who))
}

/// Wrong passwords for `who` (an account, or a name nobody has) from `network`.
pub fn login_lock(who: &str, network: &str) -> Key {
    key(login_locks(who), part(network))
}

/// Partition of the closed accounts that still have rows.
pub const CLOSING: &str = "CLOSING";

/// Entry of a closed account.
pub fn closing(user: u64) -> Key {
    key(CLOSING.to_owned(), number(user))
}

/// Claim on an account at an identity provider.
pub fn provider_claim(provider: &str, subject: &str) -> Key {
    key(format!("UP#{}#{}", part(provider), part(subject)), "=")
}

/// A login under way at a provider, by the digest of its state.
pub fn provider_flow(state: &str) -> Key {
    key(format!("PF#{}", part(state)), "=")
}
