"""Whether the headers of a message by HTTP say what its body says, as they have to since 2026-07-28.

Who routes or filters by headers must not be shown another call than the one that is made.  Knows no sockets.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping

from occasio_core import Json
from occasio_mcp.calls import VERSION_OF
from occasio_mcp.frames import Frame, Response

NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}  # what `Mcp-Name` repeats
METHOD, NAME, VERSION = "mcp-method", "mcp-name", "mcp-protocol-version"
_PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_ENCODED = re.compile(r"=\?base64\?(?P<text>.*)\?=", re.DOTALL)


def header_value(text: str) -> str:
    """Return `text` as a header may hold it: in base64, marked, unless it is plain."""
    if _PLAIN.fullmatch(text) and not _ENCODED.fullmatch(text):
        return text
    return f"=?base64?{base64.b64encode(text.encode()).decode()}?="


def mismatch(said: Frame, headers: Iterable[tuple[str, str]]) -> str:
    """Return which header does not say what the message says, empty if all do.

    A message of 2026-07-28 or later must have them; in any other they must be right where they are.
    """
    given: dict[str, str] = {}
    for name, value in headers:
        if name.lower() in given:
            return f"the header {name} comes twice"
        if name.lower() in (METHOD, NAME, VERSION):
            given[name.lower()] = value
    if isinstance(said, Response):
        return ""
    meta = said.params.get("_meta")
    version = meta.get(VERSION_OF) if isinstance(meta, Mapping) else None
    member = said.params.get(NAMED.get(said.method, ""))
    expected: Mapping[str, Json] = {METHOD: said.method, VERSION: version, NAME: member}
    for name, told in expected.items():
        required = version is not None and told is not None
        if (name in given or required) and not _says(given.get(name), told, name, version is not None):
            return f"the header {name} does not say what the body says"
    return ""


def _says(header: str | None, value: object, name: str, is_modern: bool) -> bool:
    if name == VERSION and not is_modern:
        return True  # up to 2025-11-25 it repeats what was agreed on, not what the body says
    return header is not None and isinstance(value, str) and _decoded(header) == value


def _decoded(header: str) -> str | None:
    found = _ENCODED.fullmatch(header)
    if found is None:
        return header
    try:
        text = base64.b64decode(found["text"], validate=True).decode()
    except ValueError:
        return None
    return text if header_value(text) == header else None
