//! Login with GitHub and OpenID Connect, against providers that are strict.

use crate::identity::{CLIENT, Provider, SECRET, provider};
use crate::{by_hand, login, wish};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use test_kit::{Actor, Reply, TestApp};

async fn lab(more: &[(&'static str, &str)]) -> (TestApp, Arc<Provider>) {
    let provider = provider().await;
    let mut setup = by_hand();
    let at = || provider.address.clone();
    setup.variables = vec![
        ("ARGUS_GITHUB_CLIENT_ID", CLIENT.into()),
        ("ARGUS_GITHUB_CLIENT_SECRET", SECRET.into()),
        ("ARGUS_GITHUB_URL", at()),
        ("ARGUS_GITHUB_API_URL", at()),
        ("ARGUS_OIDC_ISSUER", at()),
        ("ARGUS_OIDC_CLIENT_ID", CLIENT.into()),
        ("ARGUS_OIDC_CLIENT_SECRET", SECRET.into()),
        ("ARGUS_OIDC_ADMIN_GROUP", "ml-admins".into()),
    ];
    let more = more
        .iter()
        .map(|(name, value)| (*name, (*value).to_owned()));
    setup.variables.extend(more);
    let app = TestApp::with(api_auth::routes(), setup).await;
    app.user("root", true).await;
    (app, provider)
}

fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie");
    assert!(
        set.contains("HttpOnly") && set.contains("SameSite=Lax"),
        "{set}"
    );
    set.split(';').next().expect("its value").to_owned()
}

/// Where a redirect leads, and what it says.
fn outcome(reply: &Reply) -> (String, HashMap<String, String>) {
    assert_eq!(reply.status, 302, "{}", reply.text());
    let to = reply.header("location").expect("an address");
    let (page, said) = to.split_once(['?', '#']).unwrap_or((&to, ""));
    let said = form_urlencoded::parse(said.as_bytes())
        .into_owned()
        .collect();
    (page.to_owned(), said)
}

async fn back(app: &TestApp, name: &str, code: &str, state: &str, cookie: &str) -> Reply {
    let path = format!("/api/auth/oauth/{name}/callback?code={code}&state={state}");
    app.get(&path).header("cookie", cookie).send().await
}

/// A whole login through a browser.
async fn enter(app: &TestApp, provider: &Provider, name: &str) -> Reply {
    let started = app
        .get(&format!("/api/auth/oauth/{name}/start?redirect=/batches"))
        .send()
        .await;
    assert_eq!(started.status, 302, "{}", started.text());
    let url = started.header("location").expect("an address");
    let (code, state) = provider.agree(&url);
    back(app, name, &code, &state, &cookie(&started)).await
}

fn session(app: &TestApp, reply: &Reply) -> Actor {
    let (page, said) = outcome(reply);
    assert_eq!(
        page, "http://argus.example/login/oauth/complete",
        "{said:?}"
    );
    assert_eq!(said["redirect"], "/batches");
    app.bearer(&said["token"])
}

fn reason(reply: &Reply) -> String {
    let (page, said) = outcome(reply);
    assert_eq!(page, "http://argus.example/login", "{said:?}");
    said["reason"].clone()
}

#[tokio::test]
async fn a_stranger_gets_an_account_and_comes_back_to_it() {
    let (app, provider) = lab(&[]).await;
    let first = session(&app, &enter(&app, &provider, "github").await);
    let me = first.get("/api/auth/me").await.ok(200);
    assert_eq!(me["username"], "octocat");
    assert_eq!(
        (&me["email"], &me["email_verified"]),
        (&json!("octo@example.com"), &json!(true))
    );
    assert_eq!(
        (&me["github_login"], &me["has_password"]),
        (&json!("octo.cat"), &json!(false))
    );
    assert_eq!(me["is_admin"], false);
    // The provider's id counts, whatever else changes there.
    *provider.emails.lock().expect("emails") =
        json!([{"email": "new@example.com", "primary": true, "verified": true}]);
    let again = session(&app, &enter(&app, &provider, "github").await);
    assert_eq!(again.get("/api/auth/me").await.ok(200)["id"], me["id"]);
    let unlink = "/api/auth/oauth/github/unlink";
    assert_eq!(
        again.post(unlink, &Value::Null).await.refused(409),
        "password_needed"
    );
    let set = "/api/auth/oauth/github/set-password";
    let password = json!({"new_password": "better-horse-8"});
    assert_eq!(again.post(set, &password).await.status, 204);
    assert_eq!(
        again.post(set, &password).await.refused(409),
        "password_present"
    );
    assert_eq!(again.post(unlink, &Value::Null).await.status, 204);
    assert_eq!(
        again.post(unlink, &Value::Null).await.refused(409),
        "not_linked"
    );
    let body = json!({"username_or_email": "octocat", "password": "better-horse-8"});
    app.anonymous().post("/api/auth/login", &body).await.ok(200);
}

#[tokio::test]
async fn the_address_of_older_descriptions_leads_to_the_same() {
    let (app, provider) = lab(&[]).await;
    let offered = app.get("/api/oauth/config").send().await.ok(200);
    assert_eq!(offered["github"], true);
    let started = app.get("/api/oauth/github/start").send().await;
    let url = started.header("location").expect("an address");
    let (code, state) = provider.agree(&url);
    let path = format!("/api/oauth/github/callback?code={code}&state={state}");
    let back = app.get(&path).header("cookie", &cookie(&started));
    let (page, said) = outcome(&back.send().await);
    assert_eq!(page, "http://argus.example/login/oauth/complete");
    let browser = app.bearer(&said["token"]);
    let link = "/api/oauth/github/link";
    let init = browser.post(&format!("{link}/init"), &Value::Null).await;
    assert!(init.ok(200)["authorize_url"].is_string());
    assert_eq!(browser.get(&format!("{link}/start")).await.status, 302);
    let start = browser.post(&format!("{link}/start"), &Value::Null).await;
    assert_eq!(start.status, 302);
    let set = "/api/oauth/github/set-password";
    let password = json!({"new_password": "better-horse-8"});
    assert_eq!(browser.post(set, &password).await.status, 204);
    let unlink = "/api/oauth/github/unlink";
    assert_eq!(browser.post(unlink, &Value::Null).await.status, 204);
}

#[tokio::test]
async fn a_state_is_good_once_for_minutes_and_in_its_browser_only() {
    let (app, provider) = lab(&[]).await;
    let begin = async || {
        let started = app.get("/api/auth/oauth/github/start").send().await;
        let (code, state) = provider.agree(&started.header("location").expect("an address"));
        (code, state, cookie(&started))
    };
    let (code, state, held) = begin().await;
    let other = begin().await.2;
    assert_eq!(
        reason(&back(&app, "github", &code, &state, &other).await),
        "state_invalid"
    );
    assert_eq!(
        reason(&back(&app, "github", &code, &state, &held).await),
        "state_invalid"
    );
    let (code, state, held) = begin().await;
    let entered = outcome(&back(&app, "github", &code, &state, &held).await);
    assert!(entered.1.contains_key("token"));
    assert_eq!(
        reason(&back(&app, "github", &code, &state, &held).await),
        "state_invalid"
    );
    let (code, state, held) = begin().await;
    assert_eq!(
        reason(&back(&app, "oidc", &code, &state, &held).await),
        "state_invalid"
    );
    let (code, state, held) = begin().await;
    app.services.clock.advance(600);
    assert_eq!(
        reason(&back(&app, "github", &code, &state, &held).await),
        "state_invalid"
    );
    let (_, state, held) = begin().await;
    assert_eq!(
        reason(&back(&app, "github", "", &state, &held).await),
        "code_missing"
    );
    let (_, state, held) = begin().await;
    assert_eq!(
        reason(&back(&app, "github", "stolen", &state, &held).await),
        "exchange_failed"
    );
}

#[tokio::test]
async fn closed_registration_bans_and_unverified_addresses_hold_here_too() {
    let (app, provider) = lab(&[("ARGUS_REGISTRATION_OPEN", "false")]).await;
    assert_eq!(
        reason(&enter(&app, &provider, "github").await),
        "registration_closed"
    );
    let octo = app.user("octo", false).await;
    let refused = reason(&enter(&app, &provider, "github").await);
    assert_eq!(
        refused, "email_not_verified",
        "whoever registered it may be a stranger"
    );
    let store = &app.services.store;
    let verify = |user: &mut domain::account::User| user.email_verified = true;
    store.update_user(octo.id, verify).await.expect("updated");
    let linked = session(&app, &enter(&app, &provider, "github").await);
    assert_eq!(linked.get("/api/auth/me").await.ok(200)["id"], octo.id);
    let ban = |user: &mut domain::account::User| user.is_active = false;
    store.update_user(octo.id, ban).await.expect("updated");
    assert_eq!(
        reason(&enter(&app, &provider, "github").await),
        "account_disabled"
    );
    *provider.emails.lock().expect("emails") =
        json!([{"email": "octo@example.com", "primary": true, "verified": false}]);
    assert_eq!(
        reason(&enter(&app, &provider, "github").await),
        "no_verified_email"
    );
}

#[tokio::test]
async fn an_account_is_linked_from_inside_and_only_to_one() {
    let (app, provider) = lab(&[]).await;
    for name in ["alice", "bob"] {
        app.anonymous()
            .post("/api/auth/register", &wish(name))
            .await
            .ok(201);
    }
    for (name, expected) in [("alice", "bind_ok"), ("bob", "bind_error")] {
        let session = login(&app, name).await;
        let path = "/api/auth/oauth/github/link/init";
        let begun = session.post(path, &Value::Null).await;
        let url = begun.ok(200)["authorize_url"]
            .as_str()
            .expect("an address")
            .to_owned();
        assert!(url.contains("allow_signup=false"));
        let (code, state) = provider.agree(&url);
        let reply = back(&app, "github", &code, &state, &cookie(&begun)).await;
        let (page, said) = outcome(&reply);
        assert_eq!(page, "http://argus.example/login/oauth/complete");
        assert!(
            said.contains_key(expected) && !said.contains_key("token"),
            "{said:?}"
        );
    }
    let entered = outcome(&enter(&app, &provider, "github").await).1;
    let me = app
        .bearer(&entered["token"])
        .get("/api/auth/me")
        .await
        .ok(200);
    assert_eq!(me["username"], "alice");
}

#[tokio::test]
async fn openid_connect_checks_the_signature_and_makes_members_administrators() {
    let (app, provider) = lab(&[]).await;
    let person = |groups: Value| {
        json!({"sub": "u-1", "preferred_username": "carol", "email": "carol@example.com",
            "email_verified": true, "groups": groups})
    };
    *provider.person.lock().expect("person") = person(json!(["staff"]));
    *provider.forge.lock().expect("forge") = true;
    assert_eq!(
        reason(&enter(&app, &provider, "oidc").await),
        "id_token_invalid"
    );
    *provider.forge.lock().expect("forge") = false;
    let carol = session(&app, &enter(&app, &provider, "oidc").await);
    let me = carol.get("/api/auth/me").await.ok(200);
    assert_eq!(
        (&me["username"], &me["is_admin"]),
        (&json!("carol"), &json!(false))
    );
    *provider.person.lock().expect("person") = person(json!(["staff", "ml-admins"]));
    let carol = session(&app, &enter(&app, &provider, "oidc").await);
    assert_eq!(carol.get("/api/auth/me").await.ok(200)["is_admin"], true);
    // The token ends by our clock.
    app.services.clock.advance(400);
    assert_eq!(
        reason(&enter(&app, &provider, "oidc").await),
        "id_token_invalid"
    );
}

#[tokio::test]
async fn what_is_not_set_up_is_not_there() {
    let app = TestApp::with(api_auth::routes(), by_hand()).await;
    let config = app.anonymous().get("/api/auth/oauth/config").await.ok(200);
    assert_eq!(config, json!({"github": false, "oidc": false}));
    for path in [
        "github/start",
        "github/callback",
        "oidc/start",
        "other/start",
    ] {
        let reply = app
            .anonymous()
            .get(&format!("/api/auth/oauth/{path}"))
            .await;
        assert_eq!(reply.refused(404), "provider_disabled", "{path}");
    }
}
