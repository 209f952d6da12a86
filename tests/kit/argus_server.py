"""A real argus-local process and an account to report with, for every test that is written in Python."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest


class Server:
    """argus-local on its own data directory; can be killed and started again on the same port."""

    def __init__(self, data: Path):
        self.data = data
        self.port = 0
        self.process: subprocess.Popen | None = None
        self.log = open(data.parent / "server.log", "ab")

    def start(self) -> None:
        binary = os.environ["ARGUS_LOCAL_BIN"]
        self.process = subprocess.Popen(
            [binary, "--port", str(self.port), "--data", str(self.data)],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.process.stdout.readline()
        found = re.fullmatch(r"argus-local listening on (http://127\.0\.0\.1:(\d+))\n", line)
        assert found, f"no ready line but {line!r}; see {self.log.name}"
        self.url, self.port = found[1], int(found[2])

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.process.stdout.close()
        return code

    def call(self, method: str, path: str, body=None, bearer: str | None = None):
        """One request; returns (status, JSON)."""
        request = urllib.request.Request(self.url + path, method=method)
        if bearer:
            request.add_header("Authorization", f"Bearer {bearer}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def until(self, path: str, bearer: str, holds):
        """Asks until the answer satisfies `holds`: the reporter delivers in its own time."""
        deadline = time.monotonic() + 30
        while True:
            status, answer = self.call("GET", path, bearer=bearer)
            if status == 200 and holds(answer):
                return answer
            assert time.monotonic() < deadline, (path, status, answer)
            time.sleep(0.05)

    def account(self, name: str) -> tuple[str, str]:
        """Registers, logs in, makes a reporter token; returns (session, token)."""
        password = "correct-horse-7"
        body = {"username": name, "email": f"{name}@example.com", "password": password}
        status, answer = self.call("POST", "/api/auth/register", body)
        assert status == 201, answer
        body = {"username_or_email": name, "password": password}
        status, answer = self.call("POST", "/api/auth/login", body)
        assert status == 200, answer
        session = answer["access_token"]
        body = {"name": "training", "scope": "reporter"}
        status, answer = self.call("POST", "/api/tokens", body, session)
        assert status == 201, answer
        return session, answer["token"]


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    server.start()
    yield server
    if server.process.poll() is None:
        server.stop()


@pytest.fixture
def account(server):
    return server.account("alice")


def until(what: str, holds, limit: float = 60):
    """Waits until `holds()` is true, and returns what it is."""
    deadline = time.monotonic() + limit
    while True:
        found = holds()
        if found:
            return found
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.05)
