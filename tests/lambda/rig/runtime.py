"""cargo-lambda's runtime emulator: unlike the emulated cloud it really streams."""

import os
import socket
from pathlib import Path

from rig.build import ROOT
from rig.children import Child, free_port

FUNCTION = "sse-events"


class Runtime:
    """The emulator and instances of the stream function behind it. One instance serves one stream
    at a time, as on AWS."""

    def __init__(self, home: Path, bootstrap: Path, instances: int, env: dict[str, str]):
        self.port = free_port()
        self._children: list[Child] = []
        tool = [str(ROOT / "infra" / "cargo-lambda.sh"), "watch", "--only-lambda-apis"]
        tool += ["-A", "127.0.0.1", "-P", str(self.port)]
        try:
            # In the repository, because a function has to be a binary of the project there.
            self._start(tool, dict(os.environ), ROOT, home / "runtime.log").wait_for(self._answers, 60)
            for number in range(instances):
                self._start([str(bootstrap)], self._function_env(env), home, home / f"{FUNCTION}-{number}.log")
        except BaseException:
            self.stop()
            raise

    def _start(self, command: list[str], env: dict[str, str], cwd: Path, log: Path) -> Child:
        child = Child(command, env, cwd, log)
        self._children.append(child)
        return child

    def _function_env(self, env: dict[str, str]) -> dict[str, str]:
        return {
            "AWS_LAMBDA_RUNTIME_API": f"http://127.0.0.1:{self.port}/.rt/{FUNCTION}",
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            **env,
        }

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=2).close()
            return True
        except OSError:
            return False

    def path(self, path: str) -> str:
        """Where a path of the function lies."""
        return f"/lambda-url/{FUNCTION}{path}"

    def tail(self) -> str:
        return "\n".join(child.tail() for child in self._children)

    def stop(self) -> None:
        for child in reversed(self._children):
            child.stop()
