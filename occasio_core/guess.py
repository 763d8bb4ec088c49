"""What a tool that nobody understands would touch, at worst.

Knows the input's strings only.  Words are found, not parsed: behind quotes, backslashes, options, `=`, `:`, `@`,
`$HOME` and percent-encoding, inside JSON in a string, below a folder that another member names, and in the form that
Windows has for a path.  In a text of more than a hundred lines a word counts only if something in it is usual for a
path.  Missed are other variables, wildcards (`cat .e*`), braces, command substitution and other encodings; what a
member holds that is named as one for commands is parsed too, by whoever knows the shell.

A server of MCP may say of a tool that it only reads, or that it deletes, or where it connects (`annotations`).  Such a
word comes from the server and not from the model: it is believed, as the server does what it likes anyway.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import cast
from urllib.parse import unquote

from occasio_core.model import Effect, EffectKind, ToolCall
from occasio_core.patches import effects_of_patch
from occasio_core.urls import effects_of_url
from occasio_verify import Json

MAX_CHARACTERS = 4 << 20
MAX_PATHS = 4096
OPEN_WORLD = "the open world"  # where a tool connects that says so of itself and names no host
_MAX_DEPTH = 64  # members in members, JSON in strings included
_MAX_LINES = 100  # of a text in which every word may be a path
_MAX_JOINED = 64  # words that are tried below each folder
_LONGEST_PATH = 4096  # PATH_MAX of Linux, in bytes

_HOST = r"(?:[^\s/@\"'`]*@)?(?P<host>\[[^\]\s]*\]|[^\s/:?#\"'`;|&<>(){},\\]*)"
_URL = re.compile(
    r"\b(?P<scheme>[a-z][a-z0-9+.-]{1,31})://" + _HOST + r"(?P<path>[^\s\"'`;|&<>(){},\\]*)", re.IGNORECASE
)
_HOST_MEMBERS = frozenset(
    {"address", "base_url", "baseurl", "domain", "domains", "endpoint", "host", "hostname", "hosts", "href", "link"}
    | {"server", "site", "uri", "uris", "url", "urls", "website"}
)
_COMMAND_MEMBERS = frozenset({"args", "argv", "cmd", "command", "commands", "script"})
_FOLDER_MEMBERS = frozenset(
    {"base", "base_path", "basepath", "cwd", "dir", "dir_path", "directory", "folder", "parent", "path", "project"}
    | {"repo_path", "root", "workdir", "working_directory", "workspace"}
)
_BARE_HOST = re.compile(r"\s*" + _HOST + r"(?::[0-9]+)?(?:[/?#].*)?", re.DOTALL)
_REMOTE = re.compile(r"[\w.-]+@(?P<host>[\w.-]+):(?!//)\S+")  # as ssh and git write it: `git@example.com:a/b`
_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")
# A word of a shell with its quoted parts; possessive, so that no input makes it try twice.
_SHELL_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*+"|'[^']*+'|[^\s;|&<>()"'`\\]++)++""", re.DOTALL)
_QUOTING = re.compile(r"""\\(.)|["']""", re.DOTALL)
_PLAIN_BREAK = re.compile(r"""[\s"'`;|&<>()]+""")
_PART_BREAK = re.compile(r"[=:@,{}$\[\]]+")
_USUAL_IN_PATHS = re.compile(r"[./~\\_-]")
_END_OF_SENTENCE = ".,:;!?"
_NO_FILES = frozenset({"/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty"})


def effects_of_unknown(call: ToolCall) -> tuple[Effect, ...]:
    """Return the effects of `call` if each string in its input is whatever it can be.

    What can be a path is read and written, what can be a URL is connected to, a member that is named as one for
    commands is run.  Raises `ValueError` for an input that is too big or too deep to be judged.
    """
    given = _unfolded(call.input)
    texts = list(_strings(given))
    if sum(map(len, texts)) > MAX_CHARACTERS:
        raise ValueError(f"an input of more than {MAX_CHARACTERS} characters")
    paths: dict[str, None] = {}
    for path in chain(chain.from_iterable(map(_paths, texts)), _joined(given)):
        paths[path] = None
        if len(paths) > MAX_PATHS:
            raise ValueError(f"more than {MAX_PATHS} words that may be paths")
    touched = (Effect(kind, path) for path in paths for kind in _kinds(call.annotations))
    run = (Effect(EffectKind.EXECUTE, "a command", line=text) for text in dict.fromkeys(_lines(given)))
    found = chain(touched, chain.from_iterable(map(effects_of_patch, texts)), run, _connections(call, given, texts))
    return tuple(dict.fromkeys(found))


def commands_of_unknown(call: ToolCall) -> tuple[str, ...]:
    """Return what stands in members that are named as those for one command, as far as it is text."""
    return tuple(dict.fromkeys(_members(_unfolded(call.input), _COMMAND_MEMBERS - {"args", "argv", "script"})))


def _kinds(annotations: Mapping[str, Json]) -> tuple[EffectKind, ...]:
    """Return what a tool does to its paths; without a word of its own it may read and write them."""
    if annotations.get("readOnlyHint") is True:
        return (EffectKind.READ,)
    if annotations.get("destructiveHint") is True:
        return EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE
    return EffectKind.READ, EffectKind.WRITE


