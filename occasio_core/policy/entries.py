"""What an entry of a path list stands for: every absolute form that names of files are compared with.

An entry stands for what it names and everything below it.

* `/srv/keys`, `~/.ssh`: that path.  `./keys`, `src/keys`: from the directory in which the run was started.
* `.env`: a bare name stands for files of that name at any depth, as in `.gitignore`; in `allow_paths`, where that would
  open too much, it is refused.  `**/.env` says the same in full.
* `*` is any text within one part of a path, leading dots included; `?` is one character; `**` is any number of parts.
* `!**/.env.example` in `deny_paths` takes an exception out of what the other entries deny.

Knows the file system, because what is in front of the first wildcard is also compared by where it leads today.
"""

from __future__ import annotations

import os

from occasio_core.model import PathEntry
from occasio_core.paths import absolute, comparable, resolved
from occasio_core.policy.document import Place

_WILD = frozenset("*?")


def deny_entry(text: str, place: Place, cwd: str) -> PathEntry:
    """Return an entry of `deny_paths`.  Raises `PolicyError` at `place` when it could not mean what it says."""
    return _entry(text, text.removeprefix("!"), place, cwd)


def allow_entry(text: str, place: Place, cwd: str) -> PathEntry:
    """Return an entry of `allow_paths`.

    Raises `PolicyError` as `deny_entry` does, and for bare names and exceptions.
    """
    if text.startswith("!"):
        raise place.error(f"`{text}`: exceptions belong to deny_paths", "take the `!` away and move it there")
    if _is_bare(text):
        raise place.error(
            f"`{text}` would allow that name everywhere", f"write `./{text}`, or `**/{text}` if it is meant"
        )
    return _entry(text, text, place, cwd)


def built_in_entry(text: str, cwd: str) -> PathEntry:
    """Return an entry that stands in every policy."""
    return PathEntry(text=text, forms=_forms(text, cwd))


def _entry(text: str, pattern: str, place: Place, cwd: str) -> PathEntry:
    if problem := _problem(pattern):
        message, hint = problem
        raise place.error(f"`{text}`: {message}", hint)
    try:
        return PathEntry(text=text, forms=_forms(pattern, cwd), line=place.line)
    except ValueError as error:
        raise place.error(f"`{text}`: {error}") from None


def _problem(pattern: str) -> tuple[str, str] | None:
    """Return what is wrong with `pattern`, and a hint, if it cannot mean what its writer expects."""
    parts = pattern.split("/")
    wild = [_is_wild(part) for part in parts]
    if not pattern:
        return "an empty path", "take it out"
    if pattern != pattern.strip():
        return "a space at the beginning or the end", "take it out"
    if not pattern.isprintable():
        return "a character that cannot be seen", "take it out"
    if pattern.startswith("$"):
        return "variables are not expanded", "write `~`, or the directory in full"
    if parts[0].startswith("~") and parts[0] != "~":
        return "homes of others are not expanded", "write the directory in full"
    if "\\" in pattern and os.sep == "/":
        return "a backslash is not a separator", "use `/`"
    if any(wild) and any(mark in pattern for mark in "[]{}"):
        return "brackets and braces are not wildcards", "write one entry for each"
    if any("**" in part and part != "**" for part in parts):
        return "`**` stands alone between slashes", "use `*` within a name"
    if any(wild) and ".." in parts[wild.index(True) :]:
        return "`..` behind a wildcard", "write the path without it"
    return None


def _forms(pattern: str, cwd: str) -> tuple[str, ...]:
    if _is_bare(pattern):
        pattern = f"**/{pattern}"
    parts = pattern.split("/")
    first_wild = next((index for index, part in enumerate(parts) if _is_wild(part)), len(parts))
    fixed, rest = parts[:first_wild], _shortened(parts[first_wild:])
    if pattern.startswith("**"):
        return ("/" + "/".join(rest),)  # at any depth, wherever the run is
    root = "/".join(fixed) + ("/" if fixed == [""] else "")
    lexical = absolute(root, cwd)
    roots = (lexical, resolved(lexical, cwd), resolved(os.path.join(cwd, os.path.expanduser(root)), cwd))  # noqa: PTH111, PTH118
    return tuple(dict.fromkeys(comparable("/".join([base.rstrip("/"), *rest]) or "/") for base in roots))


def _shortened(parts: list[str]) -> list[str]:
    """Return `parts` without empty ones and without the `**` that says nothing: a second one, or one at the end."""
    kept: list[str] = []
    for part in parts:
        if part not in {"", "."} and not (part == "**" and kept[-1:] == ["**"]):
            kept.append(part)
    return kept[:-1] if kept[-1:] == ["**"] else kept


def _is_bare(pattern: str) -> bool:
    return "/" not in pattern.rstrip("/") and pattern.rstrip("/") not in {"", "~", ".", "..", "**"}


def _is_wild(part: str) -> bool:
    return not _WILD.isdisjoint(part)
