"""What ripgrep prints of one file: the lines that match, those around them, or the matches alone.

Knows bytes and patterns; it does not know files, nor what an agent makes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from occasio_core import LinearPattern

MAX_COLUMNS = 500  # bytes of a line, its end included; a longer one is told, not shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How much of a file is printed, and what stands before each line."""

    before: int = 0
    after: int = 0
    numbers: bool = True
    only_matching: bool = False
    multiline: bool = False
    max_columns: int = MAX_COLUMNS


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    start: int
    end: int  # without the line break


def as_text(data: bytes) -> bytes:
    """Return `data` as UTF-8 without a byte order mark; UTF-16 shows itself by one."""
    for mark, encoding in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace").encode("utf-8", "replace")
    return data.removeprefix(b"\xef\xbb\xbf")


def matches(pattern: LinearPattern, data: bytes, *, multiline: bool) -> Iterator[tuple[int, int]]:
    """Yield where a match is in each line that has one, or with `multiline` where each match is, apart and in order."""
    at = 0
    while (span := pattern.find(data, at)) is not None:
        start, end = span
        if start == len(data) and (not data or data.endswith(b"\n")):
            return  # behind the last line's end there is no line
        line_start, line_end = _line_at(data, start)
        if multiline:
            yield span
            at = end if end > start else end + 1
        else:
            if end > line_end:  # it ran over the end of the line; something shorter may fit within
                inner = pattern.find(data[line_start:line_end])
                span = None if inner is None else (line_start + inner[0], line_start + inner[1])
            if span is not None:
                yield span
            at = line_end + 1
        if at > len(data):
            return


def printed(
    pattern: LinearPattern, data: bytes, shown: Shown, prefix: str, is_over: Callable[[], bool]
) -> Iterator[str]:
    """Yield the lines that ripgrep prints of a file, without line breaks; `--` between what is apart.

    `prefix` is the file's name, empty to leave it out.  `is_over` is asked again and again whether that is enough.
    """
    spans = matches(pattern, data, multiline=shown.multiline)
    writer = _Writer(pattern, data, shown, prefix)
    for span in spans:
        yield from writer.match(*span)
        if is_over():
            return
    yield from writer.rest()


class _Writer:
    """Prints one file, from its beginning to its end."""

    def __init__(self, pattern: LinearPattern, data: bytes, shown: Shown, prefix: str) -> None:
        self._pattern = pattern
        self._data = data
        self._shown = shown
        self._prefix = prefix
        self._next = _line_from(data, 0, 1)  # the first line that is not printed
        self._last: _Line | None = None
        self._owed = 0  # lines after the last match
        self._began = False

    def match(self, start: int, end: int) -> Iterator[str]:
        """Yield what comes up to the last line of a match."""
        first, last = _line_at(self._data, start)[0], _line_at(self._data, max(start, end - 1))[0]
        if self._shown.before or self._shown.after:
            yield from self._context_between(self._lines_until(first))
        else:
            self._skip_to(first)
        if self._shown.only_matching:
            yield from self._parts(start, end, last)
        else:
            for line in self._lines_until(last + 1):
                yield self._line(line, ":")
        self._owed = self._shown.after
        self._began = True

    def rest(self) -> Iterator[str]:
        """Yield what is left after the last match."""
        while self._owed and self._next is not None:
            yield self._line(self._next, "-")
            self._step()
            self._owed -= 1

    def _context_between(self, skipped: list[_Line]) -> Iterator[str]:
        after = skipped[: self._owed]
        before = skipped[len(after) :][-self._shown.before :] if self._shown.before else []
        for line in after:
            yield self._line(line, "-")
        has_gap = len(skipped) > len(after) + len(before)
        if self._began and has_gap and (self._shown.before or self._shown.after):
            yield "--"
        for line in before:
            yield self._line(line, "-")

    def _skip_to(self, offset: int) -> None:
        """Go on with the line that begins at `offset`, if it is further down."""
        if self._next is not None and self._next.start < offset:
            number = self._next.number + self._data.count(b"\n", self._next.start, offset)
            self._last = _Line(number - 1, *_line_at(self._data, offset - 1))
            self._next = _line_from(self._data, offset, number)

    def _lines_until(self, offset: int) -> list[_Line]:
        lines = []
        while self._next is not None and self._next.start < offset:
            lines.append(self._next)
            self._step()
        return lines

    def _step(self) -> None:
        assert self._next is not None
        self._last = self._next
        self._next = _line_from(self._data, self._next.end + 1, self._next.number + 1)

    def _parts(self, start: int, end: int, last_line: int) -> Iterator[str]:
        """Yield the matches in the lines up to the one that begins at `last_line`, each line's part on its own."""
        before = [self._last] if self._last is not None and start <= self._last.end else []
        for line in [*before, *self._lines_until(last_line + 1)]:
            spans = [(max(start, line.start), min(end, line.end))]
            if not self._shown.multiline:
                spans = [
                    (line.start + first, line.start + last)
                    for first, last in _each(self._pattern, self._data[line.start : line.end])
                    if line.start + first < len(self._data)  # at the very end ripgrep finds nothing that is empty
                ]
            if not spans:
                yield self._line(line, ":")
            for first, last in spans:
                text = self._data[first:last]
                if self._shown.multiline and not text:
                    continue
                if len(text) > self._shown.max_columns:
                    text = b"[Omitted long matching line]"
                yield self._head(line.number, ":") + text.decode("utf-8", "replace")

    def _line(self, line: _Line, mark: str) -> str:
        text = self._data[line.start : line.end]
        long = line.end + (line.end < len(self._data)) - line.start > self._shown.max_columns
        if long:
            text = b"[Omitted long matching line]" if mark == ":" else b"[Omitted long context line]"
        return self._head(line.number, mark) + text.decode("utf-8", "replace")

    def _head(self, number: int, mark: str) -> str:
        name = f"{self._prefix}{mark}" if self._prefix else ""
        return f"{name}{number}{mark}" if self._shown.numbers else name


def _each(pattern: LinearPattern, line: bytes) -> Iterator[tuple[int, int]]:
    """Yield every match in `line`; empty ones too, but none right behind another."""
    at, last = 0, -1
    while at <= len(line) and (span := pattern.find(line, at)) is not None:
        if span[0] < span[1] or span[1] != last:
            yield span
        last = span[1]
        at = span[1] if span[0] < span[1] else span[1] + 1  # bytes, as in ripgrep


def _line_at(data: bytes, offset: int) -> tuple[int, int]:
    """Return where the line around `offset` begins and ends."""
    end = data.find(b"\n", offset)
    return data.rfind(b"\n", 0, offset) + 1, len(data) if end < 0 else end


def _line_from(data: bytes, start: int, number: int) -> _Line | None:
    if start >= len(data):
        return None
    end = data.find(b"\n", start)
    return _Line(number, start, len(data) if end < 0 else end)
