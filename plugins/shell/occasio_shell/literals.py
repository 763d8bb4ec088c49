"""What code of an interpreter names: the texts in it, put together where that can be done without running it.

Python is read by its own grammar, everything else by its quotes.  Code that makes texts out of numbers or encodings and
hands them to something that opens, runs or contacts is `hidden`: nobody can tell what it names.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from occasio_shell.folding import folded, hides, is_sink

MAX_CODE = 1 << 16
_MAX_TEXTS = 256
_QUOTED = re.compile(r"""'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`""")
_JOINED = re.compile(r"""(['"`])\s*(?:\+|\.\.?|\s)\s*(['"`])""")
_BRACKETED = re.compile(r"(?:q[qwx]?\s*[({\[|/!](?P<text>[^)}\]|/!]*)[)}\]|/!]|<\s*(?P<file>[~./][\w./-]+)\s*>)")
_PATH_CALL = re.compile(r"(?<![\w.])(~?/?(?:[\w.-]+/)*\.?[\w.-]+)")
_RUNS = re.compile(
    r"\b(?:system|exec\w*|popen\w*|spawn\w*|shell_exec|passthru|proc_open|subprocess|check_output|os\.system|Open3|qx)\b"
    r"|`|%x|\bdo shell script\b|IO\.popen|os\.execute"
)
_CHANGES = re.compile(
    r"""['"](?:[wa]b?\+?|r\+b?)['"]|write|unlink|remove|rmtree|rename|replace\(|append|truncate|delete|touch|mkdir|copy|move"""
    r"""|put_contents|symlink|chmod|>>?\s*['"~./]"""
)
_REMOVES = re.compile(r"\b(?:rmtree|rm_rf?|remove_tree|remove_entry_secure|rimraf|rm(?:dir)?Sync|rm)\s*\(|\brm_rf\b")
_MOVES = re.compile(
    r"\b(?:move\w*|rename\w*|renames|copytree|cp(?:Sync|_r)|symlink\w*|chmod\w*|extract\w*|unpack_archive|FileUtils)\s*[(.]"
)
_BUILDS = re.compile(
    r"fromCharCode|\batob\b|['\"](?:base64|hex)['\"]|\bpack\b|unpack|\bchr\b|base64_decode|decode_base64|hex2bin|decode64|MIME|rot13"
    r"|\.reverse\b|strrev|fromCodePoint|decodeURIComponent|\bgzinflate\b|\.codepoints|string\.char"
)
_OPENS = re.compile(
    r"\b(?:open|readFile\w*|createReadStream|require|file_get_contents|fopen|readfile|File|IO|system|exec\w*|eval|popen"
    r"|spawn\w*|fetch|http\w*|net|socket\w*|fsockopen|connect|unlink\w*|writeFile\w*|assert|include|Function|load\w*)\b"
)
_REMOTE = re.compile(
    r"urlopen|URI\.(?:open|parse)|open\(['\"]http|requests\.get|fetch\(|https?['\"]?\)?\.get|file_get_contents\(['\"]http|Net::HTTP|LWP|open-uri"
)
_EVALUATES = re.compile(r"\b(?:eval|exec|Function|instance_eval|loadstring|assert)\s*[( ]")
_SOCKETS = re.compile(r"\b(?:[sS]ocket|TCPSocket|fsockopen|stream_socket_client)\b|net\.connect|['\"]net['\"]")
_SHELLS = re.compile(r"/bin/|cmd\.exe|['\" ](?:ba|z)?sh\b|\bpty\b|\bdup2\b")
_RUNS_WHAT_IT_READ = re.compile(r"\b(?:popen\w*|system|exec\w*|spawn\w*|check_output)\s*\(\s*[A-Za-z_$]")
_ENVIRONMENT = re.compile(
    r"os\.environ(?!\s*(?:\[|\.get|\.setdefault|\.pop|\.update|\.copy))|process\.env(?![\w.\[])|\bENV(?:\.(?:to_a|each|inspect|to_h|map)|\s*$|\s*\))"
    r"|%ENV|getenv\(\s*\)|\$_ENV(?!\[)|\bSys\.getenv\(\s*\)"
    r"|(?:environ(?:\.get)?|getenv|process\.env|ENV|\$_ENV)\s*[\[({.]+\s*['\"]?\w*(?:SECRET|TOKEN|PASSW|API_?KEY|ACCESS_?KEY|PRIVATE)"
)
_JOINS = re.compile(r"join|resolve|Path|homedir|/\s*['\"]|format|\+")
_HOMES = re.compile(r"expanduser|homedir|Path\.home|\bHOME\b|Dir\.home|USERPROFILE|getpwuid|~")


