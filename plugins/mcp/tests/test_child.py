"""A server that is a child gets lines and says lines, and ends when it is told to."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from occasio_mcp.child import Child
from occasio_mcp.stdio import MissingServerError

ECHO = [sys.executable, "-c", "import sys\nfor line in sys.stdin: print(line, end='', flush=True)"]


async def test_what_it_says_comes_line_by_line_and_its_end_is_told(tmp_path: Path) -> None:
    came: asyncio.Queue[bytes] = asyncio.Queue()
    ended = asyncio.Event()

    async def end() -> None:
        ended.set()

    child = Child(ECHO, dict(os.environ), tmp_path, came.put, end)
    await child.start()
    await child.send(b'{"a":\n1}')
    assert await came.get() == b'{"a": 1}'
    await child.stop()
    await child.send(b"{}")  # nobody reads it
    await asyncio.wait_for(ended.wait(), 30)


async def test_a_program_that_is_not_there_is_said_in_one_line(tmp_path: Path) -> None:
    async def nothing(*_: object) -> None:
        raise AssertionError

    with pytest.raises(MissingServerError, match="cannot be started"):
        await Child([str(tmp_path / "none")], {}, tmp_path, nothing, nothing).start()
