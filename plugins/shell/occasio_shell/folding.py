"""Working out constant expressions of Python without running any of it.

Only what is listed here is worked out, by functions of the standard library that touch nothing and on values of bounded
size.  Everything else is not known, and `hides` says whether it was made in a way that nobody would choose for a name.
"""

from __future__ import annotations

import ast
import base64
import binascii
import codecs
import posixpath
from collections.abc import Callable, Mapping
from typing import TypeAlias

from occasio_shell.values import listed

Value: TypeAlias = "str | bytes | int | list[Value]"

_LONGEST = 4096
_MAX_DEPTH = 24
_SINKS = frozenset(
    listed(
        """
    open exec eval compile system popen run call check_output check_call Popen spawn getoutput Path remove
    unlink rmtree rename copy copyfile move urlopen connect create_connection __import__ import_module read_text
    execv execve execvp fdopen
    """
    )
)
_BUILDERS = frozenset(
    listed(
        """
    chr fromhex unhexlify b64decode b32decode b16decode b85decode a85decode decodebytes decompress loads
    reversed rot13 getattr globals locals vars __dict__ translate maketrans a2b_hex a2b_base64 urlopen bytes
    bytearray
    """
    )
)


def folded(node: ast.expr, known: Mapping[str, ast.expr], depth: int = 0) -> Value | None:
    """Return the value of `node`, None if it is not known; `known` has what each name was last given."""
    if depth > _MAX_DEPTH:
        return None
    value = _folded(node, known, depth + 1)
    if isinstance(value, str | bytes | list) and len(value) > _LONGEST:
        return None
    return value


def hides(node: ast.expr, known: Mapping[str, ast.expr], depth: int = 0) -> bool:
    """Return whether an argument of the call at `node` is made by what hides it, and cannot be worked out."""
    if not isinstance(node, ast.Call):
        return False
    arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
    return any(folded(argument, known) is None and _builds(argument, known, 0) for argument in arguments)


def is_sink(call: ast.Call) -> bool:
    """Return whether the call opens, runs or contacts what it is given."""
    return _name(call.func) in _SINKS


def _builds(node: ast.AST, known: Mapping[str, ast.expr], depth: int) -> bool:
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and _name(part.func) in _BUILDERS:
            return True
        if isinstance(part, ast.Name) and depth < 4 and part.id in known and _builds(known[part.id], known, depth + 1):
            return True
        if isinstance(part, ast.Slice) and isinstance(part.step, ast.UnaryOp):
            return True
    return False


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _folded(node: ast.expr, known: Mapping[str, ast.expr], depth: int) -> Value | None:
    match node:
        case ast.Constant(value=str() | bytes() | int() as value):
            return value
        case ast.Name(id=name) if name in known:
            return folded(known[name], known, depth)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return _all(items, known, depth)
        case ast.JoinedStr(values=parts):
            return _texts_joined(
                [part.value if isinstance(part, ast.FormattedValue) else part for part in parts], known, depth
            )
        case ast.BinOp(left=left, op=operator, right=right):
            return _combined(folded(left, known, depth), operator, folded(right, known, depth))
        case ast.Subscript(value=of, slice=part):
            return _part(folded(of, known, depth), part, known, depth)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            number = folded(operand, known, depth)
            return -number if isinstance(number, int) else None
        case ast.ListComp(elt=element, generators=[each]) | ast.GeneratorExp(elt=element, generators=[each]):
            return _comprehended(element, each, known, depth)
        case ast.Call():
            return _called(node, known, depth)
    return None


def _all(items: list[ast.expr], known: Mapping[str, ast.expr], depth: int) -> list[Value] | None:
    values = [folded(item, known, depth) for item in items[:_LONGEST]]
    return None if any(value is None for value in values) else [value for value in values if value is not None]


def _texts_joined(parts: list[ast.expr], known: Mapping[str, ast.expr], depth: int) -> str | None:
    values = _all(parts, known, depth)
    return None if values is None else "".join(map(str, values))


def _combined(left: Value | None, operator: ast.operator, right: Value | None) -> Value | None:
    match left, operator, right:
        case (str(), ast.Add(), str()):
            return left + right
        case (bytes(), ast.Add(), bytes()):
            return left + right
        case (list(), ast.Add(), list()):
            return [*left, *right]
        case (int(), ast.Add(), int()):
            return left + right
        case (int(), ast.Sub(), int()):
            return left - right
        case (int(), ast.BitXor(), int()):
            return left ^ right
        case (str(), ast.Div(), str()):
            return posixpath.join(left, right)
        case (str(), ast.Mod(), str()) if left.count("%") == 1:
            return left.replace("%s", right)
        case (str(), ast.Mod(), list()) if left.count("%s") == len(right):
            return left % tuple(right)
    return None


