import enum
import json.encoder
import math
import random
import struct
import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, cast

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from occasio_verify.canonical import (
    Json,
    _encoder,
    _repr_is_ecmascript,
    _text,
    canonical,
    canonical_text,
    ecmascript_number,
)
from occasio_verify.errors import MalformedError
from occasio_verify.parse import parse_json


def code_of(value: object) -> str:
    """The code with which `value` is refused."""
    with pytest.raises(MalformedError) as caught:
        canonical(cast("Json", value))
    return caught.value.code


def double(bits: str) -> float:
    """The double with this pattern of bits, in hexadecimal."""
    return cast("float", struct.unpack(">d", bytes.fromhex(bits))[0])


def nested(levels: int, value: Json = 0) -> Json:
    """`value` inside `levels` arrays and objects by turns."""
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


# RFC 8785 appendix B
APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B)
def test_the_numbers_of_appendix_b_are_written_as_there(bits: str, text: str) -> None:
    assert ecmascript_number(double(bits)) == text
    assert canonical(double(bits)) == text.encode()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-1.0, "-1"),
        (1e15, "1000000000000000"),
        (9999999999999998.0, "9999999999999998"),
        (1e16, "10000000000000000"),
        (1.2345e16, "12345000000000000"),
        (-1.5e20, "-150000000000000000000"),
        (123456789e13, "1.23456789e+21"),
        (1e21, "1e+21"),
        (1e22, "1e+22"),
        (1e100, "1e+100"),
        (0.5, "0.5"),
        (1e-4, "0.0001"),
        (math.nextafter(1e-4, 0), "0.00009999999999999999"),
        (1.5e-5, "0.000015"),
        (-1e-6, "-0.000001"),
        (1.2e-6, "0.0000012"),
        (1e-7, "1e-7"),
        (-1.2e-7, "-1.2e-7"),
        (1e-9, "1e-9"),
        (math.nextafter(1e-9, 0), "9.999999999999999e-10"),
        (1e-10, "1e-10"),
        (1e-100, "1e-100"),
        (0.1 + 0.2, "0.30000000000000004"),
        (2.0**53 + 2, "9007199254740994"),
    ],
)
def test_both_sides_of_every_turn_of_the_number_form(number: float, text: str) -> None:
    assert ecmascript_number(number) == text
    assert canonical([number]) == f"[{text}]".encode()


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_not_finite_is_refused(number: float) -> None:
    assert code_of([number]) == "number-not-finite"


def random_doubles(count: int) -> list[float]:
    source = random.Random(8785)
    doubles = struct.unpack(f"<{count}d", source.randbytes(8 * count))
    return [number for number in doubles if math.isfinite(number)]


def test_a_hundred_thousand_random_doubles_are_written_as_another_implementation_does() -> None:
    doubles = random_doubles(100_000)
    assert canonical(doubles) == rfc8785.dumps(doubles)


def test_doubles_around_every_power_of_ten_are_written_as_another_implementation_does() -> None:
    powers = [float(f"{sign}1e{power}") for power in range(-323, 309) for sign in ("", "-")]
    around = [math.nextafter(power, goal) for power in powers for goal in (-math.inf, power, math.inf)]
    assert [ecmascript_number(number) for number in around] == [rfc8785.dumps(number).decode() for number in around]


