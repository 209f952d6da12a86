//! Token buckets: how often something may be done. Kept as one instant, the time at which the
//! bucket will be full again, so that a store can move it by one conditional write.

use crate::time::Timestamp;

/// A size and a refill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Part of the key it is stored under.
    pub name: &'static str,
    /// Tokens when full.
    pub capacity: i64,
    /// Milliseconds in which one token comes back.
    pub every_ms: i64,
}

const fn bucket(name: &'static str, capacity: i64, every_secs: i64) -> Bucket {
    Bucket {
        name,
        capacity,
        every_ms: every_secs * 1000,
    }
}

/// Logins from one network.
pub const LOGIN: Bucket = bucket("login", 120, 2);
/// Logins to one account from networks it was never used from.
pub const LOGIN_STRANGE: Bucket = bucket("login-strange", 30, 60);
/// Registrations from one network; a class registers from one address.
pub const REGISTER: Bucket = bucket("register", 60, 60);
/// Links of mails followed from one network.
pub const LINK: Bucket = bucket("link", 60, 10);
/// Password resets asked for from one network.
pub const RESET: Bucket = bucket("reset", 20, 60);
/// Password resets mailed to one account.
pub const RESET_MAIL: Bucket = bucket("reset-mail", 3, 300);
/// Changes of a password by one user.
pub const CHANGE_PASSWORD: Bucket = bucket("change-password", 5, 720);
/// Changes of an address by one user.
pub const CHANGE_EMAIL: Bucket = bucket("change-email", 3, 1200);
/// Verification mails asked for by one user.
pub const RESEND: Bucket = bucket("resend", 1, 60);
/// Attempts to close an account, by one user.
pub const CLOSE: Bucket = bucket("close", 5, 720);
/// Exports of a user's data.
pub const EXPORT: Bucket = bucket("export", 3, 300);
/// Replays of what was said on a channel.
pub const REPLAY: Bucket = bucket("replay", 10, 60);
/// Mail servers tried by one administrator.
pub const SMTP_TEST: Bucket = bucket("smtp-test", 10, 360);

/// Public links and lists of public projects, read from one network.
pub const PUBLIC: Bucket = Bucket {
    name: "public",
    capacity: 30,
    every_ms: 200,
};
/// Pages of public projects, read by nobody in particular from one network.
pub const ANONYMOUS: Bucket = Bucket {
    name: "anonymous",
    capacity: 200,
    every_ms: 50,
};

impl Bucket {
    /// The latest "full again" at which a token may still be taken.
    pub fn latest(self, now: Timestamp) -> Timestamp {
        Timestamp(now.0 + (self.capacity - 1) * self.every_ms)
    }

    /// When an empty bucket is full.
    pub fn full_at(self, now: Timestamp) -> Timestamp {
        Timestamp(now.0 + self.capacity * self.every_ms)
    }

    /// Whole seconds until the next token, when the bucket is full again at `full`.
    pub fn wait_secs(self, full: Timestamp, now: Timestamp) -> u64 {
        let ms = full.0 - self.latest(now).0;
        u64::try_from(ms).unwrap_or(0).div_ceil(1000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_names_the_seconds_to_its_next_token() {
        let now = Timestamp(1_000_000);
        assert_eq!(RESEND.latest(now), now);
        assert_eq!(RESEND.wait_secs(Timestamp(now.0 + 60_000), now), 60);
        assert_eq!(
            CHANGE_PASSWORD.wait_secs(CHANGE_PASSWORD.full_at(now), now),
            720
        );
    }
}
