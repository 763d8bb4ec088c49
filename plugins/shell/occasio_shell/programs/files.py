"""Programs that read, write or delete the files among their arguments, told by a table.

What a table cannot tell (a search pattern in front of the files, a directory that is walked) has a member in `Takes`.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Arguments, Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word, lines, listed

_READ, _WRITE, _DELETE = EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE


@dataclass(frozen=True, slots=True, kw_only=True)
class Takes:
    """What a program takes: letters and long names of options with a value, those whose value is a file, operands.

    `skipped` operands in front are no files unless one of `instead` is given; `walks` are the options with which a
    directory stands for everything below it, `*` for always.  `shows` says that its output is what it read.
    """

    kinds: tuple[EffectKind, ...] = (_READ,)
    letters: str = ""
    long: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    skipped: int = 0
    instead: tuple[str, ...] = ()
    walks: tuple[str, ...] = ()
    shows: bool = True


def program(takes: Takes) -> Program:
    """Return the function for a program that takes that."""

    def judge(invocation: Invocation) -> Output:
        arguments = invocation.arguments(takes.letters, takes.long)
        _options(takes, arguments, invocation)
        operands = arguments.operands if arguments.has(*takes.instead) else arguments.operands[takes.skipped :]
        below = "**" if "*" in takes.walks or arguments.has(*takes.walks) else ""
        for word in operands:
            for kind in takes.kinds:
                invocation.notes.touch(kind, word, below)
        if not takes.shows:
            return ()
        return _shown(invocation, operands)

    return judge


def _options(takes: Takes, arguments: Arguments, invocation: Invocation) -> None:
    for word in arguments.values(*takes.reads, "--files0-from"):
        invocation.notes.read(word)
    for word in arguments.values(*takes.writes):
        invocation.notes.write(word)


def _shown(invocation: Invocation, operands: list[Word]) -> Output:
    streams = tuple(part for word in operands for part in word.stream or invocation.notes.content(word) or ())
    if not operands or any(word.text == "-" for word in operands):
        return invocation.stdin + streams
    return streams or LOCAL_OUTPUT


def _list(invocation: Invocation) -> Output:
    """`ls` reads directories; the names of files it is given are no secret, and it prints them."""
    arguments = invocation.arguments("Iw", ("--ignore", "--width", "--hide"))
    for word in arguments.operands:
        if arguments.has("-d", "--directory"):
            continue
        if not _is_plain_name(word, invocation.notes.cwd):
            invocation.notes.read(word)
    if not arguments.operands:
        invocation.notes.read(Word(invocation.notes.cwd + "/"))
    listed = tuple(word for word in arguments.operands if word.wild or _is_plain_name(word, invocation.notes.cwd))
    folders = [word for word in arguments.operands if word not in listed] or [] if listed else arguments.operands
    inside = tuple(Word(f"{word.text.rstrip('/')}/*", wild=True) for word in folders)
    if arguments.has("-a", "-A", "--all", "--almost-all"):
        inside += tuple(Word(word.text[:-1] + ".*", wild=True) for word in inside) or (Word(".*", wild=True),)
    return (*listed, *inside) or (Word("*", wild=True),)


def _is_plain_name(word: Word, cwd: str) -> bool:
    """Return whether `word` names a file and no directory: by a look, or where there is nothing by having no slash."""
    if word.text.endswith("/") or word.wild:
        return False
    path = os.path.join(cwd, os.path.expanduser(word.text))  # noqa: PTH111, PTH118
    return os.path.isfile(path) or (not os.path.lexists(path) and "/" not in word.text)  # noqa: PTH113


def _grep(invocation: Invocation) -> Output:
    takes = _GREP
    arguments = invocation.arguments(takes.letters, takes.long)
    _options(takes, arguments, invocation)
    patterns = arguments.values("-e", "--regexp")
    operands = arguments.operands
    if not patterns and not arguments.has("-f", "--file"):
        patterns, operands = operands[:1], operands[1:]
    shows_nothing = arguments.has("-c", "--count", "-q", "--quiet", "--silent")
    recursive = arguments.has("-r", "-R", "--recursive", "--dereference-recursive") or "r" in invocation.name[:1]
    for word in operands or ([Word(".")] if recursive else []):
        _searched(invocation, arguments, word, recursive=recursive)
    if operands or recursive:
        found = operands if arguments.has("-l", "-L", "--files-with-matches") else ()
        return tuple(_matched(word, arguments) for word in found) or LOCAL_OUTPUT
    return () if shows_nothing else _filtered(invocation.stdin, patterns, inverted=arguments.has("-v"))


def _searched(invocation: Invocation, arguments: Arguments, word: Word, *, recursive: bool) -> None:
    if not recursive:
        invocation.notes.read(word)
        return
    invocation.notes.read(word)
    excluded = [name.text for name in arguments.values("--exclude", "--exclude-dir")]
    included = arguments.values("--include", "-g", "--glob")
    hidden = invocation.name not in {"rg", "ag", "ack"} or arguments.has("-u", "--hidden", "--no-ignore", "-.")
    patterns = [f"**/{name.text}" for name in included if not name.text.startswith("!")]
    if not patterns and (arguments.has("-t", "--type") and invocation.name == "rg"):
        return
    excluded += [name.text[1:] for name in included if name.text.startswith("!")]
    if any(name.startswith(".env") for name in excluded) or (not hidden and not patterns):
        return
    for pattern in patterns or ["**"]:
        invocation.notes.read(word, pattern)


def _matched(word: Word, arguments: Arguments) -> Word:
    """Return what `grep -rl` may print: names below the operand."""
    included = arguments.values("--include")
    name = included[0].text if included else ""
    return Word(f"{word.text.rstrip('/')}/**/{name}", wild=True) if name else Word(word.text)


def _filtered(stdin: Output, patterns: list[Word], *, inverted: bool) -> Output:
    """Return the lines of `stdin` that a search lets through, as far as its pattern is one for Python too."""
    expression = "|".join(word.text for word in patterns)
    secret = any(word in expression.lower() for word in ("key", "secret", "token", "pass", "cred")) or inverted
    asks_all = not re.search(r"[A-Za-z]{2}", expression)
    try:
        fits = re.compile(expression.replace("\\|", "|"), re.IGNORECASE).search
    except re.error:
        return stdin
    kept = []
    for word in lines(stdin):
        if word.wild:
            kept.append(_narrowed(word, expression, inverted=inverted))
        elif word.state or bool(fits(word.text)) != inverted:
            kept.append(replace(word, secret=word.secret and (secret or asks_all)))
    return tuple(word for word in kept if word.text or word.state)


def _narrowed(word: Word, expression: str, *, inverted: bool) -> Word:
    """Return the pattern `word`, narrowed to names in which the searched text stands."""
    literal = expression.replace("\\", "").strip("^$")
    folder, _, name = word.text.rpartition("/")
    if inverted or name not in {"*", ".*", "**"} or not re.fullmatch(r"[\w./-]+", literal):
        return word
    starred = f"*{literal}*" if not expression.endswith("$") else f"*{literal}"
    base = word.text if name == "**" else folder
    return Word(f"{base}/{starred.rpartition('/')[2]}".lstrip("/") if not base else f"{base}/{starred}", wild=True)


_GREP = Takes(
    letters="efmABCdDgtTjM",
    long=(
        "--regexp",
        "--file",
        "--include",
        "--exclude",
        "--exclude-dir",
        "--max-count",
        "--glob",
        "--type",
        "--context",
    ),
    reads=("-f", "--file"),
)


def _sort(invocation: Invocation) -> Output:
    return program(Takes(letters="koStT", long=("--output", "--key"), writes=("-o", "--output")))(invocation)


def _uniq(invocation: Invocation) -> Output:
    operands = invocation.arguments("fsw").operands
    for word in operands[:1]:
        invocation.notes.read(word)
    for word in operands[1:]:
        invocation.notes.write(word)
    return LOCAL_OUTPUT if operands else invocation.stdin


def _tee(invocation: Invocation) -> Output:
    for word in invocation.arguments().operands:
        invocation.notes.write(word)
        invocation.notes.keep(word, invocation.stdin)
    return invocation.stdin


def _move(invocation: Invocation) -> Output:
    """`cp`, `mv`, `ln`, `install`: everything is read, moved away or linked to but the last, which is written."""
    arguments = invocation.arguments("tSgmoZ" if invocation.name != "ln" else "tS", ("--target-directory", "--suffix"))
    *sources, target = [*arguments.operands, *arguments.values("-t", "--target-directory")] or [Word("")]
    if not sources and invocation.name == "ln":
        sources = [target]
    walks = invocation.name == "mv" or arguments.has("-r", "-R", "-a", "--recursive", "--archive")
    below = "**" if walks else ""
    for word in sources:
        invocation.notes.read(word, below)
        if invocation.name == "mv":
            invocation.notes.delete(word, below)
    invocation.notes.write(target, "**" if _fills(invocation, sources, target, walks=walks) else "")
    for word in sources[:1]:
        if (content := invocation.notes.content(word)) is not None:
            invocation.notes.keep(target, content)
    for word in sources if not target.wild and target.text else ():
        name = word.text.rstrip("/").rpartition("/")[2]
        if name and name not in {".", ".."} and target.text not in {".", "/dev/stdout"}:
            name = f"{target.text.rstrip('/')}/{name}"
        elif target.text != ".":
            continue
        invocation.notes.write(replace(word, text=name, found=()))
        if walks and not word.wild and name:
            invocation.notes.fill(word.with_text(name))
    return ()


def _fills(invocation: Invocation, sources: list[Word], target: Word, *, walks: bool) -> bool:
    """Return whether files come to be below `target` by names that are not told: those that another folder has."""
    if not target.text or target.wild or target.text.rstrip("/") in {"", ".", ".."}:
        return False
    is_there = target.text.endswith("/") or _is_folder(target, invocation.notes.cwd)
    named = all(word.text.rstrip("/").rpartition("/")[2] not in {"", ".", ".."} for word in sources)
    replaces = invocation.arguments().has("-n", "-T", "--no-dereference", "--no-target-directory")
    return (walks or invocation.name == "ln") and not (is_there and named and not replaces)


def _is_folder(word: Word, cwd: str) -> bool:
    return os.path.isdir(os.path.join(cwd, os.path.expanduser(word.text)))  # noqa: PTH111, PTH112, PTH118


def _remove(invocation: Invocation) -> Output:
    arguments = invocation.arguments()
    below = "**" if arguments.has("-r", "-R", "--recursive") else ""
    for word in arguments.operands:
        invocation.notes.delete(word, below)
    return ()


def _change_mode(invocation: Invocation) -> Output:
    arguments = invocation.arguments("", ("--reference", "--from"))
    below = "**" if arguments.has("-R", "--recursive") else ""
    given = arguments.has("--reference")
    for word in arguments.operands if given else arguments.operands[1:]:
        if not (word.text.startswith("-") and invocation.name == "chmod"):
            invocation.notes.write(word, below)
            if not word.wild and _is_folder(word, invocation.notes.cwd):
                invocation.notes.fill(word)  # who may not enter a folder does not find what is in it
    return ()


def _copy_blocks(invocation: Invocation) -> Output:
    shown = invocation.stdin
    to_file = False
    for word in invocation.words:
        name, _, value = word.text.partition("=")
        if name == "if":
            invocation.notes.read(word.with_text(value))
            shown = LOCAL_OUTPUT
        elif name == "of":
            invocation.notes.write(word.with_text(value))
            to_file = True
    return () if to_file else shown


def _query(invocation: Invocation) -> Output:
    """`jq` prints the environment when its program says `env`."""
    takes = Takes(letters="f", reads=("-f", "--from-file"), skipped=1, instead=("-f", "--from-file"))
    for option, file in zip(invocation.words, invocation.words[2:], strict=False):
        if option.text in {"--rawfile", "--slurpfile"}:  # a name stands between
            invocation.notes.read(file)
    output = program(takes)(invocation)
    if any(re.search(r"(?<![.\w])(?:env|\$ENV)\b(?!\.\w)", word.text) for word in invocation.words):
        return (*output, Word("", State.LOCAL, secret=True))
    return output


def _edits(takes: Takes) -> Program:
    """Return the function for a program that takes that, and changes its files where it is told to."""
    reads, changes = program(takes), program(replace(takes, kinds=(_READ, _WRITE)))

    def judge(invocation: Invocation) -> Output:
        in_place = any(word.text in {"-i", "--inplace", "--in-place"} for word in invocation.words)
        return (changes if in_place else reads)(invocation)

    return judge


def _processes(invocation: Invocation) -> Output:
    """`ps e` shows the environment of processes."""
    shows = any("e" in word.text and not word.text.startswith("-") for word in invocation.words[:1])
    return (Word("", State.LOCAL, secret=True),) if shows else LOCAL_OUTPUT


def _nothing(invocation: Invocation) -> Output:
    """Programs that look at no file's content, whatever their arguments are called."""
    return LOCAL_OUTPUT


