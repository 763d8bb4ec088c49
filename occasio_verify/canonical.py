"""The canonical bytes of a JSON value: RFC 8785 (JCS), complete with ECMAScript numbers and UTF-16 key order.

The definition is `_text`, which follows the RFC clause by clause.  In front of it stand two accelerators.  A value of
plain strings, booleans, nulls, lists, dicts, safe integers and floats of the common form is written by the C encoder of
the standard library, which for such a value can err only in the order of keys beyond U+DFFF.  A list of nothing but
integers or nothing but floats is written a thousand at a time, without a call for each.

Knows values, not bytes that come from outside: `parse` reads those.  Knows no rows and no hashes.
"""

from __future__ import annotations

import json.encoder
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn, TypeAlias

from occasio_verify.errors import MalformedError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader reads alike (RFC 7493 section 2.2)."""

MAX_DEPTH = 64
"""How many arrays and objects may lie within one another; a document that is a scalar has depth 0."""

# From here on code points sort otherwise than their UTF-16 code units do (RFC 8785 section 3.2.3).
_SORTS_UNLIKE_UTF16 = re.compile("[\ue000-\U0010ffff]")

# A list of numbers is written in pieces that stay in the processor's cache.
_AT_ONCE = 1024
_FORMATS = "%d," * _AT_ONCE
_INTEGERS, _FLOATS = {int}, {float}

# An exponent that ECMAScript spells otherwise than repr, or not at all.
_EXPONENT_UNLIKE_ECMASCRIPT = re.compile(r"e[+-](?:0|1[6-9],|20,)")

# Writes the short escapes, \u00xx in lower case for other controls, and everything else as it is: section 3.2.2.2.
_quoted: Callable[[str], str] = json.encoder.encode_basestring


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of `value`.

    Mappings and tuples are written as objects and arrays; subclasses of `str`, `int` and `float`, enums among them, as
    the plain value that they hold.  Raises MalformedError: `integer-range`, `number-not-finite`, `lone-surrogate`,
    `too-deep`, `not-json-value`.
    """
    text = _numbers(value) if type(value) is list else None
    if text is None:
        text = canonical_text(value) if _is_plain(value) else _text(value, 0)
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise MalformedError("lone-surrogate", "a string holds half of a surrogate pair") from None


def canonical_text(parsed: Json) -> str:
    """The RFC 8785 text of a value that `parse_json(..., integers_only=True)` returned.

    Trusts that parser and checks nothing: for any other value the text may be wrong, so use `canonical`.
    """
    text = _encode(parsed)
    if text.isascii() or not _SORTS_UNLIKE_UTF16.search(text):
        return text
    return _text(parsed, 0)


def ecmascript_number(number: float) -> str:
    """`number` as ECMAScript prints it (ECMA-262 Number::toString, radix 10): 1 for 1.0, 0 for -0.0, 1e-7, 1e+21.

    Raises MalformedError `number-not-finite`.
    """
    return _number(float.__pos__(number))  # out of a subclass, whose own repr may say anything


def _number(number: float) -> str:
    """Written with Python's repr, which finds the same shortest digits and differs in how it spells an exponent."""
    size = abs(number)
    if 1e-4 <= size < 1e16:  # no exponent in either
        text = f"{number!r}"
        return text[:-2] if text[-2:] == ".0" else text
    if 1e21 <= size < math.inf or 0.0 < size < 1e-9:  # an exponent of two digits or three in both
        return f"{number!r}"
    if size == 0.0:
        return "0"
    if not size < math.inf:
        raise MalformedError("number-not-finite", "NaN and the infinities have no JSON form")
    return _respelled(f"{number!r}")


