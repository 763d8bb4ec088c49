"""The agent as a process: what it finds in its environment, how it is started, and how its end is told.

Knows processes, signals and terminals.  The agent gets no key that came from our environment: a throw-away token stands
in its place, which is worth nothing outside of this run's proxy.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Self, TypeAlias

from occasio_core.errors import OccasioError
from occasio_core.interfaces import Adapter
from occasio_core.launch import known_agent
from occasio_core.transports.upstream import Swap

_TYPED = ("SIGINT", "SIGQUIT")  # the terminal sends these to every process in front of it, the agent included
_SENT = ("SIGTERM", "SIGHUP")
_PR_SET_CHILD_SUBREAPER = 36
_LOOPBACK = ("127.0.0.1", "localhost")


_Handler: TypeAlias = "Callable[[int, FrameType | None], object] | int | signal.Handlers | None"


class AgentMissingError(OccasioError):
    """Raised when there is no such program as the agent."""

    exit_code = 127  # as a shell has it


@dataclass(frozen=True, slots=True)
class Ended:
    """How the agent ended: its exit code, or 128 and the number of the signal that ended it."""

    exit_code: int
    by_signal: bool


def program(command: str, environment: Mapping[str, str]) -> str:
    """Return the path of the program.  Raises `AgentMissingError`."""
    found = shutil.which(command, path=environment.get("PATH", os.defpath))
    if found is None:
        known = known_agent(None, command)
        hint = f"install it with: {known.install}" if known else "is it installed, and in PATH?"
        raise AgentMissingError(f"there is no program `{command}`", hint=hint)
    return found


def tokens(adapter: Adapter, environment: Mapping[str, str], key: bytes) -> tuple[dict[str, str], list[Swap]]:
    """Return the variables that hold throw-away tokens in place of the provider's keys, and what each stands for.

    The token of a key is always the same, so that an agent that asks its person about a new key asks once.
    """
    variables, swaps = {}, []
    for credential in adapter.credentials:
        if real := environment.get(credential.variable):
            token = local_token(key, credential.variable, real)
            variables[credential.variable] = token
            swaps.append(Swap(header=credential.header, shown=credential.prefix + token, real=credential.prefix + real))
    return variables, swaps


def local_token(key: bytes, variable: str, real: str) -> str:
    """Return what stands in for the key `real`: nothing of it can be read or computed from this without `key`."""
    return f"occasio-local-{hmac.new(key, f'{variable}={real}'.encode(), hashlib.sha256).hexdigest()[:40]}"


def token_key(path: Path) -> bytes:
    """Return the 32 random bytes kept at `path`, made on first use.  Raises `OccasioError`."""
    try:
        with suppress(FileExistsError):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        raise OccasioError(f"`{path}` cannot be used: {error.strerror}") from error
    if len(key) != 32:
        raise OccasioError(f"`{path}` does not hold 32 bytes", hint="remove it; a new one will be made")
    return key


def environment_of(ours: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """Return the agent's environment: ours with `changes`, without Occasio's, and no proxy in front of this machine."""
    own = {name: value for name, value in ours.items() if not name.startswith("OCCASIO_")}
    for name in ("NO_PROXY", "no_proxy"):
        listed = [host.strip() for host in own.get(name, "").split(",") if host.strip()]
        own[name] = ",".join([*listed, *(host for host in _LOOPBACK if host not in listed)])
    return own | dict(changes)


@contextmanager
def placed(files: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Return the variables that say where the files are: while it is entered, in a directory that is ours alone."""
    if not files:
        yield {}
        return
    with TemporaryDirectory(prefix="occasio-") as directory:  # made for its owner alone
        variables = {name: str(Path(directory) / name.lower()) for name in files}
        for name, text in files.items():
            Path(variables[name]).write_text(text, encoding="utf-8")
        yield variables


async def wait_for(command: Sequence[str], environment: Mapping[str, str], cwd: Path) -> Ended:
    """Start the agent in our terminal, and return when it has ended; signals that we get are the agent's.

    Raises `AgentMissingError` when it cannot be started.
    """
    _adopt_orphans()
    with _Relay() as relay:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=dict(environment), cwd=cwd)
        except OSError as error:
            raise AgentMissingError(f"`{command[0]}` cannot be started: {error.strerror}") from error
        relay.begin(process.send_signal)
        code = await process.wait()
    return Ended(128 - code, by_signal=True) if code < 0 else Ended(code, by_signal=False)


def _adopt_orphans() -> None:
    """Become the parent of what the agent leaves running: it stays known as the agent's, however it was detached.

    Linux alone knows how, prctl(2).  What has ended stays in the table of processes until we end, too: to clear it away
    we would have to tell it from the programs that we start ourselves.
    """
    if sys.platform == "linux":
        import ctypes

        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


class _Relay:
    """Passes signals on to the agent while it is entered: the agent decides whether it ends, and we end after it."""

    def __init__(self) -> None:
        self._send: Callable[[int], None] | None = None
        self._early: list[int] = []
        self._before: dict[int, _Handler] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            known = [getattr(signal, name) for name in (*_TYPED, *_SENT) if hasattr(signal, name)]
            # what was ignored when we started (nohup) stays so, for the agent as well
            self._before = {
                number: handler for number in known if (handler := signal.getsignal(number)) is not signal.SIG_IGN
            }
        for number in self._before:
            signal.signal(number, self._on_signal)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def begin(self, send: Callable[[int], None]) -> None:
        """Pass on what came and what comes."""
        self._send = send
        for number in self._early:
            self._on_signal(number)

    def _on_signal(self, number: int, frame: FrameType | None = None) -> None:
        if self._send is None:
            self._early.append(number)
        elif signal.Signals(number).name in _SENT or not _is_typed():
            with suppress(ProcessLookupError):
                self._send(number)


def _is_typed() -> bool:
    """Return whether we are in front of a terminal, where the agent has got the same signal from the same key."""
    for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__):
        with suppress(OSError, ValueError, AttributeError):
            if stream is not None and os.tcgetpgrp(stream.fileno()) == os.getpgrp():
                return True
    return False
