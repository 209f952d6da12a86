"""Asks a fresh deployment a few things: smoke.py OUTPUTS [--site]

OUTPUTS is the file of stack outputs deploy.sh wrote, `--site` says that the web UI was uploaded. With
AWS_ENDPOINT_URL everything is asked there, under the names the deployment has.
"""

import http.client
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

#: A front door is known everywhere some minutes after it was made.
PATIENCE_SECONDS = 300


class Answer:
    def __init__(self, status: int, headers: dict[str, str], body: bytes):
        self.status, self.headers, self.body = status, headers, body


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    parts, emulator = urlsplit(url), os.environ.get("AWS_ENDPOINT_URL")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if emulator:
        link = http.client.HTTPConnection(urlsplit(emulator).netloc, timeout=40)
        # The emulated API has another host name than the real one.
        host = parts.netloc
        if ".execute-api." in host:
            host = host.split(".")[0] + ".execute-api.localhost"
        sent |= {"Host": host, "X-Forwarded-Proto": "https"}
    else:
        link = http.client.HTTPSConnection(parts.netloc, timeout=40)
    try:
        link.request(method, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, sent)
        answer = link.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, names, answer.read())
    finally:
        link.close()


def expect(what: str, holds, question) -> None:
    """Asks until the answer holds, or patience ends."""
    deadline = time.monotonic() + (5 if os.environ.get("AWS_ENDPOINT_URL") else PATIENCE_SECONDS)
    while True:
        try:
            answer, problem = question(), None
            if holds(answer):
                print(f"smoke: {what}")
                return
        except OSError as error:
            answer, problem = None, error
        if time.monotonic() > deadline:
            seen = problem or f"{answer.status} {answer.body[:300]!r}"
            raise SystemExit(f"smoke: NOT {what}: {seen}")
        time.sleep(2)


def main() -> None:
    path, *flags = sys.argv[1:]
    lines = (line.split(None, 1) for line in Path(path).read_text().splitlines())
    outputs = {words[0]: words[1] for words in lines if len(words) == 2}
    url, door = outputs["Url"], "DistributionId" in outputs
    login = b'{"username_or_email":"nobody","password":"not a password"}'
    json = {"Content_Type": "application/json"}

    expect("the API answers", lambda a: a.status == 200, lambda: ask(f"{url}/openapi.json"))
    expect(
        "the table answers",
        lambda a: a.status == 401 and b"code" in a.body,
        lambda: ask(f"{url}/api/auth/login", "POST", login, **json),
    )
    stream = url if door else outputs["StreamUrl"].rstrip("/")
    expect("the stream answers", lambda a: a.status == 401, lambda: ask(f"{stream}/api/sse?channels=dashboard"))
    if door:
        for name, address in (("API", outputs["ApiUrl"]), ("stream", outputs["StreamUrl"].rstrip("/"))):
            expect(
                f"the {name} lets nobody in by the back door",
                lambda a: a.status == 403,
                lambda address=address: ask(f"{address}/api/{'sse' if name == 'stream' else 'batches'}"),
            )
    if "--site" in flags and door:
        for page in ("/", "/batches/some.run"):
            expect(
                f"the web UI answers at {page}",
                lambda a: a.status == 200 and b"<html" in a.body.lower() and "content-security-policy" in a.headers,
                lambda page=page: ask(f"{url}{page}"),
            )
        expect("a missing file is missing", lambda a: a.status in (403, 404), lambda: ask(f"{url}/assets/none.js"))


main()
