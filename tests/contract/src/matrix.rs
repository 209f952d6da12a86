//! Asks every question of the table in [`crate::access`]. An operation without a row fails.

use crate::access::rows;
use crate::row::{BROWSER, Gets, INSIDE, In, Refused, Row};
use domain::account::TokenScope;
use http::Method;
use serde_json::json;
use std::collections::BTreeSet;
use test_kit::build::{batch_start, epoch, event};
use test_kit::{Actor, TestApp};

impl Row {
    fn refusals(&self) -> impl Iterator<Item = &'static str> + use<> {
        let all = [
            self.anonymous,
            self.owner_session,
            self.owner_reporter,
            self.owner_viewer,
            self.stranger,
            self.admin,
        ];
        all.into_iter().filter_map(|gets| match gets {
            Refused(_, code) => Some(code),
            In => None,
        })
    }
}

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
    // A refusal is of those the table speaks of, or it is a surprise.
    let known: BTreeSet<&str> = rows().flat_map(Row::refusals).collect();
    match known.get(code.as_str()) {
        Some(code) => Refused(reply.status.as_u16(), code),
        None if INSIDE.contains(&code.as_str()) => In,
        None => panic!("{}: unexpected {} {code}", row.operation, reply.status),
    }
}

#[tokio::test]
async fn everybody_gets_exactly_what_the_table_says() {
    for row in rows() {
        let app = TestApp::new(argus_local::mount::routes()).await;
        let who = callers(&app).await;
        let snapshot = event("resource_snapshot", "b", None, json!({"cpu_util_pct": 1}));
        let seed = json!({"events": [batch_start("b"), epoch("b", "j", 0, 0.5), snapshot]});
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
    let listed: BTreeSet<String> = rows().map(|row| row.operation.to_owned()).collect();
    assert_eq!(
        declared, listed,
        "left: operations of the routes, right: rows of the matrix"
    );
}
