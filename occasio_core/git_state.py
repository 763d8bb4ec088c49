"""What git says of a working tree, as a `git_state` row keeps it (SPEC section 5.1).

Runs the `git` of the path and nothing that the tree or its configuration names: no hooks, no file system monitor, no
filters, no external diff, no transport.  Writes nothing, not even git's index.  Knows no log.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from occasio_verify import Json, git_digest

SECONDS = 5.0
MAX_NAMES = 200
MAX_NAME_BYTES = 65_536

_HEAD = re.compile(r"[0-9a-f]{40}")
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never")
_STATUS = ("status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal", "--ignore-submodules=dirty")
_DIFF = ("diff", "--no-ext-diff", "--no-textconv", "--no-color", "--binary", "--ignore-submodules=dirty")


class _GitError(Exception):
    """Git is missing, took too long or refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    head: str | None = None
    branch: str | None = None
    changed: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()


def git_state(cwd: Path, phase: Literal["run_start", "run_end"]) -> dict[str, Json]:
    """Return the `tool_inputs` of a `git_state` row for the tree around `cwd`.

    Names are sorted; each of the two lists ends after 200 names or 64 KiB, and `diff_hash` still covers every change to
    a tracked file.  `diff_hash` is null where there is nothing to compare with, nothing changed, or git took more than
    5 seconds.  Where git is missing or knows no work tree here, `is_repo` is false and the rest is empty.
    """
    state = _state(cwd)
    return {"phase": phase, "cwd": str(cwd), **state, "digest": git_digest(state)}


def _state(cwd: Path) -> dict[str, Json]:
    try:
        environment = _environment(cwd)
        status = _read_status(b"".join(_output(cwd, _STATUS, environment)))
    except _GitError:
        return _members(_Status(), is_repo=False, diff_hash=None)
    return _members(status, is_repo=True, diff_hash=_diff_hash(cwd, status, environment))


def _members(status: _Status, *, is_repo: bool, diff_hash: str | None) -> dict[str, Json]:
    return {
        "is_repo": is_repo,
        "head": status.head,
        "branch": status.branch,
        "dirty": bool(status.changed or status.untracked),
        "changed_files": list(_clipped(status.changed)),
        "untracked_files": list(_clipped(status.untracked)),
        "diff_hash": diff_hash,
    }


def _read_status(output: bytes) -> _Status:
    """Read what `git status --porcelain=v2 -z` says; a rename's old name is an entry of its own and is passed over."""
    head = branch = None
    changed, untracked = set(), set()
    entries = iter(output.decode("utf-8", "backslashreplace").split("\0"))
    for entry in entries:
        match entry.split(" ", 2):
            case ["#", "branch.oid", name]:
                head = name if _HEAD.fullmatch(name) else None
            case ["#", "branch.head", name]:
                branch = None if name == "(detached)" else name
            case ["1", *_]:
                changed.add(entry.split(" ", 8)[8])
            case ["2", *_]:
                changed.add(entry.split(" ", 9)[9])
                next(entries, None)
            case ["u", *_]:
                changed.add(entry.split(" ", 10)[10])
            case ["?", *_]:
                untracked.add(entry[2:])
    return _Status(head=head, branch=branch, changed=tuple(sorted(changed)), untracked=tuple(sorted(untracked)))


def _clipped(names: Iterable[str]) -> Iterator[str]:
    room = MAX_NAME_BYTES
    for count, name in enumerate(names):
        room -= len(name.encode())
        if count == MAX_NAMES or room < 0:
            return
        yield name


def _diff_hash(cwd: Path, status: _Status, environment: Mapping[str, str]) -> str | None:
    if status.head is None or not status.changed:
        return None
    digest, size = hashlib.sha256(), 0
    try:
        for piece in _output(cwd, (*_DIFF, "HEAD"), environment):
            digest.update(piece)
            size += len(piece)
    except _GitError:
        return None
    return digest.hexdigest() if size else None


def _environment(cwd: Path) -> dict[str, str]:
    """Return an environment in which git looks at `cwd` alone and starts no filter that the repository names.

    A filter is a command line in `.git/config`, which the agent may have written; git would run it to compare files.
    """
    environment = {name: value for name, value in os.environ.items() if _harmless(name)}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    settings = [*_given_settings(environment), *((name, "") for name in _filters(cwd, environment))]
    for number, (name, value) in enumerate(settings):
        environment |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
    return environment | {"GIT_CONFIG_COUNT": str(len(settings))}


def _harmless(variable: str) -> bool:
    """Return whether `variable` does not turn git's eyes elsewhere, as GIT_DIR would."""
    return not variable.startswith("GIT_") or variable.startswith("GIT_CONFIG_")


def _given_settings(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    count = environment.get("GIT_CONFIG_COUNT", "")
    for number in range(int(count) if count.isascii() and count.isdigit() else 0):
        name = environment.get(f"GIT_CONFIG_KEY_{number}")
        if name is not None:
            yield name, environment.get(f"GIT_CONFIG_VALUE_{number}", "")


def _filters(cwd: Path, environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the settings of filters that come from the repository, not from the person's own configuration."""
    listing = ("config", "--includes", "-z", "--show-scope", "--name-only", "--get-regexp", r"^filter\.")
    try:
        scopes_and_names = b"".join(_output(cwd, listing, environment, accept=(0, 1))).decode("utf-8").split("\0")
    except UnicodeDecodeError:
        raise _GitError("a setting that is not text") from None
    for scope, name in zip(scopes_and_names[::2], scopes_and_names[1::2], strict=False):
        if scope in ("local", "worktree"):
            yield name


def _output(
    cwd: Path, arguments: Iterable[str], environment: Mapping[str, str], accept: tuple[int, ...] = (0,)
) -> Iterator[bytes]:
    """Yield what git prints, in pieces.  Raises `_GitError` if it fails or is not done in time."""
    with _started(["git", *_OPTIONS, *arguments], cwd, environment) as process:
        assert process.stdout is not None
        while piece := process.stdout.read(65_536):
            yield piece
    if process.returncode not in accept:
        raise _GitError(f"git ended with {process.returncode}")


@contextmanager
def _started(command: list[str], cwd: Path, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise _GitError(f"cannot start git: {error.strerror}") from error
    late = threading.Timer(SECONDS, process.kill)
    late.start()
    try:
        with process:
            yield process
    finally:
        late.cancel()
