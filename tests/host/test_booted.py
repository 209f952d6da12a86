"""Both daemons as services of a real systemd, the first process of namespaces of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from argus_server import until

HERE = Path(__file__).parent
SYSTEMD = Path("/lib/systemd/systemd")
HOST = HERE.parents[1] / "infra" / "host"

TARGET = """[Unit]
Wants=argus-agent@root.service argus-watchdog.service trial-user.service
"""
# What user@.service does, without PAM: the systemd of somebody without rights.
OTHER = """[Service]
Type=notify
User=nobody
Delegate=yes
RuntimeDirectory=other
Environment=XDG_RUNTIME_DIR=/run/other HOME=/run/other XDG_CONFIG_HOME=/etc/other
ExecStart=/lib/systemd/systemd --user --unit=argus-agent.service
"""


class Booted:
    """The machine inside."""

    def __init__(self, folder: Path):
        self.log = open(folder / "boot.log", "wb")
        command = ["bash", str(HERE / "boot.sh"), str(folder), "trial.target"]
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL)
        self.first = until("the first process", self._first, 20)
        self.group = Path(f"/proc/{self.process.pid}/cgroup").read_text().split("0::")[1].split()[0]

    def _first(self) -> str | None:
        if self.process.poll() is not None:
            pytest.skip(f"this machine lets nobody boot a systemd: {Path(self.log.name).read_text()[-400:]}")
        pid = str(self.process.pid)
        children = Path(f"/proc/{pid}/task/{pid}/children")
        child = children.read_text().split()
        return child[0] if child and Path(f"/proc/{child[0]}/comm").read_text() == "systemd\n" else None

    def run(self, *command: str) -> subprocess.CompletedProcess:
        enter = ["nsenter", "-t", self.first, "-m", "-p", "-i", "-u", "-C", "-r", "-w"]
        return subprocess.run([*enter, *command], capture_output=True, text=True, timeout=30)

    def show(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "-P", name, unit).stdout.strip()

    def journal(self) -> str:
        return self.run("journalctl", "--no-pager", "-n", "80").stdout

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        mounts = [line.split() for line in Path("/proc/self/mounts").read_text().splitlines()]
        for mount in (Path(words[1]) for words in mounts if words[2] == "cgroup2"):
            group = mount / self.group.lstrip("/")
            until("its control groups are empty", lambda group=group: removed(group), 20)


def removed(group: Path) -> bool:
    """Removes a control group once all its processes are gone."""
    try:
        for folder, _, _ in os.walk(group, topdown=False):
            os.rmdir(folder)
    except OSError:
        return False
    return True


@pytest.fixture
def machine(server, account, tmp_path):
    if os.geteuid() != 0 or not SYSTEMD.exists() or not shutil.which("nsenter"):
        pytest.skip("needs root, systemd and nsenter")
    for name in ("etc/systemd/system", "etc/other/systemd/user", "root", "usr/local"):
        (tmp_path / name).mkdir(parents=True)
    agent, dog = os.environ["ARGUS_AGENT_BIN"], os.environ["ARGUS_WATCHDOG_BIN"]
    install = ["bash", str(HOST / "install.sh"), "--root", str(tmp_path), "--binary", agent]
    subprocess.run([*install, "--system", "root"], check=True, capture_output=True)
    watch = ["bash", str(HOST / "install-watchdog.sh"), "--prefix", str(tmp_path), "--binary", dog, "--user", "root"]
    subprocess.run(watch, check=True, capture_output=True)
    (tmp_path / "etc/argus/argus.env").write_text(f"ARGUS_URL={server.url}\n")
    (tmp_path / "etc/argus/credentials/argus_token").write_text(account[1] + "\n")
    env = {"HOME": str(tmp_path / "root"), "ARGUS_URL": server.url, "ARGUS_TOKEN": account[1], "PATH": "/usr/bin:/bin"}
    subprocess.run([agent, "login"], env=env, check=True, capture_output=True)
    # The settings of the user's unit, around a program that needs nothing.
    text = (HOST / "agent.user.service").read_text().replace("Type=notify", "Type=exec").replace("WatchdogSec=120", "")
    text = text.replace("ExecStart=%h/.local/bin/argus-agent", "ExecStart=/bin/sleep 4713")
    own = tmp_path / "etc/other/systemd/user"
    (own / "argus-agent.service").write_text(text)
    (own / "dropped.service").write_text(text.replace("[Install]", "CapabilityBoundingSet=\n[Install]"))
    units = tmp_path / "etc/systemd/system"
    (units / "trial.target").write_text(TARGET)
    (units / "trial-user.service").write_text(OTHER)
    booted = Booted(tmp_path)
    yield booted
    booted.end()


def test_both_services_run_under_a_real_systemd(machine, server, account):
    session = account[0]

    def active(unit):
        return lambda: machine.show(unit, "ActiveState") == "active"

    for unit in ("argus-agent@root.service", "argus-watchdog.service"):
        try:
            until(f"{unit} is active", active(unit), 30)
        except AssertionError:
            pytest.fail(machine.run("systemctl", "status", "--no-pager", unit).stdout + machine.journal())
        pid = machine.show(unit, "MainPID")
        status = machine.run("cat", f"/proc/{pid}/status").stdout
        assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status, status
    server.until("/api/agents", session, lambda a: any(item["online"] for item in a["items"]))
    server.until("/api/watchdogs", session, lambda dogs: dogs["items"] and dogs["items"][0]["online"])
    until("its first look ends", lambda: "last cycle   ok" in machine.run("argus-watchdog", "status").stdout, 20)

    # Somebody's own systemd starts the user's unit as it is written, and no unit that gives up capabilities.
    def own(*words):
        somebody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "env", "XDG_RUNTIME_DIR=/run/other"]
        return machine.run(*somebody, "systemctl", "--user", *words).stdout.strip()

    until("the user's unit is active", lambda: own("show", "-P", "ActiveState", "argus-agent.service") == "active", 30)
    pid = own("show", "-P", "MainPID", "argus-agent.service")
    status = machine.run("cat", f"/proc/{pid}/status").stdout
    assert "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status, status
    own("start", "dropped.service")
    until("it fails", lambda: own("show", "-P", "ExecMainStatus", "dropped.service") == "218", 30)
