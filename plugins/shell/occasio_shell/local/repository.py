"""Asking a repository what it would have git do, before git does anything in it.

Knows how git is started here.  Which keys are harmless, and which words only look, is in `git`.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence

from occasio_shell.local.checks import Checks, RefusedError
from occasio_shell.local.git import ENVIRONMENT, GitCommand, is_harmless, prefix
from occasio_shell.local.line import Errors, NotLocalError
from occasio_shell.local.processes import Limits, Process, run

_SECONDS = 5.0
_SIZE = 4 << 20
_RANGE = re.compile(r"\.{2,3}")


def process(command: GitCommand, errors: Errors) -> Process:
    """Return how git is started; it is started in the command's folder."""
    folder = ["-C", command.folder] if command.folder else []
    return _process([*folder, *prefix(), *command.words], errors)


def check_configuration(cwd: str) -> None:
    """Make sure that the repository around `cwd` says nothing but plain facts.

    Raises `NotLocalError` at the first key that may start something, or when that cannot be told.
    """
    listed = _asked(["config", "--list", "--show-scope", "--includes", "-z"], cwd)
    if listed is None:
        raise NotLocalError("the repository's configuration cannot be read")
    fields = listed.split("\0")[:-1]
    for scope, setting in zip(fields[::2], fields[1::2], strict=True):
        key = setting.partition("\n")[0]
        if scope not in {"local", "worktree"} or not is_harmless(key):
            raise NotLocalError(f"the repository's configuration sets `{key}`")


def check_contents(command: GitCommand, cwd: str, checks: Checks) -> None:
    """Ask about every file whose content the command would print.  Raises `RefusedError` at the first refused one."""
    if not (command.shows or command.blobs):
        return
    top = (_asked([*prefix(), "rev-parse", "--show-toplevel"], cwd) or "").rstrip("\n")
    if not top:
        raise RefusedError("Error: this is no working tree of a git repository.")
    for path in command.blobs:
        base = cwd if path.startswith(("./", "../")) else top
        checks.ask(os.path.normpath(os.path.join(base, path)), path)  # noqa: PTH118
    if command.shows:
        for word in command.objects:
            _check_object(word, cwd, top)
        names = _asked([*prefix(), *command.names], cwd)
        if names is None:
            raise RefusedError("Error: git does not say which files it would show.")
        for name in dict.fromkeys(names.split("\0")):
            if path := name.strip("\n"):
                checks.ask(os.path.join(top, path), path)  # noqa: PTH118


def _check_object(word: str, cwd: str, top: str) -> None:
    """Make sure that a word is a commit or a range of them, or a path of the working tree: a blob has no name."""
    path = os.path.join(cwd, word)  # noqa: PTH118
    if os.path.lexists(path) and not f"{os.path.realpath(path)}/".startswith(f"{os.path.realpath(top)}/"):
        raise RefusedError(f"Error: `{word}` is outside of the repository.")  # git would compare any two files then
    for name in filter(None, (part.removeprefix("^") for part in _RANGE.split(word))):
        if _is_object(name, cwd) and not _is_object(f"{name}^{{commit}}", cwd):
            raise RefusedError(f"Error: `{name}` is no commit; it cannot be shown here.")


def _is_object(name: str, cwd: str) -> bool:
    return _asked([*prefix(), "rev-parse", "--verify", "--quiet", name], cwd) is not None


def _asked(words: Sequence[str], cwd: str) -> str | None:
    """Return what git says, None if it fails."""
    limits = Limits(until=time.monotonic() + _SECONDS, size=_SIZE)
    ended = run([_process(words, Errors.DROPPED)], cwd, limits)
    if ended.code or ended.stopped:
        return None
    return ended.output.decode("utf-8", "surrogateescape")


def _process(words: Sequence[str], errors: Errors) -> Process:
    return Process(program="git", arguments=words, errors=errors, environment=ENVIRONMENT)
