"""One server as the gateway knows it: its tools and what is pinned of them, its roots, and who decides on its calls."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import (
    Gatekeeper,
    HookAnswer,
    Json,
    MalformedError,
    OccasioError,
    SessionId,
    ToolCall,
    canonical,
    told_call,
    told_finding,
    told_result,
)
from occasio_mcp.calls import MCP, hints, places_of_texts
from occasio_mcp.pins import Difference, Mode, Pins

DETECTOR = "mcp.pins"
_MOST_NAMED = 40  # tools in one finding


@dataclass(frozen=True, slots=True)
class Scanned:
    """What may go on of a result: `texts` in the places of its own, or `notice` instead of it, or all as it is."""

    texts: Mapping[tuple[str | int, ...], str] | None = None
    notice: str = ""


@dataclass(slots=True, kw_only=True)
class Gateway:
    """What all conversations with a server share.  `note` tells the person at the terminal."""

    server: str
    keeper: Gatekeeper
    pins: Pins
    mode: Mode
    cwd: Path
    roots: Sequence[Path] = ()
    note: Callable[[str], object] = lambda text: None
    session: SessionId = field(default_factory=lambda: SessionId(f"mcp-{uuid.uuid4()}"))
    tasks: dict[str, ToolCall] = field(default_factory=dict)  # calls that go on behind their first answer
    _annotations: dict[str, Mapping[str, Json]] = field(default_factory=dict)

    def annotations(self, tool: str) -> Mapping[str, Json]:
        """Return what the server last said that the tool does."""
        return self._annotations.get(tool, {})

    def objection(self, tool: str) -> str:
        """Return why the tool may not be used, empty if it may."""
        if tool not in self.pins.waiting:
            return ""
        return (
            f"the server says something else of the tool `{tool}` than what was accepted; "
            f"a person can accept it: occasio mcp pins accept {self.server} {tool}"
        )

    async def decide(self, call: ToolCall) -> HookAnswer:
        """Return what becomes of the call; where nobody can tell, it is refused."""
        try:
            return await self.keeper.answer(told_call(call))
        except OccasioError as error:
            self.note(f"nothing is let through: {error}")
            return HookAnswer(refuses=True, text=f"Occasio lets nothing through: {error}")

    async def scan(self, call: ToolCall, content: Json, raw: str, *, is_error: bool) -> Scanned:
        """Return what may go on of what came back, once that is recorded; `raw` is `content` as it was written."""
        paths: Sequence[tuple[str | int, ...]] = places_of_texts(content)
        is_plain = _has_form(content)
        event = told_result(call, content if is_plain else raw, paths if is_plain else [()], is_error=is_error)
        try:
            answer = await self.keeper.answer(event)
        except OccasioError as error:
            self.note(f"a result is held back: {error}")
            return Scanned(notice=f"[withheld by Occasio: {error}]")
        if answer.refuses or answer.notice is not None:
            return Scanned(notice=answer.notice or f"[withheld by Occasio: {answer.text}]")
        if answer.texts is None:
            return Scanned()
        if not is_plain or len(answer.texts) != len(paths):
            return Scanned(notice="[withheld by Occasio: it cannot be changed, and may not go on as it is]")
        return Scanned(texts=dict(zip(paths, answer.texts, strict=True)))

    async def learn(self, tools: Sequence[Json], agent: str) -> frozenset[str]:
        """Keep what the server says of its tools, record what is new in it, and return those that must wait.

        Raises `OccasioError` where it cannot be kept or recorded.
        """
        said = _by_name(tools)
        self._annotations.update({name: hints(tool.get("annotations")) for name, tool in said.items()})
        is_first = self.pins.is_first
        found = self.pins.compared(said, self.mode)
        for severity, message, tags in _findings(self.server, found, is_first=is_first):
            self.note(message)
            await self.keeper.answer(
                told_finding(
                    session=self.session,
                    agent=agent,
                    protocol=MCP,
                    cwd=str(self.cwd),
                    detector=DETECTOR,
                    severity=severity,
                    message=message,
                    tags=tags,
                )
            )
        return frozenset(name for name in said if name in self.pins.waiting)


def _by_name(tools: Sequence[Json]) -> dict[str, Mapping[str, Json]]:
    """Return what is said of each tool; a client may take either of two with one name, so they are one tool."""
    said: dict[str, Mapping[str, Json]] = {}
    for tool in tools:
        if isinstance(tool, dict) and isinstance(name := tool.get("name"), str):
            said[name] = {"definitions": [said[name], tool]} if name in said else tool
    return said


def _findings(server: str, found: Sequence[Difference], *, is_first: bool) -> list[tuple[str, str, list[str]]]:
    if is_first and found:
        names = ", ".join(one.tool for one in found[:_MOST_NAMED])
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        return [("info", f"the tools of {server} are pinned as they are: {names}{more}", ["pinned", server])]
    return [_finding(server, one) for one in found]


def _finding(server: str, one: Difference) -> tuple[str, str, list[str]]:
    what = "is new" if one.is_new else f"is said to be something else than before ({', '.join(one.members)})"
    then = "; it waits to be accepted" if one.waits else ""
    severity = "low" if one.is_new and not one.waits else "high" if one.waits else "medium"
    tags = ["added" if one.is_new else "changed", server, one.tool, *(["waits"] if one.waits else [])]
    return severity, f"the tool {one.tool} of {server} {what}{then}", tags


def _has_form(content: Json) -> bool:
    try:
        canonical(content)
    except MalformedError:  # a number that no canonical form has
        return False
    return True