def _respelled(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if power < -6:
        return f"{mantissa}e{power}"
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.removeprefix("-").replace(".", "")
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{sign}{digits}{'0' * (power + 1 - len(digits))}"


def _numbers(items: list[Json]) -> str | None:
    """The canonical text of a list of safe integers or of finite floats; None for others, and some of these."""
    texts = []
    for start in range(0, len(items), _AT_ONCE):
        some: tuple[Any, ...] = tuple(items[start : start + _AT_ONCE])
        kinds = set(map(type, some))
        if kinds == _INTEGERS and min(some) >= -MAX_SAFE_INTEGER and max(some) <= MAX_SAFE_INTEGER:
            texts.append(_FORMATS[: 3 * len(some) - 1] % some)
        elif kinds == _FLOATS and (text := _as_ecmascript(f",{','.join(map(repr, some))},")) is not None:
            texts.append(text[1:-1])
        else:
            return None
    return f"[{','.join(texts)}]"


def _as_ecmascript(text: str) -> str | None:
    """The reprs in `text`, each between commas, as ECMAScript prints them; None with -0, NaN or an infinity."""
    text = text.replace(".0,", ",")
    if "n" in text or ",-0," in text:
        return None
    pieces, end = [], 0
    for exponent in _EXPONENT_UNLIKE_ECMASCRIPT.finditer(text):
        start, stop = text.rindex(",", 0, exponent.start()) + 1, text.index(",", exponent.start())
        pieces += [text[end:start], _respelled(text[start:stop])]
        end = stop
    return "".join((*pieces, text[end:]))


def _is_plain(value: Json) -> bool:
    """Whether the C encoder writes `value` as the RFC wants it; if not, `_text` writes it or says what is wrong.

    Depth first over a stack of iterators: a cycle runs into the depth limit, never into the recursion limit.
    """
    smallest, largest = -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER
    stack: list[Iterator[Json]] = [iter((value,))]
    while stack:
        for item in stack[-1]:
            # Exact types only, in this order for speed: this loop is what canonicalising costs beyond the C encoder.
            if type(item) is int:
                if smallest <= item <= largest:
                    continue
                return False
            if type(item) is str:
                continue
            if item is None or type(item) is bool:
                continue
            if type(item) is float:
                if _repr_is_ecmascript(item):
                    continue
                return False
            if len(stack) > MAX_DEPTH:
                return False
            if type(item) is dict and _has_plain_keys(item):
                stack.append(iter(item.values()))
                break
            if type(item) is list or type(item) is tuple:
                stack.append(iter(item))
                break
            return False
        else:
            stack.pop()
    return True


def _repr_is_ecmascript(number: float) -> bool:
    """Whether repr and ECMAScript agree, judged by size alone; some that agree are left out, such as zero."""
    size = abs(number)
    if 1e-4 <= size < 1e16:
        return not number.is_integer()
    return 1e21 <= size < math.inf or 0.0 < size < 1e-9


def _has_plain_keys(members: Mapping[str, Json]) -> bool:
    for key in members:  # noqa: SIM110 - half the cost of all() with a generator
        if type(key) is not str:
            return False
    return True


def _text(value: Json, depth: int) -> str:
    """The canonical text of a value that lies within `depth` arrays and objects."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    if isinstance(value, (list, tuple)):  # not Sequence: bytes is one
        return _array(value, depth + 1)
    if isinstance(value, (dict, Mapping)):
        return _object(value, depth + 1)
    return _scalar_of_subclass(value)


def _array(items: Sequence[Json], depth: int) -> str:
    _check_depth(depth)
    kinds = set(map(type, items))
    write = _WRITERS.get(kinds.pop()) if len(kinds) == 1 else None
    if write is not None:  # a long array of numbers is worth a shortcut
        return f"[{','.join(map(write, items))}]"
    return f"[{','.join([_text(item, depth) for item in items])}]"


def _object(members: Mapping[str, Json], depth: int) -> str:
    _check_depth(depth)
    if not _has_plain_keys(members):
        members = _with_plain_keys(members)
    keys = sorted(members) if "".join(members).isascii() else sorted(members, key=_utf16)
    return f"{{{','.join([f'{_quoted(key)}:{_text(members[key], depth)}' for key in keys])}}}"


def _check_depth(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise MalformedError("too-deep", f"arrays and objects lie more than {MAX_DEPTH} deep")


def _with_plain_keys(members: Mapping[str, Json]) -> dict[str, Json]:
    """`members` with keys taken out of their subclasses: an enum may compare and print as it likes."""
    if not all(isinstance(key, str) for key in members):
        raise MalformedError("not-json-value", "an object has a key that is not a string")
    plain = {str.__str__(key): value for key, value in members.items()}
    if len(plain) != len(members):
        raise MalformedError("not-json-value", "an object has two keys of the same spelling")
    return plain


def _utf16(key: str) -> bytes:
    """What sorts as the UTF-16 code units of `key`; half a surrogate pair sorts too, and is refused when encoded."""
    return key.encode("utf-16-be", "surrogatepass")


def _integer(value: int) -> str:
    if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        raise MalformedError("integer-range", "an integer lies beyond ±(2^53-1)")
    return int.__repr__(value)


def _scalar_of_subclass(value: object) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, int):
        return _integer(value)
    if not isinstance(value, float):
        _refuse(value)
    return ecmascript_number(value)


def _refuse(value: object) -> NoReturn:
    raise MalformedError("not-json-value", f"a value of type `{type(value).__name__}` has no JSON form")


_WRITERS: dict[type, Callable[..., str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: _integer,
    float: _number,
    str: _quoted,
}


def _encoder() -> Callable[[Json], str]:
    """The C encoder as one call, or what the standard library has instead where there is none."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode
    # markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan
    encode = make(None, _refuse, _quoted, None, ":", ",", True, False, False)
    return lambda value: "".join(encode(value, 0))


_encode = _encoder()
