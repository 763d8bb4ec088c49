"""Reads the tool calls in a model's answer as rules judge them; what has not one reading has a problem."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core.errors import UpstreamProtocolError
from occasio_core.freeze import frozen
from occasio_core.model import CallId, ToolCall
from occasio_core.wires.memory import CallMemory, true_name
from occasio_core.wires.origin import Origin
from occasio_verify import Json, MalformedError, canonical, parse_json

NAME_LIMIT = 256  # characters of an id or a tool's name; the provider's own limits are lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A call that waits to be decided.

    `block` is the call as the protocol has it, `input` the JSON text to restore, `shown_id` the id under which the
    agent learns of it if it is withdrawn, `index` its place in the message, `raw` the bytes that are held.
    """

    call: ToolCall
    block: Mapping[str, Json] = field(repr=False)
    input: str = field(repr=False)
    shown_id: str
    index: int
    raw: bytes = field(default=b"", repr=False)


class CallReader:
    """Makes `ToolCall`s of one exchange.  `earlier` are the ids that the agent's history knows."""

    def __init__(self, origin: Origin, memory: CallMemory, earlier: Container[str]) -> None:
        self._origin = origin
        self._memory = memory
        self._earlier = earlier

    def afresh(self) -> CallReader:
        """Return a reader to which every id is new."""
        return CallReader(self._origin, CallMemory(), ())

    def read(
        self,
        block: Mapping[str, Json],
        text: str,
        flaw: str,
        index: int,
        raw: bytes = b"",
        *,
        call: Json,
        tool: Json,
        done_by_provider: bool = False,
    ) -> Held:
        """Return the call of a block, its input given as JSON text that is not to be used if it has a flaw.

        `call` and `tool` are what the protocol says of its id and its name.  Raises `UpstreamProtocolError` if either
        cannot be used.
        """
        call, tool = _named(call, "id"), _named(tool, "name")
        arguments, digest, flaw = _input(text, flaw)
        is_new = self._memory.use(call) and call not in self._earlier
        return Held(
            call=ToolCall(
                session=self._origin.session,
                call=CallId(call),
                agent=self._origin.agent,
                protocol=self._origin.protocol,
                tool=tool,
                input=arguments,
                input_digest=digest,
                cwd=self._origin.cwd,
                problem=_problem(tool, is_new) or flaw,
                done_by_provider=done_by_provider,
            ),
            block=block,
            input="{}" if flaw else text,
            shown_id=call if is_new else self._memory.unused(call, self._earlier),
            index=index,
            raw=raw,
        )


def _problem(tool: str, is_new: bool) -> str:
    if not is_new:
        return "duplicate call id"
    return "reserved tool name" if true_name(tool) != tool else ""


def _input(text: str, flaw: str) -> tuple[Mapping[str, Json], str, str]:
    """Return the input that `text` says, its digest, and what is wrong with it."""
    data = text.encode("utf-8")
    value: Json = None
    try:
        value = parse_json(data)
        form = canonical(value)
    except MalformedError as error:
        flaw = flaw or f"input is not JSON with one reading ({error.code})"
    if flaw or not isinstance(value, dict):
        return MappingProxyType({}), hashlib.sha256(data).hexdigest(), flaw or "input is not an object"
    return frozen(value), hashlib.sha256(form).hexdigest(), ""


def _named(value: Json, what: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LIMIT:
        raise UpstreamProtocolError(f"the answer has a tool call whose {what} cannot be used")
    return value
