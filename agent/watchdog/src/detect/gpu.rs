//! GPUs that are too hot or whose memory is failing.

use super::{Level, Reading};
use crate::problem::{Kind, Severity};
use crate::settings::Settings;
use crate::snapshot::{Snapshot, Source};

pub(super) fn read(snapshot: &Snapshot, settings: &Settings, all: &mut Vec<Reading>) {
    for gpu in &snapshot.gpus {
        let limits = &settings.gpu;
        let mut push = |id: &str, title: String, detail, level, sightings| {
            all.push(Reading {
                id: format!("{id}:{}", gpu.index),
                source: Source::Gpus,
                kind: Kind::Process,
                title,
                detail,
                level,
                remedy: None,
                sightings,
            });
        };
        if let Some(degrees) = gpu.temperature_c {
            let level = Level::of(
                degrees.into(),
                limits.warn_c.into(),
                limits.critical_c.into(),
                4.0,
            );
            push(
                "gpu_hot",
                format!("GPU {} is too hot", gpu.index),
                format!("{degrees} degrees Celsius"),
                level,
                (2, 3),
            );
        }
        if let Some(errors) = gpu.ecc_errors {
            let level = Level::bad_if(errors > 0, Severity::Warning);
            let detail = format!("{errors} uncorrected errors since the driver was loaded");
            push(
                "gpu_memory",
                format!("Memory of GPU {} is failing", gpu.index),
                detail,
                level,
                (1, 1),
            );
        }
    }
}
