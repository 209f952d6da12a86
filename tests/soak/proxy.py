"""A loopback proxy that behaves like a bad network: late, cut off, and half open."""

import asyncio
import random


class Proxy:
    """Passes connections on to a port. Of a thousand pieces some are late, after some the connection is
    reset, and now and then one side hears nothing any more though nobody hung up."""

    def __init__(self, target: int, seed: int):
        self.target, self.port = target, 0
        self.resets = self.silenced = self.delayed = 0
        self.calm = False
        self._dice = random.Random(seed)
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            back_reader, back_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        ways = [
            asyncio.create_task(self._pass(reader, back_writer)),
            asyncio.create_task(self._pass(back_reader, writer)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        for end in (writer, back_writer):
            end.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65536):
                luck = 1.0 if self.calm else self._dice.random()
                if luck < 0.002:
                    self.resets += 1
                    # Half of it arrives: the other side sees a request or an answer cut in two.
                    writer.write(piece[: len(piece) // 2])
                    return
                if luck < 0.0025:
                    self.silenced += 1
                    # Half open: it goes on, and nothing comes.
                    await asyncio.sleep(60)
                    return
                if luck < 0.05:
                    self.delayed += 1
                    await asyncio.sleep(self._dice.uniform(0.01, 0.4))
                writer.write(piece)
                await writer.drain()
        except OSError:
            return
