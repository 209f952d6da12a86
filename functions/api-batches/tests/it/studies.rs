//! Studies and trials.

use crate::sample::{post, server};
use serde_json::{Value, json};
use test_kit::build::{batch_start, event};

fn trial(job: &str, optuna: Value, metrics: Value) -> Vec<Value> {
    let start = json!({"optuna": optuna});
    vec![
        event("job_start", "b", Some(job), start),
        event("job_done", "b", Some(job), json!({"metrics": metrics})),
    ]
}

#[tokio::test]
async fn trials_are_numbered_sorted_and_weighed() {
    let (_app, owner) = server().await;
    let mut events = vec![batch_start("b")];
    for number in 0..12 {
        let key = if number % 2 == 0 {
            "trial_id"
        } else {
            "trial_number"
        };
        let optuna = json!({"study_name": "s 1", key: number, "direction": "MAXIMIZE",
            "target_metric": "F1", "sampler": "TPE", "params": {"lr": number / 4, "layers": number % 2}});
        events.extend(trial(
            &format!("j{number}"),
            optuna,
            json!({"F1": number / 4, "MSE": 9}),
        ));
    }
    // Neither a number nor a name: no trial, and no error.
    events.extend(trial("odd", json!({"study_name": "s 1"}), json!({})));
    events.extend(trial("text", json!("s 1"), json!({})));
    let failed = json!({"study_name": "s 1", "trial_id": 99, "direction": "MAXIMIZE"});
    events.push(event(
        "job_start",
        "b",
        Some("f"),
        json!({"optuna": failed}),
    ));
    events.push(event(
        "job_failed",
        "b",
        Some("f"),
        json!({"error": "boom"}),
    ));
    post(&owner, &events).await;

    let studies = owner.get("/api/studies").await.ok(200);
    let row = &studies["studies"][0];
    assert_eq!(
        (&row["n_trials"], &row["n_done"], &row["n_failed"]),
        (&json!(13), &json!(12), &json!(1))
    );
    assert_eq!(
        (&row["best_value"], &row["best_metric"]),
        (&json!(2.0), &json!("F1"))
    );

    let study = owner.get("/api/studies/s%201").await.ok(200);
    let ids: Vec<&Value> = study["trials"]
        .as_array()
        .expect("trials")
        .iter()
        .map(|t| &t["trial_id"])
        .collect();
    assert_eq!(
        json!(ids),
        json!([8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3, 99])
    );
    assert_eq!(study["param_keys"], json!(["layers", "lr"]));
    let share = |name: &str| study["importance"][name].as_f64().expect("a share");
    assert!(
        share("lr") > 0.9 && share("layers") < 0.1,
        "{}",
        study["importance"]
    );
    let by_id = owner
        .get("/api/studies/s%201?sort=trial_id&order=desc")
        .await
        .ok(200);
    assert_eq!(by_id["trials"][0]["trial_id"], 99);
    assert_eq!(
        owner
            .get("/api/studies/s%201?sort=colour")
            .await
            .refused(400),
        "sort_invalid"
    );

    let one = owner.get("/api/studies/s%201/trials/5").await.ok(200);
    assert_eq!((&one["job_id"], &one["value"]), (&json!("j5"), &json!(1.0)));
    assert_eq!(
        owner.get("/api/studies/s%201/trials/77").await.refused(404),
        "trial_not_found"
    );
    assert_eq!(
        owner.get("/api/studies/s%201/trials/x").await.refused(422),
        "validation"
    );
    assert_eq!(
        owner.get("/api/studies/unknown").await.ok(200)["n_trials"],
        0
    );
}
