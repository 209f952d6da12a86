//! What a batch or project uses, with the same names on both routes.

use domain::tracking::{Machine, Tracked, cost};
use serde::Serialize;
use utoipa::ToSchema;

/// What is kept, and what tracking costs at the list prices of AWS.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsageOut {
    /// Events stored.
    pub events: u64,
    /// Requests that brought them.
    pub requests: u64,
    /// Bytes of the events' data as reported; stored, they are about a quarter.
    pub event_bytes: u64,
    /// Artifacts.
    pub artifacts: u64,
    /// Bytes of the artifacts.
    pub artifact_bytes: u64,
    /// Both together.
    pub storage_bytes: u64,
    /// What sending it would have cost on AWS, US dollars.
    pub tracking_cost_usd: f64,
    /// What keeping it costs there per month, US dollars.
    pub storage_cost_usd_month: f64,
    /// Hours its hosts were held, from a batch's start to its end.
    pub host_hours: f64,
    /// What these cost, US dollars, on hosts whose hourly rate somebody told.
    pub gpu_cost_usd: Option<f64>,
    /// The share of GPU time with utilisation near nothing, 0 to 1; null when nobody reported GPUs.
    pub gpu_idle_share: Option<f64>,
}

impl UsageOut {
    /// The use of what was `tracked`, of so many artifacts of so many bytes, and of the hosts.
    pub fn new(tracked: Tracked, artifacts: u64, artifact_bytes: u64, machine: Machine) -> Self {
        let cost = cost(tracked, artifact_bytes);
        Self {
            events: tracked.events,
            requests: tracked.requests,
            event_bytes: tracked.bytes,
            artifacts,
            artifact_bytes,
            storage_bytes: tracked.bytes + artifact_bytes,
            tracking_cost_usd: cost.sent_usd,
            storage_cost_usd_month: cost.kept_usd_month,
            host_hours: machine.hours,
            gpu_cost_usd: machine.usd,
            gpu_idle_share: machine.idle_share(),
        }
    }
}
