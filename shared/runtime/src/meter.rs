//! What is measured, and under which names. Who collects it is for the process to say: Prometheus
//! on one machine, CloudWatch in a Lambda function, nobody in tests.

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, histogram};

/// Requests answered, by `method`, `route` and `status`.
pub const REQUESTS: &str = "argus_requests_total";
/// Seconds until an answer began, by `method` and `route`.
pub const REQUEST_SECONDS: &str = "argus_request_duration_seconds";
/// Events that scripts sent, by `outcome`: accepted, deduplicated, rejected.
pub const EVENTS: &str = "argus_events_total";
/// Runs of scheduled work, by `name` and `outcome`: ok, failed.
pub const TICKS: &str = "argus_ticks_total";
/// Seconds such a run took, by `name`.
pub const TICK_SECONDS: &str = "argus_tick_duration_seconds";
/// Rows that wait, by `queue`.
pub const QUEUE: &str = "argus_queue_depth";
/// Bytes of what is stored, by `part`: table.
pub const STORED: &str = "argus_storage_bytes";

/// Says what each of these is, to whoever collects.
pub fn describe() {
    describe_counter!(REQUESTS, Unit::Count, "Requests answered");
    describe_histogram!(REQUEST_SECONDS, Unit::Seconds, "Time until an answer began");
    describe_counter!(EVENTS, Unit::Count, "Events that scripts sent");
    describe_counter!(TICKS, Unit::Count, "Runs of scheduled work");
    describe_histogram!(TICK_SECONDS, Unit::Seconds, "Time such a run took");
    describe_gauge!(QUEUE, Unit::Count, "Rows that wait");
    describe_gauge!(STORED, Unit::Bytes, "What is stored");
}

/// A request was answered. `route` is the pattern, never the path: ids are without number.
pub fn answered(method: &str, route: &str, status: u16, secs: f64) {
    let (method, route) = (method.to_owned(), route.to_owned());
    let labels = [("method", method.clone()), ("route", route.clone())];
    histogram!(REQUEST_SECONDS, &labels).record(secs);
    let status = status.to_string();
    counter!(REQUESTS, "method" => method, "route" => route, "status" => status).increment(1);
}

/// Events came in.
pub fn received(outcome: &'static str, count: usize) {
    if count > 0 {
        counter!(EVENTS, "outcome" => outcome).increment(count as u64);
    }
}

/// Scheduled work was done, or failed.
pub fn ticked(name: &'static str, secs: f64, ok: bool) {
    let outcome = if ok { "ok" } else { "failed" };
    counter!(TICKS, "name" => name, "outcome" => outcome).increment(1);
    histogram!(TICK_SECONDS, "name" => name).record(secs);
}
