//! Who used how much.

use crate::setup::{at, done, job, post, reporter, server, start, texts};
use serde_json::json;
use test_kit::Actor;

async fn used(who: &Actor, batch: &str, took: i64, gpus: i64) {
    let events = [
        at(0, "demo", "vm", start(batch, 1)),
        at(0, "demo", "vm", job(batch, "j")),
        at(
            60,
            "demo",
            "vm",
            done(batch, "j", took, json!({"n_gpus": gpus})),
        ),
    ];
    post(who, &events).await;
}

#[tokio::test]
async fn administrators_see_everybody_others_themselves() {
    let app = server().await;
    let alice = reporter(&app, "alice").await;
    let bob = reporter(&app, "bob").await;
    let carol = reporter(&app, "carol").await;
    let root = reporter(&app, "root").await;
    used(&alice, "a", 1800, 1).await;
    used(&bob, "b", 900, 4).await;
    let path = "/api/stats/gpu-hours-by-user";
    let all = root.get(path).await.ok(200);
    assert_eq!(texts(&all, "username"), ["bob", "alice"]);
    assert_eq!(
        (&all[0]["gpu_hours"], &all[1]["gpu_hours"]),
        (&json!(1.0), &json!(0.5))
    );
    let own = alice.get(path).await.ok(200);
    assert_eq!(texts(&own, "username"), ["alice"]);
    assert_eq!(own[0]["job_count"], 1);
    let none = carol.get(path).await.ok(200);
    assert_eq!(texts(&none, "username"), ["carol"]);
    assert_eq!(
        (&none[0]["gpu_hours"], &none[0]["job_count"]),
        (&json!(0.0), &json!(0))
    );
    // Deleted work does not count, nor does what lies outside the window.
    bob.delete("/api/jobs/b/j").await.ok(200);
    assert_eq!(texts(&root.get(path).await.ok(200), "username"), ["alice"]);
    app.services.clock.advance(2 * 86_400);
    let none = root.get(&format!("{path}?days=1")).await.ok(200);
    assert_eq!(none, json!([]));
    for days in ["0", "366", "x"] {
        let refused = root.get(&format!("{path}?days={days}")).await;
        assert_eq!(refused.refused(422), "validation");
    }
}
