"""A real server, a gate in front of it that misbehaves on demand, and scripts that report."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from gate import Gate

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/kit"))
from argus_server import Server  # noqa: E402


QUIET = "heartbeat=False, resource_snapshot=False"


class Lab:
    """A server behind a gate, an account on it, a home, and ways to run scripts."""

    def __init__(self, folder: Path, server, gate: Gate, session: str, token: str):
        self.folder, self.server, self.gate = folder, server, gate
        self.session, self.token = session, token
        self.home = folder / "home"
        self.home.mkdir()
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("ARGUS_")}
        self.env.update(ARGUS_URL=gate.url, ARGUS_TOKEN=token, HOME=str(self.home))
        self.env.update(NO_PROXY="127.0.0.1", ARGUS_ENV_SNAPSHOT="0")

    def start(self, script: str, python: str = sys.executable, **env) -> subprocess.Popen:
        """Starts a script; ``{QUIET}`` in it switches off what happens at intervals."""
        text = textwrap.dedent(script).replace("{QUIET}", QUIET)
        environment = {**self.env, **{k: v for k, v in env.items() if v is not None}}
        return subprocess.Popen(
            [python, "-c", text], env=environment, cwd=self.folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )

    def run(self, script: str, timeout: float = 120, python: str = sys.executable, **env) -> str:
        """Runs a script to its end; returns what it printed."""
        process = self.start(script, python, **env)
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        assert process.returncode == 0, err
        self.said = err
        return out

    def replay(self) -> None:
        """The next reporter on this host, which brings what others left."""
        self.run(
            """
            import time, argus
            with argus.Reporter("replay", {QUIET}) as batch:
                deadline = time.monotonic() + 60
                while batch._native.stats()[3] or not batch._native.drain(5):
                    assert time.monotonic() < deadline, batch._native.stats()
            """
        )

    def get(self, path: str):
        status, answer = self.server.call("GET", path, bearer=self.session)
        assert status == 200, (path, status, answer)
        return answer

    def epochs(self, batch: str, job: str = "j") -> list:
        return [point["epoch"] for point in self.get(f"/api/jobs/{batch}/{job}/epochs")]

    def lines(self, batch: str) -> list:
        return [line["line"] for line in self.get(f"/api/batches/{batch}/log-lines")]

    def spooled(self) -> int:
        """Bytes of events that wait on disk."""
        files = (self.home / ".argus-reporter").rglob("*.seg")
        return sum(file.stat().st_size for file in files)


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server") / "data")
    server.start()
    session, token = server.account("alice")
    yield server, session, token
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def lab(served, tmp_path):
    server, session, token = served
    gate = Gate(server.port)
    yield Lab(tmp_path, server, gate, session, token)
    gate.close()


@pytest.fixture
def original() -> str:
    """A Python that has argus-reporter 0.1.3."""
    python = os.environ.get("ARGUS_ORIGINAL_PYTHON", str(ROOT / ".venv/bin/python"))
    if not Path(python).exists():
        pytest.skip("ARGUS_ORIGINAL_PYTHON names no Python with argus-reporter 0.1.3")
    return python
