"""`git`: which files its sub-commands read and write, what its settings run, whom it contacts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from occasio_shell.programs.invocation import Arguments, Invocation, Program
from occasio_shell.programs.patches import patched
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word

# Settings that name a program: it runs once the setting is used.
_RUNS = re.compile(
    r"(?:alias\..+|core\.(?:pager|editor|sshcommand|fsmonitor|gitproxy|askpass)|pager\..+|diff\.external"
    r"|.*\.(?:textconv|command|cmd|helper|clean|smudge|process|driver|program)|sequence\.editor|uploadpack.*hook)",
    re.IGNORECASE,
)
# Those of them that git uses by itself, whatever it is asked for, and the folder with programs that it starts.
_RUNS_UNASKED = re.compile(
    r"core\.(?:sshcommand|gitproxy|askpass)|.*\.(?:clean|smudge|process|textconv)", re.IGNORECASE
)
_HOOKS = "core.hookspath"
_SYSTEM = ("/usr/", "/bin/", "/opt/", "/snap/", "/nix/store/", "/Applications/", "/Library/")
_MESSAGES = "mFCctS"
_LONG = (
    "--message",
    "--file",
    "--author",
    "--date",
    "--format",
    "--pretty",
    "--grep",
    "--output",
    "--exec",
    "--since",
    "--prefix",
    "--tree-filter",
    "--prefix",
)
_CLONE_LONG = ("--depth", "--branch", "--origin", "--config", "--reference", "--jobs", "--filter", "--upload-pack")
_CONTACTS = frozenset({"clone", "fetch", "pull", "push", "ls-remote", "remote", "submodule", "archive"})
_SHOWS = frozenset({"show", "cat-file", "diff", "blame", "annotate", "log", "grep", "archive", "checkout", "restore"})
_TAKES_FILES = frozenset({"add", "stash", "hash-object", "mv", "rm", "update-index"})
_CHANGES = frozenset({"checkout", "restore", "stash", "rm", "mv"})
_FILLS_WORK_TREE = frozenset({"checkout", "restore", "reset", "pull", "merge", "stash", "read-tree", "checkout-index"})
_MOST_SETTINGS = 4  # of those that come by the environment


def _git(invocation: Invocation) -> Output:
    words, settings, tree = _command(invocation)
    for word in (*settings, *_from_environment(invocation)):
        _setting(invocation, word)
    if not words:
        return LOCAL_OUTPUT
    command = words[0].text
    rest = Invocation(invocation.shell, command, words[1:], invocation.stdin)
    arguments = rest.arguments(_MESSAGES if command in {"commit", "tag", "merge", "notes", "stash"} else "GSnOb", _LONG)
    if judge := _COMMANDS.get(command):
        judge(rest, arguments)
    if command in _CONTACTS:
        _contacted(invocation, arguments.operands)
    only_index = arguments.has("--cached", "--staged") and not arguments.has("-W", "--worktree")
    if (command in _SHOWS and not (only_index and command in _CHANGES)) or (command in _TAKES_FILES and not only_index):
        _files(invocation, command, arguments.operands, no_index=arguments.has("--no-index"))
    if command == "grep":
        _searched(invocation, arguments)
    _filled(invocation, command, arguments, tree)
    for word in arguments.values("-F", "--file"):
        invocation.notes.read(word)
    for word in (*arguments.values("--output"), *(arguments.values("-O") if command == "grep" else ())):
        invocation.notes.write(word)
    return LOCAL_OUTPUT  # names of files that are tracked, mostly; nobody expects secrets there


def _command(invocation: Invocation) -> tuple[list[Word], list[Word], Word | None]:
    """Return the sub-command with its arguments, the settings in front of it, and the work tree that it names."""
    words, settings, tree = list(invocation.words), [], None
    while words and words[0].text.startswith("-"):
        first = words.pop(0)
        option, equals, value = first.text.partition("=")
        if option in {"-c", "--config-env"} and words:
            settings.append(words.pop(0))
        elif option in {"-C", "--git-dir", "--work-tree", "--namespace"} and (equals or words):
            given = first.with_text(value) if equals else words.pop(0)
            if option == "-C":
                invocation.notes.enter(given)
            tree = given if option == "--work-tree" else tree
    return words, settings, tree


def _from_environment(invocation: Invocation) -> Iterator[Word]:
    """Yield the settings that variables of the same line make, as `-c` would."""
    for number in range(_MOST_SETTINGS):
        for name in invocation.shell.assigned(f"GIT_CONFIG_KEY_{number}"):
            for value in invocation.shell.assigned(f"GIT_CONFIG_VALUE_{number}"):
                yield value.with_text(f"{name.text}={value.text}")


def _setting(invocation: Invocation, word: Word) -> None:
    name, _, value = word.text.partition("=")
    if _RUNS.fullmatch(name):
        invocation.shell.evaluate(value.removeprefix("!"))


def _config(invocation: Invocation, arguments: Arguments) -> None:
    operands = [word.text for word in arguments.operands]
    if operands[:1] == ["set"]:  # as git 2.46 has it
        operands = operands[1:]
    if len(operands) != 2:
        return
    name, value = operands[0].lower(), operands[1]
    if _RUNS.fullmatch(name):
        invocation.shell.evaluate(value.removeprefix("!"))
    # A program that every later git starts is a hook, by whatever name.
    lasts = name == _HOOKS or _RUNS_UNASKED.fullmatch(name)
    if (lasts and _is_elsewhere(value)) or (name == "core.fsmonitor" and value not in {"true", "false"}):
        invocation.notes.write(Word(".git/config"))
    if any(word.text == "--global" for word in invocation.words):
        invocation.notes.write(Word("~/.gitconfig"))


def _is_elsewhere(value: str) -> bool:
    """Return whether a setting leads to a place that is neither the project's nor the system's."""
    return value.startswith(("/", "~", "..")) and not value.startswith(_SYSTEM)


def _started(invocation: Invocation, arguments: Arguments) -> None:
    operands = arguments.operands
    for word in arguments.values("-x", "--exec", "--tree-filter"):
        invocation.shell.evaluate(word.text)
    if operands and operands[0].text in {"run", "foreach"}:
        invocation.shell.evaluate(" ".join(word.text for word in operands[1:]))
    if invocation.name == "submodule" and [word.text for word in operands[:1]] == ["add"]:
        _cloned_into(invocation, operands[1:])


def _cloned(invocation: Invocation, arguments: Arguments) -> None:
    given = invocation.arguments("bocuj", _CLONE_LONG)
    for word in given.values("-c", "--config"):
        _setting(invocation, word)
    for word in given.values("-u", "--upload-pack"):
        invocation.shell.evaluate(word.text)
    _cloned_into(invocation, given.operands)


def _cloned_into(invocation: Invocation, operands: list[Word]) -> None:
    for word in operands[:1] if len(operands) == 1 else operands[1:2]:
        name = word.text.rstrip("/").removesuffix(".git")
        if len(operands) == 1:
            name = re.split(r"[/:]", name)[-1]
        invocation.notes.write(word.with_text(name))
        invocation.notes.fill(word.with_text(name))


def _work_tree(invocation: Invocation, arguments: Arguments) -> None:
    if [word.text for word in arguments.operands[:1]] == ["add"]:
        for word in arguments.operands[1:2]:
            invocation.notes.fill(word)


def _applied(invocation: Invocation, arguments: Arguments) -> None:
    """`git apply`, `git am`: what the patches name is written."""
    given = invocation.arguments("pC", ("--directory", "--exclude", "--include", "--whitespace"))
    if given.has("--check", "--stat", "--numstat", "--summary", "--abort", "--continue", "--skip", "--cached"):
        return
    strips = [word.text for word in given.values("-p") if word.text.isdigit()]
    folder = next((word.text for word in given.values("--directory")), "")
    patched(invocation, given.operands, strip=int(strips[-1][:3]) if strips else 1, folder=folder)


def _credential(invocation: Invocation, arguments: Arguments) -> None:
    if any(word.text == "fill" for word in invocation.words):
        invocation.notes.read(Word("~/.git-credentials"))


def _filled(invocation: Invocation, command: str, arguments: Arguments, tree: Word | None) -> None:
    """Note the folders whose content a sub-command changes as a whole, and says so."""
    folders = arguments.values("--prefix")
    if command in _CHANGES and not arguments.has("--cached", "--staged"):
        folders += [word for word in arguments.operands if word.text and not word.wild]
    if tree is not None and command in _FILLS_WORK_TREE:
        folders.append(tree)
    for word in folders:
        if word.text.strip("./") and not set(word.text) & set("*?["):  # the project itself is what git is for
            invocation.notes.fill(word)


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
        if colon and path and "/" not in revision[:1] and (revision or command not in _CHANGES):
            invocation.notes.read(word.with_text(path))  # `HEAD:.env` is the file as it was
        elif command in _CHANGES:
            invocation.notes.write(_specified(invocation, word))
        else:
            invocation.notes.read(word)


def _searched(invocation: Invocation, arguments: Arguments) -> None:
    """Note what a search that is not held to tracked files may come to: everything below."""
    if not arguments.has("--no-index", "--untracked"):
        return
    given = arguments.values("-e", "-f")
    for word in arguments.operands[0 if given else 1 :] or [Word(".")]:
        invocation.notes.read(word, "**")


def _specified(invocation: Invocation, word: Word) -> Word:
    """Return what a path of git stands for: it may be a pattern of git's own, from the top of the project."""
    path = re.sub(r"^:(?:\([^)]*\)|/)", "", word.text)
    if word.wild or not set(path) & set("*?["):
        return word if path == word.text else word.with_text(path)
    pattern = f"**/{path.removeprefix('**/')}"
    return Word(pattern, word.state, wild=True, found=invocation.notes.fitting(pattern))


_COMMANDS: Mapping[str, Callable[[Invocation, Arguments], None]] = {
    "config": _config,
    "credential": _credential,
    "clone": _cloned,
    "worktree": _work_tree,
    **dict.fromkeys(("bisect", "rebase", "submodule", "filter-branch"), _started),
    **dict.fromkeys(("apply", "am"), _applied),
}
PROGRAMS: dict[str, Program] = {"git": _git, "hub": _git}
