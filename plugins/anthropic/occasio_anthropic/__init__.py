"""Speaks the Anthropic Messages API, streaming and not.

Every tool call in a model's answer is held back until Occasio has decided it.  What the agent must not run reaches it
under a name it has no tool for; in each later request the model's own words are put back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from occasio_anthropic.exchange import MessagesWire
from occasio_anthropic.origin import PROTOCOL
from occasio_anthropic.routes import use_of
from occasio_core import Adapter, Archive, Credential, Json, RunId, Wire, hookimpl

_ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


class MessagesAdapter:
    """The Messages API as its provider and many gateways serve it."""

    @property
    def name(self) -> str:
        """Unique among the plugin's adapters."""
        return "messages"

    @property
    def protocol(self) -> str:
        """What rows say in `protocol`."""
        return PROTOCOL

    @property
    def upstream(self) -> str:
        """The provider's own base URL."""
        return "https://api.anthropic.com"

    @property
    def base_url_variable(self) -> str:
        """The environment variable by which agents find the provider."""
        return "ANTHROPIC_BASE_URL"

    @property
    def variables(self) -> Mapping[str, str]:
        """Let Claude Code wait: without it, events without content do not keep a stream alive beyond 300 seconds."""
        return {"CLAUDE_STREAM_IDLE_TIMEOUT_MS": "600000"}

    @property
    def credentials(self) -> Sequence[Credential]:
        """How agents of this provider carry their key."""
        return (
            Credential(variable="ANTHROPIC_API_KEY", header="x-api-key"),
            Credential(variable="ANTHROPIC_AUTH_TOKEN", header="authorization", prefix="Bearer "),
        )

    @property
    def refusal_status(self) -> int:
        """402: Claude Code shows it as it is and tries no more; 403 it takes for a bad key."""
        return 402

    def claims(self, method: str, path: str, /) -> bool:
        """Return whether the request is for messages, one or many, counts tokens, or gives the provider a file."""
        return use_of(method, path) is not None

    def error(self, status: int, text: str, /) -> bytes:
        """Return an error body in the provider's form."""
        otherwise = "api_error" if status >= 500 else "invalid_request_error"
        error = {"type": _ERROR_TYPES.get(status, otherwise), "message": text}
        return json.dumps({"type": "error", "error": error}, ensure_ascii=False).encode("utf-8")

    def open(self, run: RunId, archive: Archive | None = None, /) -> Wire:
        """Return the wire of a new run."""
        return MessagesWire(run, archive)


@hookimpl
def occasio_register_adapters(settings: Mapping[str, Json]) -> Iterable[Adapter]:
    """Return the one adapter; it has no settings."""
    return (MessagesAdapter(),)
