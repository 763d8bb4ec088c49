"""Speaks OpenAI's two protocols, the Responses API and Chat Completions, streaming and not.

Every tool call in a model's answer is held back until Occasio has decided it.  What the agent must not run reaches it
under a name it has no tool for; in each later request the model's own words are put back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from occasio_core import Adapter, Archive, Credential, Json, RunId, Wire, hookimpl
from occasio_openai.chat import wire as chat
from occasio_openai.responses import wire as responses
from occasio_openai.routes import is_chat, use_of_responses

_ERROR_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    429: "rate_limit_exceeded",
}


class _OpenAi:
    """What both protocols have in common."""

    upstream = "https://api.openai.com/v1"
    base_url_variable = "OPENAI_BASE_URL"
    variables: Mapping[str, str] = {}
    refusal_status = 400  # Codex shows it and tries no more; 402 it would send six times
    credentials: Sequence[Credential] = (
        Credential(variable="OPENAI_API_KEY", header="authorization", prefix="Bearer "),
    )

    def error(self, status: int, text: str, /) -> bytes:
        """Return an error body in the provider's form."""
        otherwise = "server_error" if status >= 500 else "invalid_request_error"
        error = {"message": text, "type": _ERROR_TYPES.get(status, otherwise), "param": None, "code": None}
        return json.dumps({"error": error}, ensure_ascii=False).encode("utf-8")


class ResponsesAdapter(_OpenAi):
    """The Responses API, and the conversations that it keeps on the provider's side."""

    name = "responses"
    protocol = responses.PROTOCOL

    def claims(self, method: str, path: str, /) -> bool:
        """Return whether the request carries calls, results or a history."""
        return use_of_responses(method, path) is not None

    def open(self, run: RunId, archive: Archive | None = None, /) -> Wire:
        """Return the wire of a new run."""
        return responses.ResponsesWire(run, archive)


class ChatAdapter(_OpenAi):
    """Chat Completions, as OpenAI and many others serve them."""

    name = "chat"
    protocol = chat.PROTOCOL

    def claims(self, method: str, path: str, /) -> bool:
        """Return whether the request is for a completion."""
        return is_chat(method, path)

    def open(self, run: RunId, archive: Archive | None = None, /) -> Wire:
        """Return the wire of a new run."""
        return chat.ChatWire(run, archive)


@hookimpl
def occasio_register_adapters(settings: Mapping[str, Json]) -> Iterable[Adapter]:
    """Return the two adapters; they have no settings."""
    return (ResponsesAdapter(), ChatAdapter())
