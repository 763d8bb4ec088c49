"""Keeps what was withdrawn from agents beyond the run: who goes on with an old conversation sends its history.

One small file for each call in Occasio's home, its owner's alone, written behind the answer and dropped when nobody has
asked for it for two months.  What a scanner finds in it is masked, as in rows.  Whatever cannot be written or read is
as if it was never kept: the model is told that nothing is known of the call any more.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from occasio_core.ledger.disk import open_private
from occasio_core.wires.memory import Withdrawn
from occasio_core.wires.splice import written
from occasio_verify import Json, MalformedError, parse_json

KEPT_SECONDS = 60 * 24 * 3600  # agents keep their own transcripts for a month
SIZE_LIMIT = 4 << 20  # bytes of one call


class Withdrawals:
    """The calls that were withdrawn in every run of this home.  `mask` returns a text without its secrets."""

    def __init__(self, place: Path, mask: Callable[[str], str]) -> None:
        self._folder = place / "withdrawn"
        self._mask = mask
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="occasio-withdrawals")

    def keep(self, call: str, withdrawn: Withdrawn, /) -> None:
        """Take note of a call.  Returns at once; it is written before `close` returns."""
        self._writer.submit(self._write, call, withdrawn)

    def find(self, call: str, /) -> Withdrawn | None:
        """Return what an earlier run kept of the call; None if there is nothing that can be used."""
        path = self._path(call)
        with suppress(OSError, MalformedError):
            known = _read(path.read_bytes())
            if known is not None:
                os.utime(path)  # what is asked for is kept on
            return known
        return None

    def forget(self, now: float) -> None:
        """Drop what nobody has asked for in a long time; `now` is in seconds since 1970."""
        with suppress(OSError):
            for path in self._folder.iterdir():
                with suppress(OSError):  # another run may have dropped it
                    if path.stat().st_mtime < now - KEPT_SECONDS:
                        path.unlink()

    def close(self) -> None:
        """Return once everything is written."""
        self._writer.submit(self.forget, time.time())
        self._writer.shutdown()

    def _path(self, call: str) -> Path:
        return self._folder / hashlib.sha256(call.encode("utf-8", "surrogatepass")).hexdigest()

    def _write(self, call: str, withdrawn: Withdrawn) -> None:
        data = written(self._entry(withdrawn)).encode("utf-8", "backslashreplace")
        if len(data) > SIZE_LIMIT:
            return
        path = self._path(call)
        unfinished = path.with_suffix(f".{os.getpid()}")
        with suppress(OSError):  # the row is what must be on the disk; without this the model is told less
            self._folder.mkdir(mode=0o700, exist_ok=True)
            descriptor = open_private(unfinished)
            with os.fdopen(descriptor, "wb") as file:
                file.truncate()
                file.write(data)
            unfinished.replace(path)

    def _entry(self, withdrawn: Withdrawn) -> dict[str, Json]:
        return {
            "tool": withdrawn.tool,
            "input": self._input(withdrawn.input),
            "result": self._mask(withdrawn.result),
            "is_error": withdrawn.is_error,
            "said": self._masked(dict(withdrawn.said)),
        }

    def _input(self, text: str | None) -> str | None:
        """Return the input without secrets; None where what is left is no input any more."""
        masked = None if text is None else self._mask(text)
        if masked is not None and masked != text:
            try:
                parse_json(masked.encode("utf-8", "backslashreplace"))
            except MalformedError:
                return None
        return masked

    def _masked(self, value: Json) -> Json:
        match value:
            case str():
                return self._mask(value)
            case list():
                return [self._masked(item) for item in value]
            case dict():
                return {name: self._masked(member) for name, member in value.items()}
            case _:
                return value


def _read(data: bytes) -> Withdrawn | None:
    match parse_json(data, wide_integers=True):
        case {
            "tool": str(tool),
            "input": (str() | None) as text,
            "result": str(result),
            "is_error": bool(is_error),
            "said": dict(said),
        }:
            return Withdrawn(tool=tool, input=text, result=result, is_error=is_error, said=said)
    return None
