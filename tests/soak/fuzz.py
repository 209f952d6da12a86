"""Asks a real server everything its OpenAPI document allows, and some more: fuzz.py DOCUMENT [ARGS of schemathesis]

A server error, an answer of another shape than documented or of another type is a failure; each is printed with
the request that showed it.
"""

import asyncio
import shutil
import subprocess
import sys

from load import event
from server import Server, fresh_home
from wire import Client

#: What ends the session it asks with, or only fails for want of somebody to talk to.
LEFT_OUT = "auth/|admin/users|users/me|rotate|jwt|session|tokens|/api/sse"


async def main() -> int:
    home = fresh_home()
    server = Server(home)
    await server.start()
    session, token = await server.account("fuzz")
    reporter = Client(server.port, token)
    posted = [event("batch_start", "b", n_total_jobs=1), event("job_start", "b", "j"), event("job_epoch", "b", "j", epoch=0)]
    assert (await reporter.call("POST", "/api/events/batch", {"events": posted})).status == 200
    reporter.close()
    document, *words = sys.argv[1:]
    command = ["schemathesis", "run", document, "--url", f"http://127.0.0.1:{server.port}"]
    command += ["-H", f"Authorization: Bearer {session}", "--phases=fuzzing", "--max-examples", "20", "--seed", "1"]
    command += ["-c", "not_a_server_error,response_schema_conformance,content_type_conformance"]
    command += ["--exclude-path-regex", LEFT_OUT, "--suppress-health-check", "all", "--workers", "2", *words]
    code = await asyncio.to_thread(lambda: subprocess.run(command, check=False).returncode)
    await server.stop()
    shutil.rmtree(home)
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
