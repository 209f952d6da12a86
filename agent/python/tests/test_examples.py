"""The examples of the documentation, run."""

import json
import os
import subprocess
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "reporter" / "examples"


def test_the_notebook(lab):
    cells = json.loads((EXAMPLES / "notebook.ipynb").read_text())["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code
    # Lines that are for the notebook alone, such as %pip.
    lines = [line for cell in code for line in cell.splitlines() if not line.startswith(("%", "!"))]
    (lab.folder / "notebook.py").write_text("\n".join(lines))
    before = {batch["id"] for batch in lab.get("/api/batches?limit=200")}
    lab.run("import subprocess, sys; sys.exit(subprocess.call([sys.executable, 'notebook.py']))")
    lab.replay()
    new = [b for b in lab.get("/api/batches?limit=200") if b["id"] not in before and not b["id"].startswith("replay")]
    assert [(batch["status"], batch["n_done"]) for batch in new] == [("done", 1), ("done", 1)]


def test_the_rust_program(lab):
    program = Path(os.environ["ARGUS_LOCAL_BIN"]).parent / "examples" / "train"
    if not program.exists():
        pytest.skip("built by cargo build --workspace --examples")
    before = {batch["id"] for batch in lab.get("/api/batches?limit=200")}
    done = subprocess.run([program], env=lab.env, cwd=lab.folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    new = [b for b in lab.get("/api/batches?limit=200") if b["id"] not in before]
    assert [batch["status"] for batch in new] == ["done"]
