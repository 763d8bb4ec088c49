"""Findings to an address, by HTTP POST of JSON; `text` is what Slack, Mattermost and their like show.

Tries again a few times where nobody answers or the answer says that it may help.  Redirects are not followed: what was
found goes to the address that the person gave, or not at all.
"""

from __future__ import annotations

import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import IO, Any
from urllib.parse import urlsplit

from occasio_core import Json, OccasioError, PluginError
from occasio_sinks.settings import checked, line, matters, text, threshold

PAUSES = (0.5, 2.0)  # seconds before each further attempt
_SECONDS = 5.0
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_PASSED_ON = ("detector", "severity", "message", "hint", "tags", "rows", "observed", "expected", "run_id", "ts", "hash")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


class Webhook:
    """Posts each finding to an address.  Raises `PluginError` for settings that cannot be meant."""

    name = "webhook"

    def __init__(
        self,
        told: Mapping[str, Json],
        environment: Mapping[str, str] = os.environ,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        checked(self.name, told, ("url", "bearer_env"))
        self._url = text(self.name, told, "url")
        parts = urlsplit(self._url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise PluginError("sinks: webhook: `url` is no address of HTTP", hint="write it as https://HOST/PATH")
        self._least = threshold(self.name, told)
        self._variable = text(self.name, told, "bearer_env") if "bearer_env" in told else ""
        self._environment = environment
        self._pause = pause
        self._opener = urllib.request.build_opener(_NoRedirect)

    def write(self, row: Mapping[str, Json], /) -> None:
        """Post the finding.  Raises `OccasioError` when that is in vain."""
        if not matters(row, self._least):
            return
        finding = {key: row[key] for key in _PASSED_ON if key in row}
        body = json.dumps({"text": line(row), "finding": finding}).encode()
        headers = self._headers()
        for pause in (*PAUSES, None):
            status, why = self._posted(body, headers)
            if 200 <= status < 300:
                return
            if pause is None or (status and status not in _AGAIN):
                raise OccasioError(f"{_without_secrets(self._url)} {why}")
            self._pause(pause)

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "occasio"}
        if self._variable:
            if not (token := self._environment.get(self._variable)):
                raise OccasioError(f"the variable {self._variable} is not set")
            headers["Authorization"] = f"Bearer {token}"
        return headers

    def _posted(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """Return the status, 0 where nobody answers, and what to say of it."""
        request = urllib.request.Request(self._url, body, headers, method="POST")  # noqa: S310 - checked before
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            with error:
                return error.code, f"answers with {error.code}"
        except (OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, urllib.error.URLError) else error
            return 0, f"cannot be asked: {reason}"


def _without_secrets(url: str) -> str:
    """Return where a webhook is; its path is often what lets anybody post to it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}"
