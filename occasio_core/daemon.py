"""The daemon: one process for each home, which answers the hooks of every agent that was not started by `occasio run`.

It holds a lock for as long as it lives, so that there is never a second, and it is known whether it is there.  Knows
processes and signals; who answers what is in `hooks`.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from occasio_core import home as places
from occasio_core.daylog import LOGS, DayLog
from occasio_core.engine import engine
from occasio_core.errors import OccasioError
from occasio_core.files import write_whole
from occasio_core.hooks.place import place_thin
from occasio_core.hooks.replies import Replies
from occasio_core.hooks.runs import HookRuns
from occasio_core.hooks.server import HookPort, HookSocket
from occasio_core.ledger import Ledger
from occasio_core.ledger.disk import open_private
from occasio_core.ledger.lock import FileLock
from occasio_core.policy import load_policy
from occasio_core.run_state import is_held
from occasio_verify import Json, MalformedError, canonical, parse_json

SOCKET = "daemon.sock"
_LOCK = "daemon.lock"
_STATE = "daemon.json"
_LOG = "daemon.log"
_SWEEP_SECONDS = 30.0
_PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.02
_TURNS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Daemon:
    """A daemon that lives: its process, and where agents post to."""

    pid: int
    port: int
    secret: str

    def url(self, agent: str) -> str:
        """Return where hooks of `agent` are posted to."""
        return f"http://127.0.0.1:{self.port}/{self.secret}/{agent}"


def status(place: Path) -> Daemon | None:
    """Return the daemon of the home `place`, None if there is none."""
    path = place / _LOCK
    return _remembered(place) if is_held(path) else None


def start(place: Path) -> Daemon:
    """Start the daemon, if there is none, and return it once it answers.  Raises `OccasioError` when it cannot."""
    if (running := status(place)) is not None:
        return running
    with (place / _LOG).open("ab") as told:
        before = told.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "occasio_core", "daemon", "serve"],
            cwd=place,
            env={**os.environ, places.VARIABLE: str(place)},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=told,
            start_new_session=True,
        )
    begun = time.monotonic()
    while (found := status(place)) is None or found.pid != process.pid:
        if process.poll() is not None:
            raise _not_started(place / _LOG, before)
        if time.monotonic() - begun > _PATIENCE_SECONDS:
            process.kill()
            process.wait()
            raise OccasioError("the daemon does not answer", hint=f"see {place / _LOG}")
        time.sleep(_LOOK_SECONDS)
    process.returncode = 0  # it goes on without us
    return found


def _not_started(log: Path, before: int) -> OccasioError:
    """Return why the daemon did not start, in its own words, or in the system's where it could write down none."""
    with log.open("r+b") as file:
        file.seek(before)
        said = file.read().decode("utf-8", "replace").strip()
        if not said:
            try:
                os.write(file.fileno(), b"the daemon did not start\n")
            except OSError as error:
                failed = OccasioError(f"the daemon did not start: `{log}`: {error.strerror}")
                failed.__cause__ = error
                return failed
    why, _, hint = said.removeprefix("occasio: ").partition("\nhint: ")
    if "\n" in why or not why:
        return OccasioError("the daemon did not start", hint=f"see {log}")
    return OccasioError(f"the daemon did not start: {why}", hint=hint or f"see {log}")


def stop(place: Path) -> bool:
    """End the daemon once its runs are closed; return whether there was one.  Raises `OccasioError`."""
    running = status(place)
    if running is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(running.pid, signal.SIGTERM)
    begun = time.monotonic()
    while is_held(place / _LOCK):
        if time.monotonic() - begun > _PATIENCE_SECONDS:
            raise OccasioError(f"the daemon does not end: process {running.pid}")
        time.sleep(_LOOK_SECONDS)
    return True


def serve(place: Path) -> None:
    """Be the daemon until somebody ends it.  Raises `OccasioError`, also where there is one already."""
    with ExitStack() as stack:
        stack.enter_context(_only(place / _LOCK))
        place_thin(place)
        log = stack.enter_context(Ledger(places.log_path(place)))
        asyncio.run(_serve(place, log))


async def _serve(place: Path, log: Ledger) -> None:
    ruled = engine(load_policy(None, place, place), place)
    runs = HookRuns(place, log, ruled)
    await asyncio.to_thread(runs.recover)
    notes = DayLog(place, LOGS)
    replies = Replies(ruled.registry.hook_dialects, runs.door, runs.ended, notes.note)
    known = _remembered(place)
    secret = known.secret if known else secrets.token_urlsafe(32)
    port = await _port(secret, known.port if known else 0, replies, place)
    socket = HookSocket(place / SOCKET, replies)
    await socket.start()
    state: dict[str, Json] = {"pid": os.getpid(), "port": port.port, "secret": secret}
    write_whole(place / _STATE, canonical(state) + b"\n", 0o600)
    try:
        await _until_ended(runs)
    finally:
        await socket.stop()
        await port.stop()
        await runs.close()
        notes.close()


async def _port(secret: str, wanted: int, replies: Replies, place: Path) -> HookPort:
    """Return the port of before, which agents' settings may name; another only if somebody took it."""
    for number in dict.fromkeys((wanted, 0)):
        port = HookPort(secret, number, replies, place)
        with suppress(OccasioError):
            await port.start()
            return port
    raise OccasioError("cannot listen on 127.0.0.1")


async def _until_ended(runs: HookRuns) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    while not ended.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), _SWEEP_SECONDS)
        await runs.sweep()


@contextmanager
def _only(path: Path) -> Iterator[None]:
    """Hold the lock at `path`.  Raises `OccasioError` if another process does."""
    descriptor = open_private(path)
    lock = FileLock(descriptor)
    try:
        for _ in range(_TURNS):  # whoever only looks holds it for a moment
            if lock.try_acquire():
                break
            time.sleep(_LOOK_SECONDS)
        else:
            raise OccasioError("the daemon of this home is running already", hint="occasio daemon status")
        yield
    finally:
        os.close(descriptor)


def _remembered(place: Path) -> Daemon | None:
    try:
        state = parse_json((place / _STATE).read_bytes())
    except (OSError, MalformedError):
        return None
    if not isinstance(state, dict):
        return None
    pid, port, secret = state.get("pid"), state.get("port"), state.get("secret")
    if not (isinstance(pid, int) and isinstance(port, int) and isinstance(secret, str)):
        return None
    return Daemon(pid=pid, port=port, secret=secret)
