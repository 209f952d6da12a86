"""argus-watchdog on this very host, with a model and a Telegram that do as they are told by the test."""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

# Memory counts as critical always, so that the end of a process may be asked for; nothing else is wrong.
SETTINGS = """
dry_run = false
[memory]
warn = 0.001
critical = 0.002
margin = 0.0
swap_warn = 100.0
swap_critical = 100.0
[disk]
warn = 100.0
critical = 100.0
[pressure]
memory = 1000.0
io = 1000.0
cpu = 1000.0
load = 1000.0
[orphans]
enabled = false
[clean]
roots = ["/nonexistent-root"]
archives = []
[kill]
programs = ["hog", "{python}"]
min_age = 0
grace = 2
[approval]
kill_pid = "ask"
[limits]
dedup_window = 86400
dedup_retention = 86400
[model]
base_url = "{outside}"
[telegram]
base_url = "{outside}"
chat_id = "1"
[server]
agent_journal = "{journal}"
"""


class Outside:
    """The model and Telegram in one loopback server."""

    def __init__(self):
        self.prey: list[str] = []
        self.told: list[str] = []
        self.busy = threading.Event()
        self.hold = threading.Event()
        self.hold.set()
        outside = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer = outside.model(body) if self.path == "/v1/messages" else outside.telegram(self.path, body)
                text = json.dumps(answer).encode()
                try:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    return  # killed while it waited
                if self.path != "/v1/messages" and not answer.pop("held", False):
                    outside.told.append(body["text"])

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def model(self, body: dict) -> dict:
        """Proposes the end of every process that carries one of the marks."""
        seen = json.loads(body["messages"][0]["content"])
        marked = [p for p in seen["processes"] if any(mark in p["arguments"] for mark in self.prey)]
        wishes = [{"action": "kill_pid", "target": p["handle"], "reason": "it is in the way"} for p in marked]
        answer = {"assessment": "tight", "actions": wishes, "observations": []}
        use = {"type": "tool_use", "id": "t", "name": "propose", "input": answer}
        return {"content": [use], "usage": {"input_tokens": 10, "output_tokens": 5}}

    def telegram(self, path: str, body: dict) -> dict:
        assert path == "/bottg-secret/sendMessage" and body["chat_id"] == "1", (path, body)
        held = "Memory" in body["text"] and not self.hold.is_set()
        if held:
            self.busy.set()
            self.hold.wait(60)
        return {"ok": True, "held": held}


class Dog:
    """argus-watchdog with folders of its own; looks when it is told to."""

    def __init__(self, folder: Path, url: str, token: str, journal: Path, outside: Outside):
        self.state = folder / "dog"
        self.config = folder / "watchdog.toml"
        python = os.path.realpath(sys.executable)
        self.config.write_text(SETTINGS.format(outside=outside.url, journal=journal, python=python))
        self.env = {
            "PATH": "/usr/bin:/bin", "HOME": str(folder / "home"), "TMUX_TMPDIR": str(folder),
            "ARGUS_STATE_DIR": str(self.state), "ARGUS_URL": url, "ARGUS_TOKEN": token,
            "ANTHROPIC_API_KEY": "sk-ant-test", "TELEGRAM_BOT_TOKEN": "tg-secret", "ARGUS_RELAY_ENABLED": "false",
        }

    def start(self) -> subprocess.Popen:
        command = [os.environ["ARGUS_WATCHDOG_BIN"], "--config", str(self.config), "--once"]
        return subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def look(self) -> int:
        """One cycle; its exit code."""
        process = self.start()
        self.said, _ = process.communicate(timeout=60)
        return process.returncode

    def kill(self, process: subprocess.Popen) -> None:
        process.send_signal(signal.SIGKILL)
        process.communicate()

    def rows(self) -> list[dict]:
        path = self.state / "problems.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
