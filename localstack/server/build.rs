//! Lets the crate compile before the web UI was built: an empty folder embeds as no UI.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Read when it runs: two checkouts may share a target folder.
    let here = std::env::var("CARGO_MANIFEST_DIR")?;
    let dist = std::path::Path::new(&here).join("../../frontend/dist");
    std::fs::create_dir_all(&dist)?;
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
