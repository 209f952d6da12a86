//! A row of the access table, and the shapes most rows have.

use serde_json::Value;

/// What a caller gets: a refusal's status and code, or "whatever the route answers".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gets {
    In,
    Refused(u16, &'static str),
}
pub use Gets::{In, Refused};

/// Expectations of one operation, one field per kind of caller.
pub struct Row {
    pub operation: &'static str,
    pub path: &'static str,
    pub body: fn() -> Value,
    pub anonymous: Gets,
    pub owner_session: Gets,
    pub owner_reporter: Gets,
    pub owner_viewer: Gets,
    pub stranger: Gets,
    pub admin: Gets,
}

pub const LOGIN: Gets = Refused(401, "auth_required");
pub const HIDDEN: Gets = Refused(404, "batch_not_found");
pub const HIDDEN_JOB: Gets = Refused(404, "job_not_found");
pub const HIDDEN_PROJECT: Gets = Refused(404, "project_not_found");
pub const HIDDEN_HOST: Gets = Refused(404, "host_not_found");
pub const ADMIN: Gets = Refused(403, "admin_required");
pub const READ_ONLY: Gets = Refused(403, "read_only_token");
pub const BROWSER: Gets = Refused(403, "session_required");
pub const REPORTER: Gets = Refused(403, "reporter_required");

/// No body.
pub fn nothing() -> Value {
    Value::Null
}

/// Open to everybody; credentials change nothing.
pub const fn public(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: In,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: In,
        admin: In,
    }
}

/// A read of something the owner has.
pub const fn read(operation: &'static str, path: &'static str, hidden: Gets) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: hidden,
        admin: In,
    }
}

/// Anybody with a credential, about themselves.
pub const fn own(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: In,
        admin: In,
    }
}

/// The same, but not with a token that may only read.
pub const fn own_write(operation: &'static str, path: &'static str) -> Row {
    Row {
        owner_viewer: READ_ONLY,
        ..own(operation, path)
    }
}

/// Something only the owner of the batch does, with any token that may write.
pub const fn act(operation: &'static str, path: &'static str, body: fn() -> Value) -> Row {
    Row {
        operation,
        path,
        body,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: READ_ONLY,
        stranger: Refused(403, "owner_required"),
        admin: In,
    }
}

/// Something only an owner of the project does, with any token that may write.
pub const fn manage(operation: &'static str, path: &'static str, body: fn() -> Value) -> Row {
    Row {
        stranger: HIDDEN_PROJECT,
        ..act(operation, path, body)
    }
}

/// Browser sessions only.
pub const fn session(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: BROWSER,
        owner_viewer: BROWSER,
        stranger: In,
        admin: In,
    }
}

/// Administrators only.
pub const fn admin(operation: &'static str, path: &'static str) -> Row {
    Row {
        operation,
        path,
        body: nothing,
        anonymous: LOGIN,
        owner_session: ADMIN,
        owner_reporter: ADMIN,
        owner_viewer: ADMIN,
        stranger: ADMIN,
        admin: In,
    }
}

/// Something about the mails of a batch: its owner's business alone.
pub const fn mails(operation: &'static str) -> Row {
    Row {
        admin: Refused(403, "owner_required"),
        ..act(operation, "/api/batches/b/email-subscription", nothing)
    }
}

/// Refusals that are not about who calls: they prove the caller got in.
pub const INSIDE: &[&str] = &[
    "validation",
    "session_not_found",
    "rate_limited",
    "provider_disabled",
    "token_not_found",
    "host_active",
    "batch_active",
    "batch_not_deleted",
    "artifact_not_found",
    "upload_malformed",
    "spill_not_found",
    "trial_not_found",
    "compare_count",
    "channel_not_found",
    "notification_not_found",
    "subscription_not_found",
    "job_active",
    "project_taken",
    "member_not_found",
    "recipient_not_found",
    "recipient_taken",
    "user_not_found",
    "share_not_found",
    "link_not_found",
    "config_key_unknown",
    "ids_invalid",
    "dead_letter_not_found",
];
