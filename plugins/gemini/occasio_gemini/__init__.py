"""Speaks Google's Gemini API, streaming and not.

Every tool call in a model's answer is held back until Occasio has decided it.  What the agent must not run reaches it
under a name it has no tool for; in each later request the model's own words are put back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from occasio_core import Adapter, Archive, Credential, Json, RunId, Wire, hookimpl
from occasio_gemini.routes import carries_history
from occasio_gemini.wire import PROTOCOL, GeminiWire

_STATUSES = {400: "INVALID_ARGUMENT", 403: "PERMISSION_DENIED", 429: "RESOURCE_EXHAUSTED", 503: "UNAVAILABLE"}


class GeminiAdapter:
    """`generateContent` and `streamGenerateContent`, as the provider and its clouds serve them."""

    name = "generate"
    protocol = PROTOCOL
    upstream = "https://generativelanguage.googleapis.com"
    base_url_variable = "GOOGLE_GEMINI_BASE_URL"
    variables: Mapping[str, str] = {}
    refusal_status = 400  # Gemini CLI shows it and tries no more
    credentials: Sequence[Credential] = (
        Credential(variable="GEMINI_API_KEY", header="x-goog-api-key"),
        Credential(variable="GOOGLE_API_KEY", header="x-goog-api-key"),
    )

    def claims(self, method: str, path: str, /) -> bool:
        """Return whether the request shows a model a history."""
        return carries_history(method, path)

    def error(self, status: int, text: str, /) -> bytes:
        """Return an error body in the provider's form."""
        said = _STATUSES.get(status, "INTERNAL" if status >= 500 else "FAILED_PRECONDITION")
        return json.dumps({"error": {"code": status, "message": text, "status": said}}, ensure_ascii=False).encode()

    def open(self, run: RunId, archive: Archive | None = None, /) -> Wire:
        """Return the wire of a new run."""
        return GeminiWire(run, archive)


@hookimpl
def occasio_register_adapters(settings: Mapping[str, Json]) -> Iterable[Adapter]:
    """Return the one adapter; it has no settings."""
    return (GeminiAdapter(),)
