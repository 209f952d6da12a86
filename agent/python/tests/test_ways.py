"""The way to the server: compressed bodies, certificates of one's own, proxies."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading
from pathlib import Path
from typing import NamedTuple

import pytest

from gate import Gate, _pump

BURSTS = """
    import argus, sys
    with argus.Reporter("ways", {QUIET}) as batch:
        print(batch.batch_id, flush=True)
        with batch.job("j") as job:
            for burst in range(5):
                for epoch in range(200):
                    job.epoch(burst * 200 + epoch, train_loss=0.5, val_loss=0.25)
                assert batch._native.drain(30)
"""


class Heard:
    """Heads of the requests for events that came through a gate."""

    def __init__(self):
        self.bytes = bytearray()

    def __call__(self, piece):
        self.bytes += piece

    def encodings(self):
        """Content encodings of posts, ``None`` for plain ones, in order."""
        found, at = [], 0
        while (at := self.bytes.find(b"POST /api/events/batch", at)) >= 0:
            head = bytes(self.bytes[at : self.bytes.find(b"\r\n\r\n", at)]).decode("latin-1").lower()
            lines = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
            found.append(lines.get("content-encoding"))
            at += 1
        return found


def test_bodies_are_compressed_once_the_server_offers_it(lab):
    heard = Heard()
    gate = Gate(lab.server.port, hear=heard)
    batch = lab.run(BURSTS, ARGUS_URL=gate.url).split()[0]
    gate.close()
    assert lab.epochs(batch) == list(range(1000))
    encodings = heard.encodings()
    assert encodings[0] is None, "before its first answer nobody knows what it takes"
    assert encodings.count("zstd") >= 4, encodings


def test_a_server_that_offers_nothing_gets_plain_bodies(lab):
    """As servers of before do: the offer is taken out of every answer on its way."""
    heard = Heard()
    gate = Gate(lab.server.port, hear=heard, answer=lambda piece: piece.replace(b"accept-encoding", b"x-accepts-nothing"[:15]))
    batch = lab.run(BURSTS, ARGUS_URL=gate.url).split()[0]
    gate.close()
    assert lab.epochs(batch) == list(range(1000))
    assert len(heard.encodings()) >= 5 and set(heard.encodings()) == {None}


@pytest.fixture
def certificate(tmp_path):
    """A certificate for 127.0.0.1, signed by an authority of our own."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make a certificate with")
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=tmp_path, check=True, capture_output=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "2", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=argus test authority")
    openssl("req", *curve, "-keyout", "own.key", "-out", "own.csr", "-subj", "/CN=argus test")
    (tmp_path / "own.ext").write_text("subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
    openssl("x509", "-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "own.ext", "-out", "own.pem")
    return Certificate(tmp_path / "own.key", tmp_path / "own.pem", tmp_path / "ca.pem")


class Certificate(NamedTuple):
    """Of a server, and of the authority nobody else knows."""

    key: Path
    own: Path
    authority: Path


class Door:
    """Listens, and hands every connection to ``serve`` in a thread of its own."""

    def __init__(self, serve):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._serve = serve
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        try:
            self._serve(connection)
        except OSError:
            connection.close()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def join(one, other):
    threading.Thread(target=_pump, args=(other, one), daemon=True).start()
    _pump(one, other)


@pytest.fixture
def secure(lab, certificate):
    """The server behind TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.own, certificate.key)

    def serve(connection):
        inside = context.wrap_socket(connection, server_side=True)
        # One that works in both directions at once: TLS objects of Python are no two-way street.
        upstream = socket.create_connection(("127.0.0.1", lab.server.port))
        request = b""
        while piece := inside.recv(65536):
            request += piece
            head, found, body = request.partition(b"\r\n\r\n")
            if not found:
                continue
            length = next((int(l.split(b":")[1]) for l in head.split(b"\r\n") if l.lower().startswith(b"content-length")), 0)
            if len(body) < length:
                continue
            upstream.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            while answer := upstream.recv(65536):
                inside.sendall(answer)
            inside.close()
            return

    door = Door(serve)
    yield door
    door.close()


ONE = """
    import argus
    with argus.Reporter("ways", {QUIET}, stop_polling=False) as batch:
        print(batch.batch_id, flush=True)
        with batch.job("j") as job:
            job.epoch(0)
"""


@pytest.mark.parametrize("variable", ["ARGUS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_of_ones_own_is_trusted_when_named(lab, secure, certificate, variable):
    for other in ("ARGUS_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        lab.env.pop(other, None)
    env = {"ARGUS_URL": f"https://127.0.0.1:{secure.port}", variable: str(certificate.authority)}
    batch = lab.run(ONE, **env).split()[0]
    assert lab.epochs(batch) == [0]


def test_a_certificate_nobody_vouches_for_is_refused(lab, secure):
    batch = lab.run(ONE, ARGUS_URL=f"https://127.0.0.1:{secure.port}").split()[0]
    assert lab.server.call("GET", f"/api/batches/{batch}", bearer=lab.session)[0] == 404
    assert "certificate" in lab.said.lower(), lab.said


@pytest.fixture
def proxy():
    """A proxy with a password, and the first lines it was told."""
    told = []

    def serve(connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(65536)
            if not piece:
                return
            head += piece
        lines = head.split(b"\r\n\r\n")[0].decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        told.append((lines[0], headers.get("proxy-authorization")))
        method, target, _ = lines[0].split(" ")
        authority = target if method == "CONNECT" else target.split("://")[1].split("/")[0]
        host, port = authority.rsplit(":", 1)
        upstream = socket.create_connection((host, int(port)))
        if method == "CONNECT":
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            upstream.sendall(head.replace(f"http://{authority}".encode(), b"", 1))
        join(connection, upstream)

    door = Door(serve)
    yield door, told
    door.close()


def test_proxies_are_used_as_the_usual_variables_say(lab, proxy, secure, certificate):
    door, told = proxy
    through = f"http://me:pw@127.0.0.1:{door.port}"
    known = "Basic " + base64.b64encode(b"me:pw").decode()
    plain = lab.run(ONE, ARGUS_URL=lab.server.url, HTTP_PROXY=through, NO_PROXY="example.org").split()[0]
    assert lab.epochs(plain) == [0]
    assert told and all(how == known for _, how in told), json.dumps(told)
    told.clear()
    url = f"https://127.0.0.1:{secure.port}"
    tunnel = lab.run(ONE, ARGUS_URL=url, HTTPS_PROXY=through, NO_PROXY="", ARGUS_CA_BUNDLE=str(certificate.authority)).split()[0]
    assert lab.epochs(tunnel) == [0]
    assert {line for line, _ in told} == {f"CONNECT 127.0.0.1:{secure.port} HTTP/1.1"}
    told.clear()
    around = lab.run(ONE, ARGUS_URL=lab.server.url, HTTP_PROXY=through, NO_PROXY="127.0.0.1").split()[0]
    assert lab.epochs(around) == [0] and told == []
