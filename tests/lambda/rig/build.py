"""Zips of all functions: from the development profile, or those that `make lambda` made."""

import os
import shutil
import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def function_names() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "functions").glob("*/Cargo.toml"))


def stage(into: Path) -> dict[str, Path]:
    """Lays template and zips out below `into` as they lie in the repository after `make lambda`, so
    that the template is deployed unchanged. Returns the bootstraps by name.

    ARGUS_LAMBDA_DIR: where finished zips are, <name>/bootstrap.zip; unset: they are built.
    """
    finished = os.environ.get("ARGUS_LAMBDA_DIR")
    zips = {name: into / "target" / "lambda" / name / "bootstrap.zip" for name in function_names()}
    for zipped in zips.values():
        zipped.parent.mkdir(parents=True)
    if finished:
        for name, zipped in zips.items():
            shutil.copy(ROOT / finished / name / "bootstrap.zip", zipped)
    else:
        _build(zips)
    _site(into / "site")
    (into / "infra").mkdir()
    shutil.copy(ROOT / "infra" / "template.yaml", into / "infra")
    return {name: _unpack(zipped) for name, zipped in zips.items()}


def _site(into: Path) -> None:
    """A web UI of three files: what is tested is how it is served, not what it does."""
    (into / "assets").mkdir(parents=True)
    (into / "index.html").write_text("<!doctype html><html><title>Argus</title><script src=/assets/app-1a2b.js></script>")
    (into / "assets" / "app-1a2b.js").write_text("console.log('argus')\n" * 200)
    (into / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")


def _build(zips: dict[str, Path]) -> None:
    """Plain cargo, because cargo-lambda always passes --target and so would compile every dependency
    a second time; the binaries speak the runtime protocol either way. The whole workspace, because
    a part of it would resolve other features and compile the SDKs anew."""
    subprocess.run(["cargo", "build", "--workspace", "--bins", "--locked"], cwd=ROOT, check=True)
    target = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
    for name, zipped in zips.items():
        small = zipped.with_name("stripped")
        subprocess.run(["strip", "-o", small, target / "debug" / name], check=True)
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
            packed.write(small, "bootstrap")
        small.unlink()


def _unpack(zipped: Path) -> Path:
    with zipfile.ZipFile(zipped) as packed:
        bootstrap = Path(packed.extract("bootstrap", zipped.parent / "unpacked"))
    bootstrap.chmod(0o755)
    return bootstrap
