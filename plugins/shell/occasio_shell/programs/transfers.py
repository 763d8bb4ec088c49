"""Programs that copy files to other machines and from them, and those with a language for it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, REMOTE_OUTPUT, Output, Word, is_secret, text_of

_HERE = re.compile(r"(?:[^@\s]+@)?(?:localhost|127\.\d+\.\d+\.\d+|::1)")
# What commands of `sftp`, `ftp`, `lftp`, `smbclient` do with the files that they name.
_BRINGS = frozenset({"get", "mget", "reget", "recv", "pget"})
_WALKS = frozenset({"mirror", "tar"})
_LETTERS = {"sftp": "bBcDFiJloPRSX", "smbclient": "UWIpcDnmsltkA"}


def _remote_copy(invocation: Invocation) -> Output:
    """`scp`, `rsync`: what has a colon is elsewhere, all else is here, the last is written."""
    letters = "FiJloPSceDX" if invocation.name == "scp" else "efT"
    long = (
        "--exclude",
        "--include",
        "--rsh",
        "--files-from",
        "--exclude-from",
        "--password-file",
        "--port",
        "--filter",
    )
    arguments = invocation.arguments(letters, long)
    excluded = any(word.text.startswith(".env") for word in arguments.values("--exclude"))
    for word in arguments.values("-e", "--rsh"):
        if invocation.name == "rsync" and not word.text.startswith("ssh"):
            invocation.shell.evaluate(word.text)
    for word in arguments.values("--files-from", "--password-file"):
        invocation.notes.read(word)
    *sources, target = arguments.operands or [Word("")]
    recursive = arguments.has("-r", "-a", "-R", "--recursive", "--archive") or invocation.name in {"rsync", "rclone"}
    for word in sources:
        if _is_elsewhere(word):
            invocation.notes.connect_url(word)
        else:
            invocation.notes.read(word, "**" if recursive and not excluded else "")
    if _is_elsewhere(target):
        invocation.notes.connect_url(target)
    elif sources:
        # `x/` stands for what is in it, by names that are not told
        fills = any(word.text.endswith("/") for word in sources) and target.text.strip("./")
        invocation.notes.write(target, "**" if fills else "")
        for word in sources:
            name = word.text.rstrip("/").rpartition("/")[2].rpartition(":")[2]
            if name not in {"", ".", ".."} and not word.wild:
                named = word.with_text(f"{target.text.rstrip('/')}/{name}")
                invocation.notes.write(named)
                if recursive:
                    invocation.notes.fill(named)
    return LOCAL_OUTPUT


def _is_elsewhere(word: Word) -> bool:
    host, colon, _ = word.text.partition(":")
    return bool(colon) and "/" not in host


def _file_transfer(invocation: Invocation) -> Output:
    """`sftp`, `ftp`, `smbclient`: commands on the line, in a file or in the input say what is sent and brought."""
    is_sftp = invocation.name == "sftp"
    arguments = invocation.arguments(_LETTERS.get(invocation.name, "ueocpf"), ("--command", "--user"))
    for word in arguments.operands[:1]:
        share = re.match(r"//([^/]+)", word.text)
        invocation.notes.connect_url(word.with_text(share[1]) if share else word)
    if is_secret(invocation.stdin):
        invocation.notes.environment()
    batches = arguments.values("-b" if is_sftp else "-f")
    for word in (*batches, *arguments.values("-i", "-F", "-A"), *(() if is_sftp else arguments.operands[1:])):
        invocation.notes.read(word)
    texts = [] if is_sftp else [word.text for word in arguments.values("-c", "-e", "--command")]
    texts += [text_of(content) for word in batches if (content := invocation.notes.content(word))]
    for text in (*texts, text_of(invocation.stdin)):
        for line in re.split(r"[\n;]", text):
            _transferred(invocation, line.strip())
    return REMOTE_OUTPUT


def _transferred(invocation: Invocation, line: str) -> None:
    if line.startswith("!"):
        invocation.shell.evaluate(line[1:])
        return
    command, *names = list(_words(line)) or [""]
    operands = [Word(name, wild=bool(set(name) & set("*?["))) for name in names if not name.startswith("-")]
    if command == "lcd":
        for word in operands[:1]:
            invocation.notes.enter(word)
    elif command in _BRINGS:
        for word in operands[-1:]:
            local = word if len(operands) > 1 else word.with_text(word.text.rpartition("/")[2])
            invocation.notes.write(local)
            invocation.notes.fill(local)
    else:
        for word in operands:
            invocation.notes.read(word, "**" if "-r" in names or command in _WALKS else "")


def _words(line: str) -> Iterator[str]:
    try:
        yield from shlex.split(line)
    except ValueError:  # a quote that is not closed
        yield from line.split()


def _key_copy(invocation: Invocation) -> Output:
    """`ssh-copy-id`: a key becomes one that opens the door of another machine, or of this one."""
    arguments = invocation.arguments("iopFt")
    for word in arguments.values("-i") or [Word("~/.ssh/id_rsa.pub"), Word("~/.ssh")]:
        invocation.notes.read(word)
    for word in arguments.operands[:1]:
        invocation.notes.connect_url(word)
        if _HERE.fullmatch(word.text):
            invocation.notes.write(Word("~/.ssh/authorized_keys"))
    return LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(("scp", "rsync"), _remote_copy),
    **dict.fromkeys(("sftp", "ftp", "lftp", "tftp", "ncftpput", "smbclient"), _file_transfer),
    "ssh-copy-id": _key_copy,
}
