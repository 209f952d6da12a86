//! Lets the crate compile before the web UI was built: an empty folder embeds as no UI.

/// Seen from where cargo runs this.
const DIST: &str = "../../frontend/dist";

fn main() -> std::io::Result<()> {
    std::fs::create_dir_all(DIST)?;
    println!("cargo::rerun-if-changed={DIST}");
    Ok(())
}
