//! The words of every mail. A file's first line is the subject, the rest after a blank line is the
//! text, whose paragraphs make the HTML part.

use domain::notice::NoticeKind;
use wire::Locale;

/// Which mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Template {
    /// Confirms the address of a new account.
    Verification,
    /// Carries a link that sets a new password.
    PasswordReset,
    /// Says that a password was changed.
    PasswordChanged,
    /// Confirms the new address of an account.
    EmailChange,
    /// Says, to the old address, where the account went.
    EmailChanged,
    /// Says that somebody signed in from a new place.
    NewLocation,
    /// One thing that happened.
    Event(NoticeKind),
    /// Several things of one kind that happened shortly after one another.
    Several,
    /// What happened since the last digest.
    Digest,
}

macro_rules! file {
    ($name:literal, $locale:expr) => {
        match $locale {
            Locale::English => include_str!(concat!("../templates/", $name, ".en.txt")),
            Locale::Chinese => include_str!(concat!("../templates/", $name, ".zh.txt")),
        }
    };
}

impl Template {
    /// All of them.
    pub fn all() -> Vec<Self> {
        let mut all = vec![
            Self::Verification,
            Self::PasswordReset,
            Self::PasswordChanged,
            Self::EmailChange,
            Self::EmailChanged,
            Self::NewLocation,
        ];
        all.extend(NoticeKind::ALL.map(Self::Event));
        all.extend([Self::Several, Self::Digest]);
        all
    }

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verification => "verification",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::EmailChange => "email_change",
            Self::EmailChanged => "email_changed",
            Self::NewLocation => "new_location",
            Self::Event(kind) => kind.as_str(),
            Self::Several => "several",
            Self::Digest => "digest",
        }
    }

    /// Subject and text with their placeholders.
    pub fn words(self, locale: Locale) -> (&'static str, &'static str) {
        let file = match self {
            Self::Verification => file!("verification", locale),
            Self::PasswordReset => file!("password_reset", locale),
            Self::PasswordChanged => file!("password_changed", locale),
            Self::EmailChange => file!("email_change", locale),
            Self::EmailChanged => file!("email_changed", locale),
            Self::NewLocation => file!("new_location", locale),
            Self::Event(NoticeKind::BatchDone) => file!("batch_done", locale),
            Self::Event(NoticeKind::BatchFailed) => file!("batch_failed", locale),
            Self::Event(NoticeKind::BatchDiverged) => file!("batch_diverged", locale),
            Self::Event(NoticeKind::BatchStalled) => file!("batch_stalled", locale),
            Self::Event(NoticeKind::BatchStopped) => file!("batch_stopped", locale),
            Self::Event(NoticeKind::BatchRecovered) => file!("batch_recovered", locale),
            Self::Event(NoticeKind::OomSuspected) => file!("oom_suspected", locale),
            Self::Event(NoticeKind::JobFailed) => file!("job_failed", locale),
            Self::Event(NoticeKind::JobIdleFlagged) => file!("job_idle_flagged", locale),
            Self::Event(NoticeKind::ShareGranted) => file!("share_granted", locale),
            Self::Event(NoticeKind::RerunExpired) => file!("rerun_expired", locale),
            Self::Event(NoticeKind::AgentOffline) => file!("agent_offline", locale),
            Self::Event(NoticeKind::HostTrouble) => file!("host_trouble", locale),
            Self::Several => file!("several", locale),
            Self::Digest => file!("digest", locale),
        };
        file.split_once("\n\n").unwrap_or((file, ""))
    }
}
