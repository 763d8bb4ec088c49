"""What Cline's `list_files` and `search_files` return, for searches that Occasio runs in its place."""

from __future__ import annotations

import os
import re
from itertools import groupby

from occasio_core import Permit, ToolCall
from occasio_files.arguments import absolute, flag, text_argument
from occasio_files.globs import GlobError, Globs, glob_line
from occasio_files.grep import MAX_FILE, MAX_TEXT
from occasio_files.lines import Shown, as_text, printed
from occasio_files.patterns import Pattern, PatternError, pattern_of
from occasio_files.read import UnreadableError
from occasio_files.tree import Tree, Wanted

MAX_LISTED = 200
MAX_FOUND = 300
_AROUND = 1  # lines before and after a match
# Folders that hold what others made, left out of a recursive list.
_MADE = (
    "!node_modules/",
    "!__pycache__/",
    "!env/",
    "!venv/",
    "!target/",
    "!build/",
    "!dist/",
    "!out/",
    "!bundle/",
    "!vendor/",
    "!tmp/",
    "!temp/",
    "!deps/",
    "!pkg/",
    "!Pods/",
    "!.*/",
)


def listed(call: ToolCall, permit: Permit) -> str:
    """Return the files and folders of a folder, with `recursive` of all below it, each from the folder on."""
    base = absolute(text_argument(call, "path") or call.cwd, call.cwd)
    recursive = flag(call, "recursive", default=False)
    globs = Globs(glob for text in _MADE if recursive and (glob := glob_line(text)))
    wanted = Wanted(root=base, globs=globs, honours_ignore=recursive, max_depth=64 if recursive else 1)
    tree = Tree(wanted, permit, tells_folders=True)
    names: list[str] = []
    try:
        for found in tree.below(base):
            names.append(os.path.relpath(found.path, base) + ("/" if found.is_folder else ""))
            if len(names) > MAX_LISTED:
                break
    except OSError as error:
        raise UnreadableError(f"Error listing files: {error.strerror}.") from None
    if not names:
        return "No files found."
    names = sorted(names[:MAX_LISTED]) + names[MAX_LISTED:]
    if len(names) <= MAX_LISTED and not tree.stopped:
        return "\n".join(names)
    cut = "(File list truncated. Use list_files on specific subdirectories if you need to explore further.)"
    return "\n".join([*names[:MAX_LISTED], "", cut])


def searched(call: ToolCall, permit: Permit) -> str:
    """Return the lines below a folder that match, each with the line before and after it."""
    base = absolute(text_argument(call, "path") or call.cwd, call.cwd)
    try:
        pattern = pattern_of(text_argument(call, "regex") or "")
        glob = glob_line(text_argument(call, "file_pattern") or "*")
    except (PatternError, GlobError) as error:
        raise UnreadableError(f"Error: this cannot be searched for here: {error}.") from None
    tree = Tree(Wanted(root=base, globs=Globs([glob] if glob else []), hidden=False), permit)
    try:
        return _told(_found(tree, pattern, base))
    except OSError as error:
        raise UnreadableError(f"Error searching files: {error.strerror}.") from None


def _found(tree: Tree, pattern: Pattern, base: str) -> list[tuple[str, list[str]]]:
    """Return for each file its name and blocks of lines; `--` stands between blocks."""
    files: list[tuple[str, list[str]]] = []
    count = 0
    for found in tree.below(base):
        data = as_text(tree.read(found, MAX_FILE + 1) or b"")
        if b"\0" in data or len(data) > MAX_FILE or pattern.literal not in data:
            continue
        shown = Shown(before=_AROUND, after=_AROUND, max_columns=MAX_TEXT)
        lines = list(printed(pattern.compiled, data, shown, "", lambda: False))
        if lines:
            files.append((os.path.relpath(found.path, base), lines))
            count += sum(1 for line in lines if _MATCH.match(line))
        if count >= MAX_FOUND:
            break
    return files


_MATCH = re.compile(r"[0-9]+:")
_NUMBER = re.compile(r"[0-9]+[:-]")


def _told(files: list[tuple[str, list[str]]]) -> str:
    count = sum(1 for _, lines in files for line in lines if _MATCH.match(line))
    if count >= MAX_FOUND:
        head = f"Showing first {MAX_FOUND} of {MAX_FOUND}+ results. Use a more specific search if necessary."
    else:
        head = f"Found {'1 result' if count == 1 else f'{count} results'}."
    parts = [head, ""]
    for name, lines in files:
        parts += [name, "│----"]
        for is_gap, block in groupby(lines, key=lambda line: line == "--"):
            if not is_gap:
                parts += [f"│{_NUMBER.sub('', line, count=1)}" for line in block] + ["│----"]
        parts.append("")
    text = "\n".join(parts).rstrip()
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}\n[cut at {MAX_TEXT} characters]"
