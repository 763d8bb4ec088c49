"""A door that is a process of its own has its calls decided by the run it was started in, or by one of its own."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.errors import OccasioError
from occasio_core.freeze import frozen
from occasio_core.gatekeeper import JoinedRun, open_gatekeeper
from occasio_core.hooks.guest import told_call, told_finding, told_result
from occasio_core.hooks.server import short_address
from occasio_core.model import CallId, RunId, SessionId, ToolCall
from occasio_core.run_state import held
from occasio_verify import Json, parse_row

RUN = "01234567-89ab-cdef-0123-456789abcdef"


def call(path: str, cwd: Path) -> ToolCall:
    return ToolCall(
        session=SessionId("s-1"),
        call=CallId(path),
        agent="tester",
        protocol="mcp",
        tool="mcp__fs__read",
        input=frozen({"path": path}),
        input_digest="0" * 64,
        cwd=str(cwd),
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a policy, which the environment names."""
    place = places.prepared(tmp_path / "occasio")
    (place / "policy.yml").write_text("version: 1\ndeny_paths: [./private]\n", encoding="utf-8")
    monkeypatch.setenv("OCCASIO_HOME", str(place))
    monkeypatch.delenv("OCCASIO_RUN", raising=False)
    return place


def rows(place: Path) -> list[tuple[str, object]]:
    lines = places.log_path(place).read_bytes().split(b"\n")[:-1]
    return [(row.kind, row.fields.get("action")) for row in map(parse_row, lines) if row.run_id is not None]


async def test_a_run_of_its_own_has_everything_from_its_start_to_its_end(place: Path, tmp_path: Path) -> None:
    async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path) as keeper:
        assert not (await keeper.answer(told_call(call("open.txt", tmp_path)))).refuses
        content: Json = {"content": [{"type": "text", "text": "hi"}]}
        told = told_result(call("open.txt", tmp_path), content, [("content", 0, "text")], is_error=False)
        assert (await keeper.answer(told)).texts is None
        assert "deny_paths: ./private" in (await keeper.answer(told_call(call("private/x", tmp_path)))).text
    opening = [("run_started", None), ("policy_loaded", None), ("git_state", None)]
    calls = [("tool_call", "PASS"), ("tool_result", None), ("tool_call", "BLOCK")]
    assert rows(place) == [*opening, *calls, ("git_state", None), ("run_ended", None)]


async def test_a_finding_may_be_the_first_that_a_run_hears(place: Path, tmp_path: Path) -> None:
    told = told_finding(
        session=SessionId("s-1"),
        agent="tester",
        protocol="mcp",
        cwd=str(tmp_path),
        detector="d",
        severity="info",
        message="m",
        tags=[],
    )
    async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path) as keeper:
        await keeper.answer(told)
        await keeper.answer(told_call(call("open.txt", tmp_path)))
    assert [kind for kind, _ in rows(place)].count("run_started") == 1


async def test_a_door_that_nothing_comes_by_leaves_no_run(place: Path, tmp_path: Path) -> None:
    async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path):
        pass
    assert rows(place) == []


async def test_a_run_that_is_named_and_not_there_stops_the_start(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCCASIO_RUN", RUN)
    with pytest.raises(OccasioError, match="not under way"):
        async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path):
            pass


async def test_a_run_that_is_named_decides_at_its_socket(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OCCASIO_RUN", RUN)
    with held(place, RunId(RUN), {}):
        heard: list[bytes] = []
        serve = answering(b'{"refuses":true,"text":"no","failed":false}', heard)
        with short_address(places.run_path(place, RUN).with_suffix(".sock")) as address:
            server = await asyncio.start_unix_server(serve, address)
        async with server, open_gatekeeper(door="mcp", agent="server", cwd=tmp_path) as keeper:
            answer = await keeper.answer(told_call(call("open.txt", tmp_path)))
    assert (answer.refuses, answer.text) == (True, "no")
    assert heard[0].startswith(b"occasio-hook/1 occasio-door ")
    assert not places.log_path(place).exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody tells who started whom")
@pytest.mark.parametrize(
    ("facts", "joins"),
    [
        ({"pid": os.getppid()}, True),
        ({"pid": os.getppid(), "by": "daemon"}, False),
        ({"pid": 2**22 + 1}, False),
        ({"pid": "1"}, False),
        ({}, False),
    ],
)
async def test_a_run_that_has_started_us_is_known_by_its_process(
    place: Path, tmp_path: Path, facts: dict[str, Json], joins: bool
) -> None:
    (place / "runs").mkdir(mode=0o700)
    (place / "runs" / "broken.json").write_text("{", encoding="utf-8")
    with held(place, RunId(RUN), facts):
        async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path) as keeper:
            assert isinstance(keeper, JoinedRun) is joins


async def test_a_run_whose_process_is_gone_is_not_joined(place: Path, tmp_path: Path) -> None:
    (place / "runs").mkdir(mode=0o700)
    (place / "runs" / f"{RUN}.json").write_text(f'{{"pid":{os.getppid()}}}', encoding="utf-8")
    async with open_gatekeeper(door="mcp", agent="server", cwd=tmp_path) as keeper:
        assert not isinstance(keeper, JoinedRun)


@pytest.mark.parametrize("reply", [b"", b"0 9 0\nshort", b"2 2 0\n{}", b"0 2 0\n{}", b"x y z\n"])
async def test_an_answer_that_broke_off_is_no_permission(reply: bytes, tmp_path: Path) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(reply)
        writer.close()

    with short_address(tmp_path / "s") as address:
        server = await asyncio.start_unix_server(broken, address)
    async with server:
        with pytest.raises(OccasioError):
            await JoinedRun(tmp_path / "s").answer(told_call(call("open.txt", tmp_path)))


async def test_a_run_that_has_gone_gives_no_permission(tmp_path: Path) -> None:
    with pytest.raises(OccasioError, match="no answer"):
        await JoinedRun(tmp_path / "s").answer(told_call(call("open.txt", tmp_path)))


def answering(body: bytes, heard: list[bytes]):  # type: ignore[no-untyped-def]
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(b"0 %d 0\n" % len(body) + body)
        writer.close()

    return serve
