"""`git`: which files its sub-commands read and write, what its settings run, whom it contacts."""

from __future__ import annotations

import re

from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word

_RUNS = re.compile(
    r"(?:alias\..+|core\.(?:pager|editor|sshcommand|fsmonitor|hookspath|gitproxy|askpass)|pager\..+|diff\.external"
    r"|.*\.(?:textconv|command|cmd|helper|clean|smudge|program)|sequence\.editor|credential\.helper)",
    re.IGNORECASE,
)
_MESSAGES = "mFCctS"
_LONG = ("--message", "--file", "--author", "--date", "--format", "--pretty", "--grep", "--output", "--exec", "--since")
_CONTACTS = frozenset({"clone", "fetch", "pull", "push", "ls-remote", "remote", "submodule", "archive"})
_SHOWS = frozenset({"show", "cat-file", "diff", "blame", "annotate", "log", "grep", "archive", "checkout", "restore"})
_TAKES_FILES = frozenset({"add", "stash", "apply", "am", "hash-object", "mv", "rm", "update-index"})


def _git(invocation: Invocation) -> Output:
    words, settings = _command(invocation)
    for word in settings:
        _setting(invocation, word)
    if not words:
        return LOCAL_OUTPUT
    command = words[0].text
    rest = Invocation(invocation.shell, command, words[1:], invocation.stdin)
    arguments = rest.arguments(_MESSAGES if command in {"commit", "tag", "merge", "notes", "stash"} else "GSnOb", _LONG)
    if command == "config":
        _config(rest, [word.text for word in arguments.operands])
    elif command == "credential" and any(word.text == "fill" for word in words):
        invocation.notes.read(Word("~/.git-credentials"))
    elif command in {"bisect", "rebase", "submodule", "filter-branch"}:
        _started(rest, arguments.operands, arguments.values("-x", "--exec", "--tree-filter"))
    if command in _CONTACTS:
        _contacted(invocation, arguments.operands)
    if command in _SHOWS or (command in _TAKES_FILES and not arguments.has("--cached")):
        _files(invocation, command, arguments.operands, no_index=arguments.has("--no-index"))
    for word in arguments.values("-F", "--file"):
        invocation.notes.read(word)
    for word in (*arguments.values("--output"), *(arguments.values("-O") if command == "grep" else ())):
        invocation.notes.write(word)
    return _output(command)


def _output(command: str) -> Output:
    """Return what a sub-command prints: names of files that are tracked, mostly; nobody expects secrets there."""
    return LOCAL_OUTPUT


def _command(invocation: Invocation) -> tuple[list[Word], list[Word]]:
    """Return the sub-command with its arguments, and the settings in front of it."""
    words, settings = list(invocation.words), []
    while words and words[0].text.startswith("-"):
        option = words.pop(0).text
        if option in {"-c", "--config-env"} and words:
            settings.append(words.pop(0))
        elif option in {"-C", "--git-dir", "--work-tree", "--namespace"} and words:
            if option == "-C":
                invocation.notes.enter(words[0])
            words.pop(0)
    return words, settings


def _setting(invocation: Invocation, word: Word) -> None:
    name, _, value = word.text.partition("=")
    if _RUNS.fullmatch(name):
        invocation.shell.evaluate(value.removeprefix("!"))


def _config(invocation: Invocation, operands: list[str]) -> None:
    if len(operands) == 2 and _RUNS.fullmatch(operands[0]):
        invocation.shell.evaluate(operands[1].removeprefix("!"))
    if len(operands) == 2 and operands[0].lower() == "core.fsmonitor" and operands[1] not in {"true", "false"}:
        invocation.notes.write(Word(".git/config"))  # a program that every later git starts
    if any(word.text == "--global" for word in invocation.words) and len(operands) == 2:
        invocation.notes.write(Word("~/.gitconfig"))


def _started(invocation: Invocation, operands: list[Word], values: list[Word]) -> None:
    for word in values:
        invocation.shell.evaluate(word.text)
    if operands and operands[0].text in {"run", "foreach"}:
        invocation.shell.evaluate(" ".join(word.text for word in operands[1:]))


def _contacted(invocation: Invocation, operands: list[Word]) -> None:
    for word in operands:
        if word.text.startswith("ext::"):
            invocation.shell.evaluate(word.text.removeprefix("ext::").replace("% ", "\\ "))
        elif "://" in word.text:
            invocation.notes.connect_url(word)
        elif re.match(r"[\w.-]+@[\w.-]+:", word.text):
            host = word.text.partition("@")[2].partition(":")[0]
            invocation.notes.connect(host, f"ssh://{host}", is_known=word.state is State.KNOWN)


def _files(invocation: Invocation, command: str, operands: list[Word], *, no_index: bool) -> None:
    if command == "grep" and not no_index:
        operands = operands[1:]
    for word in operands:
        revision, colon, path = word.text.partition(":")
        if colon and path and "/" not in revision[:1]:
            invocation.notes.read(word.with_text(path))  # `HEAD:.env` is the file as it was
        elif command in {"checkout", "restore", "stash", "rm", "mv"}:
            invocation.notes.write(word)
        elif command == "add":
            invocation.notes.read(word)
        else:
            invocation.notes.read(word)


PROGRAMS: dict[str, Program] = {"git": _git, "hub": _git}
