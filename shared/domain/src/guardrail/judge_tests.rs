//! Whole lives of batches, looked at minute by minute.

use super::*;
use crate::guardrail::divergence::Reason;
use crate::job::FirstEpoch;
use crate::testing::{START, batch, job};
use proptest::prelude::*;

/// A batch with what is remembered of it.
struct Life {
    batch: Batch,
    jobs: Vec<Job>,
    samples: Vec<Sample>,
    watch: Watch,
    thresholds: Thresholds,
    told: Vec<&'static str>,
}

fn at(minutes: i64) -> Timestamp {
    START.plus_secs(minutes * 60)
}

impl Life {
    fn new() -> Self {
        Self {
            batch: batch("b"),
            jobs: vec![job("b", "j")],
            samples: vec![],
            watch: Watch::default(),
            thresholds: Thresholds::default(),
            told: vec![],
        }
    }

    /// Looks once; returns the rules that found something.
    fn look(&mut self, minute: i64) -> Vec<&'static str> {
        let seen = Seen {
            batch: &self.batch,
            jobs: &self.jobs,
            samples: &self.samples,
            failures: Failures::default(),
        };
        let Some(ruling) = judge(&seen, &self.watch, &self.thresholds, at(minute)) else {
            return vec![];
        };
        self.batch = ruling.batch;
        self.watch = ruling.watch;
        for changed in ruling.jobs {
            let slot = self.jobs.iter_mut().find(|job| job.id == changed.id);
            *slot.expect("a known job") = changed;
        }
        let told = ruling.findings.iter().filter(|(_, told)| *told);
        self.told.extend(told.map(|(finding, _)| finding.rule()));
        ruling.findings.iter().map(|(f, _)| f.rule()).collect()
    }

    fn epoch(&mut self, minute: i64, epoch: i64, loss: f64) {
        let job = &mut self.jobs[0];
        let first = FirstEpoch {
            epoch,
            at: at(minute),
        };
        job.first_epoch.get_or_insert(first);
        job.val_loss_trace.push((epoch, loss));
        self.batch.last_event_at = at(minute);
        if self.batch.status == BatchStatus::Divergent && loss.is_finite() {
            self.batch.status = BatchStatus::Running;
        }
    }

    fn gpu(&mut self, minute: i64, util: f64) {
        self.batch.last_event_at = at(minute);
        self.samples.push(Sample {
            at: at(minute),
            util: Some(util),
            processes: vec![],
        });
    }

    /// Reports nothing but this use of its GPU, looked at every minute.
    fn gpu_for(&mut self, minutes: std::ops::Range<i64>, util: f64) -> Vec<(i64, &'static str)> {
        let mut found = vec![];
        for minute in minutes {
            self.gpu(minute, util);
            found.extend(self.look(minute).into_iter().map(|rule| (minute, rule)));
        }
        found
    }
}

#[test]
fn silence_is_found_once_and_its_end_is_told() {
    let mut life = Life::new();
    assert!(life.look(14).is_empty());
    assert_eq!(life.look(15), ["stalled"]);
    assert_eq!(life.batch.status, BatchStatus::Stalled);
    assert!(life.look(16).is_empty());
    // What ingest does when it reports again.
    life.batch.status = life.batch.status.after_activity();
    life.batch.last_event_at = at(20);
    assert_eq!(life.look(20), ["revived"]);
    assert!(life.look(21).is_empty());
    // Silent again within half an hour of the last message: flagged, not told.
    assert_eq!(life.look(36), ["stalled"]);
    assert_eq!(life.told, ["stalled", "revived"]);
}

#[test]
fn a_stop_request_ends_in_a_stop() {
    let mut life = Life::new();
    life.batch.status = BatchStatus::Stopping;
    life.batch.stop = Some(StopRequest {
        signalled_at: None,
        by: "alice".into(),
        at: at(1),
        reason: None,
    });
    assert!(life.look(10).is_empty());
    assert_eq!(life.look(11), ["stopped"]);
    let end = life.batch.end_time.as_ref().expect("ended").at;
    assert_eq!((life.batch.status, end), (BatchStatus::Stopped, START));
    assert!(life.look(99).is_empty());
}

