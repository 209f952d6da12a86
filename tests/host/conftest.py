"""A real argus-local, a real argus-agent, and a batch that was run by hand on this host."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kit"))
from argus_server import Server, account, server  # noqa: E402, F401  (fixtures)

SCRIPT = Path(__file__).with_name("train.py")


class Agent:
    """argus-agent with folders of its own."""

    def __init__(self, folder: Path, server: Server, token: str):
        self.state = folder / "agent"
        self.log = open(folder / "agent.log", "ab")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder / "home"),
            "ARGUS_AGENT_HOME": str(self.state),
            "ARGUS_AGENT_SYSTEM_POLICY": str(folder / "none.toml"),
            "ARGUS_URL": server.url,
            "ARGUS_TOKEN": token,
        }
        self.process: subprocess.Popen | None = None

    def run(self, *args: str) -> subprocess.CompletedProcess:
        command = [os.environ["ARGUS_AGENT_BIN"], *args]
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60)

    def start(self) -> None:
        command = [os.environ["ARGUS_AGENT_BIN"]]
        self.process = subprocess.Popen(command, env=self.env, stderr=self.log)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def said(self) -> str:
        return Path(self.log.name).read_text()


class Project:
    """A folder with a script that was run once."""

    def __init__(self, folder: Path, env: dict):
        self.folder = folder
        out = subprocess.run(
            [sys.executable, SCRIPT.name, "epochs=2", "lr=0.1"],
            cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=True,
        )
        self.batch = out.stdout.split("batch ")[1].split()[0]

    def marks(self) -> list[str]:
        """Arguments of every start, in order."""
        return [line.split(" ", 1)[1] for line in self.lines()]

    def lines(self) -> list[str]:
        path = self.folder / "marks"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def agent(server, account, tmp_path):
    agent = Agent(tmp_path, server, account[1])
    (tmp_path / "home").mkdir()
    login = agent.run("login")
    assert login.returncode == 0, login.stderr
    yield agent
    if agent.process is not None and agent.process.poll() is None:
        agent.stop()


@pytest.fixture
def project(server, account, agent, tmp_path):
    folder = tmp_path / "project"
    folder.mkdir(mode=0o755)
    (folder / SCRIPT.name).write_text(SCRIPT.read_text())
    env = dict(os.environ, ARGUS_URL=server.url, ARGUS_TOKEN=account[1], HOME=agent.env["HOME"])
    project = Project(folder, env)
    server.until(f"/api/batches/{project.batch}", account[0], lambda b: b["status"] == "done")
    return project
