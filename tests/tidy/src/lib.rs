//! The rules of the house as tests. Reads `cargo metadata` and files; depends on nothing it judges.

#[cfg(test)]
mod files;
#[cfg(test)]
mod layers;

/// Root of the workspace. Asked when the test runs: two checkouts may share a target folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("run by cargo");
    std::path::Path::new(&here).join("../..")
}