def _silent(invocation: Invocation) -> Output:
    return ()


def _wget_like_split(invocation: Invocation) -> Output:
    operands = invocation.arguments("abClntd").operands
    for word in operands[:1]:
        invocation.notes.read(word)
    return ()


_SHOWS = Takes()
_WRITES = Takes(kinds=(_WRITE,), shows=False)
_BOTH = Takes(kinds=(_READ, _WRITE), shows=False)
_DELETES = Takes(kinds=(_READ, _WRITE, _DELETE), letters="ns", shows=False)

_READERS = listed(
    """
    cat tac nl less more most bat batcat pr fold fmt expand unexpand column paste join comm iconv zcat bzcat
    xzcat zless zmore gzcat lzcat zstdcat cmp sdiff look hexdump hd strings file wc cksum sum md5sum sha1sum
    sha224sum sha256sum sha384sum sha512sum b2sum b3sum shasum md5 csvtool dos2unix unix2dos rev ul tsort ptx
    view readelf objdump nm xmllint highlight pygmentize glow mdcat cbonsai chafa catimg img2txt pdftotext
    antiword catdoc docx2txt basenc uuencode openssl_file most zgrep_file vimdiff jless fx gron xsv mlr lolcat
    cowsay figlet_file hexyl
    """
)

PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(_READERS, program(_SHOWS)),
    **dict.fromkeys(("grep", "egrep", "fgrep", "zgrep", "rgrep", "rg", "ag", "ack", "ugrep", "pcregrep"), _grep),
    **dict.fromkeys(("ls", "dir", "vdir", "exa", "eza", "lsd", "tree"), _list),
    **dict.fromkeys(("cp", "mv", "ln", "install", "gcp", "gmv", "pax_copy"), _move),
    **dict.fromkeys(("rm", "unlink", "rmdir", "trash", "rimraf", "del", "trash-put"), _remove),
    **dict.fromkeys(("shred", "wipe", "srm"), program(_DELETES)),
    **dict.fromkeys(("chmod", "chown", "chgrp", "chattr", "setfacl", "chcon"), _change_mode),
    **dict.fromkeys(("touch", "mkdir", "mkfifo", "mknod"), program(replace(_WRITES, letters="drtmZ"))),
    "truncate": program(replace(_WRITES, letters="sr", reads=("-r", "--reference"))),
    "head": program(replace(_SHOWS, letters="nc", long=("--lines", "--bytes"))),
    "tail": program(replace(_SHOWS, letters="ncs", long=("--lines", "--bytes", "--pid"))),
    "od": program(Takes(letters="AjNStw")),
    "cut": program(Takes(letters="dfbc", long=("--delimiter", "--fields"))),
    "diff": program(Takes(letters="UCIxX", walks=("-r", "--recursive"))),
    "colordiff": program(Takes(letters="UCIxX", walks=("-r", "--recursive"))),
    "jq": _query,
    "ps": _processes,
    "date": program(Takes(letters="dfr", reads=("-f", "-r"), kinds=())),
    "yq": _edits(Takes(kinds=(_READ,), letters="f", skipped=1)),
    **dict.fromkeys(("dos2unix", "unix2dos"), program(_BOTH)),
    "sd": program(replace(_BOTH, skipped=2)),
    "xq": program(Takes(skipped=1)),
    "gzip": program(_BOTH),
    "gunzip": program(_BOTH),
    "bzip2": program(_BOTH),
    "xz": program(_BOTH),
    "zstd": program(Takes(kinds=(_READ,), letters="oT", writes=("-o",))),
    "split": _wget_like_split,
    "csplit": _wget_like_split,
    "sort": _sort,
    "uniq": _uniq,
    "tee": _tee,
    "sponge": _tee,
    "dd": _copy_blocks,
    "dcfldd": _copy_blocks,
    **dict.fromkeys(
        listed(
            """
    stat test [ which whereis type du df basename dirname realpath readlink pwd whoami id hostname uname
    uptime free nproc arch tty true false sleep seq kill killall pkill top htop lsof jobs wait bg fg
    lsblk findmnt locale tput clear reset yes factor expr let : numfmt mktemp nice_none lscpu
    """
        ),
        _nothing,
    ),
    "umask": _silent,
}
