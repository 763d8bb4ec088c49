"""What a URL leads to, in the ways in which programs read one: a host, or a file of this machine.

Knows text only.  What a server answers, a redirect to another host included, is not seen here.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from occasio_core.model import Effect, EffectKind

# WHATWG URL: these have a host however many slashes, and whichever, stand behind the colon (section 4.4).
_SPECIAL = frozenset({"ftp", "http", "https", "ws", "wss"})
_NO_HOST = frozenset({"about", "blob", "data", "javascript", "mailto"})
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]*):(?P<slashes>[/\\]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_AT_THE_ENDS = "".join(map(chr, range(0x21)))  # C0 controls and space, which are stripped
_LEFT_OUT = re.compile(r"[\t\r\n]+")  # anywhere, so that `http://exa\nmple.com` is example.com
_END_OF_HOST = re.compile(r"[/?#]")  # a backslash ends it too for some; who compares hosts tries both


def effects_of_url(text: str) -> tuple[Effect, ...]:
    """Return what it touches to open `text`, a URL with or without its scheme; nothing for what has no host.

    The target of a connection is the URL's authority as it stands (user, host and port) and, where that differs, with
    its percent-encoding undone; `line` is the URL.  A `file` URL is a read.
    """
    url = _LEFT_OUT.sub("", text.strip(_AT_THE_ENDS))
    found = _URL.fullmatch(url)
    scheme = found["scheme"].lower() if found else ""
    if found is None or not (found["slashes"] or scheme in _SPECIAL | _NO_HOST | {"file"}):
        return _connections(url.lstrip("/\\"), url)  # `example.com/x`, `localhost:3000`
    if scheme == "file":
        return _file(found["slashes"].replace("\\", "/"), found["rest"])
    if scheme in _NO_HOST:
        return ()
    return _connections(found["rest"], f"{scheme}://{found['rest']}")


def _file(slashes: str, rest: str) -> tuple[Effect, ...]:
    path = rest if len(slashes) < 2 else f"/{rest.partition('/')[2]}" if len(slashes) == 2 else f"/{rest}"
    path = f"/{path}" if len(slashes) == 1 else path
    return tuple(Effect(EffectKind.READ, one) for one in dict.fromkeys((path, unquote(path))) if one)


def _connections(rest: str, url: str) -> tuple[Effect, ...]:
    authority = _END_OF_HOST.split(rest, maxsplit=1)[0]
    spellings = dict.fromkeys((authority, unquote(authority)))
    return tuple(Effect(EffectKind.CONNECT, one.lower(), line=url) for one in spellings if one.strip("@:"))