@settings(deadline=None, max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_written_so_that_it_reads_as_the_same_double(number: float) -> None:
    assert float(ecmascript_number(number)) == number


@settings(deadline=None, max_examples=300)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_passes_for_plain_only_if_repr_writes_it_right(number: float) -> None:
    assert not _repr_is_ecmascript(number) or repr(number) == ecmascript_number(number)


# RFC 8785 section 3.2.2 and 3.2.3, and documents of the kinds that implementations of it are usually tried on
DOCUMENTS = [
    (
        rb"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
              "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}""",
        (
            r"""{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"""
            r""""string":"€$\u000f\nA'B\"\\\\\"/"}"""
        ),
    ),
    (
        rb"""{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",
              "\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control",
              "\u00f6":"Latin Small Letter O With Diaeresis"}""",
        (
            '{"\\r":"Carriage Return","1":"One","\x80":"Control","ö":"Latin Small Letter O With Diaeresis",'
            '"€":"Euro Sign","\U0001f600":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}'
        ),
    ),
    (b'[42, {"z": false, "20": null, "3": [ ]}]', '[42,{"20":null,"3":[],"z":false}]'),
    (
        '{"forêt": 1, "foret": 2, "forét": 3, "fin": 4}'.encode(),
        '{"fin":4,"foret":2,"forét":3,"forêt":1}',
    ),
    (
        rb'{"1": {"k": {"k": "x", "K": 7}, "\n": 12.0}, "10": {}, "": "-", "b": {}, "100": [{"n": 1, "N": 0}], "B": {}}',
        r'{"":"-","1":{"\n":12,"k":{"K":7,"k":"x"}},"10":{},"100":[{"N":0,"n":1}],"B":{},"b":{}}',
    ),
    (rb'{"not normalised": "e\u0301\u212b"}', '{"not normalised":"e\u0301\u212b"}'),
    (
        rb'{"\u20ac": 1, "\r": 2, "\u000a": 3, "7": 4, "\u0080": "\u007f", "\ud83d\ude02": 5, "\ufb33": 6, "</a>": 7}',
        '{"\\n":3,"\\r":2,"7":4,"</a>":7,"\x80":"\x7f","€":1,"\U0001f602":5,"\ufb33":6}',
    ),
]


@pytest.mark.parametrize(("document", "form"), DOCUMENTS)
def test_a_document_has_the_form_of_the_rfc(document: bytes, form: str) -> None:
    assert canonical(parse_json(document)).decode() == form


def test_keys_are_sorted_by_utf16_code_units_at_every_depth() -> None:
    keys = ["\uffff", "\U00010000", "\ue000", "\ud7ff", "a\uffff", "a\U0010ffff", "a"]
    members: Json = dict.fromkeys(keys, 1)
    in_order = sorted(keys, key=lambda key: key.encode("utf-16-be"))
    assert list(json.loads(canonical([members]))[0]) == in_order
    assert list(json.loads(canonical([[members, 1.0]]))[0][0]) == in_order


def test_control_characters_are_escaped_and_nothing_else_is() -> None:
    controls = "".join(map(chr, range(0x20)))
    shortest = {0x08: "\\b", 0x09: "\\t", 0x0A: "\\n", 0x0C: "\\f", 0x0D: "\\r"}
    escaped = "".join(shortest.get(code, f"\\u{code:04x}") for code in range(0x20))
    others = "/\x7f\x80\u2028\u2029\ufeff\U0010ffff"
    assert canonical(controls + '"\\' + others).decode() == f'"{escaped}\\"\\\\{others}"'


@pytest.mark.parametrize("integer", [2**53, -(2**53), 10**5000, -(10**5000)], ids=range(4))
@pytest.mark.parametrize("place", [lambda value: value, lambda value: [1.0, {"a": value}]])
def test_an_integer_beyond_the_safe_ones_is_refused(integer: int, place: object) -> None:
    assert callable(place)
    assert code_of(place(integer)) == "integer-range"


def test_the_largest_safe_integers_are_written_in_full() -> None:
    assert canonical([2**53 - 1, -(2**53) + 1]) == b"[9007199254740991,-9007199254740991]"


@pytest.mark.parametrize(
    "value", ["\ud800", ["\udfff"], {"\ud800": 1}, {"\ud800": 1, "\U0001f600": 1.0}, "\ude00\ud83d"]
)
def test_half_a_surrogate_pair_is_refused(value: Json) -> None:
    assert code_of(value) == "lone-surrogate"


@pytest.mark.parametrize("value", [b"bytes", {1: 2}, {None: 1}, {True: 1}, {1, 2}, object(), [1j], {"a": bytearray()}])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    assert code_of(value) == "not-json-value"


@pytest.mark.parametrize("leaf", [0, 1.0, "\U0001f600"])
def test_64_levels_are_written_and_65_are_not(leaf: Json) -> None:
    assert canonical(nested(64, leaf)) == rfc8785.dumps(nested(64, leaf))
    assert code_of(nested(65, leaf)) == "too-deep"


def test_a_value_of_a_hundred_thousand_levels_is_refused_without_recursion() -> None:
    assert code_of(nested(100_000)) == "too-deep"


def test_a_cycle_is_refused_as_too_deep() -> None:
    cycle: list[object] = []
    cycle.extend([cycle, cycle])
    assert code_of(cycle) == "too-deep"


class Action(enum.StrEnum):
    BLOCK = "block"


class Colour(str, enum.Enum):  # noqa: UP042 - its str() is not its value
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Metre(float):
    def __repr__(self) -> str:
        return "a metre"

    __str__ = __repr__


class Pair(NamedTuple):
    left: int
    right: int


class Loud(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "LOUD"

    def encode(self, encoding: str = "", errors: str = "") -> bytes:
        return b"LOUD"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (Action.BLOCK, '"block"'),
        (Colour.RED, '"red"'),
        ({Colour.RED: 1, "a": 2}, '{"a":2,"red":1}'),
        ({Loud("é"): Loud("\n"), Loud("b"): 1}, '{"b":1,"é":"\\n"}'),
        (Level.HIGH, "3"),
        ([Metre(2.5), Metre(1e-7)], "[2.5,1e-7]"),
        (Pair(1, 2), "[1,2]"),
        ((1, (2,)), "[1,[2]]"),
        (MappingProxyType({"b": (1,), "a": MappingProxyType({})}), '{"a":{},"b":[1]}'),
        ([True, False, None], "[true,false,null]"),
    ],
)
def test_a_subclass_is_written_as_the_plain_value_it_holds(value: Json, form: str) -> None:
    assert canonical(value).decode() == form


