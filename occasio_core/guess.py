"""What a tool that nobody understands would touch, at worst.

Knows the input's strings only.  There is no shell grammar here yet: words are found, not parsed.  Seen are words behind
quotes, backslashes, options, `=`, `:`, `@` and `$HOME`.  Missed are other variables, wildcards (`cat .e*`), braces,
`cd` in front of a relative name, command substitution, encodings, and what a program does on its own.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from urllib.parse import unquote

from occasio_core.model import Effect, EffectKind, ToolCall
from occasio_verify import Json

MAX_CHARACTERS = 4 << 20
MAX_PATHS = 4096
_LONGEST_PATH = 4096  # PATH_MAX of Linux, in bytes

_HOST = r"(?:[^\s/@\"'`]*@)?(?P<host>\[[^\]\s]*\]|[^\s/:?#\"'`;|&<>(){},\\]*)"
_URL = re.compile(
    r"\b(?P<scheme>[a-z][a-z0-9+.-]{1,31})://" + _HOST + r"(?P<path>[^\s\"'`;|&<>(){},\\]*)", re.IGNORECASE
)
_HOST_MEMBERS = frozenset({"address", "domain", "endpoint", "host", "hostname", "server", "uri", "url", "website"})
_COMMAND_MEMBERS = frozenset({"args", "argv", "cmd", "command", "commands", "script"})
_BARE_HOST = re.compile(r"\s*" + _HOST + r"(?::[0-9]+)?(?:[/?#].*)?", re.DOTALL)
_HOME = re.compile(r"\$(?:HOME\b|\{HOME\})")
# A word of a shell with its quoted parts; possessive, so that no input makes it try twice.
_SHELL_WORD = re.compile(r"""(?:\\.|"(?:\\.|[^"\\])*+"|'[^']*+'|[^\s;|&<>()"'`\\]++)++""", re.DOTALL)
_QUOTING = re.compile(r"""\\(.)|["']""", re.DOTALL)
_PLAIN_BREAK = re.compile(r"""[\s"'`;|&<>()]+""")
_PART_BREAK = re.compile(r"[=:@,{}$\[\]]+")
_END_OF_SENTENCE = ".,:;!?"
_NO_FILES = frozenset({"/dev/null", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty"})


def effects_of_unknown(call: ToolCall) -> tuple[Effect, ...]:
    """Return the effects of `call` if each string in its input is whatever it can be.

    What can be a path is read and written, what can be a URL is connected to, a member that is named as one for
    commands is run.  Raises `ValueError` for an input that is
    too big to be judged.
    """
    texts = list(_strings(call.input))
    if sum(map(len, texts)) > MAX_CHARACTERS:
        raise ValueError(f"an input of more than {MAX_CHARACTERS} characters")
    paths: dict[str, None] = {}
    for path in chain.from_iterable(map(_paths, texts)):
        paths[path] = None
        if len(paths) > MAX_PATHS:
            raise ValueError(f"more than {MAX_PATHS} words that may be paths")
    hosts = dict(chain(chain.from_iterable(map(_hosts, texts)), _named_hosts(call.input)))
    touched = [Effect(kind, path) for path in paths for kind in (EffectKind.READ, EffectKind.WRITE)]
    commands = (Effect(EffectKind.EXECUTE, "a command", line=text) for text in dict.fromkeys(_commands(call.input)))
    return (*touched, *commands, *(Effect(EffectKind.CONNECT, host, line=url) for url, host in hosts.items()))


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


def _hosts(text: str) -> Iterator[tuple[str, str]]:
    """Yield every URL in `text`, with its host."""
    for url in _URL.finditer(text):
        if url["host"] and url["scheme"].lower() != "file":
            yield url.group(), url["host"].lower()


def _named_hosts(value: Json) -> Iterator[tuple[str, str]]:
    """Yield what stands without a scheme in a member that is named as one for hosts."""
    match value:
        case Mapping():
            for name, member in value.items():
                if isinstance(member, str) and name.lower() in _HOST_MEMBERS and (bare := _BARE_HOST.fullmatch(member)):
                    yield member, bare["host"].lower()
                else:
                    yield from _named_hosts(member)
        case list() | tuple():
            for item in value:
                yield from _named_hosts(item)


def _commands(value: Json) -> Iterator[str]:
    """Yield what stands in a member that is named as one for commands, and each of its lines."""
    match value:
        case Mapping():
            for name, member in value.items():
                if name.lower() in _COMMAND_MEMBERS:
                    for text in _strings(member):
                        yield from (text, *(line.strip() for line in text.splitlines()))
                else:
                    yield from _commands(member)
        case list() | tuple():
            for item in value:
                yield from _commands(item)


def _paths(text: str) -> Iterator[str]:
    """Yield everything in `text` that can be a path; nearly every word can."""
    for url in _URL.finditer(text):
        if url["scheme"].lower() == "file":
            yield unquote(url["path"])
    text = _HOME.sub("~", _URL.sub(" ", text))
    if "\n" not in text:  # a name may hold spaces
        yield from _spellings(text)
    for word in _SHELL_WORD.findall(text):
        yield from _spellings(_QUOTING.sub(r"\1", word))
    for word in _PLAIN_BREAK.split(text):
        yield from _spellings(word)


def _spellings(word: str) -> Iterator[str]:
    """Yield `word` and its parts (`--file=PATH`, `host:PATH`), each also without an option's letter or a full stop."""
    for part in (word, *_PART_BREAK.split(word)):
        option = part[2:] if part.startswith("-") else ""
        for path in (part, part.rstrip(_END_OF_SENTENCE), option):
            if len(path) > _LONGEST_PATH:
                path = posixpath.normpath(path)
            if path.strip("-") and len(path) <= _LONGEST_PATH and path not in _NO_FILES:
                yield path
