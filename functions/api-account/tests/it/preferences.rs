//! Preferences.

use crate::setup::{patch, person, server};
use domain::account::TokenScope;
use serde_json::json;

const PATH: &str = "/api/users/me/preferences";

#[tokio::test]
async fn preferences_start_with_defaults_and_change_one_by_one() {
    let app = server().await;
    let (user, alice) = person(&app, "alice", &[]).await;
    let defaults = json!({"hide_demo": false, "preferred_locale": "en-US"});
    assert_eq!(alice.get(PATH).await.ok(200), defaults);
    let french = json!({"preferred_locale": "fr-FR", "hide_demo": null});
    let changed = patch(&alice, PATH, &french).await.ok(200);
    assert_eq!(
        changed,
        json!({"hide_demo": false, "preferred_locale": "fr-FR"})
    );
    let hidden = json!({"hide_demo": true, "preferred_locale": "fr-FR"});
    let changed = patch(&alice, PATH, &json!({"hide_demo": true})).await;
    assert_eq!(changed.ok(200), hidden);
    assert_eq!(patch(&alice, PATH, &json!({})).await.ok(200), hidden);
    let viewer = app.token(&user, TokenScope::Viewer).await;
    assert_eq!(viewer.get(PATH).await.ok(200), hidden);
    let refused = patch(&viewer, PATH, &defaults).await;
    assert_eq!(refused.refused(403), "read_only_token");
    assert_eq!(alice.get(PATH).await.ok(200), hidden);
}

#[tokio::test]
async fn bad_preferences_change_nothing() {
    let app = server().await;
    let (_, alice) = person(&app, "alice", &[]).await;
    let bodies = [
        json!({"hide_demo": true, "preferred_locale": "english"}),
        json!({"hide_demo": true, "preferred_locale": ""}),
        json!({"hide_demo": "perhaps"}),
        json!({"hide_demo": true, "more": 1}),
    ];
    for body in bodies {
        let code = patch(&alice, PATH, &body).await.refused(422);
        assert_eq!(code, "validation", "{body}");
    }
    assert_eq!(alice.get(PATH).await.ok(200)["hide_demo"], false);
    let anonymous = app.anonymous().get(PATH).await;
    assert_eq!(anonymous.refused(401), "auth_required");
}
