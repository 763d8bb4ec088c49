"""The socket is its owner's alone, the port wants its secret, and nobody gets an answer from a form that is not known."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import aiohttp
import pytest

from occasio_core.errors import OccasioError
from occasio_core.hooks.event import HookReply
from occasio_core.hooks.replies import Replies
from occasio_core.hooks.server import HookPort, HookSocket

SECRET = "s3cret"


class Echo(Replies):
    """Answers with what it was asked; waits for ever where it is told to."""

    def __init__(self) -> None:
        super().__init__({}, None)  # type: ignore[arg-type]
        self.waits, self.was_cancelled = asyncio.Event(), asyncio.Event()

    async def reply(self, agent: str, data: bytes, process: int | None) -> HookReply:
        if data == b"wait":
            self.waits.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.was_cancelled.set()
                raise
        if data == b"no":
            return HookReply(exit_code=2, stderr=b"never")
        return HookReply(stdout=f"{agent} {process is not None} ".encode() + data)


async def asked(path: Path, data: bytes) -> bytes:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(data)
    answer = await reader.read()
    writer.close()
    return answer


@pytest.fixture
def short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path that an address has room for."""
    monkeypatch.chdir(tmp_path)
    return Path("s.sock")


async def test_an_event_is_answered_with_exit_code_and_both_streams(short: Path) -> None:
    server = HookSocket(short, Echo())
    await server.start()
    assert await asked(short, b"occasio-hook/1 claude-code 2\n{}") == b"0 19 0\nclaude-code True {}"
    assert await asked(short, b"occasio-hook/1 claude-code 2\nno") == b"2 0 5\nnever"
    assert os.stat(short).st_mode & 0o777 == 0o600  # noqa: PTH116 - in a coroutine
    await server.stop()
    with pytest.raises(FileNotFoundError):
        await asked(short, b"")


@pytest.mark.parametrize(
    "data", [b"GET / HTTP/1.1\r\n\r\n", b"occasio-hook/2 a 2\n{}", b"occasio-hook/1 a 99999999\n", b"x" * 70_000]
)
async def test_what_is_not_asked_in_our_form_is_refused(short: Path, data: bytes) -> None:
    server = HookSocket(short, Echo())
    await server.start()
    assert (await asked(short, data)).startswith(b"2 0 ")
    await server.stop()


async def test_a_socket_that_a_dead_process_left_is_taken_over(short: Path) -> None:
    left = HookSocket(short, Echo())
    await left.start()  # and is never stopped
    server = HookSocket(short, Echo())
    await server.start()
    assert await asked(short, b"occasio-hook/1 a 1\nx") == b"0 8 0\na True x"
    await server.stop()
    await left.stop()


@pytest.fixture
def deep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory whose name an address has no room for; it is the working directory."""
    directory = tmp_path / ("d" * 120)
    directory.mkdir()
    monkeypatch.chdir(directory)
    return directory


async def test_a_path_that_is_longer_than_an_address_is_no_obstacle(deep: Path) -> None:
    server = HookSocket(deep / "s.sock", Echo())
    await server.start()
    assert await asked(Path("s.sock"), b"occasio-hook/1 a 1\nx") == b"0 8 0\na True x"
    await server.stop()


async def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(OccasioError, match="cannot listen at"):
        await HookSocket(tmp_path / "no" / "s.sock", Echo()).start()


async def test_what_is_under_way_for_one_who_goes_away_is_cancelled(short: Path) -> None:
    echo = Echo()
    server = HookSocket(short, echo)
    await server.start()
    _, writer = await asyncio.open_unix_connection(short)
    writer.write(b"occasio-hook/1 a 4\nwait")
    await echo.waits.wait()
    writer.close()
    await echo.was_cancelled.wait()
    await server.stop()


async def test_who_still_waits_when_it_stops_gets_no_answer(short: Path) -> None:
    echo = Echo()
    server = HookSocket(short, echo)
    await server.start()
    waiting = asyncio.ensure_future(asked(short, b"occasio-hook/1 a 4\nwait"))
    await echo.waits.wait()
    await server.stop()
    assert await waiting == b""


async def test_the_port_answers_those_who_know_the_secret_and_no_web_page(tmp_path: Path) -> None:
    port = HookPort(SECRET, 0, Echo(), tmp_path)
    await port.start()
    base = f"http://127.0.0.1:{port.port}"
    async with aiohttp.ClientSession() as client:

        async def status(path: str, data: bytes = b"{}", **headers: str) -> tuple[int, bytes]:
            async with client.post(base + path, data=data, headers=headers) as answer:
                return answer.status, await answer.read()

        assert await status(f"/{SECRET}/claude-code") == (200, b"claude-code False {}")
        assert await status(f"/{SECRET}/claude-code", b"no") == (500, b"never")
        assert (await status("/wrong/claude-code"))[0] == 404
        assert (await status(f"/{SECRET}/claude-code", Origin="http://evil.example"))[0] == 403
        assert (await status(f"/{SECRET}/claude-code", Host="evil.example"))[0] == 403
        async with client.get(f"{base}/{SECRET}/claude-code") as answer:
            assert answer.status == 405
    with pytest.raises(OccasioError, match="cannot listen on"):
        await HookPort(SECRET, port.port, Echo(), tmp_path).start()
    await port.stop()


async def test_an_agent_that_was_started_in_a_run_is_answered_by_that_run(tmp_path: Path) -> None:
    run = "00000000-0000-4000-8000-00000000000a"
    runs = tmp_path / "runs"
    await asyncio.to_thread(runs.mkdir)
    of_run = HookSocket(runs / f"{run}.sock", Echo())
    await of_run.start()
    port = HookPort(SECRET, 0, Echo(), tmp_path)
    await port.start()
    async with aiohttp.ClientSession() as client:

        async def asked_of(name: str) -> tuple[int, bytes]:
            url, headers = f"http://127.0.0.1:{port.port}/{SECRET}/claude-code", {"X-Occasio-Run": name}
            async with client.post(url, data=b"{}", headers=headers) as answer:
                return answer.status, await answer.read()

        assert await asked_of(run) == (200, b"claude-code True {}")  # a socket tells who asks, a port does not
        assert (await asked_of(run.replace("a", "b")))[0] == 500
        assert (await asked_of("../daemon"))[0] == 500
    await port.stop()
    await of_run.stop()
