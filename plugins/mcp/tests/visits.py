"""A server for the tests of clients by HTTP: it answers what it is told to answer, and notes what came."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from occasio_mcp.visitor import Visitor
from plugins.mcp.tests.keepers import Keeper, Talk, answers, data, text


class Answers:
    """Answers each request with its own tool's name, after what `before` says."""

    def __init__(self, before: Callable[[dict[str, Any]], list[Any]] = lambda said: []) -> None:
        self.came: list[dict[str, Any]] = []
        self.arrived: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.is_running = False
        self.is_silent = False
        self._before = before
        self.visitor: Visitor

    async def start(self) -> None:
        self.is_running = True

    async def send(self, given: bytes, /) -> None:
        said = json.loads(given)
        self.came.append(said)
        self.arrived.put_nowait(said)
        if "id" in said and "method" in said and not self.is_silent:
            told = text(str(said.get("params", {}).get("name", said["method"])))
            for message in [*self._before(said), answers(said["id"], told)]:
                await self.visitor.from_server(data(message))

    async def stop(self) -> None:
        self.is_running = False


def visit(home: Path, server: Answers, *, shared: bool = False, keeper: Keeper | None = None) -> Visitor:
    """Return a client's side, its server ready."""
    talk = Talk(home, keeper or Keeper())
    visitor = server.visitor = Visitor(talk.talk, talk.notes.append, shared=shared)
    visitor.server = server
    return visitor
