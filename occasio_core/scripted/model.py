"""A scripted model server on loopback: the APIs of three providers, with a script where the model would be.

Knows HTTP/1.1 and which answer of the script is next; the answers are in `turn.py`, their wire forms in `anthropic.py`
(Messages), `openai.py` (Responses, Chat Completions) and `gemini.py`.  Knows nothing of the gate or of any agent.

    with ScriptedModel([Turn(calls=[Call("Read", {"file_path": "/etc/hostname"})]), Turn(text="read it")]) as model:
        ...  # an agent with ANTHROPIC_BASE_URL=model.url
    model.requests[1].results["toolu_..."]

The answer is chosen by the number of the model's turns in the request's own history, so a repeated request gets the
same answer and parallel conversations do not disturb each other.  Behind the last one the model says "done".
"""

from __future__ import annotations

import gzip
import itertools
import json
import re
import socket
import threading
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any, Self

from occasio_core.scripted import gemini, openai
from occasio_core.scripted.anthropic import message, stream
from occasio_core.scripted.turn import DONE, Answer, Document, Failure, Raw, Turn

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a client sent: header names in lower case, the body as bytes and, if it is a JSON object, parsed."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    json: Document = field(repr=False)

    @property
    def messages(self) -> list[Document]:
        """The conversation so far, oldest first."""
        return list(self.json.get("messages", []))

    @property
    def items(self) -> list[Document]:
        """The conversation so far, as the Responses API has it."""
        given = self.json.get("input", [])
        return given if isinstance(given, list) else []

    @property
    def opening(self) -> str:
        """What the history begins with, as JSON."""
        said = self.json.get("messages") or self.json.get("contents") or self.items
        return json.dumps(said[:1], ensure_ascii=False)

    @property
    def turn(self) -> int:
        """How many turns of the model the history holds."""
        if "input" in self.json:
            return openai.turns(self.items)
        if "contents" in self.json:
            return sum(said.get("role") == "model" for said in self.json["contents"])
        return sum(said["role"] == "assistant" for said in self.messages)

    @property
    def model(self) -> str:
        """The model that is asked; Gemini's API has it in the path."""
        in_path = re.search(r"/models/([^/:]+):", self.path)
        return str(self.json.get("model") or (in_path[1] if in_path else "scripted"))

    @property
    def streams(self) -> bool:
        """Whether the answer is wanted as events."""
        return bool(self.json.get("stream")) or ":streamGenerateContent" in self.path

    @property
    def calls(self) -> dict[str, Document]:
        """The calls of the history by id, as the API has them."""
        items = {item["call_id"]: item for item in self.items if item["type"].endswith("_call")}
        return items or {block["id"]: block for block in self._blocks() if block["type"] == "tool_use"}

    @property
    def results(self) -> dict[str, Document]:
        """The results of the history by the id of their call, as the API has them."""
        items = {item["call_id"]: item for item in self.items if item["type"].endswith("_output")}
        return items or {block["tool_use_id"]: block for block in self._blocks() if block["type"] == "tool_result"}

    def _blocks(self) -> Iterator[Document]:
        for said in self.messages:
            if isinstance(said["content"], list):
                yield from said["content"]


class ScriptedModel:
    """The server, running while it is entered; an entry of `turns` that is a list is answered try by try.

    Requests that declare no tools (an agent asks for a title that way) are told "done", unless `needs_tools` is false.
    A conversation that opens with one of the texts in `others`, such as that of a sub-agent, has a script of its own.
    What is no request of a model's, such as for a file, is answered with `elsewhere`, if there is that.
    """

    def __init__(
        self,
        turns: Sequence[Answer | Sequence[Answer]] = (),
        *,
        needs_tools: bool = True,
        others: Mapping[str, Sequence[Answer]] = MappingProxyType({}),
        elsewhere: Answer | None = None,
    ) -> None:
        self.turns = turns
        self.others = others
        self.elsewhere = elsewhere
        self.needs_tools = needs_tools
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self._tries: Counter[int] = Counter()
        self._serials = itertools.count(1)
        self._lock = threading.Lock()
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.hang_up()
        self._server.server_close()
        self._thread.join()

    @property
    def conversation(self) -> list[Request]:
        """The requests that asked the model for a message with tools, in the order in which they came."""
        return [request for request in self.requests if _asks_for_a_message(request) and request.json.get("tools")]

    def record(self, request: Request) -> None:
        """Keep the request for the test to look at."""
        with self._lock:
            self.requests.append(request)

    def answer(self, request: Request) -> Answer:
        """What the script holds for this request; a test with several conversations overrides it."""
        if self.needs_tools and not request.json.get("tools"):
            return DONE
        turns = next((own for text, own in self.others.items() if text in request.opening), self.turns)
        if request.turn >= len(turns):
            return DONE
        scripted = turns[request.turn]
        if isinstance(scripted, Turn | Failure | Raw):
            return scripted
        with self._lock:
            attempt = self._tries[request.turn]
            self._tries[request.turn] += 1
        return scripted[min(attempt, len(scripted) - 1)]

    def serial(self) -> str:
        """A number that no other message of this server has."""
        with self._lock:
            return f"{next(self._serials):022}"


