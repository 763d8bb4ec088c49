"""What one run remembers of calls: those that the agent never saw, and what each result weighed.

Lives as long as the run and is used from one event loop.  What earlier runs withdrew is in an archive, which is asked
where a history has calls that this run has not seen.
"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from occasio_verify import Json, canonical

REFUSED = "occasio_refused__"
ANSWERED = "occasio_answered__"

UNIQUE_LENGTH = 20  # characters; a shorter id may be that of another call in another conversation

LOST = "Occasio kept this call from the agent, and no longer knows what was said about it. Nothing was run."


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A call that the agent never saw: what the model said, and what it is told.

    `input` is the model's own JSON text; None leaves what the agent's history says.  `said` is the call as the protocol
    had it, empty where that is not known any more.
    """

    tool: str
    input: str | None = field(repr=False)
    result: str = field(repr=False)
    is_error: bool
    said: Mapping[str, Json] = field(default_factory=dict, repr=False)


class Archive(Protocol):
    """What was withdrawn in earlier runs."""

    def keep(self, call: str, withdrawn: Withdrawn, /) -> None:
        """Take note of a call, for runs to come.  Returns at once."""

    def find(self, call: str, /) -> Withdrawn | None:
        """Return what an earlier run kept of the call, if anything."""


class Form(NamedTuple):
    """SHA-256 of a value's canonical form, in hex, and how many bytes that form has."""

    digest: str
    size: int


def form_of(value: Json) -> Form:
    """Return the form of `value`.  Raises `MalformedError` if it has none."""
    form = canonical(value)
    return Form(hashlib.sha256(form).hexdigest(), len(form))


class CallMemory:
    """Which call ids were used, which of their calls were withdrawn, and the form of each call's last result."""

    def __init__(self, archive: Archive | None = None) -> None:
        self._archive = archive
        self._asked: set[str] = set()  # what the archive was asked for
        self._used: set[str] = set()
        self._withdrawn: dict[str, Withdrawn] = {}
        self._forms: dict[str, tuple[bytes, Form]] = {}

    def use(self, call: str) -> bool:
        """Take note of `call`; return whether it is new."""
        is_new = call not in self._used
        self._used.add(call)
        return is_new

    def unused(self, call: str, others: Container[str]) -> str:
        """Return an id after `call` that this run has not used and that is not in `others`, and use it."""
        number = 2
        while (name := f"{call}_{number}") in others or not self.use(name):
            number += 1
        return name

    def withdraw(self, call: str, withdrawn: Withdrawn) -> None:
        """Remember what to tell the model about `call`, from now on in every request."""
        self._withdrawn[call] = withdrawn
        if self._archive is not None and len(call) >= UNIQUE_LENGTH:
            self._archive.keep(call, withdrawn)

    def form(self, call: str, content: Json) -> Form:
        """Return the form of a result of `call`, made of plain dicts and lists; from memory if it came before.

        Agents send their whole history with each request.  Raises `MalformedError` if the content has no form.
        """
        # tells every value from every other, several times faster than the canonical form does
        seen = hashlib.sha256(marshal.dumps(content, 2)).digest()  # type: ignore[arg-type]  # plain values
        known = self._forms.get(call)
        if known is None or known[0] != seen:
            known = self._forms[call] = seen, form_of(content)
        return known[1]

    def withdrawn(self, call: str, name: str) -> Withdrawn | None:
        """Return what is true of a call that the agent's history calls `name`; None if that history is itself true."""
        known = self._withdrawn.get(call) or self._of_an_earlier_run(call)
        if known is None and (tool := true_name(name)) != name:
            return Withdrawn(tool=tool, input=None, result=LOST, is_error=True)
        return known

    def _of_an_earlier_run(self, call: str) -> Withdrawn | None:
        if self._archive is None or len(call) < UNIQUE_LENGTH or call in self._used or call in self._asked:
            return None
        self._asked.add(call)
        known = self._archive.find(call)
        if known is not None:
            self._withdrawn[call] = known
        return known


def true_name(name: str) -> str:
    """Return `name` without what marks a withdrawn call."""
    return name.removeprefix(REFUSED) if name.startswith(REFUSED) else name.removeprefix(ANSWERED)
