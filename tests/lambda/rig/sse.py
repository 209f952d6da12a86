"""Reads server-sent events, noting when each frame came."""

import http.client
import json
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Frame:
    at: float
    id: str | None
    event: str
    data: str
    retry: str | None

    def json(self):
        return json.loads(self.data)


def parse(block: str, at: float) -> Frame:
    fields: dict[str, str] = {}
    for line in block.split("\n"):
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data" and "data" in fields:
            value = fields["data"] + "\n" + value
        fields[name] = value
    return Frame(at, fields.get("id"), fields.get("event", "message"), fields.get("data", ""), fields.get("retry"))


def parse_all(body: bytes) -> list[Frame]:
    """Frames of a finished stream."""
    text = body.decode().replace("\r\n", "\n")
    return [parse(block, 0.0) for block in text.split("\n\n") if block.strip()]


class Stream:
    """An open stream."""

    def __init__(self, port: int, path: str, headers: dict[str, str] | None = None):
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._link.request("GET", path, headers={"Accept": "text/event-stream", **(headers or {})})
        self._answer = self._link.getresponse()
        self.status = self._answer.status
        self.content_type = self._answer.headers.get("Content-Type", "")
        self._rest = ""

    def next(self) -> Frame | None:
        """The next frame; None at the end of the stream."""
        while "\n\n" not in self._rest:
            piece = self._answer.read1(65536)
            if not piece:
                return None
            self._rest += piece.decode().replace("\r\n", "\n")
        block, self._rest = self._rest.split("\n\n", 1)
        return parse(block, time.monotonic())

    def next_event(self) -> Frame:
        """The next frame that is neither a sign of life nor about the listener, whom schedules tell
        of other batches meanwhile."""
        while frame := self.next():
            if frame.event not in ("keepalive", "notification"):
                return frame
        raise AssertionError("the stream ended")

    def rest(self) -> list[Frame]:
        """Everything until the end."""
        frames = []
        while frame := self.next():
            frames.append(frame)
        return frames

    def close(self) -> None:
        self._link.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
