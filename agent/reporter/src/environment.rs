//! What a run needs to be understood, and repeated: code, place, machine, variables. Values of
//! secrets are hidden before they leave the process.

use crate::event::Fields;
use crate::git::Checkout;
use crate::{installed, vars};
use probe::{Gpus, Probe};
use serde_json::{Value, json};
use std::path::Path;

/// Beginnings of variables that say something about a run.
const TELLING: [&str; 31] = [
    "ARGUS_",
    "CONDA_DEFAULT_ENV",
    "CUBLAS_",
    "CUDA_",
    "CUDNN_",
    "DEEPSPEED_",
    "GLOO_",
    "HF_",
    "HYDRA_",
    "JAX_",
    "KMP_",
    "KUBERNETES_",
    "LOCAL_RANK",
    "LOCAL_WORLD_SIZE",
    "MASTER_",
    "MKL_",
    "NCCL_",
    "NVIDIA_",
    "OMP_",
    "OPENBLAS_",
    "PYTHONHASHSEED",
    "PYTHONPATH",
    "PYTORCH_",
    "RANK",
    "RAY_",
    "SLURM_",
    "TF_",
    "TORCH",
    "VIRTUAL_ENV",
    "WORLD_SIZE",
    "XLA_",
];
/// Variables shown at most.
const MOST: usize = 200;

/// Describes code and environment; `extra` is what the language above knows and counts first.
/// Starts `git` and looks for GPUs, so it may take seconds.
pub(crate) fn describe(extra: Fields) -> Fields {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            fields.insert(name.to_owned(), value);
        }
    };
    let arguments = arguments(&extra);
    put("argv", json!(redact::argv(&arguments)));
    put(
        "cwd",
        json!(
            std::env::current_dir()
                .ok()
                .map(|dir| dir.display().to_string())
        ),
    );
    put("pid", json!(std::process::id()));
    put("os", json!(std::env::consts::OS));
    put("arch", json!(std::env::consts::ARCH));
    let probe = Probe::live();
    put("hostname", json!(probe.hostname().ok()));
    put("cpu_count", json!(probe.cores()));
    put(
        "ram_total_mb",
        json!(probe.memory().ok().map(|m| m.total_bytes / (1024 * 1024))),
    );
    if let Some(checkout) = Checkout::at(Path::new(".")) {
        put("git_dirty", json!(checkout.is_dirty()));
        put("git_root", json!(checkout.root));
        put("git_sha", json!(checkout.commit));
        put("git_branch", json!(checkout.branch));
        put("git_remote", json!(checkout.remote));
    }
    let gpus = Gpus::open().map(|gpus| gpus.read()).unwrap_or_default();
    let shown = gpus.iter().map(|gpu| {
        json!({"index": gpu.index, "name": gpu.name, "uuid": gpu.uuid,
            "mem_total_mb": gpu.memory_total_bytes.map(|b| b / (1024 * 1024))})
    });
    put("gpus", Value::Array(shown.collect()));
    let told = |name: &String| TELLING.iter().any(|start| name.starts_with(start));
    let env: Fields = vars::all()
        .into_iter()
        .filter(|(name, _)| told(name))
        .take(MOST)
        .map(|(name, value)| {
            let shown = redact::value(&name, &value);
            (name, shown.into())
        })
        .collect();
    put("env", Value::Object(env));
    fields.extend(installed::facts(&extra, &arguments));
    let extra = extra.into_iter().filter(|(name, value)| {
        !["argv", installed::SEARCHED].contains(&name.as_str()) && !value.is_null()
    });
    fields.extend(extra);
    fields
}

/// The command line: as the language above began it, else as the process did.
fn arguments(extra: &Fields) -> Vec<String> {
    let told = extra.get("argv").and_then(Value::as_array);
    let told = told.map(|all| {
        all.iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    });
    told.unwrap_or_else(|| {
        let own = std::env::args_os();
        own.map(|argument| argument.to_string_lossy().into_owned())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_above_knows_better() {
        let mut extra = Fields::new();
        extra.insert("argv".into(), json!(["train.py", "--token", "hunter2"]));
        extra.insert("python_version".into(), "3.12.1".into());
        let fields = describe(extra);
        assert_eq!(fields["argv"][0], json!("train.py"));
        assert!(
            !Value::Object(fields.clone())
                .to_string()
                .contains("hunter2")
        );
        assert_eq!(fields["python_version"], json!("3.12.1"));
        assert!(fields["git_sha"].as_str().is_none_or(|sha| sha.len() == 40));
        assert!(fields["cwd"].is_string() && fields["hostname"].is_string());
    }
}
