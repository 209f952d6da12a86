//! `argus run`: a command as a run with one job, without a line of code in it.
//!
//! One loop does everything that needs the child: what it prints, signals for it, a stop asked for
//! on the server, its end. Two threads only carry bytes out of its pipes. Events go through the
//! reporter, so they outlive a server that is down.

mod begin;
mod child;
mod output;

use crate::args::Run;
use crate::console::Console;
use crate::fault::Fault;
use crate::settings::Settings;
use child::{Child, Ended};
use output::Output;
use reporter::{Job, Reporter};
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

/// Between two looks at the child.
const TURN: Duration = Duration::from_millis(20);
/// Between two looks at rows that came to rest.
const SETTLE: Duration = Duration::from_secs(1);
/// How long pipes may stay open after the child: something it started holds them.
const LINGER: Duration = Duration::from_secs(2);
/// How long the end may take, sending included.
const CLOSE: Duration = Duration::from_secs(10);

/// Runs the command and returns its exit code; 128 and the signal's number when one ended it, 127
/// when there is no such command, 126 when it cannot be run.
pub fn run(settings: &Settings, console: &Console, wish: Run) -> Result<i32, Fault> {
    let reporter = begin::reporter(settings, console, &wish);
    let mut facts = begin::Describe::new(settings, &wish);
    let mut builder = reporter.job(&wish.job);
    if !wish.tags.is_empty() {
        builder = builder.with("tags", wish.tags.clone());
    }
    let job = builder.start();
    let mut child = match Child::start(&wish, reporter.batch_id(), settings) {
        Ok(child) => child,
        Err(refusal) => {
            let text = refusal.text();
            console.say(&format!("argus: {text}"));
            job.failed(&text);
            reporter.end(Some(&text), CLOSE);
            facts.finish(&reporter);
            return Ok(refusal.code());
        }
    };
    let mut output = Output::new(!wish.no_console);
    let ended = follow(&mut child, &mut output, &reporter, &job, &mut facts, &wish);
    let mut reason = ended.reason(output.last_words());
    if ended.was_asked() {
        // A run that was asked to stop and did is no failure, whatever became of its process.
        if let Some(how) = reason.take() {
            job.log("warning", &how);
        }
    }
    match &reason {
        None => job.done(),
        Some(reason) => job.failed(reason),
    }
    let sent = reporter.end(reason.as_deref(), CLOSE);
    if reporter.is_on() && !sent {
        console.say("argus: some events wait on disk; the next run sends them, or argus sync");
    }
    facts.finish(&reporter);
    Ok(ended.code())
}

/// Until the child has ended and its pipes are empty.
fn follow(
    child: &mut Child,
    output: &mut Output,
    reporter: &Reporter,
    job: &Job<'_>,
    facts: &mut begin::Describe,
    wish: &Run,
) -> Ended {
    let grace = Duration::from_secs_f64(wish.grace.clamp(0.0, 86_400.0));
    let mut settled = Instant::now();
    let mut asked: Option<Instant> = None;
    let mut ended: Option<(Ended, Instant)> = None;
    loop {
        let closed = match child.output.recv_timeout(TURN) {
            Ok(chunk) => {
                output.take(&chunk, job);
                false
            }
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => true,
        };
        if settled.elapsed() >= SETTLE {
            settled = Instant::now();
            output.settle(job);
            facts.turn(reporter);
        }
        match &ended {
            None => {
                child.pass_signals_on();
                stop(child, reporter, &mut asked, grace);
                ended = child
                    .ended(asked.is_some())
                    .map(|ended| (ended, Instant::now()));
                if closed && ended.is_none() {
                    // Its pipes are closed but it lives: there is nothing else to wait on.
                    std::thread::sleep(TURN);
                }
            }
            Some((_, at)) if closed || at.elapsed() >= LINGER => break,
            Some(_) => {}
        }
    }
    output.end(job);
    ended.map_or(Ended::Lost, |(ended, _)| ended)
}

/// SIGTERM when the server says stop, SIGKILL when that did not help.
fn stop(child: &mut Child, reporter: &Reporter, asked: &mut Option<Instant>, grace: Duration) {
    match asked {
        None if reporter.stopped() => {
            *asked = Some(Instant::now());
            child.terminate();
        }
        Some(at) if at.elapsed() >= grace => child.kill(),
        _ => {}
    }
}
