"""The server under test: a real argus-local on its own data, killed without warning and started again."""

import asyncio
import os
import re
import signal
import tempfile
import time
from pathlib import Path

from wire import BROKEN, Client


class Server:
    def __init__(self, home: Path):
        self.home, self.port, self.kills = home, 0, 0
        self.slowest_start = 0.0
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        begun = time.monotonic()
        binary = os.environ["ARGUS_LOCAL_BIN"]
        # What an administrator may sweep goes at once, and nothing else does.
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "ARGUS_RETENTION_GRACE_DAYS": "0"}
        env |= {"ARGUS_RETENTION_SWEEP_MINUTES": "0", "ARGUS_BACKUP_INTERVAL_H": "0", "ARGUS_SKIP_DEMO_SEED": "1"}
        with open(self.home / "server.log", "ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                binary, "--port", str(self.port), "--data", str(self.home / "data"),
                stdout=asyncio.subprocess.PIPE, stderr=log, env=env,
            )  # fmt: skip
        line = (await asyncio.wait_for(self._process.stdout.readline(), 120)).decode()
        found = re.search(r":(\d+)$", line.strip())
        if not found:
            raise SystemExit(f"soak: the server says {line!r}; {self.home}/server.log")
        self.port = int(found[1])
        self.slowest_start = max(self.slowest_start, time.monotonic() - begun)

    async def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self.kills += 1

    async def stop(self) -> int:
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 60)

    async def account(self, name: str) -> tuple[str, str]:
        """Somebody with a session and a reporter token."""
        client, password = Client(self.port), "correct horse battery staple 7"
        try:
            person = {"username": name, "email": f"{name}@example.org", "password": password}
            assert (await client.call("POST", "/api/auth/register", person)).status == 201
            login = {"username_or_email": name, "password": password}
            client.bearer = (await client.call("POST", "/api/auth/login", login)).json()["access_token"]
            wish = {"name": "soak", "scope": "reporter"}
            token = (await client.call("POST", "/api/tokens", wish)).json()["token"]
            return client.bearer, token
        finally:
            client.close()


async def insist(client: Client, method: str, path: str, body=None, seconds: float = 120):
    """Asks until somebody answers something final, as clients do; a fresh start or a bad network passes."""
    deadline, pause = time.monotonic() + seconds, 0.05
    while True:
        try:
            answer = await client.call(method, path, body)
            if answer.status not in (429, 500, 502, 503, 504):
                return answer
        except BROKEN:
            pass
        if time.monotonic() > deadline:
            raise SystemExit(f"soak: {method} {path} was not answered in {seconds:.0f} s")
        await asyncio.sleep(pause)
        pause = min(pause * 2, 2)


def fresh_home() -> Path:
    return Path(tempfile.mkdtemp(prefix="argus-soak-"))
