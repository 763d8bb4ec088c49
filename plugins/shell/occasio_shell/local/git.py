"""`git`, as far as it only looks: which sub-commands and options, and with what it is kept from starting anything.

A repository is a stranger's: its configuration and its attributes name programs (monitors, pagers, filters, drivers,
hooks).  So its configuration is read first, by git itself, and git is run only if every key in it is one of those that
state plain facts (`is_harmless`); settings on the command line then overrule what could have been put there meanwhile.
"""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from occasio_shell.local.line import NotLocalError
from occasio_shell.local.options import Form, Given, Touched, Use, given

# What the command line says before anything else is read.
SETTINGS = (
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.pager=cat",
    "core.editor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.sshCommand=false",
    "core.askPass=false",
    "core.gitProxy=",
    "core.alternateRefsCommand=",
    "credential.helper=",
    "diff.external=",
    "diff.trustExitCode=false",
    "gpg.program=false",
    "gpg.ssh.program=false",
    "gpg.x509.program=false",
    "log.showSignature=false",
    "protocol.allow=never",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "diff.ignoreSubmodules=dirty",
    "status.submoduleSummary=false",
    "maintenance.auto=false",
    "gc.auto=0",
)
ENVIRONMENT: Mapping[str, str] = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "false",
    "GIT_ASKPASS": "false",
}
_HARMLESS = re.compile(
    r"core\.(?:repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode|symlinks|autocrlf"
    r"|eol|safecrlf|quotepath|abbrev|compression|commentchar|whitespace|trustctime|checkstat|sharedrepository)"
    r"|remote\..+\.(?:url|pushurl|fetch|push|tagopt|prune|mirror|gh-resolved)"
    r"|branch\..+\.(?:remote|merge|rebase|description|pushremote|vscode-merge-base|gh-merge-base)"
    r"|branch\.(?:autosetuprebase|autosetupmerge|sort)|user\.(?:name|email|signingkey)|commit\.gpgsign|tag\.gpgsign"
    r"|init\.defaultbranch|pull\.(?:rebase|ff)|push\.(?:default|followtags|autosetupremote)|fetch\.prune"
    r"|rebase\.(?:autosquash|autostash)|merge\.(?:conflictstyle|ff)|rerere\.enabled|advice\..+|gc\.auto"
    r"|extensions\.(?:objectformat|refstorage|worktreeconfig)|submodule\..+\.(?:url|active)|submodule\.active"
    r"|index\.version|diff\.(?:renames|algorithm)|color\.ui|lfs\.repositoryformatversion"
)
_REVISIONS_AND_FILES = (
    "--stat", "--shortstat", "--numstat", "--name-only", "--name-status", "--no-color", "--no-renames", "--summary",
    "--patch", "--no-patch", "--ignore-all-space", "--ignore-space-change", "--word-diff", "--raw", "--minimal",
)  # fmt: skip
_LOG = (
    "--oneline", "--all", "--graph", "--decorate", "--no-decorate", "--no-merges", "--merges", "--reverse", "--tags",
    "--branches", "--remotes", "--first-parent", "--abbrev-commit", "--no-abbrev-commit", "--follow", "--date-order",
    "--topo-order", "--relative-date",
)  # fmt: skip
_LOG_VALUES = (
    "--pretty", "--format", "--date", "--since", "--after", "--until", "--before", "--author", "--grep", "--max-count",
    "--skip", "--decorate", "--abbrev", "--diff-filter", "--stat", "--color", "--unified",
)  # fmt: skip
_BLOB = re.compile(r"(?!.*\.\.[^/]*:)[^:\s^]+(?:[~^][0-9]*)*:[^:]+")  # a file of one commit: no range, no search
_STARTS_GPG = re.compile(r"(?!.*%G).*", re.DOTALL)  # `%G?` and its like have a signature checked by a program
_VALUES = {"--pretty": _STARTS_GPG, "--format": _STARTS_GPG, "--color": re.compile("never|auto|false")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sub:
    """One sub-command: what it may be given, and what has to be added.

    `content` says that it shows what is in files: always, only with one of the options `shown_by`, or never.
    """

    form: Form
    added: tuple[str, ...] = ()
    content: bool = False
    shown_by: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    files: bool = False
    operands: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GitCommand:
    """A git that only looks.  `shows` says that contents of files are printed; `names` lists the files then.

    `folder` is where it works, empty for the working directory; `objects` are the revisions, which have to be commits.
    """

    folder: str
    words: tuple[str, ...]
    shows: bool
    names: tuple[str, ...]
    objects: tuple[str, ...]
    blobs: tuple[str, ...]
    touched: tuple[Touched, ...]


def is_harmless(key: str) -> bool:
    """Return whether a key of a repository's configuration states a plain fact, and starts nothing."""
    return _HARMLESS.fullmatch(key.lower()) is not None


def prefix() -> list[str]:
    """Return what stands between `git` and the sub-command."""
    settings = [word for setting in SETTINGS for word in ("-c", setting)]
    return ["--no-pager", *settings]


def git(words: Sequence[str]) -> GitCommand:
    """Return what `git` with these words would do.  Raises `NotLocalError` when it is not run here."""
    left, folder = list(words), ""
    while left and left[0].startswith("-"):
        option = left.pop(0)
        if option == "-C" and left and not folder:
            folder = left.pop(0)
        elif option != "--no-pager":
            raise NotLocalError(f"`git {option}` is not run here")
    name = left.pop(0) if left else ""
    sub = _SUBS.get(name)
    if sub is None:
        raise NotLocalError(f"`git {name}` is not run here")
    arguments = given(sub.form, left)
    if sub.needed and not (arguments.has(*sub.needed) or not arguments.operands):
        raise NotLocalError(f"`git {name}` changes something with these words")
    if sub.operands and not all(map(sub.operands.fullmatch, arguments.operands)):
        raise NotLocalError(f"`git {name}` changes something with these words")
    return _command(folder, name, sub, arguments, left)


def _command(folder: str, name: str, sub: Sub, arguments: Given, left: list[str]) -> GitCommand:
    shows = sub.content or arguments.has(*sub.shown_by)
    if shows and any(map(_SEVERAL.fullmatch, left)):
        raise NotLocalError(f"`git {name}` with several letters in one word is not run here")
    objects, paths = _told_apart(arguments, left, files=sub.files)
    blobs = tuple(word.partition(":")[2] for word in objects if ":" in word)
    if blobs and not (name == "show" and not arguments.options and not paths and _BLOB.fullmatch(" ".join(objects))):
        raise NotLocalError("a file of a commit is shown alone")
    touched = [Touched(os.path.join(folder, path), Use.NAME) for path in (".", *paths)]  # noqa: PTH118
    return GitCommand(
        folder=folder,
        words=(name, *sub.added, *left),
        shows=shows and not blobs,
        names=(name, *sub.added, *_names_only(name), *_without_formats(left)),
        objects=tuple(word for word in objects if ":" not in word),
        blobs=blobs,
        touched=tuple(touched),
    )


def _told_apart(arguments: Given, left: list[str], *, files: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the revisions and the paths: what stands behind `--` are paths, what stands before may be either."""
    behind = tuple(left[left.index("--") + 1 :]) if "--" in left else ()
    before = arguments.operands[: len(arguments.operands) - len(behind)]
    if files:
        return (), arguments.operands
    return before, behind


_FORMATS = re.compile(
    r"--(?:stat|shortstat|numstat|name-only|name-status|patch|no-patch|summary|raw|pretty|format|oneline|graph"
    r"|word-diff|color|no-color|unified|exit-code|quiet)(?:=.*)?|-[psuz]|-U[0-9]+",
    re.DOTALL,
)
_SEVERAL = re.compile(r"-[A-Za-z]{2,}|-U")  # letters in one word, or with the value in the next


def _without_formats(left: Sequence[str]) -> list[str]:
    """Return the words without those that say how something is shown; names are asked for instead."""
    end = left.index("--") if "--" in left else len(left)
    kept = [word for word in left[:end] if not _FORMATS.fullmatch(word)]
    return [*kept, *left[end:]]


def _names_only(name: str) -> tuple[str, ...]:
    """Return what has the names of the files listed, by both names where one was renamed."""
    names = ("--name-only", "-z", "--no-renames")
    return names if name == "diff" else (*names, "--format=")


_DRIVERS = ("--no-ext-diff", "--no-textconv")
_DIFF = Form(
    flags="puswbz", letters="U", long=(*_REVISIONS_AND_FILES, "--cached", "--staged", "--exit-code", "--quiet"),
    valued=(), equals=("--unified", "--stat", "--diff-filter", "--color", "--word-diff"), use=None, values=_VALUES,
)  # fmt: skip
_WITH_LOG = Form(
    flags="puswbz", letters="nU", long=(*_REVISIONS_AND_FILES, *_LOG), equals=_LOG_VALUES, number=True, use=None,
    values=_VALUES,
)  # fmt: skip
_NOTHING = re.compile(r"(?!)")
_PATCHES = ("-p", "-u", "--patch", "-U", "--unified", "--word-diff")

_SUBS: Mapping[str, Sub] = {
    "status": Sub(
        form=Form(flags="sb", long=("--short", "--branch", "--porcelain", "--long", "--ignored", "--show-stash"),
                  equals=("--porcelain", "--untracked-files"), use=None),
        added=("--ignore-submodules=dirty",), files=True,
    ),
    "log": Sub(form=_WITH_LOG, added=_DRIVERS, shown_by=_PATCHES),
    "show": Sub(form=_WITH_LOG, added=_DRIVERS, content=True),
    "diff": Sub(form=_DIFF, added=(*_DRIVERS, "--ignore-submodules=dirty"), content=True),
    "branch": Sub(
        form=Form(flags="avr", long=("--list", "--all", "--remotes", "--verbose", "--show-current", "--no-color"),
                  equals=("--sort",), use=None),
        needed=("--list",),
    ),
    "tag": Sub(form=Form(flags="l", long=("--list",), equals=("--sort",), use=None), needed=("-l", "--list")),
    "remote": Sub(form=Form(flags="v", long=("--verbose",), use=None), operands=_NOTHING),
    "rev-parse": Sub(
        form=Form(long=("--show-toplevel", "--git-dir", "--abbrev-ref", "--short", "--verify", "--is-inside-work-tree",
                        "--show-prefix", "--quiet", "--symbolic-full-name"), equals=("--short",), flags="q", use=None),
    ),
    "ls-files": Sub(
        form=Form(flags="cdmoskuz", long=("--cached", "--deleted", "--modified", "--others", "--exclude-standard",
                                          "--stage", "--full-name"), use=None),
        files=True,
    ),
    "ls-tree": Sub(form=Form(flags="rtldz", long=("--name-only", "--full-tree", "--full-name"), use=None)),
    "describe": Sub(form=Form(long=("--tags", "--always", "--all", "--long"),
                              equals=("--abbrev",), use=None)),
    "rev-list": Sub(form=Form(long=("--count", "--all", "--no-merges"), equals=("--max-count", "--since"), letters="n",
                              use=None, least=0)),
    "merge-base": Sub(form=Form(flags="a", long=("--all", "--is-ancestor"), use=None, least=2)),
    "shortlog": Sub(form=Form(flags="sne", long=("--summary", "--numbered", "--email"), use=None, least=1)),
    "blame": Sub(
        form=Form(flags="wsefn", letters="L", long=("--porcelain", "--line-porcelain"), use=None, least=1, most=1,
                  values={"-L": re.compile(r"[0-9]+,\+?[0-9]+")}),
        added=("--no-textconv",), files=True,
    ),
    "stash": Sub(form=Form(use=None, least=1, most=1), operands=re.compile("list")),
}  # fmt: skip