def test_two_keys_of_one_spelling_are_refused() -> None:
    class Separate(str):
        __slots__ = ()
        __hash__ = object.__hash__

        def __eq__(self, other: object) -> bool:
            return self is other

    assert code_of({Separate("a"): 1, Separate("a"): 2}) == "not-json-value"


TEXT = st.text() | st.text(st.sampled_from('\U0001f600\ue000\uffff\ud7ffé"\\\n\x00a'))
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXT, inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None, max_examples=300)
@given(VALUES)
@example({"\U0001f600": [], "\ufb33": {"\uffff": 1, "\U00010000": 1.0}})
def test_another_implementation_writes_the_same(value: Json) -> None:
    assert canonical(value) == rfc8785.dumps(value)


@settings(deadline=None, max_examples=200)
@given(VALUES)
def test_the_accelerator_writes_what_the_definition_does(value: Json) -> None:
    assert canonical(value).decode() == _text(value, 0)


TURNS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    1e-4,
    9.9e-5,
    1e-5,
    1e-7,
    9e-10,
    1e-10,
    1e15,
    1e16,
    1e20,
    1.5e20,
    1e21,
    1e100,
    1e161,
    1e200,
]
DOUBLES = st.sampled_from(TURNS) | st.floats(allow_nan=False, allow_infinity=False)
SAFE = st.integers(-(2**53) + 1, 2**53 - 1)


@settings(deadline=None, max_examples=300)
@given(st.lists(DOUBLES) | st.lists(SAFE) | st.lists(SAFE | DOUBLES | st.booleans()))
@example(TURNS)
@example([-0.0, -0.0, -0.0])
@example([*range(1024), 1.5])
@example([1e-5] * 1025)
def test_a_list_of_numbers_is_written_as_the_definition_writes_it(numbers: list[float]) -> None:
    assert canonical(numbers).decode() == _text(numbers, 0)


@pytest.mark.parametrize("length", [0, 1, 1023, 1024, 1025, 4096])
def test_a_list_of_numbers_of_any_length_is_written_whole(length: int) -> None:
    numbers = list(range(length))
    assert json.loads(canonical(numbers)) == numbers
    assert canonical([number + 0.5 for number in numbers]) == rfc8785.dumps([number + 0.5 for number in numbers])


@pytest.mark.parametrize("position", [0, 1023, 1024, 2000])
@pytest.mark.parametrize(
    ("number", "code"), [(2**53, "integer-range"), (-(2**53), "integer-range"), (math.nan, "number-not-finite")]
)
def test_a_number_without_a_form_is_refused_wherever_it_is_in_a_list(position: int, number: float, code: str) -> None:
    numbers: list[float] = [type(number)(1)] * 2001
    numbers[position] = number
    assert code_of(numbers) == code


@settings(deadline=None, max_examples=200)
@given(VALUES)
def test_the_order_of_members_in_memory_does_not_matter(value: Json) -> None:
    assert canonical(reversed_members(value)) == canonical(value)


def reversed_members(value: Json) -> Json:
    """`value` with the members of every object the other way round."""
    if isinstance(value, Mapping):
        return {key: reversed_members(value[key]) for key in reversed(list(value))}
    return [reversed_members(item) for item in value] if isinstance(value, list) else value


INTEGER_VALUES = VALUES.filter(lambda value: b"." not in canonical(value) and "float" not in kinds(value))


def kinds(value: Json) -> set[str]:
    """The names of the types in `value`."""
    if isinstance(value, Mapping):
        return set().union(*map(kinds, value.values()))
    return set().union(*map(kinds, value)) if isinstance(value, list) else {type(value).__name__}


@settings(deadline=None, max_examples=100)
@given(INTEGER_VALUES)
def test_the_unchecked_text_of_what_the_parser_read_is_the_canonical_one(value: Json) -> None:
    form = canonical(value)
    assert canonical_text(parse_json(form, integers_only=True)).encode() == form


@pytest.mark.parametrize(
    "value", [[1, "é\n", None, True, {"b": 2, "a": []}], nested(64), 1.5, {"\ue000": 1, "\U00010000": 2}]
)
def test_without_the_c_encoder_the_same_is_written(value: Json, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = canonical(value)
    monkeypatch.setattr(json.encoder, "c_make_encoder", None)
    monkeypatch.setattr(sys.modules[canonical.__module__], "_encode", _encoder())
    assert canonical(value) == expected
