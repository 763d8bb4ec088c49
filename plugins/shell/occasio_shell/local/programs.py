"""The programs that are run here, and what each of them would touch.

An option is in a form only if it neither writes, starts another program, reads a list of files, follows links on the
way down, waits, nor needs a terminal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from occasio_shell.local.find import find
from occasio_shell.local.git import GitCommand, git
from occasio_shell.local.line import NotLocalError, Simple
from occasio_shell.local.options import Form, Given, Touched, Use, given, touched

_COUNT = re.compile(r"[+-]?[0-9]{1,9}[a-zA-Z]{0,2}")
_COLOUR = {"--color": re.compile(r"never|auto"), "--colour": re.compile(r"never|auto")}
_ENDS = ("--lines", "--bytes")
_FORMAT = re.compile(r"(?:[^%\\]|%[s%]|\\[nt\\])*")


@dataclass(frozen=True, slots=True)
class Command:
    """One program that can be run here.

    `said` is what it prints where no process is needed for that.  `git` is set for git, which needs more care.
    """

    program: str
    arguments: tuple[str, ...]
    touched: tuple[Touched, ...] = ()
    said: str | None = None
    git: GitCommand | None = None


def command(simple: Simple, cwd: str, *, is_piped: bool) -> Command:
    """Return what a simple command would run; `is_piped` says that it reads from another one.

    Raises `NotLocalError` when it is not run here.
    """
    name, words = simple.words[0], simple.words[1:]
    if make := _OTHERS.get(name):
        return make(words, cwd, is_piped)
    form = _FORMS.get(name)
    if form is None:
        raise NotLocalError(f"`{name}` is not run here")
    arguments = given(form, words)
    return Command(name, words, _with_default(name, touched(form, arguments), arguments, is_piped=is_piped))


def _with_default(name: str, paths: tuple[Touched, ...], arguments: Given, *, is_piped: bool) -> tuple[Touched, ...]:
    """Return the paths, with the working directory where a program takes it by itself."""
    if paths:
        return paths
    if name == "ls":
        return (Touched(".", Use.TREE_NAMES if arguments.has("-R", "--recursive") else Use.NAME),)
    if name == "du":
        return (Touched(".", Use.TREE_NAMES),)
    if name in {"grep", "egrep", "fgrep"} and arguments.has("-r", "--recursive"):
        return (Touched(".", Use.TREE_CONTENT),)
    if name == "rg" and not is_piped:
        return (Touched(".", Use.TREE_CONTENT),)
    return ()


def _echo(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    end = "\n"
    if words and words[0] == "-n":
        words, end = words[1:], ""
    if words and re.fullmatch(r"-[neE]+", words[0]):
        raise NotLocalError("`echo` with such options is not run here")
    return Command("echo", (), said=" ".join(words) + end)


def _pwd(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    if words:
        raise NotLocalError("`pwd` with arguments is not run here")
    return Command("pwd", (), said=f"{cwd}\n")


def _printf(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    if not words or words[0].startswith("-") or not _FORMAT.fullmatch(words[0]):
        raise NotLocalError("such a format is not run here")
    return Command("printf", tuple(words))


def _true(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    return Command("true", (), said="")


def _find(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    return Command("find", tuple(words), find(words))


def _git(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    parsed = git(words)
    return Command("git", (), parsed.touched, git=parsed)


def _date(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    arguments = given(_DATE, words)
    if not all(word.startswith("+") for word in arguments.operands):  # anything else sets the clock
        raise NotLocalError("`date` with such an operand is not run here")
    return Command("date", tuple(words))


def _uniq(words: Sequence[str], cwd: str, is_piped: bool) -> Command:
    arguments = given(_UNIQ, words)
    return Command("uniq", tuple(words), touched(_UNIQ, arguments))


_DATE = Form(
    flags="uR",
    letters="d",
    long=("--utc", "--rfc-email", "--universal"),
    equals=("--iso-8601", "--rfc-3339", "--date"),
    use=None,
    most=1,
)
_UNIQ = Form(flags="cdiuDz", letters="fsw", long=("--count", "--repeated", "--unique", "--ignore-case"), most=1)

_GREP = Form(
    flags="EFGPivwxcLloqsHhnbaIUzry",
    letters="emABC",
    number=True,
    long=(
        "--extended-regexp", "--fixed-strings", "--basic-regexp", "--perl-regexp", "--ignore-case", "--invert-match",
        "--no-ignore-case", "--word-regexp", "--line-regexp", "--count", "--files-without-match",
        "--files-with-matches", "--only-matching", "--quiet", "--silent", "--no-messages", "--with-filename",
        "--no-filename", "--line-number", "--byte-offset", "--text", "--null", "--recursive", "--color", "--colour",
    ),
    valued=("--regexp", "--max-count", "--after-context", "--before-context", "--context"),
    equals=("--include", "--exclude", "--exclude-dir", "--color", "--colour", "--binary-files"),
    skipped=1,
    instead=("-e", "--regexp"),
    tree=("-r", "--recursive"),
    values=_COLOUR,
)  # fmt: skip
_RG = Form(
    flags="ivwxcloqnNHISsFUPa",
    letters="emABCgtT",
    long=(
        "--ignore-case", "--invert-match", "--word-regexp", "--line-regexp", "--count", "--files-with-matches",
        "--files-without-match", "--only-matching", "--quiet", "--line-number", "--no-line-number", "--with-filename",
        "--no-filename", "--smart-case", "--case-sensitive", "--fixed-strings", "--multiline", "--pcre2", "--hidden",
        "--no-ignore", "--no-heading", "--heading", "--column", "--trim", "--text", "--null", "--count-matches",
    ),
    valued=(
        "--regexp", "--max-count", "--after-context", "--before-context", "--context", "--glob", "--type", "--type-not",
        "--max-depth", "--max-columns", "--sort", "--iglob",
    ),
    equals=("--color", "--colour"),
    skipped=1,
    instead=("-e", "--regexp"),
    tree=("*",),
    values=_COLOUR,
    least=0,
)  # fmt: skip
_LS = Form(
    flags="aAbBcCdFgGhiklmnNopqQrRsStuUvxX1",
    letters="wIT",
    long=(
        "--all", "--almost-all", "--human-readable", "--recursive", "--reverse", "--size", "--inode", "--directory",
        "--classify", "--group-directories-first", "--full-time", "--no-group", "--numeric-uid-gid", "--si",
    ),
    equals=("--color", "--colour", "--sort", "--time", "--time-style", "--format", "--ignore", "--hide", "--width"),
    use=Use.NAME,
    tree=("-R", "--recursive"),
    values=_COLOUR,
)  # fmt: skip
_HEAD = Form(
    flags="qv", letters="nc", long=("--quiet", "--silent", "--verbose"), valued=_ENDS, number=True,
    values={"-n": _COUNT, "-c": _COUNT, "--lines": _COUNT, "--bytes": _COUNT},
)  # fmt: skip
_SORT = Form(
    flags="bdfghinrRsuVzMcC",
    letters="kt",
    long=(
        "--reverse", "--numeric-sort", "--human-numeric-sort", "--version-sort", "--unique", "--ignore-case",
        "--ignore-leading-blanks", "--stable", "--general-numeric-sort", "--check", "--zero-terminated",
    ),
    valued=("--key", "--field-separator"),
)  # fmt: skip
_DU = Form(
    flags="abchkmsxS0",
    letters="d",
    long=("--summarize", "--human-readable", "--all", "--bytes", "--total", "--apparent-size", "--one-file-system"),
    valued=("--max-depth",),
    equals=("--exclude", "--block-size"),
    use=Use.TREE_NAMES,
)
_DIFF = Form(
    flags="uqbBwiEasty",
    letters="UC",
    long=("--brief", "--unified", "--side-by-side", "--ignore-all-space", "--ignore-case", "--text"),
    equals=("--unified", "--color", "--label"),
    least=2,
    most=2,
    values=_COLOUR,
)
_SUM = Form(flags="bt", long=("--tag", "--binary", "--text"))

_FORMS: Mapping[str, Form] = {
    "cat": Form(
        flags="AbeEnstTuv",
        long=("--number", "--number-nonblank", "--show-all", "--show-ends", "--show-tabs", "--squeeze-blank"),
    ),
    "head": _HEAD,
    "tail": _HEAD,
    "ls": _LS,
    "grep": _GREP,
    "egrep": _GREP,
    "fgrep": _GREP,
    "rg": _RG,
    "wc": Form(flags="lwcmL", long=("--lines", "--words", "--bytes", "--chars", "--max-line-length")),
    "sort": _SORT,
    "cut": Form(
        flags="szn",
        letters="bcdf",
        long=("--complement", "--only-delimited"),
        valued=("--fields", "--delimiter", "--characters", "--bytes", "--output-delimiter"),
    ),
    "tr": Form(flags="cCdst", use=None, least=1, most=2, long=("--delete", "--squeeze-repeats", "--complement")),
    "nl": Form(letters="bdfhilnsvw", flags="p"),
    "tac": Form(letters="s", flags="br"),
    "rev": Form(),
    "comm": Form(flags="123z", least=2, most=2),
    "paste": Form(letters="d", flags="sz"),
    "fold": Form(letters="w", flags="bs"),
    "diff": _DIFF,
    "cmp": Form(flags="bls", least=2, most=2),
    "stat": Form(flags="ft", letters="c", long=("--terse", "--file-system"), equals=("--format", "--printf"),
                 use=Use.NAME, least=1),
    "file": Form(flags="bikhNr0", long=("--brief", "--mime", "--mime-type", "--mime-encoding", "--no-dereference"),
                 least=1),
    "basename": Form(flags="az", letters="s", use=None, least=1, long=("--multiple",), equals=("--suffix",)),
    "dirname": Form(flags="z", use=None, least=1),
    "realpath": Form(flags="emsqzLP", use=Use.NAME, least=1,
                     long=("--canonicalize-missing", "--canonicalize-existing", "--no-symlinks")),
    "readlink": Form(flags="femnqz", use=Use.NAME, least=1, long=("--canonicalize", "--no-newline")),
    "du": _DU,
    "df": Form(flags="ahHiklPT", long=("--human-readable", "--inodes", "--local", "--print-type", "--total"),
               use=Use.NAME),
    **dict.fromkeys(("md5sum", "sha1sum", "sha256sum", "sha512sum", "cksum"), _SUM),
}  # fmt: skip

_OTHERS: Mapping[str, Callable[[Sequence[str], str, bool], Command]] = {
    "echo": _echo,
    "pwd": _pwd,
    "printf": _printf,
    "true": _true,
    "find": _find,
    "git": _git,
    "date": _date,
    "uniq": _uniq,
}
