//! Lists of jobs come from what is kept of a batch; single jobs are read anew. Both must agree after
//! whatever was reported, through this process or another.

use crate::sample::post;
use domain::account::TokenScope;
use proptest::prelude::*;
use serde_json::{Value, json};
use test_kit::app::Setup;
use test_kit::build::{batch_start, epoch, event};
use test_kit::capacity::ReadUnits;
use test_kit::{Actor, TestApp};

fn routes() -> web::Routes {
    web::Routes::new()
        .merge(api_ingest::routes())
        .merge(api_batches::routes())
}

async fn server(setup: Setup) -> (TestApp, Actor) {
    let app = TestApp::with(routes(), setup).await;
    let user = app.user("alice", false).await;
    let reporter = app.token(&user, TokenScope::Reporter).await;
    (app, reporter)
}

#[derive(Clone, Debug)]
enum Step {
    Start(u8),
    Epoch(u8, i64),
    Done(u8),
    Failed(u8),
    Delete(u8),
    Relaunch,
    End,
    Look,
}

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let job = 0..3u8;
    let step = prop_oneof![
        2 => job.clone().prop_map(Step::Start),
        4 => (job.clone(), 0..4i64).prop_map(|(job, epoch)| Step::Epoch(job, epoch)),
        2 => job.clone().prop_map(Step::Done),
        1 => job.clone().prop_map(Step::Failed),
        1 => job.prop_map(Step::Delete),
        1 => Just(Step::Relaunch),
        1 => Just(Step::End),
        4 => Just(Step::Look),
    ];
    prop::collection::vec((step, any::<bool>()), 1..14)
}

fn told(step: &Step) -> Option<Value> {
    let job = |job: &u8| format!("j{job}");
    Some(match step {
        Step::Start(j) => event("job_start", "b", Some(&job(j)), json!({"model": "m"})),
        Step::Epoch(j, number) => epoch("b", &job(j), *number, 0.5),
        Step::Done(j) => event(
            "job_done",
            "b",
            Some(&job(j)),
            json!({"metrics": {"MSE": 1}}),
        ),
        Step::Failed(j) => event("job_failed", "b", Some(&job(j)), json!({"error": "oom"})),
        Step::Relaunch => batch_start("b"),
        Step::End => event("batch_done", "b", None, json!({})),
        Step::Delete(_) | Step::Look => return None,
    })
}

/// What lists say of the batch equals what its jobs say one by one.
async fn agrees(reader: &Actor) {
    let listed = reader.get("/api/batches/b/jobs").await.ok(200);
    let compact = reader.get("/api/batches/compact").await.ok(200);
    assert_eq!(listed, compact["batches"][0]["jobs"]);
    let latest = reader.get("/api/batches/b/epochs/latest").await.ok(200);
    let latest = latest["jobs"].as_array().expect("jobs").clone();
    let mut live = 0;
    for job in ["j0", "j1", "j2"] {
        let of = |rows: &Value, key: &str| {
            let rows = rows.as_array().expect("rows").clone();
            rows.into_iter().find(|row| row[key] == job)
        };
        let row = of(&listed, "id");
        let single = reader.get(&format!("/api/jobs/b/{job}")).await;
        if single.status == 404 {
            assert_eq!(row, None, "{job} is gone");
            continue;
        }
        live += 1;
        let single = single.ok(200);
        assert_eq!(row.as_ref(), Some(&single));
        let newest = of(&Value::Array(latest.clone()), "job_id");
        let newest = newest.map_or(Value::Null, |row| row["epoch"].clone());
        assert_eq!(newest, single["last_epoch"], "{job}");
    }
    assert_eq!(listed.as_array().expect("rows").len(), live);
}

async fn walk(steps: Vec<(Step, bool)>) {
    let shared = || Setup {
        shared: true,
        ..Setup::default()
    };
    let (app, here) = server(shared()).await;
    let there = app.sibling(routes(), &shared());
    let there = there.bearer(here.secret());
    post(&here, &[batch_start("b")]).await;
    for (step, elsewhere) in steps {
        let actor = if elsewhere { &there } else { &here };
        match (&step, told(&step)) {
            (_, Some(event)) => post(actor, &[event]).await,
            (Step::Delete(job), None) => {
                actor.delete(&format!("/api/jobs/b/j{job}")).await;
            }
            (_, None) => agrees(actor).await,
        }
    }
    agrees(&here).await;
    agrees(&there).await;
    let fresh = app.sibling(routes(), &shared());
    agrees(&fresh.bearer(here.secret())).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn lists_agree_with_single_jobs(steps in steps()) {
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        runtime.block_on(walk(steps));
    }
}

#[tokio::test]
async fn what_this_process_wrote_is_not_read_again() {
    let reads = ReadUnits::default();
    let setup = Setup {
        read_units: Some(reads.clone()),
        ..Setup::default()
    };
    let (_app, owner) = server(setup).await;
    let mut events = vec![batch_start("b")];
    for job in 0..200 {
        let id = format!("j{job}");
        events.push(event("job_start", "b", Some(&id), json!({})));
        events.push(event("job_done", "b", Some(&id), json!({})));
    }
    post(&owner, &events).await;
    owner.get("/api/jobs?page_size=200").await.ok(200);
    reads.take();
    owner.get("/api/jobs?page_size=200").await.ok(200);
    let same = reads.take().units;
    let more = event("job_start", "b", Some("k"), json!({}));
    post(&owner, &[more]).await;
    reads.take();
    let listed = owner.get("/api/jobs?page_size=200").await.ok(200);
    assert_eq!(listed["total"], 201);
    assert_eq!(reads.take().units, same, "only the lists were read");
}
