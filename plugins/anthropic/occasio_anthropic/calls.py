"""Reads the tool calls in a model's answer, and says in which form the agent may see those that it must not run."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from occasio_anthropic.memory import Memory, true_name
from occasio_anthropic.origin import PROTOCOL, Origin
from occasio_anthropic.usage import Tally
from occasio_core import CallId, Json, MalformedError, ToolCall, UpstreamProtocolError, canonical, frozen, parse_json

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


class Answer(Protocol):
    """A model's answer to one request.  For each `Held` it yields, `release` or `withdraw` is called once."""

    @property
    def tally(self) -> Tally:
        """What is known of the answer's cost."""

    def receive(self, data: bytes, /) -> Iterator[bytes | Held]:
        """Take bytes; yield what may go to the agent, and what is held."""

    def finish(self) -> Iterator[bytes | Held]:
        """Say that the answer has ended; yield what was left."""

    def release(self, held: Held, /) -> bytes:
        """Return the bytes that the agent may have now that it may run the call."""

    def withdraw(self, held: Held, prefix: str, /) -> bytes:
        """Return the bytes that the agent may have now that it must not run the call."""


class CallReader:
    """Makes `ToolCall`s of one exchange.  `earlier` are the ids that the agent's history knows."""

    def __init__(self, origin: Origin, memory: Memory, earlier: Container[str]) -> None:
        self._origin = origin
        self._memory = memory
        self._earlier = earlier

    def read(self, block: Mapping[str, Json], text: str, flaw: str, index: int, raw: bytes = b"") -> Held:
        """Return the call of a `tool_use` block, its input given as JSON text that is not to be used if it has a flaw.

        Raises `UpstreamProtocolError` if it has no id or no name.
        """
        call, tool = _named(block, "id"), _named(block, "name")
        arguments, digest, flaw = _input(text, flaw)
        is_new = self._memory.use(call) and call not in self._earlier
        return Held(
            call=ToolCall(
                session=self._origin.session,
                call=CallId(call),
                agent=self._origin.agent,
                protocol=PROTOCOL,
                tool=tool,
                input=arguments,
                input_digest=digest,
                cwd=self._origin.cwd,
                problem=_problem(tool, is_new) or flaw,
            ),
            block=block,
            input="{}" if flaw else text,
            shown_id=call if is_new else self._memory.unused(call, self._earlier),
            index=index,
            raw=raw,
        )


def withdrawn_block(held: Held, prefix: str) -> dict[str, Json]:
    """Return the call as the agent may see it: a tool that no agent has, and none of the input."""
    return {**held.block, "id": held.shown_id, "name": prefix + held.call.tool, "input": {}}


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


def _named(block: Mapping[str, Json], member: str) -> str:
    value = block.get(member)
    if not isinstance(value, str) or not 0 < len(value) <= NAME_LIMIT:
        raise UpstreamProtocolError(f"the answer has a tool call whose {member} cannot be used")
    return value
