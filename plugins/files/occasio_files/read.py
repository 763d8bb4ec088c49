"""Reading one file in the agent's place: open first, ask about what was opened, then read, and never too much."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from occasio_core import Effect, EffectKind, Permit, ToolCall
from occasio_files.arguments import absolute, path_arguments

MAX_FILE = 8 << 20  # bytes looked at
MAX_TEXT = 512 << 10  # bytes returned
MAX_LINES = 2000  # as Claude Code returns without `limit`
_PROBE = 8192  # bytes in which a NUL shows that it is no text


class UnreadableError(Exception):
    """The file cannot be read here; the message is for the model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Lines of a file: `limit` of them from line `offset`, which counts from 1."""

    path: str
    offset: int
    limit: int


def requested(call: ToolCall) -> Request:
    """Return what `call` asks for.  Raises `UnreadableError` for anything that only the agent's own tool can do."""
    paths = path_arguments(call)
    if len(set(paths)) > 1:
        raise UnreadableError("Error: more than one path was given.")
    if call.input.get("pages") is not None:
        raise UnreadableError("Error: pages of a document cannot be read here.")
    return Request(
        path=absolute(paths[0], call.cwd),
        offset=max(1, _number(call, "offset", 1)),
        limit=_number(call, "limit", MAX_LINES),
    )


def numbered(request: Request, permit: Permit) -> str:
    """Return the lines that `request` asks for, each as its number, a tab and its text.

    Raises `UnreadableError` when the file cannot be opened, is not a text, or what was opened is not permitted.
    """
    data = _content(request.path, permit)
    if b"\0" in data[:_PROBE]:
        raise UnreadableError("Error: this is not a text file; it cannot be read here.")
    lines = data[:MAX_FILE].decode("utf-8", "replace").split("\n")
    shown = lines[request.offset - 1 : request.offset - 1 + request.limit]
    if not shown:
        raise UnreadableError(f"Error: the file has {len(lines)} lines; line {request.offset} is behind its end.")
    text = "\n".join(f"{number}\t{line}" for number, line in enumerate(shown, request.offset))
    return _clipped(text, complete=len(data) <= MAX_FILE and request.offset - 1 + len(shown) == len(lines))


def _content(path: str, permit: Permit) -> bytes:
    """Return the bytes of `path`, one more than `MAX_FILE` if there are more."""
    with _opened(path) as handle:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise UnreadableError("Error: this is not a regular file; it cannot be read here.")
        # Between the decision and the opening, a link on the way may have been turned elsewhere.
        if not permit(Effect(EffectKind.READ, _true_path(handle, path))):
            raise UnreadableError("Error: the policy does not allow this file to be read.")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(MAX_FILE + 1)


@contextmanager
def _opened(path: str) -> Iterator[int]:
    try:
        # Without O_NONBLOCK a named pipe would hold everything up until somebody writes to it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise UnreadableError("Error: the file does not exist.") from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"Error: the file cannot be opened: {type(error).__name__}.") from None
    try:
        yield handle
    except OSError as error:
        raise UnreadableError(f"Error: the file cannot be read: {error.strerror}.") from None
    finally:
        os.close(handle)


def _true_path(handle: int, path: str) -> str:
    """Return where the opened file is.  Raises `UnreadableError` when that cannot be told."""
    try:
        return os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115
    except OSError:  # a system without /proc
        real = os.path.realpath(path)
        if os.path.samestat(os.fstat(handle), os.stat(real, follow_symlinks=False)):  # noqa: PTH116
            return real
    raise UnreadableError("Error: the file moved while it was opened.")


def _number(call: ToolCall, name: str, default: int) -> int:
    value = call.input.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise UnreadableError(f"Error: {name} is not a line number.")
    return value


def _clipped(text: str, *, complete: bool) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_TEXT:
        text, complete = data[:MAX_TEXT].decode("utf-8", "ignore"), False
    return text if complete else f"{text}\n[not the whole file: use offset and limit to read on]"