#[test]
fn a_loss_is_found_once_and_again_only_after_it_recovered() {
    let mut life = Life::new();
    for (epoch, loss) in [(0, 1.0), (1, 1.5), (2, 2.0)] {
        life.epoch(epoch, epoch, loss);
    }
    assert_eq!(life.look(3), ["diverged"]);
    assert_eq!(life.batch.status, BatchStatus::Divergent);
    assert_eq!(life.watch.diverged["j"].reason, Reason::Ratio);
    // It goes on growing: the batch reports, but the job is known.
    for (epoch, loss) in [(3, 4.0), (4, 8.0), (5, 16.0)] {
        life.epoch(epoch, epoch, loss);
        assert!(life.look(epoch).is_empty());
    }
    life.epoch(6, 6, 1.2);
    assert_eq!(life.look(6), ["converged"]);
    // The losses before stay in the trace and count no more.
    assert!(life.look(7).is_empty());
    for (epoch, loss) in [(7, f64::NAN), (8, f64::NAN)] {
        life.epoch(epoch, epoch, loss);
    }
    assert_eq!(life.look(8), ["diverged"]);
    assert_eq!(life.told, ["diverged", "converged"]);
    // A restart: the new attempt has its own losses.
    life.batch.status = BatchStatus::Running;
    let job = &mut life.jobs[0];
    (job.attempt, job.first_epoch) = (2, None);
    assert!(life.look(9).is_empty());
    life.epoch(10, 9, f64::INFINITY);
    assert_eq!(life.look(10), ["diverged"]);
}

#[test]
fn an_idle_job_climbs_the_ladder_until_it_works() {
    let mut life = Life::new();
    life.thresholds.idle_auto_stop = true;
    let found = life.gpu_for(0..31, 0.0);
    assert_eq!(found, [(9, "idle"), (29, "idle_again")]);
    assert!(life.jobs[0].is_idle_flagged);
    assert_eq!(life.gpu_for(31..32, 80.0), [(31, "idle_ended")]);
    assert!(!life.jobs[0].is_idle_flagged && life.watch.idle.is_empty());
    let found = life.gpu_for(32..110, 1.0);
    assert_eq!(
        found,
        [(42, "idle"), (62, "idle_again"), (92, "idle_stopped")]
    );
    let stop = life.batch.stop.as_ref().expect("asked to stop");
    assert_eq!(
        (stop.by.as_str(), stop.reason.as_deref()),
        ("system", Some("idle"))
    );
    assert_eq!(life.batch.status, BatchStatus::Stopping);
}

#[test]
fn a_batch_with_a_job_at_work_or_one_that_is_kept_is_not_stopped() {
    let mut life = Life::new();
    life.thresholds.idle_auto_stop = true;
    life.gpu_for(0..31, 0.0);
    let idle = life.watch.idle.get_mut("j").expect("idle");
    idle.keep(at(31));
    assert_eq!(life.gpu_for(31..151, 0.0), []);
    assert_eq!(life.gpu_for(151..160, 0.0), [(151, "idle")]);
    // A second job whose own process works.
    let mut busy = job("b", "k");
    busy.extra.insert("pid".into(), "7".into());
    life.jobs.push(busy);
    for sample in &mut life.samples {
        sample.processes.push(crate::guardrail::idle::Process {
            job: None,
            pid: Some(7),
            util: Some(90.0),
            gpus: 1,
        });
    }
    for minute in 160..260 {
        life.gpu(minute, 0.0);
        let works = life.samples[0].processes.clone();
        life.samples.last_mut().expect("one").processes = works;
        life.look(minute);
    }
    assert_eq!(life.batch.status, BatchStatus::Running);
}

#[test]
fn memory_that_ran_out_is_told() {
    let life = Life::new();
    let seen = Seen {
        batch: &life.batch,
        jobs: &[],
        samples: &[],
        failures: Failures {
            until: (at(3), "j".into()),
            out_of_memory: vec![("j".into(), "CUDA out of memory".into())],
        },
    };
    let ruling = judge(&seen, &life.watch, &life.thresholds, at(4)).expect("found");
    assert_eq!(ruling.watch.failures_seen, (at(3), "j".into()));
    assert_eq!(ruling.findings[0].0.event(), "oom_suspected");
    let again = Seen {
        failures: Failures::default(),
        ..seen
    };
    assert_eq!(judge(&again, &ruling.watch, &life.thresholds, at(4)), None);
}

proptest! {
    /// Whatever was seen: who looks again at the same minute changes nothing.
    #[test]
    fn looking_twice_changes_nothing_more(
        losses in prop::collection::vec(prop_oneof![1e-3..1e3f64, Just(f64::NAN)], 0..12),
        utils in prop::collection::vec(0.0..12.0f64, 0..12),
        minute in 0..90i64,
        stop in any::<bool>(),
    ) {
        let mut life = Life::new();
        life.thresholds.idle_auto_stop = stop;
        for (epoch, loss) in (0..).zip(losses) {
            life.epoch(epoch, epoch, loss);
        }
        for (minute, util) in (0..).zip(utils) {
            life.gpu(minute, util);
        }
        life.look(minute);
        let (batch, watch) = (life.batch.clone(), life.watch.clone());
        prop_assert_eq!(life.look(minute), Vec::<&str>::new());
        prop_assert_eq!((life.batch, life.watch), (batch, watch));
    }
}
