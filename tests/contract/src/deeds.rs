//! Every operation that changes something leaves a row in the audit log when the caller who may do
//! it succeeds. What leaves none is listed here with its reason; the list may only shrink.

use crate::access::rows;
use crate::deeds_stage::Stage;
use crate::row::{In, Row};
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const REPORT: &str =
    "data of a run: the run itself is the record, and there are thousands a minute";
const OWN_MARK: &str = "a person's own mark or view, which touches nobody else";
const OWN_MAIL: &str = "what a person is told by mail, changed by that person alone";
const CHANGES_NOTHING: &str = "changes nothing";
const BEGINS: &str = "begins a link; the row is written when the browser comes back with it";
const RENEWS: &str = "the same person goes on; the login before it has its row";
const MACHINE: &str = "a daemon's word on what a person asked for, which has its row";

/// Operations without a row.
const SILENT: &[(&str, &str)] = &[
    ("POST /api/events", REPORT),
    ("POST /api/events/batch", REPORT),
    ("POST /api/events/spill", REPORT),
    ("POST /api/jobs/{job_id}/artifacts", REPORT),
    ("POST /api/batches/{batch_id}/artifacts", REPORT),
    ("POST /api/batches/{batch_id}/artifacts/uploads", REPORT),
    ("POST /api/artifacts/{artifact_id}/complete", REPORT),
    ("POST /api/pins", OWN_MARK),
    ("DELETE /api/pins/{batch_id}", OWN_MARK),
    ("POST /api/stars", OWN_MARK),
    ("DELETE /api/stars/{target_type}/{target_id}", OWN_MARK),
    ("PATCH /api/users/me/preferences", OWN_MARK),
    ("POST /api/notifications/mark_all_read", OWN_MARK),
    ("POST /api/notifications/{notification_id}/ack", OWN_MARK),
    ("DELETE /api/notifications/{notification_id}", OWN_MARK),
    ("PATCH /api/me/subscriptions", OWN_MAIL),
    ("PUT /api/batches/{batch_id}/email-subscription", OWN_MAIL),
    (
        "DELETE /api/batches/{batch_id}/email-subscription",
        OWN_MAIL,
    ),
    ("POST /api/unsubscribe", OWN_MAIL),
    ("POST /api/unsubscribe/recipient/{token}", OWN_MAIL),
    (
        "POST /api/projects/{project}/guardrails/replay",
        CHANGES_NOTHING,
    ),
    (
        "POST /api/admin/email/templates/{template_id}/preview",
        CHANGES_NOTHING,
    ),
    ("POST /api/auth/oauth/{provider}/link/start", BEGINS),
    ("POST /api/auth/oauth/{provider}/link/init", BEGINS),
    ("POST /api/auth/refresh", RENEWS),
    ("POST /api/agents/{agent_id}/jobs/{cmd_id}/ack", MACHINE),
    ("POST /api/agents/{agent_id}/jobs/{cmd_id}/exit", MACHINE),
    ("POST /api/agents/{agent_id}/heartbeat", MACHINE),
    ("POST /api/watchdog/reports", MACHINE),
    ("POST /api/watchdog/heartbeat", MACHINE),
];

fn changes(row: &Row) -> bool {
    !row.operation.starts_with("GET ")
}

fn is_silent(row: &Row) -> bool {
    SILENT
        .iter()
        .any(|(operation, _)| *operation == row.operation)
}

