//! Who uses the GPUs, as a resource snapshot says: the `gpus` array and the `processes` array.
//!
//! An entry of `processes` has `pid` or `job_id`, the GPUs it is on (`gpu`, or `gpus` for several,
//! each an index or a uuid) and, where the driver tells it, `gpu_util_pct` of its own.

use crate::coerce::stored_number;
use crate::snapshot::gauge;
use domain::guardrail::Sample;
use domain::guardrail::idle::Process;
use domain::limits::GPUS_PER_SNAPSHOT;
use domain::time::Timestamp;
use serde_json::{Map, Value};

/// Processes of one snapshot that are looked at.
const PROCESSES: usize = 256;

type Data = Map<String, Value>;

/// What the `data` of a snapshot of `at` says of GPUs.
pub fn sample(data: &Data, at: Timestamp) -> Sample {
    let list = |name: &str| match data.get(name) {
        Some(Value::Array(entries)) => entries.as_slice(),
        _ => &[],
    };
    let gpus = list("gpus").iter().take(GPUS_PER_SNAPSHOT);
    let gpus: Vec<&Data> = gpus.filter_map(Value::as_object).collect();
    let processes = list("processes").iter().take(PROCESSES);
    Sample {
        at,
        util: gauge(data, "gpu_util_pct"),
        processes: processes
            .filter_map(Value::as_object)
            .map(|process| read(process, &gpus))
            .collect(),
    }
}

fn read(process: &Data, gpus: &[&Data]) -> Process {
    let on = match (process.get("gpus"), process.get("gpu")) {
        (Some(Value::Array(several)), _) => several.iter().take(GPUS_PER_SNAPSHOT).collect(),
        (_, Some(one)) if !one.is_null() => vec![one],
        _ => vec![],
    };
    let util_of = |named: &&Value| {
        let mut all = gpus.iter();
        let gpu = all.find(|gpu| [gpu.get("index"), gpu.get("uuid")].contains(&Some(*named)))?;
        gauge(gpu, "util_pct")
    };
    let utils: Vec<f64> = on.iter().filter_map(util_of).collect();
    let mean = (!utils.is_empty()).then(|| utils.iter().sum::<f64>() / utils.len() as f64);
    let own = process.get("gpu_util_pct").and_then(stored_number);
    Process {
        job: process
            .get("job_id")
            .and_then(Value::as_str)
            .map(str::to_owned),
        pid: process.get("pid").and_then(Value::as_i64),
        util: own.filter(|util| util.is_finite()).or(mean),
        gpus: on.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_process_has_its_own_use_or_that_of_its_gpus() {
        let data = json!({
            "gpu_util_pct": "NaN",
            "gpus": [{"index": 0, "util_pct": 90}, {"index": 1, "uuid": "GPU-b", "util_pct": 10}],
            "processes": [
                {"pid": 7, "job_id": "j", "gpu": 0, "gpu_util_pct": 3},
                {"pid": 8, "gpus": [0, "GPU-b"]},
                {"pid": 9, "gpu": 5},
                "nonsense",
            ],
        });
        let data = data.as_object().expect("an object");
        let sample = sample(data, Timestamp(5));
        assert_eq!(sample.util, None);
        let found: Vec<_> = sample
            .processes
            .iter()
            .map(|p| (p.pid, p.job.as_deref(), p.util, p.gpus))
            .collect();
        let expected = [
            (Some(7), Some("j"), Some(3.0), 1),
            (Some(8), None, Some(50.0), 2),
            (Some(9), None, None, 1),
        ];
        assert_eq!(found, expected);
    }
}
