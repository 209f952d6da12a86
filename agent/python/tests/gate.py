"""A TCP gate in front of a server: lets requests through, or does to them what networks do."""

import socket
import struct
import threading

_ANSWERS = {
    "500": b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\nConnection: close\r\n\r\noops",
    "429": b"HTTP/1.1 429 Slow\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
}


class Gate:
    """``mode`` is ``pass``, ``refuse``, ``hang``, ``500``, ``429`` or ``reset``.

    ``hear`` is given every piece of a request that passes, ``answer`` changes every piece of an answer.
    """

    def __init__(self, upstream: int, hear=None, answer=None):
        self._upstream = upstream
        self._hear, self._answer = hear, answer
        self._mode = "pass"
        self._open: set = set()
        self._lock = threading.Lock()
        self._listener = None
        self.port = 0
        self._listen()
        self.url = f"http://127.0.0.1:{self.port}"

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        """Connections of the last mode end."""
        before, self._mode = self._mode, mode
        if mode == "refuse" and before != "refuse":
            self._shut()
        if before == "refuse" and mode != "refuse":
            self._listen()
        with self._lock:
            for connection in self._open:
                _reset(connection)
            self._open.clear()

    def close(self) -> None:
        self._shut()
        self.mode = "closed"

    def _listen(self) -> None:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _shut(self) -> None:
        if self._listener is not None:
            listener, self._listener = self._listener, None
            # Closing alone would leave accept() waiting.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def _accept(self, listener) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection) -> None:
        try:
            if self._mode == "pass":
                self._pass(connection)
            elif self._mode == "hang":
                while connection.recv(65536):
                    pass
            elif self._mode == "reset":
                connection.recv(200)
                _reset(connection)
            elif self._mode in _ANSWERS:
                _read_request(connection)
                connection.sendall(_ANSWERS[self._mode])
                connection.close()
        except OSError:
            pass

    def _pass(self, connection) -> None:
        upstream = socket.create_connection(("127.0.0.1", self._upstream))
        with self._lock:
            self._open.add(upstream)
        threading.Thread(target=_pump, args=(upstream, connection, self._answer), daemon=True).start()
        _pump(connection, upstream, self._hear and self._tap)

    def _tap(self, piece: bytes) -> bytes:
        self._hear(piece)
        return piece


def _reset(connection) -> None:
    try:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()
    except OSError:
        pass


def _pump(source, target, change=None) -> None:
    try:
        while piece := source.recv(65536):
            target.sendall(change(piece) if change else piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        _reset(target)


def _read_request(connection) -> None:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    while len(body) < length:
        body += _some(connection)


def _some(connection) -> bytes:
    piece = connection.recv(65536)
    if not piece:
        raise OSError("closed")
    return piece
