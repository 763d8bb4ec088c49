"""A finding is posted once, again where that may help, and a bounded number of times."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from occasio_core import OccasioError, PluginError
from occasio_sinks.webhook import PAUSES, Webhook

ROW = {
    "kind": "finding",
    "severity": "high",
    "detector": "p.d",
    "message": "12 calls were refused",
    "rows": ["a" * 64],
    "tags": [],
    "run_id": "r",
    "hash": "b" * 64,
    "ts": "2026-01-01T00:00:00.000Z",
    "agent": "occasio",
}


class Receiver:
    """Answers each POST with the next of `answers`, then with 200; what came is in `posts`."""

    def __init__(self, *answers: int) -> None:
        self.posts: list[tuple[str, dict[str, str], object]] = []
        posts, left = self.posts, list(answers)

        class Handler(BaseHTTPRequestHandler):
            protocol_version: ClassVar[str] = "HTTP/1.0"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(left.pop(0) if left else 200)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def do_GET(self) -> None:
                posts.append((self.path, dict(self.headers), None))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook/secret-part"


@pytest.fixture
def served() -> Iterator[list[Receiver]]:
    """Receivers that are served once they are in the list."""
    receivers: list[Receiver] = []
    yield receivers
    for receiver in receivers:
        receiver.server.shutdown()
        receiver.server.server_close()


def receiving(served: list[Receiver], *answers: int) -> Receiver:
    receiver = Receiver(*answers)
    threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    served.append(receiver)
    return receiver


def posted(receiver: Receiver, **told: str) -> list[float]:
    """Hand the finding on, and return the pauses that were made."""
    pauses: list[float] = []
    Webhook({"url": receiver.url, **told}, {"TOKEN": "t0k"}, pauses.append).write(ROW)
    return pauses


def test_a_finding_is_posted_as_json_with_a_text_for_chats(served: list[Receiver]) -> None:
    receiver = receiving(served)
    assert posted(receiver) == []
    ((path, headers, body),) = receiver.posts
    assert (path, headers["Content-Type"]) == ("/hook/secret-part", "application/json")
    wanted = {key: ROW[key] for key in ("detector", "severity", "message", "tags", "rows", "run_id", "ts", "hash")}
    assert body == {"text": "HIGH p.d: 12 calls were refused", "finding": wanted}


def test_a_token_comes_from_the_environment(served: list[Receiver]) -> None:
    receiver = receiving(served)
    posted(receiver, bearer_env="TOKEN")
    assert receiver.posts[0][1]["Authorization"] == "Bearer t0k"
    with pytest.raises(OccasioError, match="the variable OTHER is not set"):
        posted(receiver, bearer_env="OTHER")


def test_it_is_tried_again_where_that_may_help(served: list[Receiver]) -> None:
    receiver = receiving(served, 503, 429)
    assert posted(receiver) == list(PAUSES)
    assert len(receiver.posts) == 3


def test_the_attempts_are_bounded_and_the_failure_names_no_secret_of_the_address(served: list[Receiver]) -> None:
    receiver = receiving(served, *[500] * 10)
    with pytest.raises(OccasioError, match=r"http://127\.0\.0\.1 answers with 500") as error:
        posted(receiver)
    assert len(receiver.posts) == 1 + len(PAUSES)
    assert "secret-part" not in str(error.value)


@pytest.mark.parametrize("status", [400, 404, 301])
def test_what_will_not_help_is_not_tried_again_and_no_redirect_is_followed(served: list[Receiver], status: int) -> None:
    receiver = receiving(served, status)
    with pytest.raises(OccasioError, match=f"answers with {status}"):
        posted(receiver)
    assert len(receiver.posts) == 1


def test_where_nobody_answers_it_says_so(served: list[Receiver]) -> None:
    receiver = receiving(served)
    receiver.server.shutdown()
    receiver.server.server_close()
    served.clear()
    with pytest.raises(OccasioError, match=r"http://127\.0\.0\.1 cannot be asked: "):
        posted(receiver)


def test_what_matters_less_is_not_posted(served: list[Receiver]) -> None:
    receiver = receiving(served)
    Webhook({"url": receiver.url, "at_least": "high"}).write({**ROW, "severity": "medium"})
    assert receiver.posts == []


@pytest.mark.parametrize("url", ["ftp://x/y", "https://", "x", "file:///etc/passwd"])
def test_an_address_that_is_none_of_http_stops_the_start_up(url: str) -> None:
    with pytest.raises(PluginError, match="no address of HTTP"):
        Webhook({"url": url})