/// A body with which the operation succeeds, where the one of the access table would not.
fn body(row: &Row) -> Value {
    let password = "correct-horse-7";
    let next = "battery-staple-8";
    match row.operation {
        "POST /api/auth/register" => {
            json!({"username": "newcomer", "email": "new@example.com", "password": password})
        }
        "POST /api/auth/login" => json!({"username_or_email": "owner", "password": password}),
        "POST /api/auth/verify-email" => json!({"token": Stage::VERIFY}),
        "POST /api/auth/request-password-reset" => json!({"email": "owner@example.com"}),
        "POST /api/auth/reset-password" => json!({"token": Stage::RESET, "new_password": next}),
        "POST /api/auth/change-password" => {
            json!({"current_password": password, "new_password": next})
        }
        "POST /api/auth/change-email" => {
            json!({"current_password": password, "new_email": "moved@example.com"})
        }
        "POST /api/auth/oauth/{provider}/set-password" => json!({"new_password": next}),
        "DELETE /api/users/me" => json!({"password": password}),
        "POST /api/tokens" => json!({"name": "laptop", "scope": "reporter"}),
        "PUT /api/me/notification_prefs" => json!({"notify_batch_done": true,
            "notify_batch_failed": true, "notify_job_failed": true,
            "notify_diverged": true, "notify_job_idle": true}),
        "PUT /api/me/mail_schedule" => json!({"digest": null, "quiet_hours": null}),
        "POST /api/batches/bulk-delete" => json!({"batch_ids": ["old"]}),
        "POST /api/jobs/bulk-delete" => json!({"items": [{"batch_id": "b", "job_id": "j"}]}),
        "POST /api/projects/{project}/members" => json!({"username": "other", "role": "viewer"}),
        "PATCH /api/projects/{project}/members/{user_id}" => json!({"role": "editor"}),
        "POST /api/batches/{batch_id}/shares" | "POST /api/projects/shares" => {
            let mut wish = json!({"grantee_username": "other"});
            if row.operation.contains("/projects/") {
                wish["project"] = json!("proj");
            }
            wish
        }
        "POST /api/me/channels/{channel_id}/replay" => json!({"ids": [1]}),
        "POST /api/projects/{project}/recipients" => json!({"email": "lab@example.com"}),
        "POST /api/admin/projects/bulk-delete" => json!({"projects": ["proj"]}),
        "POST /api/admin/hosts/bulk-delete" => json!({"hosts": ["vm"]}),
        "POST /api/admin/projects/{project}/publish" => json!({"description": "open"}),
        "PUT /api/admin/system-config/{group}/{key}" => json!({"value": 587}),
        "PUT /api/admin/feature-flags/{key}" => json!({"value": true}),
        "PUT /api/admin/email/smtp" => json!({"enabled": false, "smtp_port": 587}),
        // Nobody listens on port 1.
        "POST /api/admin/email/smtp/test" => {
            json!({"host": "127.0.0.1", "port": 1, "use_tls": false, "from_addr": "a@example.com"})
        }
        "PUT /api/admin/email/templates/{template_id}" => {
            json!({"subject": "s", "body_text": "t", "body_html": "<b>h</b>"})
        }
        _ => (row.body)(),
    }
}

#[tokio::test]
async fn whoever_changes_something_leaves_a_row() {
    let (mut missing, mut failed) = (Vec::new(), Vec::new());
    for row in rows().filter(|row| changes(row) && !is_silent(row)) {
        let stage = Stage::set().await;
        let (method, template) = row.operation.split_once(' ').expect("method and path");
        let caller = match (row.anonymous, row.owner_session) {
            (In, _) => stage.app.anonymous(),
            (_, In) => stage.owner_for(row.operation),
            _ => stage.admin.clone(),
        };
        // An owner deletes a whole project only once, which the access table shows otherwise.
        let caller = match row.operation {
            "DELETE /api/projects/{project}" => stage.owner.clone(),
            "DELETE /api/hosts/{host}" => stage.admin.clone(),
            _ => caller,
        };
        let before = stage.app.audit().await.len();
        let method: Method = method.parse().expect("a method");
        let call = caller.call(method, &stage.path(row.operation, template));
        let body = stage.body(body(row));
        let call = if body.is_null() {
            call
        } else {
            call.json(&body)
        };
        let reply = call.send().await;
        if !reply.status.is_success() {
            let (status, text) = (reply.status, reply.text());
            failed.push(format!("{}: {status} {text}", row.operation));
        } else if stage.app.audit().await.len() == before {
            missing.push(row.operation);
        }
    }
    assert!(failed.is_empty(), "the permitted caller fails: {failed:#?}");
    assert!(missing.is_empty(), "no audit row: {missing:#?}");
}

#[test]
fn whatever_is_silent_exists() {
    let known: BTreeSet<&str> = rows().map(|row| row.operation).collect();
    for (operation, why) in SILENT {
        assert!(known.contains(operation), "{operation} ({why}) is gone");
    }
}
