"""Child processes that never outlive the test run."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Child:
    """A process in its own group, its output in a file."""

    def __init__(self, command: list[str], env: dict[str, str], cwd: Path, log: Path):
        self.name = log.stem
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def running(self) -> bool:
        return self._process.poll() is None

    def tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return f"--- last lines of {self.name} ---\n" + "\n".join(lines[-40:])

    def stop(self) -> None:
        """Asks to end, then ends whatever of the group is left."""
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()

    def wait_for(self, ready, seconds: float) -> None:
        """Polls `ready()` until it is true; fails when the child ends or time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if not self.running():
                raise RuntimeError(f"{self.name} ended\n{self.tail()}")
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} not ready in {seconds} s\n{self.tail()}")
            time.sleep(0.05)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
