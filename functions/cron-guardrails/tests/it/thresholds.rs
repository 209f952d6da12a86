//! What a project sets instead of the installation's thresholds.

use crate::stage::{Stage, setup};
use serde_json::json;
use test_kit::app::Setup;
use test_kit::build::batch_start;

const PROJECT: &str = "/api/projects/proj";

#[tokio::test]
async fn editors_set_thresholds_and_owners_alone_the_stop() {
    let stage = Stage::new().await;
    let (_, editor) = stage.member("edith", "editor").await;
    let (_, viewer) = stage.member("victor", "viewer").await;
    let longer = json!({"guardrails": {"stall_timeout_min": 60, "divergence_ratio": 3.5}});
    let refused = viewer.patch(PROJECT, &longer).await;
    assert_eq!(refused.refused(403), "project_editor_required");
    let set = editor.patch(PROJECT, &longer).await.ok(200);
    assert_eq!(set["guardrails"]["stall_timeout_min"], 60);
    assert_eq!(set["guardrails"]["idle_threshold_min"], json!(null));
    let shown = viewer.get(PROJECT).await.ok(200);
    assert_eq!(shown["guardrails"]["divergence_ratio"], 3.5);
    for wish in [
        json!({"guardrails": {"idle_auto_stop": true}}),
        json!({"guardrails": {"stall_timeout_min": 5}, "name": "mine"}),
    ] {
        let refused = editor.patch(PROJECT, &wish).await;
        assert_eq!(refused.refused(403), "project_owner_required");
    }
    for (field, value) in [
        ("stall_timeout_min", json!(0)),
        ("stop_grace_min", json!(20_000)),
        ("idle_threshold_min", json!(-1)),
        ("divergence_ratio", json!(0.5)),
        ("divergence_window", json!(21)),
        ("unknown", json!(1)),
    ] {
        let wish = json!({"guardrails": {field: value}});
        let refused = editor.patch(PROJECT, &wish).await;
        assert_eq!(refused.refused(422), "validation", "{field}");
    }
    let deeds = stage.deeds("project_updated").await;
    assert_eq!(deeds.len(), 1);
    assert_eq!(deeds[0]["metadata"]["fields"], "guardrails");
    stage.advance(59);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
    // Null brings back what counts everywhere.
    let back = json!({"guardrails": {"stall_timeout_min": null}});
    let set = editor.patch(PROJECT, &back).await.ok(200);
    assert_eq!(set["guardrails"]["stall_timeout_min"], json!(null));
    assert_eq!(set["guardrails"]["divergence_ratio"], 3.5);
}

#[tokio::test]
async fn what_a_project_sets_counts_for_its_members_only() {
    let stage = Stage::new().await;
    let set = json!({"guardrails": {"stall_timeout_min": 5}});
    stage.session.patch(PROJECT, &set).await.ok(200);
    let stranger = stage.app.user("stranger", false).await;
    let reports = domain::account::TokenScope::Reporter;
    let stranger = stage.app.token(&stranger, reports).await;
    stranger
        .post("/api/events", &batch_start("s"))
        .await
        .ok(200);
    stage.advance(6);
    let report = stage.look().await;
    assert_eq!((report.looked, report.found), (2, 1));
    assert_eq!(stage.status().await, "stalled");
}

#[tokio::test]
async fn the_environment_and_administrators_set_what_counts_everywhere() {
    let stage = Stage::with(Setup {
        variables: vec![
            ("ARGUS_STALL_TIMEOUT_MIN", "3".into()),
            ("ARGUS_DIVERGENCE_RATIO", "1.3".into()),
        ],
        ..setup()
    })
    .await;
    stage.report(batch_start("b")).await;
    for (epoch, loss) in [(0, 1.0), (1, 1.1), (2, 1.3)] {
        stage.epoch(epoch, json!(loss)).await;
    }
    assert_eq!(stage.found().await, 1);
    assert_eq!(stage.status().await, "divergent");
    stage.epoch(3, json!(0.1)).await;
    stage.advance(2);
    // The end of the divergence.
    assert_eq!(stage.found().await, 1);
    stage.set("stall_timeout_min", json!(10)).await;
    stage.advance(7);
    assert_eq!(stage.found().await, 0);
    stage.advance(1);
    assert_eq!(stage.found().await, 1);
}