def _part(of: Value | None, part: ast.expr, known: Mapping[str, ast.expr], depth: int) -> Value | None:
    if not isinstance(of, str | bytes | list):
        return None
    if isinstance(part, ast.Slice):
        ends = [_end(end, known, depth) for end in (part.lower, part.upper, part.step)]
        return None if ends[2] == 0 else of[ends[0] : ends[1] : ends[2]]
    place = folded(part, known, depth)
    return of[place] if isinstance(place, int) and -len(of) <= place < len(of) else None


def _end(end: ast.expr | None, known: Mapping[str, ast.expr], depth: int) -> int | None:
    """Return one end of a slice; one that is not known is taken for open, which names more."""
    value = None if end is None else folded(end, known, depth)
    return value if isinstance(value, int) else None


def _comprehended(
    element: ast.expr, each: ast.comprehension, known: Mapping[str, ast.expr], depth: int
) -> Value | None:
    values = folded(each.iter, known, depth)
    if not isinstance(values, list | str | bytes) or each.ifs or not isinstance(each.target, ast.Name):
        return None
    made = [
        folded(element, {**known, each.target.id: ast.Constant(value)}, depth)
        for value in list(values)[:256]
        if isinstance(value, str | int | bytes)
    ]
    return None if any(value is None for value in made) else [value for value in made if value is not None]


def _called(node: ast.Call, known: Mapping[str, ast.expr], depth: int) -> Value | None:
    name = _name(node.func)
    if name == "map" and len(node.args) == 2:
        function, values = _FUNCTIONS.get(_name(node.args[0])), folded(node.args[1], known, depth)
        return (
            [_tried(function, value) or "" for value in values]
            if function and isinstance(values, list | bytes)
            else None
        )
    arguments = _all(node.args, known, depth)
    if arguments is None:
        return None
    if name in _FUNCTIONS and len(arguments) == 1:
        return _tried(_FUNCTIONS[name], arguments[0])
    if (
        name in {"join", "joinpath"}
        and isinstance(node.func, ast.Attribute)
        and _name(node.func.value) in {"path", "posixpath"}
    ):
        return posixpath.join(*map(str, arguments)) if arguments else None
    if isinstance(node.func, ast.Attribute) and (of := folded(node.func.value, known, depth)) is not None:
        return _method(of, name, arguments)
    if name == "decode" and arguments and isinstance(arguments[0], str) and arguments[1:] in (["rot13"], ["rot_13"]):
        return codecs.decode(arguments[0], "rot13")
    return None


def _method(of: Value, name: str, arguments: list[Value]) -> Value | None:
    match of, name, arguments:
        case (str(), "join", [list() as parts]) if all(isinstance(part, str) for part in parts):
            return of.join(map(str, parts))
        case (bytes(), "decode", _):
            return of.decode("utf-8", "replace")
        case (str(), "encode", _):
            return of.encode("utf-8", "replace")
        case (str(), "replace", [str() as old, str() as new]):
            return of.replace(old, new)
        case (str(), "format", _) if of.count("{}") == len(arguments):
            return of.format(*arguments)
        case (str(), "split", [str() as mark]) if mark:
            return list(of.split(mark))
        case (str(), "lower" | "upper" | "strip", []):
            return {"lower": of.lower, "upper": of.upper, "strip": of.strip}[name]()
    return None


def _tried(function: Callable[[Value], Value], value: Value) -> Value | None:
    try:
        return function(value)
    except (ValueError, TypeError, binascii.Error, OverflowError):
        return None


def _bytes(value: Value) -> Value:
    if isinstance(value, list) and all(isinstance(item, int) for item in value):
        return bytes(item for item in value if isinstance(item, int))
    raise ValueError("no list of numbers")


def _decoder(decode: Callable[[bytes], bytes]) -> Callable[[Value], Value]:
    return lambda value: decode(
        value.encode() if isinstance(value, str) else value if isinstance(value, bytes) else b"?"
    )


_FUNCTIONS: dict[str, Callable[[Value], Value]] = {
    "chr": lambda value: chr(value) if isinstance(value, int) else "",
    "str": str,
    "Path": str,
    "expanduser": str,
    "list": lambda value: [*value] if isinstance(value, str | list) else [],
    "reversed": lambda value: [*value][::-1] if isinstance(value, str | list) else [],
    "bytes": _bytes,
    "bytearray": _bytes,
    "fromhex": lambda value: bytes.fromhex(str(value)),
    "unhexlify": _decoder(binascii.unhexlify),
    "b64decode": _decoder(base64.b64decode),
    "b32decode": _decoder(base64.b32decode),
    "b85decode": _decoder(base64.b85decode),
}
