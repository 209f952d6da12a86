//! The rules of the house as tests. Reads `cargo metadata` and files; depends on nothing it judges.

#[cfg(test)]
mod files;
#[cfg(test)]
mod layers;

/// Root of the workspace.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
