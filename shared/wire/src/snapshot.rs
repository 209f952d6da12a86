//! A resource snapshot as readers get it, with the same names on every route.

use crate::coerce::stored_number;
use crate::gpus;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Gauges of a host; null is what the host did not report.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Gauges {
    /// GPU utilisation in percent, the mean of all GPUs.
    pub gpu_util_pct: Option<f64>,
    /// GPU memory in use, the sum of all GPUs.
    pub gpu_mem_mb: Option<f64>,
    /// GPU memory there is, the sum of all GPUs.
    pub gpu_mem_total_mb: Option<f64>,
    /// Temperature of the hottest GPU.
    pub gpu_temp_c: Option<f64>,
    /// CPU utilisation in percent.
    pub cpu_util_pct: Option<f64>,
    /// Main memory in use.
    pub ram_mb: Option<f64>,
    /// Main memory there is.
    pub ram_total_mb: Option<f64>,
    /// Free disk space.
    pub disk_free_mb: Option<f64>,
    /// Disk space there is.
    pub disk_total_mb: Option<f64>,
    /// One object per GPU: index, uuid, name, util_pct, mem_mb, mem_total_mb, temp_c, power_w.
    pub gpus: Vec<Value>,
}

impl Gauges {
    /// Reads the gauges in a snapshot's `data`.
    pub fn read(data: &Map<String, Value>) -> Self {
        let gauge = |name: &str| gauge(data, name);
        Self {
            gpu_util_pct: gauge("gpu_util_pct"),
            gpu_mem_mb: gauge("gpu_mem_mb"),
            gpu_mem_total_mb: gauge("gpu_mem_total_mb"),
            gpu_temp_c: gauge("gpu_temp_c"),
            cpu_util_pct: gauge("cpu_util_pct"),
            ram_mb: gauge("ram_mb"),
            ram_total_mb: gauge("ram_total_mb"),
            disk_free_mb: gauge("disk_free_mb"),
            disk_total_mb: gauge("disk_total_mb"),
            gpus: gpus::shown(data),
        }
    }
}

/// One gauge in a snapshot's `data`, if it is a finite number.
pub fn gauge(data: &Map<String, Value>, name: &str) -> Option<f64> {
    data.get(name)
        .and_then(stored_number)
        .filter(|value| value.is_finite())
}

/// A snapshot of a host.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ResourceSnapshotOut {
    /// Row id.
    pub id: u64,
    /// Host name.
    pub host: String,
    /// Client's time.
    pub timestamp: String,
    /// What it reported.
    #[serde(flatten)]
    pub gauges: Gauges,
}
