"""The same binary makes the same zip, whenever and wherever it was packed."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

from rig.build import ROOT


def packed(folder: Path, when: tuple, level: int) -> tuple[str, zipfile.ZipInfo]:
    """Digest of a zip made of one binary, as cargo-lambda packs it at some time and then infra/pack.py."""
    folder.mkdir()
    zipped = folder / "bootstrap.zip"
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as made:
        made.writestr(zipfile.ZipInfo("bootstrap", when), b"\x7fELF" + bytes(range(256)) * 500)
    subprocess.run([sys.executable, ROOT / "infra" / "pack.py", zipped, folder / "binary"], check=True)
    with zipfile.ZipFile(zipped) as made:
        [entry] = made.infolist()
    return hashlib.sha256(zipped.read_bytes()).hexdigest(), entry


def test_a_zip_depends_on_its_binary_alone(tmp_path):
    first, entry = packed(tmp_path / "a", (2025, 1, 2, 3, 4, 6), 1)
    second, _ = packed(tmp_path / "b", (2026, 11, 21, 23, 0, 0), 9)
    assert first == second
    assert entry.external_attr >> 16 == 0o100755, "a bootstrap has to be executable"
