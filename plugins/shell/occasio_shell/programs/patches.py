"""Patches: the files that they name are the files that are written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from occasio_shell.disk import beginning
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, Word, text_of

MAX_PATCH = 1 << 20  # bytes that are looked at
_MAX_NAMES = 256
_MAX_SOURCES = 4
_NAME = re.compile(r"""(?m)^(?:\+\+\+|---|rename to|copy to|Index:)[ \t]+"?(?!/dev/null)([^\t\n"]+)""")


def patched(invocation: Invocation, patches: list[Word], *, strip: int | None, folder: str = "") -> None:
    """Note what the patches write, or those of the input if there are none.

    `strip` leading parts are taken from each name, as `-p` says; None where it does not say.
    """
    for word in patches:
        invocation.notes.read(word)
    texts = [_content(invocation, word) for word in patches] or [text_of(invocation.stdin)]
    if not patches and not texts[0]:  # what came by `<` or a pipe is in a file that was read just before
        texts = [
            beginning(invocation.notes.start, path, MAX_PATCH).text for path in invocation.notes.last_read(_MAX_SOURCES)
        ]
    names = dict.fromkeys(name for text in texts for name in _names(text, strip))
    for name, _ in zip(names, range(_MAX_NAMES), strict=False):
        invocation.notes.write(Word(f"{folder.rstrip('/')}/{name}" if folder else name))


def _names(text: str, strip: int | None) -> Iterator[str]:
    for found in _NAME.finditer(text):
        parts = found[1].strip().split("/")
        yield "/".join(parts[strip or 0 :])
        if strip is None:
            yield from ("/".join(parts[1:]), parts[-1])


def _content(invocation: Invocation, word: Word) -> str:
    if word.text == "-":
        return text_of(invocation.stdin)
    content = word.stream or invocation.notes.content(word)
    return text_of(content) if content else beginning(invocation.notes.cwd, word.text, MAX_PATCH).text


def _patch(invocation: Invocation) -> Output:
    arguments = invocation.arguments("pidoBDFgrVYz", ("--input", "--directory", "--strip", "--output"))
    folder = next((word.text for word in arguments.values("-d", "--directory")), "")
    strips = [word.text for word in arguments.values("-p", "--strip") if word.text.isdigit()]
    for word in (*arguments.operands[:1], *arguments.values("-o", "--output")):
        invocation.notes.read(word)
        invocation.notes.write(word)
    patches = [*arguments.operands[1:2], *arguments.values("-i", "--input")]
    if not arguments.has("--dry-run"):
        patched(invocation, patches, strip=int(strips[-1][:3]) if strips else None, folder=folder)
    return LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = {"patch": _patch}
