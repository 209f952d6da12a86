//! The rules of the house as tests. Reads `cargo metadata` and files; depends on nothing it judges.

#[cfg(test)]
mod files;
#[cfg(test)]
mod layers;

/// Root of the workspace, seen from where cargo runs tests. Not a path known when compiling: two
/// checkouts may share a target folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    "../..".into()
}
