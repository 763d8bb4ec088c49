"""Real servers of MCP behind `occasio mcp wrap`, used by the SDK's own client: what they can do they still can."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import mcp.types as types
import pytest
from mcp import Client, StdioServerParameters

from tests.end_to_end.hooked import REDACTING, TOKEN
from tests.end_to_end.place import DENIED_WORDS, Place, ended, occasio, prepared
from tests.real_agents import MCP_EVERYTHING, MCP_FILES

SDK_SERVER = Path(__file__).with_name("sdk_server.py")
FILES = {"notes.txt", "other.txt", "third.txt", "leak.txt"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = prepared(tmp_path)
    (place.work / "leak.txt").write_text(f"token {TOKEN} end\n", encoding="utf-8")
    (place.occasio_home / "policy.yml").write_text(REDACTING, encoding="utf-8")
    return place


def wrapped(place: Place, *words: str | Path) -> StdioServerParameters:
    command, *arguments = occasio("mcp", "wrap", *words)
    return StdioServerParameters(command=command, args=arguments, env=place.environment, cwd=place.work)


@asynccontextmanager
async def files(place: Place, mode: str = "auto", **more: object) -> AsyncIterator[Client]:
    server = wrapped(place, "--name", "fs", "--", MCP_FILES.required(), place.work)
    async with Client(server, mode=mode, **more) as client:  # type: ignore[arg-type]
        yield client


def said(result: types.CallToolResult) -> str:
    return "".join(part.text for part in result.content if isinstance(part, types.TextContent))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_the_filesystem_server_is_governed(place: Place, mode: str) -> None:
    async with files(place, mode) as client:
        assert "read_text_file" in [tool.name for tool in (await client.list_tools()).tools]
        allowed = await client.call_tool("read_text_file", {"path": str(place.work / "notes.txt")})
        assert (said(allowed), allowed.structured_content) == ("tea at four\n", {"content": "tea at four\n"})
        for path in ("private/plans.txt", "shortcut.txt", "src/../private/plans.txt"):
            denied = await client.call_tool("read_text_file", {"path": str(place.work / path)})
            assert denied.is_error
            assert "path-denied" in said(denied)
            assert not any(word in said(denied) for word in DENIED_WORDS)
        shown = await client.call_tool("read_text_file", {"path": str(place.work / "leak.txt")})
        assert TOKEN not in shown.model_dump_json()
        assert "[REDACTED:" in said(shown)


async def test_the_clients_roots_do_not_replace_the_servers_directories(place: Place) -> None:
    async def roots(context: object) -> types.ListRootsResult:
        return types.ListRootsResult(roots=[types.Root(uri="file:///")])  # type: ignore[arg-type]

    async with files(place, "legacy", list_roots_callback=roots) as client:
        outside = await client.call_tool("list_directory", {"path": "/"})
        assert outside.is_error
        assert "outside allowed directories" in said(outside)


async def test_the_everything_server_can_do_everything(place: Place) -> None:
    async def sampled(context: object, asked: object) -> types.CreateMessageResult:
        return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="me"), model="m")

    async def elicited(context: object, asked: object) -> types.ElicitResult:
        return types.ElicitResult(action="accept", content={"name": "ada"})

    seen: list[float] = []

    async def progress(now: float, whole: float | None, text: str | None) -> None:
        seen.append(now)

    server = wrapped(place, "--name", "every", "--", MCP_EVERYTHING.required(), "stdio")
    async with Client(server, mode="legacy", sampling_callback=sampled, elicitation_callback=elicited) as client:
        assert len((await client.list_tools()).tools) > 14
        slow = {"duration": 1, "steps": 2}
        await client.call_tool("trigger-long-running-operation", slow, progress_callback=progress)
        assert seen == [1.0, 2.0]
        structured = await client.call_tool("get-structured-content", {"location": "Chicago"})
        assert structured.structured_content is not None
        image = await client.call_tool("get-tiny-image", {})
        assert [part.type for part in image.content].count("image") == 1
        assert "me" in said(await client.call_tool("trigger-sampling-request", {"prompt": "x", "maxTokens": 5}))
        assert "ada" in said(await client.call_tool("trigger-elicitation-request", {}))
        assert (await client.call_tool("no-such-tool", {})).is_error
        assert len((await client.list_resources()).resources) > 1
        assert (await client.read_resource("demo://resource/dynamic/text/1")).contents
        assert len((await client.list_prompts()).prompts) > 1
        assert (await client.get_prompt("simple-prompt")).messages
        reference = types.PromptReference(type="ref/prompt", name="completable-prompt")
        completed = await client.complete(reference, {"name": "department", "value": "E"})
        assert completed.completion.values == ["Engineering"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_server_of_the_sdk_is_governed_in_both_eras(place: Place, mode: str) -> None:
    server = wrapped(place, "--name", "sdk", "--", sys.executable, SDK_SERVER, "stdio")
    async with Client(server, mode=mode) as client:  # type: ignore[arg-type]
        await client.list_tools()
        allowed = await client.call_tool("read", {"path": str(place.work / "notes.txt")})
        assert said(allowed) == "tea at four\n"
        denied = await client.call_tool("read", {"path": str(place.work / "private" / "plans.txt")})
        assert (denied.is_error, "path-denied" in said(denied)) == (True, True)
        assert TOKEN not in (await client.call_tool("read", {"path": str(place.work / "leak.txt")})).model_dump_json()
    rows = [row.fields for row in place.rows() if row.kind == "tool_call"]
    assert [row["action"] for row in rows] == ["PASS", "BLOCK", "PASS"]


async def test_a_tool_that_says_something_else_the_next_time_waits_for_a_person(place: Place) -> None:
    words = ("--name", "sdk", "--", sys.executable, SDK_SERVER, "stdio")
    async with Client(wrapped(place, *words)) as client:
        assert "read" in [tool.name for tool in (await client.list_tools()).tools]
    async with Client(wrapped(place, *words, "changed")) as client:
        assert "read" not in [tool.name for tool in (await client.list_tools()).tools]
        refused = await client.call_tool("read", {"path": str(place.work / "notes.txt")})
        assert "tool-changed" in said(refused)
        assert place.occasio("mcp", "pins", "accept", "sdk", "read").returncode == 0
        assert "tea" in said(await client.call_tool("read", {"path": str(place.work / "notes.txt")}))
    tags = [row.fields["tags"] for row in place.rows() if row.kind == "finding"]
    assert tags == [["pinned", "sdk"], ["changed", "sdk", "read", "waits"]]


@contextmanager
def listening(*command: str | Path, **environment: str) -> Iterator[str]:
    """Start a server on a free port, and yield its URL once it listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [str(word).replace("PORT", str(port)) for word in command]
    own = {name: value.replace("PORT", str(port)) for name, value in environment.items()}
    with subprocess.Popen(words, env=os.environ | own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while server.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.kill()


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_server_at_a_url_is_governed_in_both_eras(place: Place, mode: str) -> None:
    with listening(sys.executable, SDK_SERVER, "http", "PORT") as url:
        async with Client(wrapped(place, "--name", "sdk", "--url", url), mode=mode) as client:  # type: ignore[arg-type]
            await client.list_tools()
            assert said(await client.call_tool("read", {"path": str(place.work / "notes.txt")})) == "tea at four\n"
            denied = await client.call_tool("read", {"path": str(place.work / "private" / "plans.txt")})
            assert (denied.is_error, "path-denied" in said(denied)) == (True, True)
            shown = await client.call_tool("read", {"path": str(place.work / "leak.txt")})
            assert TOKEN not in shown.model_dump_json()
    rows = [row.fields for row in place.rows() if row.kind == "tool_call"]
    assert [(row["action"], row["tool_name"]) for row in rows] == [
        ("PASS", "mcp__sdk__read"),
        ("BLOCK", "mcp__sdk__read"),
        ("PASS", "mcp__sdk__read"),
    ]


async def test_the_everything_server_can_ask_back_over_http(place: Place) -> None:
    async def sampled(context: object, asked: object) -> types.CreateMessageResult:
        return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="me"), model="m")

    with listening(MCP_EVERYTHING.required(), "streamableHttp", PORT="PORT") as url:
        server = wrapped(place, "--name", "every", "--url", url)
        async with Client(server, mode="legacy", sampling_callback=sampled) as client:
            assert "me" in said(await client.call_tool("trigger-sampling-request", {"prompt": "x", "maxTokens": 5}))
            denied = await client.call_tool("echo", {"message": str(place.work / "private" / "x")})
            assert denied.is_error


