//! Gauges of the host and of this process.

use crate::event::Fields;
use crate::json;
use probe::{CpuTimes, Gpu, Gpus, Probe, Process};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

const MB: u64 = 1024 * 1024;

/// Reads gauges; percentages are over the time since the last look.
#[derive(Debug)]
pub(crate) struct Sampler {
    probe: Probe,
    gpus: Option<Gpus>,
    /// GPU libraries are looked for once, with the first look: that may take seconds.
    looked: bool,
    before: Option<(CpuTimes, u64)>,
    disk: PathBuf,
}

impl Sampler {
    /// Reads nothing yet.
    pub fn new() -> Self {
        let disk = crate::vars::text("PROJECT_ROOT").unwrap_or_else(|| "/".into());
        Self {
            probe: Probe::live(),
            gpus: None,
            looked: false,
            before: None,
            disk: disk.into(),
        }
    }

    /// What there is now. Gauges nobody knows are left out.
    pub fn sample(&mut self) -> Fields {
        let mut fields = Fields::new();
        let pid = std::process::id();
        if let Ok(host) = self.probe.hostname() {
            fields.insert("host".into(), host.into());
        }
        fields.insert("pid".into(), pid.into());
        self.processor(pid, &mut fields);
        if let Ok(memory) = self.probe.memory() {
            let used = memory.total_bytes.saturating_sub(memory.available_bytes);
            fields.insert("ram_mb".into(), (used / MB).into());
            fields.insert("ram_total_mb".into(), (memory.total_bytes / MB).into());
        }
        if let Ok(usage) = self.probe.fs_usage(Path::new(&self.disk)) {
            fields.insert("disk_free_mb".into(), (usage.available_bytes / MB).into());
            fields.insert("disk_total_mb".into(), (usage.total_bytes / MB).into());
        }
        if !std::mem::replace(&mut self.looked, true) {
            self.gpus = Gpus::open();
        }
        if let Some(gpus) = &self.gpus {
            let family = family(pid, &self.probe.processes().unwrap_or_default());
            describe(&gpus.read(), pid, &family, &mut fields);
        }
        fields
    }

    fn processor(&mut self, pid: u32, fields: &mut Fields) {
        let own = self.probe.process(pid);
        if let Ok(own) = &own {
            fields.insert("proc_ram_mb".into(), (own.rss_bytes / MB).into());
        }
        let (Ok(times), Ok(own)) = (self.probe.cpu_times(), own) else {
            return;
        };
        // The first look has nothing to compare with.
        let (all, mine) = self.before.unwrap_or((times, own.cpu_ticks));
        let share = times.percent_since(&all).unwrap_or(0.0);
        fields.insert("cpu_util_pct".into(), rounded(share));
        let per_core = (times.total.saturating_sub(all.total)) as f64 / self.probe.cores() as f64;
        let ticks = own.cpu_ticks.saturating_sub(mine) as f64;
        let mine = if per_core > 0.0 {
            ticks / per_core * 100.0
        } else {
            0.0
        };
        fields.insert("proc_cpu_pct".into(), rounded(mine));
        self.before = Some((times, own.cpu_ticks));
    }
}

fn rounded(percent: f64) -> Value {
    json::number((percent * 10.0).round() / 10.0)
}

/// A process and all its descendants.
fn family(pid: u32, all: &[Process]) -> HashSet<u32> {
    let mut members = HashSet::from([pid]);
    loop {
        let before = members.len();
        for process in all {
            if members.contains(&process.ppid) {
                members.insert(process.pid);
            }
        }
        if members.len() == before {
            return members;
        }
    }
}

