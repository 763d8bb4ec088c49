"""Reading one file in the agent's place: hold it, ask about what is held, then read, and never too much.

What comes of it is what Claude Code's Read returns for text.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass

from occasio_core import Effect, EffectKind, HoldError, Permit, ToolCall, hold
from occasio_files.arguments import absolute, path_arguments

MAX_WHOLE = 256 << 10  # bytes of a file that is read without `limit`, as in Claude Code
MAX_FILE = 8 << 20  # bytes looked at
MAX_TEXT = 512 << 10  # bytes returned
_PROBE = 8192  # bytes in which a NUL shows that it is no text


class UnreadableError(Exception):
    """It cannot be read, or looked for, in the agent's place; the message is for the model, one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Lines of a file: `limit` of them, or all, from line `offset`, which counts from 1."""

    path: str
    offset: int
    limit: int | None
    cwd: str


def requested(call: ToolCall) -> Request:
    """Return what `call` asks for.  Raises `UnreadableError` for anything that only the agent's own tool can do."""
    paths = path_arguments(call)
    if len(set(paths)) > 1:
        raise UnreadableError("Error: more than one path was given.")
    if call.input.get("pages") is not None:
        raise UnreadableError("Error: pages of a document cannot be read here.")
    return Request(
        path=absolute(paths[0].strip(), call.cwd),
        offset=1 if (offset := _number(call, "offset", 0)) is None else offset,
        limit=_number(call, "limit", 1),
        cwd=call.cwd,
    )


def numbered(request: Request, permit: Permit) -> str:
    """Return the lines that `request` asks for, each as its number, a tab and its text.

    Raises `UnreadableError` when the file cannot be opened, is not a text, or what was opened is not permitted.
    """
    data = _content(request, permit)
    if b"\0" in data[:_PROBE]:
        raise UnreadableError("Error: this is not a text file; it cannot be read here.")
    text = data[:MAX_FILE].decode("utf-8", "replace").removeprefix("\ufeff")
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    start = max(0, request.offset - 1)
    shown = lines[start:][: request.limit]
    if not text or not shown:
        # As Claude Code says it; it is no error.
        told = f"is shorter than the provided offset ({request.offset}). The file has {len(lines)} lines."
        return f"<system-reminder>Warning: the file exists but {told}</system-reminder>"
    printed = "\n".join(f"{number}\t{line}" for number, line in enumerate(shown, request.offset))
    return _clipped(printed, complete=len(data) <= MAX_FILE or start + len(shown) < len(lines))


def _content(request: Request, permit: Permit) -> bytes:
    """Return the bytes of the file, one more than `MAX_FILE` if there are more."""
    path = request.path
    try:
        with hold(path) as file:
            # Between the decision and now, a link on the way may have been turned elsewhere.
            if not permit(Effect(EffectKind.READ, file.path)):
                raise UnreadableError("Error: the policy does not allow this file to be read.")
            if file.is_folder:
                raise UnreadableError(f"EISDIR: illegal operation on a directory, read '{path}'")
            size = file.status.st_size
            if request.limit is None and size > MAX_WHOLE:
                raise UnreadableError(_too_large(size))
            return file.read(MAX_FILE + 1)
    except HoldError as error:
        raise UnreadableError(f"Error: this cannot be read here: {error.strerror}.") from None
    except OSError as error:
        raise UnreadableError(_failed(error, request)) from None


def _failed(error: OSError, request: Request) -> str:
    match error.errno:
        case errno.ENOENT:
            return f"File does not exist. Note: your current working directory is {request.cwd}."
        case errno.ELOOP:
            return "Error: the path leads through links that cannot be followed here."
        case _:
            return f"Error: the file cannot be read: {error.strerror}."


def _too_large(size: int) -> str:
    told = f"{size / 1024:.1f}".removesuffix(".0") + "KB" if size < 1 << 20 else f"{size / (1 << 20):.1f}MB"
    return (
        f"File content ({told}) exceeds maximum allowed size (256KB). Use offset and limit parameters to read specific "
        "portions of the file, or search for specific content instead of reading the whole file."
    )


def _number(call: ToolCall, name: str, least: int) -> int | None:
    value = call.input.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise UnreadableError(f"Error: {name} is not a line number.")
    return value


def _clipped(text: str, *, complete: bool) -> str:
    data = text.encode("utf-8", "replace")
    if len(data) > MAX_TEXT:
        text, complete = data[:MAX_TEXT].decode("utf-8", "ignore"), False
    return text if complete else f"{text}\n[not the whole file: use offset and limit to read on]"
