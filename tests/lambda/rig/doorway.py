"""The deployment under an address that resolves: 127.0.0.1 and a port, for clients that are given an
address and nothing else (the public SDK)."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rig.http import Door


class _Handler(BaseHTTPRequestHandler):
    door: Door

    def _pass_on(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else None
        kept = ("authorization", "content-type", "accept", "user-agent", "last-event-id")
        headers = {name: value for name, value in self.headers.items() if name.lower() in kept}
        answer = self.door.call(self.command, self.path, body=body, headers=headers)
        self.send_response(answer.status)
        for name in ("content-type", "retry-after", "x-request-id", "location"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _pass_on

    def log_message(self, *_) -> None:
        """Says nothing: pytest shows what went wrong."""


class Doorway:
    """Listens until it is closed."""

    def __init__(self, door: Door):
        handler = type("Handler", (_Handler,), {"door": door})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
