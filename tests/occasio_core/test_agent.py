"""The agent gets an environment without our keys, the signals that we get, and its exit code is told."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from occasio_anthropic import MessagesAdapter
from occasio_core.agent import (
    AgentMissingError,
    Ended,
    environment_of,
    local_token,
    placed,
    program,
    token_key,
    tokens,
    wait_for,
)
from occasio_core.errors import OccasioError
from occasio_core.transports.upstream import Swap

KEY = b"k" * 32
REAL = "sk-ant-api03-real"


def test_a_program_is_found_in_the_agents_path(tmp_path: Path) -> None:
    (tmp_path / "agent").touch(mode=0o755)
    assert program("agent", {"PATH": str(tmp_path)}) == str(tmp_path / "agent")


def test_a_known_agent_that_is_not_installed_is_named_with_the_command_that_installs_it() -> None:
    with pytest.raises(AgentMissingError, match="no program `claude`") as caught:
        program("claude", {"PATH": ""})
    assert caught.value.hint == "install it with: npm install -g @anthropic-ai/claude-code"


def test_any_other_program_that_is_not_there_is_named() -> None:
    with pytest.raises(AgentMissingError, match="no program `nosuch`"):
        program("nosuch", {"PATH": ""})


def test_the_agent_gets_a_token_for_each_key_and_the_proxy_what_it_stands_for() -> None:
    variables, swaps = tokens(MessagesAdapter(), {"ANTHROPIC_AUTH_TOKEN": REAL}, KEY)
    token = local_token(KEY, "ANTHROPIC_AUTH_TOKEN", REAL)
    assert variables == {"ANTHROPIC_AUTH_TOKEN": token}
    assert swaps == [Swap(header="authorization", shown=f"Bearer {token}", real=f"Bearer {REAL}")]


def test_without_a_key_in_the_environment_the_agent_gets_none() -> None:
    assert tokens(MessagesAdapter(), {"ANTHROPIC_API_KEY": ""}, KEY) == ({}, [])


def test_a_token_is_always_the_same_and_holds_nothing_of_the_key() -> None:
    token = local_token(KEY, "V", REAL)
    assert token == local_token(KEY, "V", REAL)
    assert not any(REAL[at : at + 6] in token for at in range(len(REAL) - 5))
    assert token not in {local_token(b"x" * 32, "V", REAL), local_token(KEY, "V", "other"), local_token(KEY, "W", REAL)}


def test_a_token_or_what_it_stands_for_is_in_no_repr() -> None:
    assert REAL not in repr(tokens(MessagesAdapter(), {"ANTHROPIC_API_KEY": REAL}, KEY)[1])


def test_the_key_of_tokens_is_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "token.key"
    assert token_key(path) == token_key(path)
    assert (path.stat().st_mode & 0o777, len(path.read_bytes())) == (0o600, 32)


def test_a_damaged_key_of_tokens_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token.key").touch()
    with pytest.raises(OccasioError, match="32 bytes"):
        token_key(tmp_path / "token.key")


def test_the_agents_environment_is_ours_without_occasios_own_and_with_the_changes() -> None:
    ours = {"PATH": "/bin", "OCCASIO_HOME": "/secret/place", "A": "1"}
    assert environment_of(ours, {"A": "2"}) == {
        "PATH": "/bin",
        "A": "2",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def test_what_needs_no_proxy_already_is_kept() -> None:
    environment = environment_of({"NO_PROXY": "example.com, localhost"}, {})
    assert environment["NO_PROXY"] == "example.com,localhost,127.0.0.1"


def test_files_for_a_run_are_there_for_the_owner_alone_and_then_gone() -> None:
    with placed({"CLINE_PROVIDER_SETTINGS_PATH": "{}"}) as variables:
        path = Path(variables["CLINE_PROVIDER_SETTINGS_PATH"])
        assert path.read_text(encoding="utf-8") == "{}"
        assert path.parent.stat().st_mode & 0o777 == 0o700
    assert not path.parent.exists()


def test_without_files_nothing_is_placed() -> None:
    with placed({}) as variables:
        assert variables == {}


@pytest.mark.parametrize(
    ("code", "ended"),
    [
        ("raise SystemExit(3)", Ended(3, by_signal=False)),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", Ended(128 + 9, by_signal=True)),
    ],
    ids=["exit", "signal"],
)
async def test_how_the_agent_ended_is_told_as_a_shell_tells_it(code: str, ended: Ended, tmp_path: Path) -> None:
    assert await wait_for([sys.executable, "-c", code], os.environ, tmp_path) == ended


async def test_what_cannot_be_started_is_named(tmp_path: Path) -> None:
    (tmp_path / "agent").write_bytes(b"\0not a program")
    (tmp_path / "agent").chmod(0o755)
    with pytest.raises(AgentMissingError, match="cannot be started"):
        await wait_for([str(tmp_path / "agent")], os.environ, tmp_path)


_WAITS = """
import os, signal, sys
signal.signal({signal}, lambda *_: os._exit(42))
os.kill(os.getppid(), {signal})
while True:
    signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
async def test_a_signal_goes_to_the_agent_and_does_not_end_us(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.agent._is_typed", lambda: False)
    before = signal.getsignal(number)
    code = _WAITS.format(signal=int(number))
    assert await wait_for([sys.executable, "-c", code], os.environ, tmp_path) == Ended(42, by_signal=False)
    assert signal.getsignal(number) is before


async def test_a_key_that_was_typed_is_left_to_the_terminal_which_tells_the_agent_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("occasio_core.agent._is_typed", lambda: True)
    code = (
        "import os, signal; os.kill(os.getppid(), signal.SIGINT); os.kill(os.getppid(), signal.SIGTERM); signal.pause()"
    )
    assert await wait_for([sys.executable, "-c", code], os.environ, tmp_path) == Ended(128 + 15, by_signal=True)


async def test_what_was_ignored_stays_ignored(tmp_path: Path) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        code = "import os, signal; os.kill(os.getppid(), signal.SIGHUP); raise SystemExit(signal.getsignal(1) is signal.SIG_IGN)"
        assert await wait_for([sys.executable, "-c", code], os.environ, tmp_path) == Ended(1, by_signal=False)
    finally:
        signal.signal(signal.SIGHUP, before)


def test_an_agent_can_be_started_from_any_thread(tmp_path: Path) -> None:
    import asyncio

    ended: list[Ended] = []
    command = [sys.executable, "-c", ""]
    thread = threading.Thread(target=lambda: ended.append(asyncio.run(wait_for(command, os.environ, tmp_path))))
    thread.start()
    thread.join()
    assert ended == [Ended(0, by_signal=False)]
