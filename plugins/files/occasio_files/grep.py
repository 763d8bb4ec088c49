"""Looking for text in files in the agent's place, told as Claude Code's Grep tells what ripgrep found.

Every file is held, and the policy asked about what is held, before a byte of it is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from occasio_core import HoldError, Permit, ToolCall, hold
from occasio_files.arguments import absolute, flag, number, shown_path, text_argument
from occasio_files.globs import GlobError, Globs, glob_line
from occasio_files.lines import MAX_COLUMNS, Shown, as_text, matches, printed
from occasio_files.patterns import Pattern, PatternError, pattern_of
from occasio_files.read import UnreadableError
from occasio_files.tree import Found, Tree, Wanted
from occasio_files.types import names_of_type

MAX_FILE = 16 << 20  # bytes; what is larger is left out, and that is told
MAX_TEXT = 20_000  # characters of an answer
MAX_LINES = 100_000  # that are kept before they are cut to what was asked for
HEAD = 250  # as Claude Code shows without `head_limit`
_VERSIONS = ("!.git", "!.svn", "!.hg", "!.bzr", "!.jj", "!.sl")
_MODES = ("files_with_matches", "content", "count")
# What JavaScript takes away from the ends of a text.
_BLANKS = "\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is looked for, where, and how it is told."""

    pattern: Pattern
    path: str
    written: str
    wanted: Wanted
    mode: str
    shown: Shown
    head: int
    offset: int
    cwd: str


@dataclass(slots=True)
class Search:
    """One search: what it found so far, and what it had to leave out."""

    request: Request
    permit: Permit
    tree: Tree = field(init=False)
    lines: list[str] = field(default_factory=list)
    files: list[tuple[int, str]] = field(default_factory=list)
    too_large: int = 0

    def __post_init__(self) -> None:
        self.tree = Tree(self.request.wanted, self.permit)

    def run(self) -> None:
        """Look for it.  Raises `UnreadableError` when the place cannot be looked at."""
        path = self.request.path
        try:
            with hold(path) as place:
                if not place.is_folder:
                    if not self.tree.may_read(path, place.path):
                        raise UnreadableError("Error: the policy does not allow this file to be read.")
                    self._file(place.read(MAX_FILE + 1), path, None, alone=True)
                    return
            for found in self.tree.below(path):
                data = self.tree.read(found, MAX_FILE + 1)
                if data is not None:
                    self._file(data, found.path, found, alone=False)
                if self._is_enough():
                    return
        except HoldError as error:
            raise UnreadableError(f"Error: this cannot be searched here: {error.strerror}.") from None
        except FileNotFoundError:
            raise UnreadableError(_missing(self.request)) from None
        except OSError as error:
            raise UnreadableError(f"Error: this cannot be searched: {error.strerror}.") from None

    def _file(self, data: bytes, path: str, found: Found | None, *, alone: bool) -> None:
        if len(data) > MAX_FILE:
            self.too_large += 1
            return
        data = as_text(data)
        binary = data.find(b"\0")
        if binary >= 0 and not alone:
            return
        if binary >= 0:
            data = data.replace(b"\0", b"\n")
        if self.request.pattern.literal not in data:
            return
        spans = matches(self.request.pattern.compiled, data, multiline=self.request.shown.multiline)
        match self.request.mode:
            case "files_with_matches":
                if next(spans, None):
                    self.files.append((found.modified if found else 0, path))
            case "count":
                if count := sum(1 for _ in spans):
                    self.lines.append(f"{path}:{count}")
            case _ if binary >= 0:
                if next(spans, None):
                    self.lines.append(f'binary file matches (found "\\0" byte around offset {binary})')
            case _:
                self._content(data, "" if alone else path)

    def _content(self, data: bytes, prefix: str) -> None:
        shown = self.request.shown
        new = printed(self.request.pattern.compiled, data, shown, prefix, self._is_enough)
        has_context = bool(shown.before or shown.after)
        for count, line in enumerate(new):
            if count == 0 and self.lines and has_context:
                self.lines.append("--")
            self.lines.append(line)

    def _is_enough(self) -> bool:
        """Return whether nothing that may still be found would be told."""
        if self.request.mode == "files_with_matches":
            return False  # the latest may come last
        wanted = self.request.offset + (self.request.head or MAX_LINES)
        return len(self.lines) > min(wanted, MAX_LINES) + _SLACK


_SLACK = 2  # lines that are empty do not count in the end, and one more says that there is more


