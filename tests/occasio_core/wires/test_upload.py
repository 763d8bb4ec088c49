"""A file is told as it is; a file of requests is read request by request, and only they change."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.body import RequestBody
from occasio_core.wires.upload import Upload
from occasio_verify import Json
from tests.occasio_core.wires.toy import ToyBody

KIND = "multipart/form-data; boundary=X"


def form(content: bytes, name: str = "a.txt") -> bytes:
    return (
        b'--X\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--X\r\n'
        b'Content-Disposition: form-data; name="file"; filename="'
        + name.encode()
        + b'"\r\n\r\n'
        + content
        + b"\r\n--X--\r\n"
    )


def line(out: str) -> bytes:
    return json.dumps({"history": [{"of": "a", "out": out}]}).encode()


def request_of(text: bytes, said: Mapping[str, Json]) -> RequestBody | None:
    return ToyBody(text) if "history" in said else None


def test_every_text_of_a_form_is_told_by_itself_and_nothing_changes() -> None:
    upload = Upload(form(b"tea at four"), KIND)
    assert upload.told() == [("batch",), ("a.txt",), ("tea at four",)]
    assert (upload.is_whole, upload.problem, upload.outgoing()) == (True, "", form(b"tea at four"))


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\0b", b"%PDF-1.7\n\xe2\xe3"])
def test_what_is_no_text_is_a_problem(content: bytes) -> None:
    assert "no text" in Upload(form(content), KIND).problem


def test_an_upload_is_not_told_anew() -> None:
    with pytest.raises(ValueError, match="not changed"):
        Upload(form(b"x"), KIND).retell(0, ["y"])


def test_the_requests_of_a_batch_are_its_parts_and_change_in_their_places() -> None:
    body = form(line("one") + b"\n\n" + line("two") + b"\r\n" + line("three"), "b.jsonl")
    upload = Upload(body, KIND, request_of)
    assert upload.told() == [("batch",), ("b.jsonl",)]
    upload.parts[1].return_texts("a", ["2"])
    assert upload.outgoing() == body.replace(b'"two"', b'"2"')


@pytest.mark.parametrize("odd", [b"no json", b"[1]", b'{"other": 1}', b'{"history": [], "history": []}'])
def test_a_file_in_which_one_line_is_no_request_is_a_text(odd: bytes) -> None:
    upload = Upload(form(line("one") + b"\n" + odd), KIND, request_of)
    assert (list(upload.parts), len(upload.told())) == ([], 3)


def test_a_batch_of_endless_requests_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_core.wires.upload.MAX_REQUESTS", 2)
    with pytest.raises(AgentProtocolError, match="more than 2 requests"):
        Upload(form(b"\n".join([line("x")] * 3)), KIND, request_of)


def test_what_is_no_form_is_refused() -> None:
    kind: Any = "text/plain"
    with pytest.raises(AgentProtocolError):
        Upload(b"x", kind)
