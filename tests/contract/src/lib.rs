//! Agreements between folders: routes and document, routes and who may call them, code and
//! template.

#[cfg(test)]
mod access;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod template;

/// Root of the workspace. Asked when the test runs: two checkouts may share a target folder.
#[cfg(test)]
fn root() -> std::path::PathBuf {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("run by cargo");
    std::path::Path::new(&here).join("../..")
}
