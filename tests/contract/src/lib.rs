//! Agreements between folders: routes and document, routes and who may call them, code and
//! template.

#[cfg(test)]
mod access;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod template;

/// Root of the workspace.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
