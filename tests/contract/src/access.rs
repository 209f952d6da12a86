//! Every operation × every kind of caller. An operation without a row fails the test.

use domain::account::TokenScope;
use http::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use test_kit::build::batch_start;
use test_kit::{Actor, TestApp};

/// What a caller gets: a refusal's status and code, or "whatever the route answers".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gets {
    In,
    Refused(u16, &'static str),
}
use Gets::{In, Refused};

/// Expectations of one operation, in the order of [`callers`].
struct Row {
    operation: &'static str,
    path: &'static str,
    body: fn() -> Value,
    anonymous: Gets,
    owner_session: Gets,
    owner_reporter: Gets,
    owner_viewer: Gets,
    stranger: Gets,
    admin: Gets,
}

const LOGIN: Gets = Refused(401, "auth_required");
const HIDDEN: Gets = Refused(404, "batch_not_found");
const HIDDEN_JOB: Gets = Refused(404, "job_not_found");
const READ_ONLY: Gets = Refused(403, "read_only_token");
const BROWSER: Gets = Refused(403, "session_required");
const REPORTER: Gets = Refused(403, "reporter_required");

const PREFERENCES: &str = "/api/users/me/preferences";

fn nothing() -> Value {
    Value::Null
}

/// Open to everybody; credentials change nothing.
const fn public(operation: &'static str, path: &'static str) -> Row {
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
const fn read(operation: &'static str, path: &'static str, hidden: Gets) -> Row {
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
const fn own(operation: &'static str, path: &'static str) -> Row {
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
const fn own_write(operation: &'static str, path: &'static str) -> Row {
    Row {
        owner_viewer: READ_ONLY,
        ..own(operation, path)
    }
}

/// Browser sessions only.
const fn session(operation: &'static str, path: &'static str) -> Row {
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

const ROWS: &[Row] = &[
    public("GET /health", "/health"),
    public("POST /api/auth/register", "/api/auth/register"),
    public("POST /api/auth/login", "/api/auth/login"),
    public("POST /api/auth/verify-email", "/api/auth/verify-email"),
    own("GET /api/auth/me", "/api/auth/me"),
    own("GET /api/auth/sessions", "/api/auth/sessions"),
    session("GET /api/tokens", "/api/tokens"),
    session("POST /api/tokens", "/api/tokens"),
    session("DELETE /api/tokens/{token_id}", "/api/tokens/1"),
    own("GET /api/pins", "/api/pins"),
    Row {
        body: || json!({"batch_id": "b"}),
        stranger: HIDDEN,
        ..own_write("POST /api/pins", "/api/pins")
    },
    own_write("DELETE /api/pins/{batch_id}", "/api/pins/b"),
    own("GET /api/stars", "/api/stars"),
    Row {
        body: || json!({"target_type": "batch", "target_id": "b"}),
        ..own_write("POST /api/stars", "/api/stars")
    },
    own_write(
        "DELETE /api/stars/{target_type}/{target_id}",
        "/api/stars/batch/b",
    ),
    own("GET /api/users/me/preferences", PREFERENCES),
    Row {
        body: || json!({"hide_demo": true}),
        ..own_write("PATCH /api/users/me/preferences", PREFERENCES)
    },
    own("GET /api/batches", "/api/batches"),
    own("GET /api/batches/compact", "/api/batches/compact"),
    read("GET /api/batches/{batch_id}", "/api/batches/b", HIDDEN),
    read(
        "GET /api/batches/{batch_id}/jobs",
        "/api/batches/b/jobs",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/resources",
        "/api/batches/b/resources",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/log-lines",
        "/api/batches/b/log-lines",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/epochs",
        "/api/batches/b/epochs",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/epochs/latest",
        "/api/batches/b/epochs/latest",
        HIDDEN,
    ),
    read(
        "GET /api/batches/{batch_id}/stop-requested",
        "/api/batches/b/stop-requested",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}",
        "/api/jobs/b/j",
        HIDDEN_JOB,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/epochs",
        "/api/jobs/b/j/epochs",
        HIDDEN,
    ),
    read(
        "GET /api/jobs/{batch_id}/{job_id}/log-lines",
        "/api/jobs/b/j/log-lines",
        HIDDEN,
    ),
    Row {
        operation: "POST /api/batches/{batch_id}/stop",
        path: "/api/batches/b/stop",
        body: || json!({}),
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: READ_ONLY,
        stranger: Refused(403, "owner_required"),
        admin: In,
    },
    Row {
        operation: "POST /api/events",
        path: "/api/events",
        body: || batch_start("b"),
        anonymous: LOGIN,
        owner_session: REPORTER,
        owner_reporter: In,
        owner_viewer: REPORTER,
        stranger: Refused(403, "batch_foreign"),
        admin: In,
    },
    Row {
        operation: "POST /api/events/batch",
        path: "/api/events/batch",
        body: || json!({"events": [batch_start("b")]}),
        anonymous: LOGIN,
        owner_session: REPORTER,
        owner_reporter: In,
        owner_viewer: REPORTER,
        stranger: In,
        admin: In,
    },
    // Streams are judged before they start, so a refused one has a body to read.
    Row {
        operation: "GET /api/sse",
        path: "/api/sse?channels=batch:b",
        body: nothing,
        anonymous: LOGIN,
        owner_session: In,
        owner_reporter: In,
        owner_viewer: In,
        stranger: Refused(403, "stream_no_access"),
        admin: In,
    },
    // Each call ends the credential it was made with, so they come last.
    Row {
        owner_viewer: READ_ONLY,
        ..own(
            "POST /api/auth/sessions/{jti}/revoke",
            "/api/auth/sessions/nobody/revoke",
        )
    },
    Row {
        owner_reporter: LOGIN,
        owner_viewer: LOGIN,
        stranger: LOGIN,
        admin: LOGIN,
        ..own("POST /api/auth/refresh", "/api/auth/refresh")
    },
    own("POST /api/auth/logout", "/api/auth/logout"),
];

/// Refusals that are not about who calls: they prove the caller got in.
const INSIDE: &[&str] = &["validation", "session_not_found", "token_not_found"];

struct Callers {
    anonymous: Actor,
    owner_session: Actor,
    owner_reporter: Actor,
    owner_viewer: Actor,
    stranger: Actor,
    stranger_session: Actor,
    admin: Actor,
    admin_session: Actor,
}

async fn callers(app: &TestApp) -> Callers {
    let owner = app.user("owner", false).await;
    let stranger = app.user("stranger", false).await;
    let admin = app.user("root", true).await;
    Callers {
        anonymous: app.anonymous(),
        owner_session: app.session(&owner).await,
        owner_reporter: app.token(&owner, TokenScope::Reporter).await,
        owner_viewer: app.token(&owner, TokenScope::Viewer).await,
        stranger: app.token(&stranger, TokenScope::Reporter).await,
        stranger_session: app.session(&stranger).await,
        admin: app.token(&admin, TokenScope::Reporter).await,
        admin_session: app.session(&admin).await,
    }
}

async fn outcome(actor: &Actor, row: &Row) -> Gets {
    let (method, _) = row.operation.split_once(' ').expect("method and path");
    let method: Method = method.parse().expect("a method");
    if row.path.starts_with("/api/sse") {
        let response = actor.open(row.path).await;
        if response.status().is_success() {
            return In;
        }
    }
    let mut call = actor.call(method, row.path);
    let body = (row.body)();
    if !body.is_null() {
        call = call.json(&body);
    }
    let reply = call.send().await;
    if reply.status.is_success() {
        return In;
    }
    let code = reply.refused(reply.status.as_u16());
    let known: BTreeSet<&str> = [
        "auth_required",
        "batch_not_found",
        "job_not_found",
        "read_only_token",
        "session_required",
        "reporter_required",
        "owner_required",
        "batch_foreign",
        "stream_no_access",
        "admin_required",
    ]
    .into();
    match known.get(code.as_str()) {
        Some(code) => Refused(reply.status.as_u16(), code),
        None if INSIDE.contains(&code.as_str()) => In,
        None => panic!("{}: unexpected {} {code}", row.operation, reply.status),
    }
}

#[tokio::test]
async fn everybody_gets_exactly_what_the_table_says() {
    for row in ROWS {
        let app = TestApp::new(argus_local::mount::routes()).await;
        let who = callers(&app).await;
        let seed = json!({"events": [batch_start("b"), test_kit::build::epoch("b", "j", 0, 0.5)]});
        who.owner_reporter
            .post("/api/events/batch", &seed)
            .await
            .ok(200);
        // A route for browsers is asked by everybody's browser.
        let browser = row.owner_reporter == BROWSER;
        let stranger = if browser {
            &who.stranger_session
        } else {
            &who.stranger
        };
        let admin = if browser {
            &who.admin_session
        } else {
            &who.admin
        };
        for (name, actor, expected) in [
            ("anonymous", &who.anonymous, row.anonymous),
            ("owner's viewer token", &who.owner_viewer, row.owner_viewer),
            (
                "owner's reporter token",
                &who.owner_reporter,
                row.owner_reporter,
            ),
            ("stranger", stranger, row.stranger),
            ("admin", admin, row.admin),
            ("owner's session", &who.owner_session, row.owner_session),
        ] {
            assert_eq!(
                outcome(actor, row).await,
                expected,
                "{} by {name}",
                row.operation
            );
        }
    }
}

#[test]
fn no_operation_is_without_a_row() {
    let document = serde_json::to_value(argus_local::mount::document()).expect("serialises");
    let mut declared = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            declared.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let rows: BTreeSet<String> = ROWS.iter().map(|row| row.operation.to_owned()).collect();
    assert_eq!(
        declared, rows,
        "left: operations of the routes, right: rows of the matrix"
    );
}
