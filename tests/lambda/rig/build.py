"""Bootstraps of all functions from the development profile."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def function_names() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))


def _target_dir() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")


def stage(into: Path) -> dict[str, Path]:
    """Builds the functions and lays template and zips out below `into` as they lie in the
    repository after `make lambda`, so that the template is deployed unchanged. Returns the
    bootstraps by name.

    Plain cargo, because cargo-lambda always passes --target and so would compile every dependency
    a second time; the binaries speak the runtime protocol either way.
    ARGUS_BOOTSTRAPS: a folder of ready ones, <name>/bootstrap.
    """
    ready = os.environ.get("ARGUS_BOOTSTRAPS")
    names = function_names()
    if not ready:
        packages = [f"--package={name}" for name in names]
        subprocess.run(["cargo", "build", "--bins", *packages], cwd=ROOT, check=True)
    bootstraps = {}
    for name in names:
        built = Path(ready) / name / "bootstrap" if ready else _target_dir() / "debug" / name
        folder = into / "target" / "lambda" / name
        folder.mkdir(parents=True)
        bootstraps[name] = folder / "bootstrap"
        subprocess.run(["strip", "-o", bootstraps[name], built], check=True)
        with zipfile.ZipFile(folder / "bootstrap.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            zipped.write(bootstraps[name], "bootstrap")
    (into / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "template.yaml", into / "infra")
    return bootstraps
