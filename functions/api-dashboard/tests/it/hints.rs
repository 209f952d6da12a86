//! What empty lists say.

use crate::setup::server;
use std::collections::BTreeSet;

#[tokio::test]
async fn hints_speak_the_callers_language() {
    let app = server().await;
    let ask = async |language: &str| {
        let call = app.get("/api/meta/hints");
        let reply = call.header("accept-language", language).send().await;
        assert_eq!(reply.header("vary").as_deref(), Some("accept-language"));
        reply.ok(200)
    };
    let english = ask("en").await;
    let chinese = ask("zh-TW").await;
    assert_eq!(
        (&english["locale"], &chinese["locale"]),
        (&"en-US".into(), &"zh-CN".into())
    );
    let keys = |out: &serde_json::Value| -> BTreeSet<String> {
        let hints = out["hints"].as_object().expect("hints");
        hints.keys().cloned().collect()
    };
    assert_eq!(keys(&english).len(), 11);
    assert_eq!(keys(&english), keys(&chinese));
    let hosts = |out: &serde_json::Value| out["hints"]["empty_hosts"].to_string();
    assert!(hosts(&english).contains("No hosts"));
    assert!(hosts(&english).contains("ARGUS_URL") && hosts(&chinese).contains("ARGUS_URL"));
}