/// All GPUs one by one, their sums under the names older servers know, and which of them this
/// process and its children use.
fn describe(gpus: &[Gpu], pid: u32, family: &HashSet<u32>, fields: &mut Fields) {
    if gpus.is_empty() {
        return;
    }
    let row = |gpu: &Gpu| {
        json!({"index": gpu.index, "uuid": gpu.uuid, "name": gpu.name, "util_pct": gpu.busy_pct,
            "mem_mb": gpu.memory_used_bytes.map(|b| b / MB),
            "mem_total_mb": gpu.memory_total_bytes.map(|b| b / MB),
            "temp_c": gpu.temperature_c, "power_w": gpu.power_w})
    };
    fields.insert("gpus".into(), gpus.iter().map(row).collect());
    let busy: Vec<f64> = gpus
        .iter()
        .filter_map(|g| g.busy_pct.map(f64::from))
        .collect();
    if !busy.is_empty() {
        let mean = busy.iter().sum::<f64>() / busy.len() as f64;
        fields.insert("gpu_util_pct".into(), rounded(mean));
    }
    let sum = |of: fn(&Gpu) -> Option<u64>| -> u64 { gpus.iter().filter_map(of).sum::<u64>() / MB };
    fields.insert("gpu_mem_mb".into(), sum(|g| g.memory_used_bytes).into());
    fields.insert(
        "gpu_mem_total_mb".into(),
        sum(|g| g.memory_total_bytes).into(),
    );
    if let Some(hottest) = gpus.iter().filter_map(|g| g.temperature_c).max() {
        fields.insert("gpu_temp_c".into(), hottest.into());
    }
    let mut users: BTreeMap<u32, (Vec<u32>, u64)> = BTreeMap::new();
    for gpu in gpus {
        for user in gpu
            .processes
            .iter()
            .filter(|user| family.contains(&user.pid))
        {
            let entry = users.entry(user.pid).or_default();
            entry.0.push(gpu.index);
            entry.1 += user.memory_bytes.unwrap_or(0);
        }
    }
    let own = users.get(&pid).map_or(0, |(_, bytes)| bytes / MB);
    fields.insert("proc_gpu_mem_mb".into(), own.into());
    let rows = users
        .iter()
        .map(|(pid, (gpus, bytes))| json!({"pid": pid, "gpus": gpus, "gpu_mem_mb": bytes / MB}));
    fields.insert("processes".into(), rows.collect());
}

#[cfg(test)]
mod tests {
    use super::*;
    use probe::GpuProcess;

    #[test]
    fn every_gpu_and_every_process_of_ours_is_told() {
        let gpu = |index, busy, pids: &[u32]| Gpu {
            index,
            busy_pct: Some(busy),
            memory_used_bytes: Some(2048 * MB),
            memory_total_bytes: Some(8192 * MB),
            temperature_c: Some(50 + index),
            processes: pids
                .iter()
                .map(|pid| GpuProcess {
                    pid: *pid,
                    memory_bytes: Some(100 * MB),
                })
                .collect(),
            ..Gpu::default()
        };
        let mut fields = Fields::new();
        let family = HashSet::from([7, 8]);
        describe(
            &[gpu(0, 90, &[7, 99]), gpu(1, 10, &[7, 8])],
            7,
            &family,
            &mut fields,
        );
        let shown = Value::Object(fields);
        assert_eq!(shown["gpus"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            (&shown["gpu_util_pct"], &shown["gpu_temp_c"]),
            (&json!(50.0), &json!(51))
        );
        assert_eq!(
            (&shown["gpu_mem_mb"], &shown["proc_gpu_mem_mb"]),
            (&json!(4096), &json!(200))
        );
        let expected = json!([{"pid": 7, "gpus": [0, 1], "gpu_mem_mb": 200},
            {"pid": 8, "gpus": [1], "gpu_mem_mb": 100}]);
        assert_eq!(shown["processes"], expected);
    }

    #[test]
    fn this_host_has_gauges() {
        let mut sampler = Sampler::new();
        sampler.sample();
        let fields = sampler.sample();
        for name in [
            "host",
            "pid",
            "cpu_util_pct",
            "ram_mb",
            "ram_total_mb",
            "proc_cpu_pct",
            "proc_ram_mb",
            "disk_free_mb",
            "disk_total_mb",
        ] {
            assert!(fields.contains_key(name), "{name}");
        }
    }
}
