//! Laws of [`super::apply`].

use super::*;
use crate::event::{JsonFields, Source};
use crate::time::ClientTime;
use proptest::prelude::*;

const OWNER: UserId = 7;

fn event(kind: EventKind, job: Option<&str>, facts: Facts) -> Event {
    Event {
        event_id: "e-00000001".into(),
        kind,
        time: ClientTime::parse("2026-01-01T00:00:00Z").expect("valid"),
        batch_id: "b".into(),
        job_id: job.map(str::to_owned),
        source: Source {
            project: "p".into(),
            ..Source::default()
        },
        facts,
        data_json: "{}".into(),
    }
}

fn start() -> Event {
    let facts = Facts::BatchStart {
        experiment_type: None,
        n_total: Some(Some(2)),
        command: None,
    };
    event(EventKind::BatchStart, None, facts)
}

fn epoch(job: &str, epoch: i64, val_loss: f64) -> Event {
    let facts = Facts::JobEpoch {
        epoch,
        train_loss: None,
        val_loss: Some(val_loss),
        lr: None,
    };
    event(EventKind::JobEpoch, Some(job), facts)
}

fn job_start(job: &str) -> Event {
    let mut extra = JsonFields::new();
    extra.insert("optuna".into(), "{}".into());
    event(
        EventKind::JobStart,
        Some(job),
        Facts::JobStart {
            model: None,
            dataset: None,
            tags: BTreeSet::new(),
            extra,
        },
    )
}

fn job_done(job: &str) -> Event {
    let facts = Facts::JobDone {
        status: "done".into(),
        elapsed_s: Some(3),
        metrics: None,
    };
    event(EventKind::JobDone, Some(job), facts)
}

fn job_failed(job: &str) -> Event {
    let facts = Facts::JobFailed {
        error: Some("ValueError: bad".into()),
        elapsed_s: None,
        extra: JsonFields::new(),
    };
    event(EventKind::JobFailed, Some(job), facts)
}

fn batch_done() -> Event {
    let facts = Facts::BatchDone { stopped: false };
    event(EventKind::BatchDone, None, facts)
}

fn run(events: &[Event]) -> View {
    let mut view = View::default();
    for (i, e) in events.iter().enumerate() {
        apply(&mut view, e, OWNER, Timestamp(1000 + i as i64));
    }
    view
}

fn batch(view: &View) -> &Batch {
    view.batch.as_ref().expect("batch exists")
}

#[test]
fn a_stub_appears_for_any_event_but_a_snapshot() {
    let snapshot = event(EventKind::ResourceSnapshot, None, Facts::ResourceSnapshot);
    assert_eq!(run(&[snapshot]).batch, None);
    let view = run(&[epoch("j", 0, 1.0)]);
    assert_eq!(batch(&view).status, BatchStatus::Running);
    assert_eq!(batch(&view).owner_id, Some(OWNER));
    assert_eq!(view.jobs["j"].status, "running");
}

#[test]
fn counts_follow_job_transitions() {
    let view = run(&[start(), job_start("a"), job_done("a"), job_failed("b")]);
    assert_eq!((batch(&view).n_done, batch(&view).n_failed), (1, 1));
    let again = run(&[
        start(),
        job_start("a"),
        job_failed("a"),
        job_start("a"),
        job_done("a"),
    ]);
    assert_eq!((batch(&again).n_done, batch(&again).n_failed), (1, 0));
}

#[test]
fn a_failed_job_keeps_its_labels() {
    let view = run(&[start(), job_start("a"), job_failed("a")]);
    assert!(view.jobs["a"].extra.contains_key("optuna"));
    assert_eq!(view.jobs["a"].error.as_deref(), Some("ValueError: bad"));
}

#[test]
fn a_finished_batch_stays_done_on_restart_and_a_failed_one_runs_again() {
    let done = run(&[start(), batch_done(), start()]);
    assert_eq!(batch(&done).status, BatchStatus::Done);
    let failed = event(
        EventKind::BatchFailed,
        None,
        Facts::BatchFailed { error: None },
    );
    let view = run(&[start(), failed, start()]);
    assert_eq!(batch(&view).status, BatchStatus::Running);
    assert_eq!(batch(&view).end_time, None);
}

