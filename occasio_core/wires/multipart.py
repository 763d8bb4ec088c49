"""The parts of a form that uploads files, RFC 7578: where each stands in the body, and what it is called.

Strict: what one reader could find in it and another not is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core.errors import AgentProtocolError

MAX_PARTS = 64
_TYPE = re.compile(r"multipart/form-data\s*;(?P<parameters>.*)", re.IGNORECASE | re.DOTALL)
_PARAMETER = re.compile(r"""\s*;?\s*(?P<name>[\w*-]+)=(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>[^\s;"]+))\s*""")
_BOUNDARY = re.compile(r"[A-Za-z0-9'()+_,./:=? -]{0,69}[A-Za-z0-9'()+_,./:=?-]")
_PLAIN_ENCODINGS = ("", "7bit", "8bit", "binary")


@dataclass(frozen=True, slots=True)
class Part:
    """One field: its content is `body[start:end]`.  A file has a `filename`, which may be empty."""

    name: str
    filename: str | None
    start: int
    end: int


def parts_of(body: bytes, content_type: str) -> list[Part]:
    """Return the parts, in order.  Raises `AgentProtocolError` for anything but a form with one reading."""
    boundary = b"--" + _boundary(content_type)
    if not body.startswith(boundary + b"\r\n"):
        raise AgentProtocolError("the form does not begin with its boundary")
    parts, at = [], len(boundary) + 2
    while True:
        end = body.find(b"\r\n" + boundary, at)
        if end < 0:
            raise AgentProtocolError("the form has a part without an end")
        parts.append(_part(body, at, end))
        if len(parts) > MAX_PARTS:
            raise AgentProtocolError(f"the form has more than {MAX_PARTS} parts")
        at = end + 2 + len(boundary)
        if body[at : at + 2] == b"--" and body[at + 2 :] in (b"", b"\r\n"):
            return parts
        if body[at : at + 2] != b"\r\n":
            raise AgentProtocolError("the form has a boundary that goes on")
        at += 2


def _boundary(content_type: str) -> bytes:
    found = _TYPE.fullmatch(content_type.strip())
    boundary = _parameters(found["parameters"]).get("boundary", "") if found else ""
    if not _BOUNDARY.fullmatch(boundary):
        raise AgentProtocolError("the upload is no form with a boundary")
    return boundary.encode("ascii")


def _part(body: bytes, at: int, end: int) -> Part:
    head = body.find(b"\r\n\r\n", at - 2, end + 2)
    if head < 0:
        raise AgentProtocolError("the form has a part without headers")
    headers = _headers(body[at:head])
    if headers.get("content-transfer-encoding", "").lower() not in _PLAIN_ENCODINGS:
        raise AgentProtocolError("the form has a part in an encoding of its own")
    kind, _, rest = headers.get("content-disposition", "").partition(";")
    said = _parameters(rest)
    if kind.strip().lower() != "form-data" or "name" not in said:
        raise AgentProtocolError("the form has a part without a name")
    return Part(said["name"], said.get("filename", said.get("filename*")), head + 4, end)


def _headers(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon or name.strip().lower() in headers or name != name.strip():
            raise AgentProtocolError("the form has a part whose headers have not one reading")
        headers[name.lower()] = value.strip()
    return headers


def _parameters(text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at < len(text):
        one = _PARAMETER.match(text, at)
        if one is None or one["name"].lower() in found:
            raise AgentProtocolError("the form has a header with more than one reading")
        quoted = one["quoted"]
        found[one["name"].lower()] = one["plain"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        at = one.end()
    return found
