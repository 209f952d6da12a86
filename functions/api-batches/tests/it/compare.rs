//! Batches side by side.

use crate::sample::{at, done_job, post, server};
use serde_json::json;
use test_kit::build::batch_start;

#[tokio::test]
async fn columns_come_in_the_order_asked_for() {
    let (app, owner) = server().await;
    for (id, mse) in [("a", 0.5), ("b", 0.25)] {
        let mut events = vec![at(0, batch_start(id), "demo", "h")];
        events.extend(done_job(id, "j", 1, 5, mse));
        post(&owner, &events).await;
    }
    let out = owner.get("/api/compare?batches=b,%20a,b").await.ok(200);
    assert_eq!(out["metric_union"], json!(["MSE", "note"]));
    assert_eq!(
        (
            &out["batches"][0]["batch_id"],
            &out["batches"][1]["batch_id"]
        ),
        (&json!("b"), &json!("a"))
    );
    assert_eq!(out["batches"][0]["best_metric"]["value"], 0.25);
    let csv = owner
        .get("/api/compare/export.csv?batches=a,b")
        .await
        .text();
    assert!(csv.starts_with("batch_id,project,job_id,model,dataset,status,elapsed_s,MSE,note\r\n"));
    assert!(
        csv.contains("b,demo,j,j,etth1,done,5,0.25,\"a, \"\"b\"\"\"\r\n"),
        "{csv}"
    );
    assert_eq!(owner.get("/api/compare").await.refused(422), "validation");
    assert_eq!(
        owner.get("/api/compare?batches=a,a").await.refused(400),
        "compare_count"
    );
    let many: Vec<String> = (0..33).map(|i| i.to_string()).collect();
    let many = owner
        .get(&format!("/api/compare?batches={}", many.join(",")))
        .await;
    assert_eq!(many.refused(400), "compare_count");
    let missing = owner.get("/api/compare?batches=a,none").await;
    assert!(
        missing.json()["detail"]
            .as_str()
            .expect("text")
            .contains("none")
    );
    assert_eq!(missing.refused(404), "compare_missing");
    let bob = app.user("bob", false).await;
    let bob = app.session(&bob).await;
    assert_eq!(
        bob.get("/api/compare?batches=a,b").await.refused(404),
        "compare_missing"
    );
}
