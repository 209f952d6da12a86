//! What is refused before a stream starts.

use crate::frames::server;
use serde_json::json;
use test_kit::app::Setup;
use test_kit::build::batch_start;

#[tokio::test]
async fn selectors_are_judged_before_the_credential() {
    let (app, reporter) = server(Setup::default()).await;
    assert_eq!(app.get("/api/sse").send().await.refused(422), "validation");
    for bad in ["", "nope", "batch:", "job:b"] {
        let reply = app.get(&format!("/api/sse?channels={bad}")).send().await;
        assert_eq!(reply.refused(400), "channels_invalid", "{bad}");
    }
    let anonymous = app.get("/api/sse?channels=batch:b").send().await;
    assert_eq!(anonymous.refused(401), "auth_required");
    let wrong = app
        .get("/api/sse?channels=batch:b&token=nonsense")
        .send()
        .await;
    assert_eq!(wrong.refused(401), "auth_required");
    let absent = reporter.get("/api/sse?channels=batch:b").await;
    assert_eq!(absent.refused(403), "stream_no_access");
    let dashboard = reporter.get("/api/sse?channels=dashboard").await;
    assert_eq!(dashboard.refused(403), "stream_admin_only");
    reporter
        .post("/api/events", &batch_start("b"))
        .await
        .ok(200);
    let job = reporter.get("/api/sse?channels=job:b:nope").await;
    assert_eq!(job.refused(404), "job_not_found");
    let text = dashboard.ok(403);
    assert!(
        text["detail"]
            .as_str()
            .is_some_and(|d| d.contains("batch_id")),
        "{text}"
    );
    assert_ne!(text, json!(null));
}