class Language(Enum):
    """How code is read."""

    PYTHON = "python"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in code; `changes` says that it may write, `removes` that it
    may take whole directories away, `moves` that it may put others in their place,
    `hidden` that it makes up what it touches."""

    paths: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    changes: bool = False
    removes: bool = False
    moves: bool = False
    environment: bool = False
    hidden: bool = False


def judged(code: str, language: Language) -> Seen:
    """Return what `code` names and what it does with it."""
    if len(code) > MAX_CODE:
        return Seen(hidden=True)
    tree = _python(code) if language is Language.PYTHON else None
    texts = list(_texts(tree) if tree is not None else _quoted(code))[:_MAX_TEXTS]
    if tree is not None and re.search(r"\b(?:exec|eval)\b", code):
        texts += [inner for text in texts for inner in _inner(text)]
    runs = bool(_RUNS.search(code))
    return Seen(
        paths=tuple(dict.fromkeys(_paths(texts, code))),
        commands=tuple(text for text in texts if runs and text.strip() and not text.startswith("-")),
        changes=bool(_CHANGES.search(code)),
        removes=bool(_REMOVES.search(code)),
        moves=bool(_MOVES.search(code)),
        environment=bool(_ENVIRONMENT.search(code)),
        hidden=_is_remote_shell(code) or (_hides(tree) if tree is not None else _hides_otherwise(code)),
    )


def _python(code: str) -> ast.Module | None:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _texts(tree: ast.Module) -> Iterator[str]:
    """Yield every text in Python code, and what texts are put together to."""
    known = _assigned(tree)
    # In the order of the text: the parts of a path stand one behind the other.
    for node in sorted(ast.walk(tree), key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            yield node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace")
        elif isinstance(node, ast.BinOp | ast.JoinedStr | ast.Call | ast.Subscript):
            value = folded(node, known)
            if isinstance(value, str | bytes):
                yield value if isinstance(value, str) else value.decode("utf-8", "replace")
            elif isinstance(value, list) and all(isinstance(item, str) for item in value):
                yield " ".join(map(str, value))
        elif isinstance(node, ast.List | ast.Tuple):
            value = folded(node, known)
            if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
                yield " ".join(map(str, value))


def _inner(text: str) -> Iterator[str]:
    """Yield the texts in code that is itself a text in code."""
    tree = _python(text) if "(" in text else None
    yield from _texts(tree) if tree is not None else ()


def _assigned(tree: ast.Module) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            found |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.NamedExpr) and isinstance(node.target, ast.Name):
            found[node.target.id] = node.value
    return found


def _is_remote_shell(code: str) -> bool:
    """Return whether code opens a connection and starts a shell: what comes over it may run."""
    return bool(_SOCKETS.search(code) and (_SHELLS.search(code) or _RUNS_WHAT_IT_READ.search(code)))


def _hides(tree: ast.Module) -> bool:
    known = _assigned(tree)
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(is_sink(call) and hides(call, known) for call in calls)


def _hides_otherwise(code: str) -> bool:
    without = _QUOTED.sub("''", code)
    if _REMOTE.search(code) and _EVALUATES.search(without):
        return True
    return bool(_BUILDS.search(code) and _OPENS.search(without))


def _quoted(code: str) -> Iterator[str]:
    before = ""
    code = code.replace("\\\n", "")
    while code != before and len(code) <= MAX_CODE:
        before, code = code, _JOINED.sub(lambda join: "" if join[1] == join[2] else join[0], code)
    for found in _QUOTED.finditer(code):
        text = found[1] or found[2] or found[3] or ""
        yield re.sub(r"\\x([0-9a-fA-F]{2})", lambda digits: chr(int(digits[1], 16)), text)
    for found in _BRACKETED.finditer(code):
        yield found["text"] or found["file"] or ""


def _paths(texts: list[str], code: str) -> Iterator[str]:
    has_home = bool(_HOMES.search(code))
    for text in texts:
        if not text or len(text) > 1024 or "\n" in text:
            continue
        path = re.sub(r"^(?:file://|<\s*|\+?>>?\s*)", "", text)
        yield path
        if has_home and not path.startswith(("/", "~")):
            yield f"~/{path}"
        if has_home and path.startswith("/"):
            yield f"~{path}"
    if not _JOINS.search(code):
        return
    parts = [text for text in texts if text and len(text) < 64 and not re.search(r"\s", text)]
    for first, second in itertools.pairwise(parts):
        yield f"{first.rstrip('/')}/{second.lstrip('/')}"
        if has_home:
            yield f"~/{first.strip('/')}/{second.lstrip('/')}"
