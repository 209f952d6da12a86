"""A small HTTP client over asyncio: hundreds of connections, nothing to install."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

#: What a broken connection looks like here, whoever broke it.
BROKEN = (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self):
        return json.loads(self.body) if self.body else None


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    status = int((await reader.readline()).split()[1])
    headers = {}
    while (line := await reader.readline()) not in (b"\r\n", b"\n", b""):
        name, _, value = line.decode().partition(":")
        headers[name.lower()] = value.strip()
    return status, headers


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readuntil(b"\r\n")).strip() or b"0", 16):
        yield await reader.readexactly(size)
        await reader.readexactly(2)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") == "chunked":
        return b"".join([piece async for piece in _chunks(reader)])
    return await reader.readexactly(int(headers.get("content-length", 0)))


class Client:
    """One connection, made anew whenever it broke. For one caller at a time."""

    def __init__(self, port: int, bearer: str | None = None):
        self.port, self.bearer = port, bearer
        self._link: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body=None, seconds: float = 30) -> Answer:
        """One request. Raises one of BROKEN when no whole answer came."""
        try:
            async with asyncio.timeout(seconds):
                if self._link is None:
                    self._link = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 22)
                reader, writer = self._link
                writer.write(self._request(method, path, body))
                await writer.drain()
                status, headers = await _head(reader)
                return Answer(status, headers, await _body(reader, headers))
        except BaseException as error:
            self.close()
            if isinstance(error, (ValueError, IndexError)):
                raise ConnectionResetError("half an answer") from error
            raise

    def _request(self, method: str, path: str, body) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(content)}"]
        if body is not None:
            lines.append("Content-Type: application/json")
        if self.bearer:
            lines.append(f"Authorization: Bearer {self.bearer}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + content

    def close(self) -> None:
        if self._link:
            self._link[1].close()
            self._link = None


async def stream(port: int, path: str, bearer: str, cursor: str | None) -> AsyncIterator[dict[str, str]]:
    """Frames of a live stream until it ends; raises one of BROKEN when it breaks."""
    # `wait_for` may swallow the end of a viewer that comes as it wakes; a timeout block does not.
    async with asyncio.timeout(10):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    try:
        resume = f"Last-Event-ID: {cursor}\r\n" if cursor else ""
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\nAccept: text/event-stream\r\n"
        writer.write((head + resume + "\r\n").encode())
        await writer.drain()
        async with asyncio.timeout(30):
            status, headers = await _head(reader)
        if status != 200:
            raise ConnectionResetError(f"the stream answers {status}")
        rest = b""
        pieces = _chunks(reader)
        while True:
            # A stream says every 15 seconds that it lives; one that is silent is half open.
            async with asyncio.timeout(40):
                piece = await anext(pieces, b"")
            if not piece:
                return
            rest += piece
            *blocks, rest = rest.split(b"\n\n")
            for block in blocks:
                lines = (line.partition(": ") for line in block.decode().splitlines())
                yield {name: value for name, _, value in lines}
    except (ValueError, IndexError) as error:
        raise ConnectionResetError("half an answer") from error
    finally:
        writer.close()
