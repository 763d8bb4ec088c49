"""A gatekeeper for the tests: it refuses what has `denied` in it, takes `hunter2` out of results, and keeps the rest."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from occasio_core import HookAnswer, Json, OccasioError
from occasio_mcp.conversation import Conversation, Passed
from occasio_mcp.gateway import Gateway
from occasio_mcp.pins import Mode, Pins

SECRET = "hunter2"


@dataclass
class Keeper:
    """What was asked, in order; `fails` names the moment at which nobody answers, `waits` holds every decision."""

    fails: str = ""
    waits: asyncio.Event | None = None
    events: list[Mapping[str, Any]] = field(default_factory=list)
    notices: bool = False

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        self.events.append(event)
        if event["moment"] == self.fails:
            raise OccasioError("no space left on device")
        if event["moment"] == "call":
            if self.waits is not None:
                await self.waits.wait()
            is_denied = "denied" in json.dumps(event["input"]) or event["objection"] or event["problem"]
            return HookAnswer(refuses=True, text="no: denied") if is_denied else HookAnswer()
        return self._result(event) if event["moment"] == "result" else HookAnswer()

    def of(self, moment: str) -> list[Mapping[str, Any]]:
        return [event for event in self.events if event["moment"] == moment]

    def _result(self, event: Mapping[str, Any]) -> HookAnswer:
        texts = [at(event["content"], path) for path in event["texts"]]
        if not any(SECRET in text for text in texts):
            return HookAnswer()
        if self.notices:
            return HookAnswer(notice="[withheld]")
        return HookAnswer(texts=tuple(text.replace(SECRET, "***") for text in texts))


@dataclass
class Talk:
    """A conversation, and how to say something in it."""

    home: Path
    keeper: Keeper = field(default_factory=Keeper)
    mode: Mode = Mode.CHANGES
    roots: tuple[Path, ...] = ()
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gateway = Gateway(
            server="fs",
            keeper=self.keeper,
            pins=Pins(self.home / "mcp" / "fs.json"),
            mode=self.mode,
            cwd=self.home,
            roots=self.roots,
            note=self.notes.append,
        )
        self.talk = Conversation(self.gateway)

    async def client(self, said: Any) -> Passed:
        return await self.talk.from_client(data(said))

    async def server(self, said: Any) -> Passed:
        return await self.talk.from_server(data(said))

    async def called(self, name: str = "read", number: int = 1, **arguments: Any) -> Passed:
        return await self.client(asks(number, "tools/call", name=name, arguments=arguments))

    async def listed(self, *tools: Any, number: int = 9) -> Passed:
        await self.client(asks(number, "tools/list"))
        return await self.server(answers(number, {"tools": list(tools)}))


def asks(number: int | str, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def tells(method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def answers(number: int | str, result: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": result}


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": said}], **more}


def data(said: Any) -> bytes:
    return said if isinstance(said, bytes) else json.dumps(said).encode()


def at(value: Any, path: list[Any]) -> str:
    for step in path:
        value = value[step]
    assert isinstance(value, str)
    return value
