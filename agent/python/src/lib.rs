//! `argus._native`: what Python code calls. Glue only; the work is done in `argus-reporter`.
//!
//! Nothing here keeps a Python object beyond a call or calls Python from another thread, so
//! subinterpreters and the end of the interpreter are no special cases.

mod batch;
mod convert;
mod files;

use pyo3::prelude::*;

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::batch::{Batch, Stream};
    #[pymodule_export]
    use super::files::upload;
    #[pymodule_export]
    use super::{cli_main, derive_batch_id, new_batch_id, version};
}

/// A fresh `<prefix>-<12 hex>` id.
#[pyfunction]
fn new_batch_id(prefix: &Bound<'_, PyAny>) -> String {
    reporter::new_batch_id(&convert::text_of(prefix))
}

/// The same id for the same project, experiment and commit.
#[pyfunction]
#[pyo3(signature = (project, experiment_name, git_sha, prefix))]
fn derive_batch_id(
    project: &str,
    experiment_name: &str,
    git_sha: Option<&str>,
    prefix: &str,
) -> String {
    reporter::derive_batch_id(project, experiment_name, git_sha, prefix)
}

/// Version of the package.
#[pyfunction]
fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The `argus` command; its exit code. `args` begin with the program's name.
#[pyfunction]
fn cli_main(py: Python<'_>, args: Vec<String>) -> i32 {
    py.detach(|| cli::main(args, version()))
}