@contextmanager
def offered(place: Place, *words: str | Path) -> Iterator[str]:
    """Run a gateway that listens, and yield the address that it says."""
    with place.begun("mcp", "wrap", "--listen", "127.0.0.1:0", *words) as gateway:
        assert gateway.stdout is not None
        yield gateway.stdout.readline().strip()
        gateway.terminate()
        assert ended(gateway).returncode == 0


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("remote", [False, True], ids=["command", "url"])
async def test_clients_by_http_are_governed_in_both_eras(place: Place, mode: str, *, remote: bool) -> None:
    with ExitStack() as stack:
        server: list[str | Path] = ["--", sys.executable, SDK_SERVER, "stdio"]
        if remote:
            server = ["--url", stack.enter_context(listening(sys.executable, SDK_SERVER, "http", "PORT"))]
        url = stack.enter_context(offered(place, "--name", "sdk", *server))
        for _ in range(2):  # one client after the other
            async with Client(url, mode=mode) as client:  # type: ignore[arg-type]
                await client.list_tools()
                assert said(await client.call_tool("read", {"path": str(place.work / "notes.txt")})) == "tea at four\n"
                denied = await client.call_tool("read", {"path": str(place.work / "private" / "plans.txt")})
                assert (denied.is_error, "path-denied" in said(denied)) == (True, True)
                shown = await client.call_tool("read", {"path": str(place.work / "leak.txt")})
                assert TOKEN not in shown.model_dump_json()
    actions = [row.fields["action"] for row in place.rows() if row.kind == "tool_call"]
    assert actions == ["PASS", "BLOCK", "PASS"] * 2


async def test_two_clients_by_http_at_once_do_not_mix(place: Place) -> None:
    with offered(place, "--name", "sdk", "--", sys.executable, SDK_SERVER, "stdio") as url:
        async with Client(url, mode="legacy") as one, Client(url, mode="legacy") as other:
            for client, name, text in ((one, "notes", "tea at four\n"), (other, "other", "cake at five\n")):
                assert said(await client.call_tool("read", {"path": str(place.work / f"{name}.txt")})) == text


async def test_the_everything_server_can_ask_back_a_client_by_http(place: Place) -> None:
    async def sampled(context: object, asked: object) -> types.CreateMessageResult:
        return types.CreateMessageResult(role="assistant", content=types.TextContent(type="text", text="me"), model="m")

    with offered(place, "--name", "every", "--", MCP_EVERYTHING.required(), "stdio") as url:
        async with Client(url, mode="legacy", sampling_callback=sampled) as client:
            assert "me" in said(await client.call_tool("trigger-sampling-request", {"prompt": "x", "maxTokens": 5}))
