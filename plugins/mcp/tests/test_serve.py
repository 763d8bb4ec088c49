"""Our own tools by the SDK's client, in both eras: carried out here, recorded first, and refused where they must be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import mcp.types as types
import pytest
from mcp import Client, StdioServerParameters

from occasio_core import HookAnswer, Json, OccasioError, UsageError
from occasio_mcp import serve

OCCASIO = Path(sysconfig.get_path("scripts")) / "occasio"
TOKEN = "ghp_" + "a1B2" * 9  # looks like a secret, and is none


@pytest.fixture
def place(tmp_path: Path) -> Path:
    home = tmp_path / "occasio"
    home.mkdir(mode=0o700)
    policy = "version: 1\ndeny_paths: [./private]\nredact_secrets_in_tool_results: true\n"
    (home / "policy.yml").write_text(policy, encoding="utf-8")
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "plans.txt").write_text("tea with quokkas\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text(f"tea\ntoken {TOKEN}\n", encoding="utf-8")
    return tmp_path


def said(result: types.CallToolResult) -> str:
    (part,) = result.content
    assert isinstance(part, types.TextContent)
    return part.text


def actions(place: Path) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in (place / "occasio" / "pipeline-events.jsonl").read_bytes().splitlines()]
    return [(row["tool_name"], row["action"]) for row in rows if row["kind"] == "tool_call"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_our_tools_are_governed(place: Path, mode: Any) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(place), "OCCASIO_HOME": str(place / "occasio")}
    server = StdioServerParameters(command=str(OCCASIO), args=["mcp", "serve"], env=environment, cwd=place)
    async with Client(server, mode=mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["read_file", "find_files", "grep"]
        read = await client.call_tool("read_file", {"path": "notes.txt", "end_line": 2})
        assert said(read) == "1\ttea\n2\ttoken [REDACTED:github-pat]"
        denied = await client.call_tool("read_file", {"path": "private/plans.txt"})
        assert (denied.is_error, "deny_paths: ./private" in said(denied)) == (True, True)
        assert said(await client.call_tool("grep", {"pattern": "TEA"})) == "notes.txt:1:tea"
        assert said(await client.call_tool("find_files", {"pattern": "txt"})) == "notes.txt"
        assert (await client.call_tool("write_file", {"path": "a"})).is_error
    decided = [("read_file", "LOCAL"), ("read_file", "BLOCK"), ("grep", "LOCAL"), ("find_files", "LOCAL")]
    assert actions(place) == [*decided, ("write_file", "BLOCK")]


class Silent:
    """A gatekeeper that carries nothing out, or cannot be reached."""

    def __init__(self, *, fails: bool) -> None:
        self.fails = fails

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        if self.fails:
            raise OccasioError("no space left on device")
        return HookAnswer()


@pytest.mark.parametrize(("fails", "told"), [(True, "no space left"), (False, "did not carry this out")])
async def test_what_was_not_carried_out_is_an_error(tmp_path: Path, fails: bool, told: str) -> None:
    async with Client(serve.server_of(Silent(fails=fails), tmp_path)) as client:  # type: ignore[arg-type]
        result = await client.call_tool("read_file", {"path": "a"})
    assert (result.is_error, told in said(result)) == (True, True)


async def test_without_the_sdk_the_command_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    with pytest.raises(UsageError) as caught:
        await serve.serve(tmp_path)
    assert caught.value.hint == "pip install 'occasio[mcp]'"


def test_nothing_of_the_sdk_is_loaded_before_it_serves() -> None:
    code = "import occasio_mcp.serve, occasio_mcp.commands, sys; print('mcp' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
