"""Forms as clients send them are read to the byte; what has two readings is refused."""

from __future__ import annotations

import pytest

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.multipart import MAX_PARTS, parts_of

FORM = "multipart/form-data; boundary=X"

# As the anthropic 2.14.0 and openai 3.57.0 libraries for Python and curl 7.88 sent them.
ANTHROPIC = (
    "multipart/form-data; boundary=f5d7bda13c566b82fb12e5aa0ef18764",
    b'--f5d7bda13c566b82fb12e5aa0ef18764\r\nContent-Disposition: form-data; name="file"; filename="notes.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\ntea at four\n\r\n--f5d7bda13c566b82fb12e5aa0ef18764--\r\n",
)
OPENAI = (
    "multipart/form-data; boundary=476aa7af33e2b99a0aa41c2bfb0d6328",
    b'--476aa7af33e2b99a0aa41c2bfb0d6328\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
    b'--476aa7af33e2b99a0aa41c2bfb0d6328\r\nContent-Disposition: form-data; name="file"; filename="batch.jsonl"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n{}\n\r\n--476aa7af33e2b99a0aa41c2bfb0d6328--\r\n",
)
CURL = (
    "multipart/form-data; boundary=------------------------7c9da8a1f5f0a4d1",
    b'--------------------------7c9da8a1f5f0a4d1\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
    b'--------------------------7c9da8a1f5f0a4d1\r\nContent-Disposition: form-data; name="file"; '
    b'filename="a \\"b\\".txt"\r\nContent-Type: text/plain\r\n\r\n--\r\n-\r\n--------------------------7c9da8a1f5f0a4d1--\r\n',
)


def read(body: bytes, kind: str = FORM) -> list[tuple[str, str | None, bytes]]:
    return [(part.name, part.filename, body[part.start : part.end]) for part in parts_of(body, kind)]


def part(head: str, content: bytes = b"x") -> bytes:
    return b"--X\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n--X--\r\n"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (ANTHROPIC, [("file", "notes.txt", b"tea at four\n")]),
        (OPENAI, [("purpose", None, b"batch"), ("file", "batch.jsonl", b"{}\n")]),
        (CURL, [("purpose", None, b"user_data"), ("file", 'a "b".txt', b"--\r\n-")]),
    ],
)
def test_what_clients_send_is_read(sent: tuple[str, bytes], expected: object) -> None:
    assert read(sent[1], sent[0]) == expected


def test_an_empty_part_and_a_name_in_the_extended_form_are_read() -> None:
    head = "content-disposition: form-data; name=a; filename*=utf-8''%41.txt"
    assert read(part(head, b"")) == [("a", "utf-8''%41.txt", b"")]


@pytest.mark.parametrize(
    "kind",
    ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=X", "multipart/form-data; boundary=",
     "multipart/form-data; boundary=X; boundary=Y", 'multipart/form-data; boundary="X', "multipart/form-data; boundary=é"],
)  # fmt: skip
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(AgentProtocolError):
        parts_of(part('Content-Disposition: form-data; name="a"'), kind)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--X--\r\n",
        b"preamble\r\n" + part('Content-Disposition: form-data; name="a"'),
        b"--X\nContent-Disposition: form-data; name=a\n\nx\n--X--\n",
        b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\nx",
        b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--XY\r\n",
        part('Content-Disposition: form-data; name="a"') + b"epilogue",
        part("Content-Type: text/plain"),
        part("Content-Disposition: attachment; name=a"),
        part("Content-Disposition: form-data"),
        part("Content-Disposition: form-data; name=a; name=b"),
        part("Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b"),
        part("Content-Disposition : form-data; name=a"),
        part("Content-Disposition: form-data; name=a\r\n folded: x"),
        part("Content-Disposition: form-data; name=a\r\nContent-Transfer-Encoding: base64"),
    ],
)
def test_a_form_without_one_reading_is_refused(body: bytes) -> None:
    with pytest.raises(AgentProtocolError):
        parts_of(body, FORM)


def test_a_form_of_endless_parts_is_given_up() -> None:
    one = b"--X\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n"
    assert len(parts_of(one * MAX_PARTS + b"--X--", FORM)) == MAX_PARTS
    with pytest.raises(AgentProtocolError, match="more than"):
        parts_of(one * (MAX_PARTS + 1) + b"--X--", FORM)