#[test]
fn a_stalled_batch_recovers_and_a_diverged_one_needs_a_finite_loss() {
    let mut view = run(&[start()]);
    view.batch.as_mut().expect("exists").status = BatchStatus::Stalled;
    let change = apply(&mut view, &epoch("j", 0, f64::NAN), OWNER, Timestamp(2000));
    assert!(change.batch);
    assert_eq!(batch(&view).status, BatchStatus::Running);
    view.batch.as_mut().expect("exists").status = BatchStatus::Divergent;
    apply(&mut view, &epoch("j", 1, f64::NAN), OWNER, Timestamp(3000));
    assert_eq!(batch(&view).status, BatchStatus::Divergent);
    apply(&mut view, &epoch("j", 2, 0.5), OWNER, Timestamp(4000));
    assert_eq!(batch(&view).status, BatchStatus::Running);
}

fn any_event() -> impl Strategy<Value = Event> {
    let job = prop_oneof![Just("a"), Just("b")];
    prop_oneof![
        Just(start()),
        Just(batch_done()),
        job.clone().prop_map(job_start),
        job.clone().prop_map(job_done),
        job.clone().prop_map(job_failed),
        (job, 0i64..50, -1.0f64..1.0).prop_map(|(j, e, v)| epoch(j, e, v)),
    ]
}

proptest! {
    #[test]
    fn counters_equal_a_recount_and_repeats_change_nothing(
        events in prop::collection::vec(any_event(), 1..40),
    ) {
        let mut view = View::default();
        for (i, e) in events.iter().enumerate() {
            apply(&mut view, e, OWNER, Timestamp(1000 + i as i64));
            let once = view.clone();
            apply(&mut view, e, OWNER, Timestamp(1000 + i as i64));
            prop_assert_eq!(&once, &view);
        }
        let done = view.jobs.values().filter(|j| status::job_is_done(&j.status)).count() as i64;
        let failed = view.jobs.values().filter(|j| status::job_is_failed(&j.status)).count() as i64;
        let b = view.batch.expect("exists");
        prop_assert_eq!((b.n_done, b.n_failed), (done, failed));
    }

    #[test]
    fn the_trace_is_ordered_and_bounded(epochs in prop::collection::vec(0i64..100, 1..200)) {
        let events: Vec<Event> = epochs.iter().map(|e| epoch("j", *e, 1.0)).collect();
        let view = run(&events);
        let job = &view.jobs["j"];
        prop_assert!(job.val_loss_trace.len() <= TRACE_POINTS);
        prop_assert!(job.val_loss_trace.windows(2).all(|w| w[0].0 < w[1].0));
        let highest = epochs.iter().max().expect("not empty");
        prop_assert_eq!(job.last_epoch.as_ref().map(|l| l.epoch), Some(*highest));
    }
}

#[test]
fn only_the_step_into_an_end_is_told() {
    let mut view = View::default();
    let mut told = |event: &Event| apply(&mut view, event, OWNER, Timestamp(1)).notice;
    let ended = |kind, facts| event(kind, None, facts);
    let failed = ended(
        EventKind::BatchFailed,
        Facts::BatchFailed {
            error: Some("no".into()),
        },
    );
    let job_failed = event(
        EventKind::JobFailed,
        Some("j"),
        Facts::JobFailed {
            error: None,
            elapsed_s: None,
            extra: JsonFields::new(),
        },
    );
    assert_eq!(told(&start()), None);
    assert_eq!(told(&job_start("j")), None);
    assert_eq!(told(&job_failed), Some(NoticeKind::JobFailed));
    assert_eq!(told(&job_failed), None, "it has failed already");
    assert_eq!(told(&job_start("j")), None);
    assert_eq!(told(&job_failed), Some(NoticeKind::JobFailed), "once more");
    assert_eq!(told(&epoch("j", 1, 0.5)), None);
    assert_eq!(told(&failed), Some(NoticeKind::BatchFailed));
    assert_eq!(told(&failed), None);
    let done = ended(EventKind::BatchDone, Facts::BatchDone { stopped: false });
    assert_eq!(told(&done), Some(NoticeKind::BatchDone));
    let stopped = ended(EventKind::BatchDone, Facts::BatchDone { stopped: true });
    assert_eq!(told(&stopped), Some(NoticeKind::BatchStopped));
    assert_eq!(told(&job_done("j")), None);

    let batch = view.batch.as_mut().expect("made");
    (batch.status, batch.deleted_at) = (BatchStatus::Running, Some(Timestamp(1)));
    let silent = apply(&mut view, &failed, OWNER, Timestamp(2));
    assert_eq!(silent.notice, None, "nobody hears of what is deleted");
}
