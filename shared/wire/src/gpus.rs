//! The `gpus` array of a resource snapshot.

use crate::coerce::{Kind, coerce, number_value, stored_number};
use crate::invalid::Invalid;
use domain::gpu::{Gpu, combined};
use domain::limits::GPUS_PER_SNAPSHOT;
use serde_json::{Map, Value, json};

type Data = Map<String, Value>;

/// Keys of a GPU that are numbers.
const GAUGES: [&str; 5] = ["util_pct", "mem_mb", "mem_total_mb", "temp_c", "power_w"];

/// Checks and normalises the array in place; keys it does not know stay as they are.
pub(crate) fn check(data: &mut Data, problems: &mut Vec<Invalid>) {
    let Some(gpus) = data.get_mut("gpus").filter(|v| !v.is_null()) else {
        return;
    };
    let Value::Array(gpus) = gpus else {
        let msg = "Input should be a valid list";
        problems.push(Invalid::at(&["gpus"], "list_type", msg, gpus.clone()));
        return;
    };
    let count = gpus.len();
    if count > GPUS_PER_SNAPSHOT {
        let msg = format!(
            "List should have at most {GPUS_PER_SNAPSHOT} items after validation, not {count}"
        );
        problems.push(Invalid::at(&["gpus"], "too_long", msg, json!(count)));
        return;
    }
    for (i, gpu) in gpus.iter_mut().enumerate() {
        let Value::Object(gpu) = gpu else {
            let msg = "Input should be a valid dictionary";
            let mut problem = Invalid::at(&["gpus"], "dict_type", msg, gpu.clone());
            problem.loc.push(json!(i));
            problems.push(problem);
            continue;
        };
        let fields = [
            ("index", Kind::Integer),
            ("uuid", Kind::Text),
            ("name", Kind::Text),
        ];
        let gauges = GAUGES.map(|name| (name, Kind::Float));
        for (name, kind) in fields.into_iter().chain(gauges) {
            let Some(value) = gpu.get_mut(name).filter(|v| !v.is_null()) else {
                continue;
            };
            if let Err((rule, msg)) = coerce(kind, value) {
                let mut problem = Invalid::at(&["gpus"], rule, msg, value.clone());
                problem.loc.extend([json!(i), json!(name)]);
                problems.push(problem);
            }
        }
    }
}

/// Utilisation of each GPU a snapshot's `data` tells of, percent; of hosts that send flat gauges only, of
/// all of them together.
pub fn utils(data: &str) -> Vec<f64> {
    let Ok(data) = serde_json::from_str::<Data>(data) else {
        return vec![];
    };
    let util = |data: &Data, name: &str| data.get(name).and_then(stored_number);
    let each = data.get("gpus").and_then(Value::as_array);
    let each = each.into_iter().flatten().filter_map(Value::as_object);
    let each: Vec<f64> = each.filter_map(|gpu| util(gpu, "util_pct")).collect();
    match each.is_empty() {
        true => util(&data, "gpu_util_pct").into_iter().collect(),
        false => each,
    }
}

/// Fills those flat GPU gauges nobody sent from the array, so that every reader of the flat ones
/// sees hosts with many GPUs, too.
pub(crate) fn fill_flat_gauges(data: &mut Data) {
    let Some(Value::Array(gpus)) = data.get("gpus") else {
        return;
    };
    let gauge = |gpu: &Value, name: &str| gpu.get(name).and_then(stored_number);
    let gpus: Vec<Gpu> = gpus
        .iter()
        .map(|gpu| Gpu {
            util_pct: gauge(gpu, "util_pct"),
            mem_mb: gauge(gpu, "mem_mb"),
            mem_total_mb: gauge(gpu, "mem_total_mb"),
            temp_c: gauge(gpu, "temp_c"),
        })
        .collect();
    let all = combined(&gpus);
    for (name, value) in [
        ("gpu_util_pct", all.util_pct),
        ("gpu_mem_mb", all.mem_mb),
        ("gpu_mem_total_mb", all.mem_total_mb),
        ("gpu_temp_c", all.temp_c),
    ] {
        let missing = data.get(name).is_none_or(Value::is_null);
        if let (true, Some(value)) = (missing, value) {
            data.insert(name.to_owned(), number_value(value));
        }
    }
}

/// The array as readers get it: empty when there is none, numbers that are not finite as null.
pub fn shown(data: &Data) -> Vec<Value> {
    let Some(Value::Array(gpus)) = data.get("gpus") else {
        return vec![];
    };
    let mut gpus = gpus.clone();
    for gpu in gpus.iter_mut().filter_map(Value::as_object_mut) {
        for name in GAUGES {
            if let Some(value) = gpu.get_mut(name)
                && stored_number(value).is_some_and(|n| !n.is_finite())
            {
                *value = Value::Null;
            }
        }
    }
    gpus
}
