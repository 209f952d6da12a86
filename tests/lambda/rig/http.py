"""A small HTTP client: host names of the emulated front doors resolve nowhere."""

import http.client
import json
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body)

    def expect(self, status: int):
        """The parsed body of an answer that must have this status."""
        assert self.status == status, f"{self.status} instead of {status}: {self.body[:2000]!r}"
        return self.json() if self.body else None


@dataclass(frozen=True)
class Door:
    """A front door: where to connect to, and the name it answers to."""

    port: int
    host: str
    always: tuple[tuple[str, str], ...] = ()

    def call(self, method: str, path: str, bearer: str | None = None, body=None, headers=None) -> Answer:
        sent = {"Host": self.host, **dict(self.always), **(headers or {})}
        if bearer:
            sent["Authorization"] = f"Bearer {bearer}"
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            link.request(method, path, body=body, headers=sent)
            answer = link.getresponse()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, names, answer.read())
        finally:
            link.close()

    def get(self, path: str, bearer: str | None = None, **more) -> Answer:
        return self.call("GET", path, bearer, **more)

    def post(self, path: str, body, bearer: str | None = None) -> Answer:
        return self.call("POST", path, bearer, body)


def front_door(port: int, host: str) -> Door:
    """The one name of the deployment. The emulator has no certificate; the header says that there was one."""
    return Door(port, host, (("X-Forwarded-Proto", "https"),))


def api_door(port: int, api_id: str) -> Door:
    """The API's own address, behind the front door."""
    return Door(port, f"{api_id}.execute-api.localhost")


def url_door(port: int, function_url: str) -> Door:
    return Door(port, urlsplit(function_url).netloc)
