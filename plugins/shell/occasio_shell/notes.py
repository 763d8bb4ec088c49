"""What a command was seen to touch, in order and each once.

Knows working directories and what counts as a path.  It looks at the disk for what a pattern fits there, and for what
new programs say.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from occasio_core import Effect, EffectKind
from occasio_shell.below import fitting
from occasio_shell.disk import beginning
from occasio_shell.values import Output, State, TooMuchError, Word

MAX_EFFECTS = 2048
MAX_PROGRAM = 1 << 16  # bytes of a program on the disk that is looked into
MAX_PROGRAMS = 8  # of one command
MAX_LOOKS = 32  # at the disk; each takes some milliseconds at most
_LONGEST = 4096  # PATH_MAX of Linux
_NO_FILES = frozenset(
    {"", "-", "--", "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/stdin", "/dev/stdout"}
    | {"/dev/stderr", "/dev/tty", "/dev/fd/0", "/dev/fd/1", "/dev/fd/2", ".", ".."}
)
_SOCKET = re.compile(r"/dev/(?:tcp|udp)/([^/]+)(?:/.*)?")
_URL = re.compile(r"([a-z][a-z0-9+.-]{1,31})://(?:[^/@\s]*@)?(\[[^\]\s]*\]|[^/:?#\s]*)(.*)", re.IGNORECASE | re.DOTALL)
_DEVICE = re.compile(r"/dev/(?:sd[a-z]|nvme\d|vd[a-z]|xvd[a-z]|hd[a-z]|mmcblk\d|disk\d|mapper/|dm-\d|mem$|kmem$|md\d)")
_ENVIRONMENT = "/proc/self/environ"


class Notes:
    """Collects effects.  `cwds` are the directories that a relative path may start from; the first is the likely one.

    `garbled` says that something could not be read, and that the command must be judged by its worst reading as well;
    `has_moved` that a command went to another directory than the first one, or may have; `has_socket` that a connection
    was opened, and that what other descriptors bring may come from there; `is_root` that
    `sudo` or its like is in front.  `written` has what the command itself put into files: it may run it next.  Programs
    that came to be, or were changed, after `since` are looked into: an agent may have written them.
    """

    def __init__(self, cwd: str, since: float = math.inf) -> None:
        self.start = cwd
        self._since = since
        self._programs: set[str] = set()
        self._is_inside = False
        self.cwds: tuple[str, ...] = (cwd,)
        self.garbled = False
        self.has_socket = False
        self.has_moved = False
        self.is_root = False
        self.written: dict[str, Output] = {}
        self._effects: dict[Effect, None] = {}
        self._looks: dict[tuple[str, str], tuple[str, ...]] = {}

    @property
    def cwd(self) -> str:
        """The directory in which commands most likely run by now."""
        return self.cwds[0]

    def effects(self) -> tuple[Effect, ...]:
        """Return everything noted so far."""
        return tuple(self._effects)

    @contextmanager
    def rights(self, *, root: bool) -> Iterator[None]:
        """Have what runs within be that of root, or of somebody else."""
        before, self.is_root = self.is_root, root
        try:
            yield
        finally:
            self.is_root = before

    def last_read(self, count: int) -> tuple[str, ...]:
        """Return the last files that were read, seen from the first directory."""
        read = [effect.target for effect in self._effects if effect.kind is EffectKind.READ and not effect.wild]
        return tuple(read[-count:])

    def mount(self, word: Word) -> None:
        """Note that everything below a directory can be read by what runs in a container, which mostly reads little."""
        self.read(word)
        self._add(Effect(EffectKind.READ, f"{word.text.rstrip('/')}/**", wild=True))

    def read(self, word: Word, below: str = "") -> None:
        """Note that the file is read; with `below`, a pattern, what lies there under it as well."""
        self.touch(EffectKind.READ, word, below)

    def write(self, word: Word, below: str = "") -> None:
        """As `read`, for a file that is made or changed."""
        self.touch(EffectKind.WRITE, word, below)

    def fill(self, word: Word) -> None:
        """Note that files come to be in a folder, or change there, by names that the command does not say.

        What lies there today is not looked for: nearly all of it stays as it is.
        """
        if word.state >= State.BUILT:
            self.unknown(EffectKind.WRITE, word.text or "a folder")
        text = word.text or "."
        if "://" in text or text.startswith("/dev/") or len(text) > _LONGEST or "\0" in text or "\n" in text:
            return
        for cwd in self.cwds:
            folder = text if cwd == self.start else _joined(cwd, text)
            self._add(Effect(EffectKind.WRITE, f"{folder.rstrip('/')}/**", wild=True, vague=True))

    def delete(self, word: Word, below: str = "") -> None:
        """As `read`, for a file that goes away."""
        self.touch(EffectKind.DELETE, word, below)

    def touch(self, kind: EffectKind, word: Word, below: str = "") -> None:
        """Note that `kind` happens to what `word` names."""
        text = word.text
        if word.state >= State.BUILT:
            self.unknown(kind, text or "a path")
        if text in _NO_FILES and not (below and text in {".", ".."}):
            return
        if len(text) > _LONGEST or "\0" in text or "\n" in text:
            return  # no file has such a name
        if "/dev/" in text and self._is_device(kind, text):
            return
        if "://" in text and (url := _URL.fullmatch(text)):
            if url[1].lower() != "file":
                self.connect(url[2], text, is_known=word.state is State.KNOWN)
                return
            text = url[3]
        for cwd in self.cwds:
            self._path(kind, text if cwd == self.start else _joined(cwd, text), word, below)

    def fitting(self, pattern: str, cwd: str = "") -> tuple[str, ...]:
        """Return the paths that `pattern` fits today, seen from `cwd`, by default from where commands run by now.

        Raises `TooMuchError` after `MAX_LOOKS` different patterns.
        """
        key = (pattern, cwd or self.cwd)
        if key not in self._looks:
            if len(self._looks) >= MAX_LOOKS:
                raise TooMuchError(f"more than {MAX_LOOKS} patterns")
            self._looks[key] = fitting(*key)
        return self._looks[key]

    def keep(self, word: Word, content: Output) -> None:
        """Remember what is put into a file."""
        if word.text and not word.wild:
            self.written[os.path.normpath(word.text)] = content

    def content(self, word: Word) -> Output | None:
        """Return what the command put into the file before, None if it did not."""
        return self.written.get(os.path.normpath(word.text)) if self.written and word.text else None

    @contextmanager
    def new_program(self, word: Word) -> Iterator[str]:
        """Yield what a program file says if it is new, and nothing if it is not.

        Within, only what the program touches by name is noted.  What it makes up while it runs is left out, and that it
        cannot be read to its end: that is so of many a program, while on a command line it is so of what hides.
        """
        before = self._is_inside, self.garbled
        self._is_inside = True
        try:
            yield self._new(word)
        except TooMuchError:  # a long program is seen as far as that goes
            if before[0]:
                raise
        finally:
            self._is_inside, self.garbled = before

    def _new(self, word: Word) -> str:
        if word.state is not State.KNOWN or word.wild or len(self._programs) >= MAX_PROGRAMS:
            return ""
        for cwd in self.cwds:
            found = beginning(cwd, word.text, MAX_PROGRAM)
            key = os.path.join(cwd, word.text)  # noqa: PTH118
            if found.changed >= self._since and "\0" not in found.text and key not in self._programs:
                self._programs.add(key)
                return found.text
        return ""

    def execute(self, program: str, line: str = "") -> None:
        """Note that the program runs, in which simple command."""
        self._add(Effect(EffectKind.EXECUTE, program[:_LONGEST], line=line))

    def connect(self, host: str, url: str = "", *, is_known: bool = True) -> None:
        """Note that the host is contacted, by what URL if any; if it is not known, any other may be as well."""
        if not is_known:
            self.unknown(EffectKind.CONNECT, host)
        if host and len(host) <= 255:  # RFC 1035 section 2.3.4
            self._add(Effect(EffectKind.CONNECT, host.lower(), line=url[:_LONGEST]))

    def connect_url(self, word: Word, scheme: str = "") -> None:
        """Note that the host of a URL is contacted; a text without a scheme begins with the host, and has `scheme`."""
        text, is_known = word.text, word.state is State.KNOWN
        if url := _URL.fullmatch(text):
            self.connect(url[2], text, is_known=is_known)
        else:
            host = re.split(r"[/:?#]", text.rpartition("@")[2], maxsplit=1)[0]
            self.connect(host, f"{scheme}://{text}" if scheme else "", is_known=is_known)

    def unknown(self, kind: EffectKind, shown: str) -> None:
        """Note that something is touched or run that is made up at run time."""
        if self._is_inside:
            return
        self._add(Effect(kind, (shown or "?")[:_LONGEST].replace("\0", "?"), unknown=True))

    def environment(self) -> None:
        """Note that the environment's secrets are read."""
        self._add(Effect(EffectKind.READ, _ENVIRONMENT))

    def enter(self, directory: Word) -> None:
        """Note that commands run in another directory from now on."""
        self.has_moved = self.has_moved or directory.state is not State.KNOWN or directory.text != self.start
        if not directory.text or directory.wild or directory.text == "-":
            return
        entered = tuple(_joined(cwd, os.path.expanduser(directory.text)) for cwd in self.cwds)  # noqa: PTH111
        # Where it does not exist, what follows may run where it was: after `;`, or because it is made by then.
        stayed = () if os.path.isdir(entered[0]) else self.cwds  # noqa: PTH112
        self.cwds = tuple(dict.fromkeys((*entered, *stayed)))[:4]

    def _path(self, kind: EffectKind, text: str, word: Word, below: str) -> None:
        if word.wild and "*" not in text and "?" not in text and "[" not in text:
            word = Word(text)
        found = word.found
        if word.wild and not found and "**" not in text:
            found = self.fitting(text, self.start)
        if not below:
            self._add(Effect(kind, text, wild=word.wild, found=found))
            return
        self._add(Effect(kind, text, wild=word.wild, found=found))
        pattern = f"{text.rstrip('/')}/{below}" if text != "/" else f"/{below}"
        if not text.endswith("**"):
            self._add(Effect(kind, pattern, wild=True, found=self.fitting(pattern, self.start)))

    def _is_device(self, kind: EffectKind, text: str) -> bool:
        if socket := _SOCKET.fullmatch(text):
            self.connect(socket[1])
            return True
        if _DEVICE.match(text):
            # A disk holds every file.
            self._add(Effect(kind, "/**", wild=True))
            return True
        return False

    def _add(self, effect: Effect) -> None:
        if effect not in self._effects:
            if len(self._effects) >= MAX_EFFECTS:
                raise TooMuchError(f"more than {MAX_EFFECTS} effects")
            self._effects[effect] = None


def _joined(cwd: str, text: str) -> str:
    return text if text.startswith(("/", "~")) else os.path.normpath(os.path.join(cwd, text))  # noqa: PTH118
