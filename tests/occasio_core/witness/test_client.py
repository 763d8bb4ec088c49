"""What a witness says is believed only as far as it can be checked; the tests with a true one are `test_server`'s."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from occasio_core.checkpoints import Noted, RewoundError, write_checkpoint
from occasio_core.errors import OccasioError, UsageError
from occasio_core.ledger import Ledger
from occasio_core.witness.client import WitnessError, cosigned
from occasio_verify import COSIGNATURE, VerifierKey, format_vkey, load_public_key
from tests.occasio_core.checkpointed import LOG_KEY, WITNESS_KEY, grown, log_of

VKEY = format_vkey(VerifierKey("w1", load_public_key(WITNESS_KEY.sign(b"").public_key), COSIGNATURE))


class Liar(HTTPServer):
    """Answers the same to everybody."""

    answer = (200, "text/plain", b"")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Liar

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def liar() -> Iterator[Liar]:
    server = Liar(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Ledger]:
    with log_of(tmp_path / "home") as opened:
        grown(opened, 9)
        yield opened


def noted(log: Ledger) -> Noted:
    return write_checkpoint(log.path.parent, log, LOG_KEY)


LIES = [
    ((200, "text/plain", b""), "cannot be used"),
    ((200, "text/plain", b"yes\n"), "cannot be used"),
    ((200, "text/plain", "\u2014 w1 AAAAAAAAAAAA\n".encode()), "a key that you do not know"),
    ((409, "text/x.tlog.size", b"many\n"), "does not say which size"),
    ((409, "text/x.tlog.size", b"3\n"), "409"),
    ((409, "text/plain", b"another root\n"), "409, another root"),
    ((500, "text/plain", b"\xff\n"), "500"),
    ((422, "text/html", b"<b>no</b>\n"), "422"),
]


@pytest.mark.parametrize(("answer", "said"), LIES, ids=range(len(LIES)))
def test_what_is_no_cosignature_is_an_error_of_one_line(log: Ledger, liar: Liar, answer, said: str) -> None:
    liar.answer = answer
    one = noted(log)
    with pytest.raises(WitnessError, match=said) as refused:
        cosigned(liar.url, log, one.tree, one.note, (VKEY,))
    assert "\n" not in str(refused.value)


def test_a_witness_that_saw_more_means_that_rows_are_gone(log: Ledger, liar: Liar) -> None:
    liar.answer = (409, "text/x.tlog.size", b"4711\n")
    one = noted(log)
    with pytest.raises(RewoundError, match="has seen 4711 rows, and the log has 9"):
        cosigned(liar.url, log, one.tree, one.note, (VKEY,))


@pytest.mark.parametrize("url", ["witness.example", "ftp://witness.example", "file:///etc/passwd", "http://"])
def test_what_is_no_address_is_wrong_use(log: Ledger, url: str) -> None:
    one = noted(log)
    with pytest.raises(UsageError, match="not an address") as refused:
        cosigned(url, log, one.tree, one.note, (VKEY,))
    assert isinstance(refused.value, OccasioError)