@dataclass(frozen=True, slots=True)
class Api:
    """How an API spells a turn: whole, and as events."""

    whole: Callable[..., Document]
    stream: Callable[..., Iterator[bytes]]


APIS = {
    "/messages": Api(message, stream),
    "/responses": Api(openai.response, openai.response_stream),
    "/chat/completions": Api(openai.completion, openai.completion_stream),
    ":generateContent": Api(gemini.generated, gemini.generated_stream),
    ":streamGenerateContent": Api(gemini.generated, gemini.generated_stream),
}


def _api(request: Request) -> Api | None:
    path = request.path.partition("?")[0]
    return next((api for tail, api in APIS.items() if request.method == "POST" and path.endswith(tail)), None)


def _asks_for_a_message(request: Request) -> bool:
    return _api(request) is not None


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them, so that no test leaves a thread behind
    request_queue_size = 128

    def __init__(self, model: ScriptedModel) -> None:
        self.model = model
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:  # closed meanwhile
                continue


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "scripted-model"
    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionResetError, BrokenPipeError):
            self.close_connection = True  # the client hung up, as clients may

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: what came is in the model's `requests`."""

    def _serve(self) -> None:
        model, request = self.server.model, self._request()
        model.record(request)
        path = request.path.partition("?")[0]
        if _asks_for_a_message(request):
            self._answer(request, model.answer(request))
        elif model.elsewhere is not None:
            self._answer(request, model.elsewhere)
        elif request.method == "POST" and path.endswith("/messages/count_tokens"):
            self._send_json(200, {"input_tokens": len(request.body) // 4})
        elif request.method == "GET" and path.endswith("/models"):
            self._send_json(200, {"data": [{"type": "model", "id": "scripted"}], "has_more": False})
        elif request.method == "HEAD":
            self._send_json(200, {})
        else:
            self._fail(Failure(status=404, message=f"no such path: {path}"))

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815 - the base class's names

    def _request(self) -> Request:
        body = self._body()
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        return Request(
            method=self.command,
            path=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            body=body,
            json=parsed if isinstance(parsed, dict) else {},
        )

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length", "0")))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, request: Request, answer: Answer) -> None:
        match answer:
            case Failure():
                self._fail(answer)
            case Raw():
                self._stream(answer.status, answer.headers, self._due(answer.pieces), complete=answer.complete)
            case Turn():
                self._speak(request, answer)

    def _speak(self, request: Request, turn: Turn) -> None:
        api = _api(request)
        assert api is not None
        whole = api.whole(turn, model=request.model, serial=self.server.model.serial())
        zipped = turn.gzip and "gzip" in request.headers.get("accept-encoding", "")
        headers = {**turn.headers, **({"content-encoding": "gzip"} if zipped else {})}
        if not request.streams:
            self._send_json(200, whole, headers, zipped=zipped)
            return
        events = itertools.islice(api.stream(whole, chunk=turn.chunk, pings=turn.pings), turn.cut_after)
        headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", **headers}
        self._stream(200, headers, _zipped(events) if zipped else events, complete=turn.cut_after is None)

    def _fail(self, failure: Failure) -> None:
        error = {"type": ERROR_TYPES.get(failure.status, "api_error"), "message": failure.message}
        self._send_json(failure.status, {"type": "error", "error": error, "request_id": self._id()}, failure.headers)

    def _send_json(
        self, status: int, document: Document, headers: Mapping[str, str] | None = None, *, zipped: bool = False
    ) -> None:
        body = json.dumps(document).encode()
        body = gzip.compress(body, mtime=0) if zipped else body
        self._head(status, {"content-type": "application/json", "content-length": str(len(body)), **(headers or {})})
        if self.command != "HEAD":
            self.wfile.write(body)

    def _stream(self, status: int, headers: Mapping[str, str], pieces: Iterable[bytes], *, complete: bool) -> None:
        self._head(status, {**headers, "transfer-encoding": "chunked"})
        for piece in filter(None, pieces):  # an empty chunk would end the body
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        if complete:
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.close_connection = True

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {"request-id": self._id(), **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def _due(self, pieces: Iterable[bytes | threading.Event]) -> Iterator[bytes]:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
                continue
            while not piece.wait(0.02) and not self.server.model.closing.is_set():
                continue

    def _id(self) -> str:
        return f"req_{self.server.model.serial()}"


def _zipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as one gzip stream that a reader can follow piece by piece."""
    packer = zlib.compressobj(wbits=31)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()