def _connections(call: ToolCall, given: Json, texts: Iterable[str]) -> tuple[Effect, ...]:
    hosts = dict(chain(chain.from_iterable(map(_hosts, texts)), _named_hosts(given)))
    written = chain.from_iterable(effects_of_url(text) for text in _members(given, _HOST_MEMBERS) if _is_url(text))
    found = (*(Effect(EffectKind.CONNECT, host, line=url) for url, host in hosts.items()), *written)
    if not found and call.annotations.get("openWorldHint") is True:
        return (Effect(EffectKind.CONNECT, OPEN_WORLD),)
    return found


def _unfolded(value: Json, depth: int = 0) -> Json:
    """Return `value` with what JSON there is in a string behind that string."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"an input with more than {_MAX_DEPTH} levels")
    match value:
        case str() if value.lstrip()[:1] in {"{", "[", '"'} and (inner := _parsed(value)) is not None:
            return [value, _unfolded(inner, depth + 1)]
        case Mapping():
            return {name: _unfolded(member, depth + 1) for name, member in value.items()}
        case list() | tuple():
            return [_unfolded(item, depth + 1) for item in value]
        case _:
            return value


def _parsed(text: str) -> Json:
    try:
        return cast("Json", json.loads(text))
    except (ValueError, RecursionError):  # it is judged as the text that it is
        return None


def _strings(value: Json) -> Iterator[str]:
    """Yield every string in `value`, the names of members too."""
    match value:
        case str():
            yield value
        case Mapping():
            yield from value
            for member in value.values():
                yield from _strings(member)
        case list() | tuple():
            for item in value:
                yield from _strings(item)


def _members(value: Json, names: frozenset[str]) -> Iterator[str]:
    """Yield every string in a member of one of these names."""
    match value:
        case Mapping():
            for name, member in value.items():
                yield from _strings(member) if name.lower() in names else _members(member, names)
        case list() | tuple():
            for item in value:
                yield from _members(item, names)


def _hosts(text: str) -> Iterator[tuple[str, str]]:
    """Yield every URL in `text`, with its host."""
    for url in _URL.finditer(text):
        if url["host"] and url["scheme"].lower() != "file":
            yield url.group(), url["host"].lower()
    if remote := _REMOTE.fullmatch(text.strip()):
        yield text, remote["host"].lower()


def _named_hosts(value: Json) -> Iterator[tuple[str, str]]:
    """Yield what stands without a scheme in a member that is named as one for hosts."""
    for text in _members(value, _HOST_MEMBERS):
        if (bare := _BARE_HOST.fullmatch(text)) and bare["host"]:
            yield text, bare["host"].lower()


def _is_url(text: str) -> bool:
    """Return whether `text` has a scheme, however its slashes stand."""
    return re.match(r"\s*[a-z][a-z0-9+.-]*:[/\\]", text, re.IGNORECASE) is not None or "%" in text


def _lines(value: Json) -> Iterator[str]:
    """Yield what stands in a member that is named as one for commands, and each of its lines."""
    for text in _members(value, _COMMAND_MEMBERS):
        yield from (text, *(line.strip() for line in text.splitlines()))


def _joined(value: Json) -> Iterator[str]:
    """Yield what paths there are when one member names a folder and another something in it, or a list the parts."""
    match value:
        case Mapping():
            folders = [
                text for name, text in value.items() if isinstance(text, str) and name.lower() in _FOLDER_MEMBERS
            ]
            words = list(_strings(list(value.values())))[:_MAX_JOINED] if folders else []
            yield from (f"{folder}/{word}" for folder in folders for word in words if _is_name(folder, word))
            yield from chain.from_iterable(map(_joined, value.values()))
        case list() | tuple():
            words = [item for item in value if isinstance(item, str)]
            if 1 < len(words) <= _MAX_JOINED and all(_is_name("/", word) for word in words[1:]):
                yield "/".join(words)
            yield from chain.from_iterable(map(_joined, value))


def _is_name(folder: str, word: str) -> bool:
    """Return whether `word` can be a name below another folder."""
    return word not in {"", folder} and not word.startswith("/") and "\n" not in word and len(word) <= 255


def _paths(text: str) -> Iterator[str]:
    """Yield everything in `text` that can be a path; nearly every word can."""
    for url in _URL.finditer(text):
        if url["scheme"].lower() == "file":
            yield unquote(url["path"])
            yield unquote(url.group().partition("://")[2])  # as programs read it that cut the scheme away
    if text.lstrip()[:5].lower() == "file:":
        yield from (effect.target for effect in effects_of_url(text))
    text = _HOME.sub("~", _URL.sub(" ", text))
    if "\n" not in text:  # a name may hold spaces
        yield from _spellings(text)
    is_document = text.count("\n") > _MAX_LINES
    for word in chain((_QUOTING.sub(r"\1", word) for word in _SHELL_WORD.findall(text)), _PLAIN_BREAK.split(text)):
        if not is_document or _USUAL_IN_PATHS.search(word):
            yield from _spellings(word)


def _spellings(word: str) -> Iterator[str]:
    """Yield `word` and its parts (`--file=PATH`, `host:PATH`), each also without an option's letter or a full stop."""
    decoded = unquote(unquote(word)) if "%" in word else word
    slashed = word.replace("\\", "/")  # as Windows writes it
    for whole in dict.fromkeys((word, decoded, slashed)):
        for part in (whole, *_PART_BREAK.split(whole)):
            option = part[2:] if part.startswith("-") else ""
            for path in (part, part.rstrip(_END_OF_SENTENCE), option):
                if len(path) > _LONGEST_PATH:
                    path = posixpath.normpath(path)
                if path.strip("-") and len(path) <= _LONGEST_PATH and path not in _NO_FILES:
                    yield path
