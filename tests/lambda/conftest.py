"""One deployment for all tests: built, started, used, stopped."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from rig import build, cloud, events, http, runtime

LIVE_STREAM_SECONDS = 10


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("argus")


@pytest.fixture(scope="session")
def bootstraps(home: Path) -> dict[str, Path]:
    return build.stage(home / "staged")


@pytest.fixture(scope="session")
def emulator(home: Path) -> Iterator[cloud.Cloud]:
    running = cloud.Cloud(home)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def stack(emulator: cloud.Cloud, bootstraps: dict[str, Path], home: Path) -> cloud.Stack:
    return cloud.deploy(emulator, home / "staged")


@pytest.fixture(scope="session")
def api(emulator: cloud.Cloud, stack: cloud.Stack) -> http.Door:
    return http.front_door(emulator.port, stack.host)


@pytest.fixture(scope="session")
def door_secret(emulator: cloud.Cloud) -> str:
    """By which the front door proves itself to the functions."""
    return emulator.settings_of("api-auth")["ARGUS_DOOR_SECRET"]


@dataclass(frozen=True)
class Account:
    """Somebody with a session and a reporter token."""

    name: str
    password: str
    jwt: str
    token: str


@pytest.fixture(scope="session")
def account(api: http.Door) -> Account:
    name, password = "ada", "correct horse battery staple 1"
    person = {"username": name, "email": "ada@example.org", "password": password}
    api.post("/api/auth/register", person).expect(201)
    jwt = api.post("/api/auth/login", {"username_or_email": name, "password": password}).expect(200)["access_token"]
    token = api.post("/api/tokens", {"name": "rig", "scope": "reporter"}, jwt).expect(201)["token"]
    return Account(name, password, jwt, token)


@pytest.fixture
def batch(api: http.Door, account: Account) -> str:
    """A fresh running batch with one running job `j1`."""
    batch = f"batch-{uuid.uuid4().hex[:12]}"
    opening = [
        events.event("batch_start", batch, experiment_type="sweep", n_total_jobs=1),
        events.event("job_start", batch, "j1", model="mlp", dataset="toy"),
    ]
    answer = api.post("/api/events/batch", {"events": opening}, account.token).expect(200)
    assert answer["accepted"] == 2, answer
    return batch


@pytest.fixture(scope="session")
def live(
    emulator: cloud.Cloud, stack: cloud.Stack, bootstraps: dict[str, Path], home: Path
) -> Iterator[runtime.Runtime]:
    """The stream function in an emulator that streams, over the deployed table, with the settings
    and the permissions of the deployed function."""
    env = emulator.settings_of(runtime.FUNCTION) | emulator.credentials_of(runtime.FUNCTION)
    # Asked directly: without the door.
    env |= {"ARGUS_STREAM_MAX_S": str(LIVE_STREAM_SECONDS), "ARGUS_STREAM_IDLE_S": "0", "ARGUS_DOOR_SECRET": ""}
    running = runtime.Runtime(home, bootstraps[runtime.FUNCTION], 3, env)
    yield running
    running.stop()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """A failed test shows what the processes last said."""
    report = (yield).get_result()
    if report.failed:
        for name in ("emulator", "live"):
            process = item.funcargs.get(name) if hasattr(item, "funcargs") else None
            if process is not None:
                report.sections.append((name, process.tail()))
