"""One question by HTTP POST to a service that the person named: a witness, a time stamp authority.

Waits; for commands, not for what is on an agent's way.  Knows HTTP, not what is asked.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from urllib.parse import urlsplit

from occasio_core.errors import OccasioError, UsageError

_SECONDS = 30.0
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """The status, the content type and at most a megabyte of an answer."""

    status: int
    content_type: str
    body: bytes


def post(url: str, body: bytes, content_type: str) -> Answer:
    """Return the answer, whatever its status.

    Raises `UsageError` if `url` is not one of HTTP, `OccasioError` if nobody answers.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"`{url}` is not an address that can be asked", hint="write it as https://HOST/PREFIX")
    request = urllib.request.Request(url, body, {"Content-Type": content_type}, method="POST")  # noqa: S310 - see above
    try:
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                return Answer(answer.status, answer.headers.get_content_type(), answer.read(_MOST_BYTES))
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.headers.get_content_type(), error.read(_MOST_BYTES))
    except (OSError, http.client.HTTPException) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise OccasioError(f"{url} cannot be asked: {why}") from error