def requested(call: ToolCall) -> Request:
    """Return what `call` asks for.  Raises `UnreadableError` for what cannot be done here, in one line."""
    cwd = call.cwd
    mode = text_argument(call, "output_mode") or _MODES[0]
    if mode not in _MODES:
        raise UnreadableError(f"Error: output_mode is one of {', '.join(_MODES)}.")
    multiline = flag(call, "multiline", default=False)
    try:
        pattern = pattern_of(
            text_argument(call, "pattern") or "", any_case=flag(call, "-i", default=False), multiline=multiline
        )
        globs = [glob_line(glob) for glob in (*_VERSIONS, *_split(text_argument(call, "glob") or ""))]
    except (PatternError, GlobError) as error:
        raise UnreadableError(f"Error: this cannot be searched for here: {error}.") from None
    return Request(
        pattern=pattern,
        path=absolute(text_argument(call, "path") or cwd, cwd),
        written=text_argument(call, "path") or cwd,
        wanted=Wanted(root=cwd, globs=Globs(glob for glob in globs if glob), names=_names(call)),
        mode=mode,
        shown=_shown(call, multiline=pattern.crosses),
        head=number(call, "head_limit", HEAD),
        offset=number(call, "offset", 0),
        cwd=cwd,
    )


def told(search: Search) -> str:
    """Return what Claude Code's Grep says of what was found."""
    request = search.request
    match request.mode:
        case "files_with_matches":
            text = _files(search)
        case "count":
            text = _counts(search)
        case _:
            lines, more = _page(list(_cleaned(search.lines)), request)
            text = "\n".join(shown_path(line, request.cwd) for line in lines) or "No matches found"
            text += f"\n\n[Showing results with pagination = {more}]" if more else ""
    return _bounded(text, search)


def _files(search: Search) -> str:
    request = search.request
    # As the tool sorts them: the latest first.
    latest = [path for _, path in sorted(search.files, key=lambda file: (-file[0], file[1]))]
    files, more = _page(latest, request)
    if not files:
        return "No files found"
    head = f"Found {len(files)} {'file' if len(files) == 1 else 'files'}{f' {more}' if more else ''}"
    return "\n".join([head, *(shown_path(f"{path}:", request.cwd)[:-1] for path in files)])


def _counts(search: Search) -> str:
    lines, more = _page(search.lines, search.request)
    counts = [int(line.rpartition(":")[2]) for line in lines]
    shown = [shown_path(line, search.request.cwd) for line in lines]
    total, files = sum(counts), len(counts)
    return (
        ("\n".join(shown) or "No matches found")
        + f"\n\nFound {total} total {'occurrence' if total == 1 else 'occurrences'}"
        + f" across {files} {'file' if files == 1 else 'files'}."
        + (f" with pagination = {more}" if more else "")
    )


def _missing(request: Request) -> str:
    where = f"Note: your current working directory is {request.cwd}."
    return f"<tool_use_error>Path does not exist: {request.written}. {where}</tool_use_error>"


def _page(lines: list[str], request: Request) -> tuple[list[str], str]:
    """Return the part that was asked for, and what the tool says of it when it is one."""
    start = request.offset
    end = start + request.head if request.head else None
    has_more = end is not None and len(lines) > end
    said = [f"limit: {request.head}"] if has_more else []
    said += [f"offset: {start}"] if start else []
    return lines[start:end], ", ".join(said)


def _cleaned(lines: list[str]) -> Iterator[str]:
    """Yield the lines as the tool reads them from ripgrep: not what is blank at both ends, and no empty ones."""
    for line in "\n".join(lines).strip(_BLANKS).split("\n"):
        if line := line.removesuffix("\r"):
            yield line


def _bounded(text: str, search: Search) -> str:
    notes = []
    if len(text) > MAX_TEXT:
        text = text[:MAX_TEXT].rpartition("\n")[0] or text[:MAX_TEXT]
        notes.append(f"cut at {MAX_TEXT} characters: use head_limit and offset, or search for less")
    if search.tree.stopped:
        notes.append(f"the search was stopped {search.tree.stopped}: search a smaller folder")
    if search.tree.is_cut:
        notes.append(search.tree.is_cut)
    if search.too_large:
        notes.append(f"files larger than {MAX_FILE >> 20} MiB that were not searched: {search.too_large}")
    return text + "".join(f"\n[{note}]" for note in notes)


def _shown(call: ToolCall, *, multiline: bool) -> Shown:
    around = number(call, "context", number(call, "-C", -1))
    before, after = (around, around) if around >= 0 else (number(call, "-B", 0), number(call, "-A", 0))
    return Shown(
        before=before,
        after=after,
        numbers=flag(call, "-n", default=True),
        only_matching=flag(call, "-o", default=False),
        multiline=multiline,
        max_columns=MAX_COLUMNS,
    )


def _names(call: ToolCall) -> Globs | None:
    name = text_argument(call, "type")
    if not name:
        return None
    names = names_of_type(name)
    if not names:
        raise UnreadableError(f"Error: the file type `{name[:40]}` is not known here: use glob.")
    return Globs(glob for text in names if (glob := glob_line(text)))


def _split(globs: str) -> Iterator[str]:
    for text in globs.split():
        if "{" in text and "}" in text:
            yield text
        else:
            yield from filter(None, text.split(","))
