//! From when on the runs of a project count as wrong: what people set instead of the installation's
//! thresholds.

use domain::guardrail::{Overrides, Thresholds};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::fields::given;
use web::{ApiResult, Invalid};

/// Thresholds; what is absent stays, what is null counts as in the whole installation.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardrailsIn {
    /// Minutes of silence after which a batch is stalled, 1 to 10080.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    stall_timeout_min: Option<Option<u32>>,
    /// Minutes of silence after a stop request until a batch counts as stopped, 1 to 10080.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    stop_grace_min: Option<Option<u32>>,
    /// Minutes a job may leave its GPU unused until it is called idle, 1 to 10080.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    idle_threshold_min: Option<Option<u32>>,
    /// The newest loss over the first of the window, from which on a rising loss diverges, at
    /// least 1.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<f64>)]
    divergence_ratio: Option<Option<f64>>,
    /// How many of the newest losses are looked at, 2 to 20.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<u32>)]
    divergence_window: Option<Option<u32>>,
    /// Stop batches that stay idle after two warnings; only an owner decides this.
    #[serde(default)]
    pub idle_auto_stop: Option<bool>,
}

/// What a project sets; null: as in the whole installation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct GuardrailsOut {
    /// Minutes of silence after which a batch is stalled.
    pub stall_timeout_min: Option<u32>,
    /// Minutes of silence after a stop request until a batch counts as stopped.
    pub stop_grace_min: Option<u32>,
    /// Minutes a job may leave its GPU unused until it is called idle.
    pub idle_threshold_min: Option<u32>,
    /// The newest loss over the first of the window, from which on a rising loss diverges.
    pub divergence_ratio: Option<f64>,
    /// How many of the newest losses are looked at.
    pub divergence_window: Option<u32>,
    /// Batches that stay idle after two warnings are stopped.
    pub idle_auto_stop: bool,
}

impl From<&Overrides> for GuardrailsOut {
    fn from(own: &Overrides) -> Self {
        Self {
            stall_timeout_min: own.stall_min,
            stop_grace_min: own.stop_grace_min,
            idle_threshold_min: own.idle_min,
            divergence_ratio: own.divergence_ratio,
            divergence_window: own.divergence_window,
            idle_auto_stop: own.idle_auto_stop,
        }
    }
}

impl From<&Thresholds> for GuardrailsOut {
    fn from(all: &Thresholds) -> Self {
        Self {
            stall_timeout_min: Some(all.stall_min),
            stop_grace_min: Some(all.stop_grace_min),
            idle_threshold_min: Some(all.idle_min),
            divergence_ratio: Some(all.divergence_ratio),
            divergence_window: u32::try_from(all.divergence_window).ok(),
            idle_auto_stop: all.idle_auto_stop,
        }
    }
}

impl GuardrailsIn {
    /// Refuses what has no meaning.
    pub fn check(&self, place: &str) -> ApiResult<()> {
        let mut wanted = Overrides::default();
        self.apply(&mut wanted);
        match wanted.problem() {
            None => Ok(()),
            Some((field, msg)) => {
                let loc = ["body", place, field];
                Err(Invalid::at(&loc, "value_error", msg, json!(null)).into())
            }
        }
    }

    /// Applies it.
    pub fn apply(&self, own: &mut Overrides) {
        fn set<T: Copy>(slot: &mut Option<T>, wish: Option<Option<T>>) {
            if let Some(wish) = wish {
                *slot = wish;
            }
        }
        set(&mut own.stall_min, self.stall_timeout_min);
        set(&mut own.stop_grace_min, self.stop_grace_min);
        set(&mut own.idle_min, self.idle_threshold_min);
        set(&mut own.divergence_ratio, self.divergence_ratio);
        set(&mut own.divergence_window, self.divergence_window);
        if let Some(stop) = self.idle_auto_stop {
            own.idle_auto_stop = stop;
        }
    }
}
