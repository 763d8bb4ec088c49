"""Time stamps by `openssl ts`: asked for, checked for what they speak of, and verified by it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from occasio_core.errors import UpstreamProtocolError
from occasio_core.timestamp import QUERY_TYPE, REPLY_TYPE, check_reply, query

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")

DATA, NONCE = b"checkpoint", bytes(range(1, 9))
CONFIG = """
[req]
distinguished_name = name
x509_extensions = tsa_extensions
prompt = no
[name]
CN = a time stamp authority of a test
[tsa_extensions]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = here
[here]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
"""


class Authority:
    """A time stamp authority in a directory."""

    def __init__(self, place: Path) -> None:
        self.place = place
        (place / "config").write_text(CONFIG, encoding="utf-8")
        (place / "serial").write_text("01\n", encoding="utf-8")
        self.run(
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-config",
            "config",
            "-keyout",
            "key",
            "-out",
            "cert",
        )

    def run(self, *arguments: str | Path) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.place, check=True, capture_output=True)

    def reply(self, question: bytes) -> bytes:
        (self.place / "q.tsq").write_bytes(question)
        self.run(
            "ts",
            "-reply",
            "-config",
            "config",
            "-section",
            "here",
            "-queryfile",
            "q.tsq",
            "-signer",
            "cert",
            "-inkey",
            "key",
            "-out",
            "r.tsr",
        )
        return (self.place / "r.tsr").read_bytes()

    def verify(self, data: Path, reply: Path) -> None:
        self.run("ts", "-verify", "-data", data, "-in", reply, "-CAfile", "cert")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa"))


@contextmanager
def listening(authority: Authority) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["Content-Length"]))
            assert self.headers["Content-Type"] == QUERY_TYPE
            answer = authority.reply(question)
            self.send_response(200)
            self.send_header("Content-Type", REPLY_TYPE)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_openssl_stamps_is_accepted_for_these_bytes_and_this_question(authority: Authority) -> None:
    reply = authority.reply(query(DATA, NONCE))
    check_reply(reply, DATA, NONCE)
    with pytest.raises(UpstreamProtocolError, match="something else"):
        check_reply(reply, b"other", NONCE)
    with pytest.raises(UpstreamProtocolError, match="another question"):
        check_reply(reply, DATA, bytes(range(2, 10)))


@pytest.mark.parametrize("nonce", [b"\x80" + bytes(7), b"\x00" * 7 + b"\x01", b"\xff" * 8])
def test_every_nonce_is_an_integer_that_openssl_reads(authority: Authority, nonce: bytes) -> None:
    check_reply(authority.reply(query(DATA, nonce)), DATA, nonce)


def test_a_refusal_is_told(authority: Authority) -> None:
    unknown = query(DATA, NONCE).replace(bytes.fromhex("608648016503040201"), bytes.fromhex("608648016503040203"))
    with pytest.raises(UpstreamProtocolError, match="refused"):
        check_reply(authority.reply(unknown), DATA, NONCE)


def test_a_reply_cut_anywhere_is_an_error_of_one_line(authority: Authority) -> None:
    reply = authority.reply(query(DATA, NONCE))
    for end in [*range(200), *range(200, len(reply), 37)]:
        with pytest.raises(UpstreamProtocolError):
            check_reply(reply[:end], DATA, NONCE)
