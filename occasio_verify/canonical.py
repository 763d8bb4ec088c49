"""The canonical bytes of a JSON value: RFC 8785 (JCS), complete with ECMAScript numbers and UTF-16 key order.

The definition is `_text`, which follows the RFC clause by clause.  In front of it stands an accelerator: a value of
plain strings, booleans, nulls, lists, dicts, safe integers and floats of the common form is written by the C encoder of
the standard library, which for such a value can err only in the order of keys beyond U+DFFF.

Knows values, not bytes that come from outside: `parse` reads those.  Knows no rows and no hashes.
"""

from __future__ import annotations

import json.encoder
import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NoReturn, TypeAlias

from occasio_verify.errors import MalformedError

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that every JSON reader reads alike (RFC 7493 section 2.2)."""

MAX_DEPTH = 64
"""How many arrays and objects may lie within one another; a document that is a scalar has depth 0."""

# From here on code points sort otherwise than their UTF-16 code units do (RFC 8785 section 3.2.3).
_SORTS_UNLIKE_UTF16 = re.compile("[\ue000-\U0010ffff]")

# Writes the short escapes, \u00xx in lower case for other controls, and everything else as it is: section 3.2.2.2.
_quoted: Callable[[str], str] = json.encoder.encode_basestring


def canonical(value: Json) -> bytes:
    """The RFC 8785 bytes of `value`.

    Mappings and tuples are written as objects and arrays; subclasses of `str`, `int` and `float`, enums among them, as
    the plain value that they hold.  Raises MalformedError: `integer-range`, `number-not-finite`, `lone-surrogate`,
    `too-deep`, `not-json-value`.
    """
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

    Raises MalformedError `number-not-finite`.  Python's repr has the same shortest digits; it differs in where the
    exponent form begins and in how an exponent is spelled.
    """
    if not math.isfinite(number):
        raise MalformedError("number-not-finite", "NaN and the infinities have no JSON form")
    text = float.__repr__(number)  # of a subclass too: its own repr may say anything
    if "e" in text:
        return _respelled(text)
    if text.endswith(".0"):
        return text[:-2] if number else "0"
    return text


def _respelled(text: str) -> str:
    mantissa, _, exponent = text.partition("e")
    power = int(exponent)
    if not -7 < power < 21:
        return f"{mantissa}e{power:+d}"
    sign = "-" if mantissa.startswith("-") else ""
    digits = mantissa.removeprefix("-").replace(".", "")
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits}"
    return f"{sign}{digits}{'0' * (power + 1 - len(digits))}"


def _is_plain(value: Json) -> bool:
    """Whether the C encoder writes `value` as the RFC wants it; if not, `_text` writes it or says what is wrong.

    Depth first over a stack of iterators: a cycle runs into the depth limit, never into the recursion limit.
    """
    smallest, largest = -MAX_SAFE_INTEGER, MAX_SAFE_INTEGER
    stack: list[Iterator[Json]] = [iter((value,))]
    while stack:
        for item in stack[-1]:
            # Exact types only, the most frequent first: this loop is what canonicalising costs beyond the C encoder.
            if type(item) is str:
                continue
            if type(item) is int:
                if smallest <= item <= largest:
                    continue
                return False
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
    return 1e21 <= size <= sys.float_info.max or 0.0 < size < 1e-9


def _has_plain_keys(members: Mapping[str, Json]) -> bool:
    for key in members:  # noqa: SIM110 - half the cost of all() with a generator
        if type(key) is not str:
            return False
    return True


def _text(value: Json, depth: int) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return ecmascript_number(value)
    if depth == MAX_DEPTH:
        raise MalformedError("too-deep", f"arrays and objects lie more than {MAX_DEPTH} deep")
    if isinstance(value, (list, tuple)):  # not Sequence: bytes is one
        return "[" + ",".join([_text(item, depth + 1) for item in value]) + "]"
    if not isinstance(value, Mapping):
        _refuse(value)
    return _object(value, depth)


def _integer(value: int) -> str:
    if not -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
        raise MalformedError("integer-range", "an integer lies beyond ±(2^53-1)")
    return int.__repr__(value)


def _object(members: Mapping[str, Json], depth: int) -> str:
    if not all(isinstance(key, str) for key in members):
        raise MalformedError("not-json-value", "an object has a key that is not a string")
    # Taken out of their subclasses: an enum may compare and print as it likes.
    plain = {str.__str__(key): value for key, value in members.items()}
    if len(plain) != len(members):
        raise MalformedError("not-json-value", "an object has two keys of the same spelling")
    return "{" + ",".join([f"{_quoted(key)}:{_text(plain[key], depth + 1)}" for key in sorted(plain, key=_utf16)]) + "}"


def _utf16(key: str) -> bytes:
    """What sorts as the UTF-16 code units of `key`; half a surrogate pair sorts too, and is refused when encoded."""
    return key.encode("utf-16-be", "surrogatepass")


def _refuse(value: object) -> NoReturn:
    raise MalformedError("not-json-value", f"a value of type `{type(value).__name__}` has no JSON form")


def _encoder() -> Callable[[Json], str]:
    """The C encoder as one call, or what the standard library has instead where there is none."""
    make = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode
    # markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan
    encode = make(None, _refuse, _quoted, None, ":", ",", True, False, False)
    return lambda value: "".join(encode(value, 0))


_encode = _encoder()
