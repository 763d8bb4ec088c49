import json
import json.scanner
import math
import re
import string
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from occasio_verify import parse
from occasio_verify.canonical import Json, canonical
from occasio_verify.errors import MalformedError
from occasio_verify.parse import parse_json

MILLION = 10**6


def code_of(data: bytes, **options: bool | int) -> str:
    """The code with which `data` is refused."""
    with pytest.raises(MalformedError) as caught:
        parse_json(data, **options)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"null", None),
        (b" \t\r\n true \t\r\n ", True),
        (b"[false]", [False]),
        (b'""', ""),
        (b"{}", {}),
        (b'{"b":1,"a":[2,{}]}', {"b": 1, "a": [2, {}]}),
        (b'"\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041"', '"\\/\b\f\n\r\tA'),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"\x7f\u2028\ufeff\U0010ffff"'.encode(), "\x7f\u2028\ufeff\U0010ffff"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'"\\\\\\ud83d\\ude00"', "\\\U0001f600"),
        (b'"\\ud83d\\ude00\\uD83D\\uDE00"', "\U0001f600\U0001f600"),
        (b"9007199254740991", 9007199254740991),
        (b"-9007199254740991", -9007199254740991),
        (b"1.5", 1.5),
        (b"1E+2", 100.0),
        (b"9007199254740993.0", 9007199254740992.0),
        (b"1e-400", 0.0),
    ],
)
def test_a_strict_document_is_read_as_what_it_says(data: bytes, value: Json) -> None:
    assert parse_json(data) == value


def test_members_keep_the_order_of_the_document() -> None:
    document = parse_json(b'{"z":1,"a":2,"m":3}')
    assert isinstance(document, dict)
    assert list(document) == ["z", "a", "m"]


def test_a_negative_zero_is_an_integer_zero() -> None:
    assert repr(parse_json(b"-0", integers_only=True)) == "0"


def test_numbers_keep_their_kind() -> None:
    assert repr(parse_json(b"[1,1.0,1e0]")) == "[1, 1.0, 1.0]"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"\n",
        b"nul",
        b"True",
        b"'a'",
        b"[1,]",
        b"[,1]",
        b'{"a":1,}',
        b"{a:1}",
        b'{"a"}',
        b"{1:2}",
        b"[1 2]",
        b"1 2",
        b"[]]",
        b"{}\x00",
        b"\x00{}",
        b"{",
        b'"a',
        b'"\\',
        b'"a\nb"',
        b'"\x00"',
        b'"\x1f"',
        b'"\\x41"',
        b'"\\u12"',
        b'"\\u+12f"',
        b'"\\u1_2f"',
        b'"\\u 12f"',
        b"01",
        b"-01",
        b"+1",
        b".5",
        b"1.",
        b"1.e5",
        b"1e",
        b"1e+",
        b"--1",
        b"-",
        b"0x10",
        b"1_000",
        "١٢".encode(),
        "1２".encode(),
        b"\x0b1",
        b"\x0c1",
        "\u00a01".encode(),
        "\u20281".encode(),
        "1\u0085".encode(),
        b"[1]//",
        b"/**/1",
        b"-NaN",
        b"nan",
        b"[1][2]",
    ],
)
def test_what_is_beyond_the_grammar_is_not_json(data: bytes) -> None:
    assert code_of(data) == "not-json"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xef\xbb\xbf{}", "bom"),
        (b"\xff\xfe{\x00}\x00", "utf8"),
        (b'"\x80"', "utf8"),
        (b'"\xc0\x80"', "utf8"),
        (b'"\xed\xa0\x80"', "utf8"),
        (b'"\xf4\x90\x80\x80"', "utf8"),
        (b'"\xc3', "utf8"),
        (b'{"a":1,"a":1}', "duplicate-key"),
        (b'{"action":"BLOCK","action":"PASS"}', "duplicate-key"),
        (b'{"a":1,"\\u0061":2}', "duplicate-key"),
        (b'[{"x":{"a":1,"b":2,"a":3}}]', "duplicate-key"),
        (b'{"\\ud83d\\ude00":1,"\xf0\x9f\x98\x80":2}', "duplicate-key"),
        (b"NaN", "number-not-finite"),
        (b"[Infinity]", "number-not-finite"),
        (b'{"a":-Infinity}', "number-not-finite"),
        (b"1e400", "number-not-finite"),
        (b"-1e400", "number-not-finite"),
        (b"1" * 400 + b".5", "number-not-finite"),
        (b'"\\ud800"', "lone-surrogate"),
        (b'"\\uDFFF"', "lone-surrogate"),
        (b'"\\ude00\\ud83d"', "lone-surrogate"),
        (b'"\\ud83d\\ud83d\\ude00"', "lone-surrogate"),
        (b'"\\ud83d\\\\ude00"', "lone-surrogate"),
        (b'"\\ud83dA"', "lone-surrogate"),
        (b'{"\\udead":1}', "lone-surrogate"),
        (b'"\\ud83d\\\\\\ude00"', "lone-surrogate"),
        (b'"\\ud83d\\u0041\\ude00"', "lone-surrogate"),
        (b'"\\ud83d\\ude00\\ude00"', "lone-surrogate"),
        (b"9007199254740992", "integer-range"),
        (b"-9007199254740992", "integer-range"),
        (b"1" * 5000, "integer-range"),
        (b"[" * 65 + b"]" * 65, "too-deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep"),
        (b"[" + b"[]," * 100 + b"[" * 64 + b"]" * 65, "too-deep"),
    ],
)
def test_each_fault_has_its_code(data: bytes, code: str) -> None:
    assert code_of(data) == code


@pytest.mark.parametrize("data", [b"1.0", b"[1e0]", b'{"a":0.5}', b"-0.0", b"1e400"])
def test_a_fraction_or_exponent_is_refused_where_only_integers_may_stand(data: bytes) -> None:
    assert code_of(data, integers_only=True) == "float"


@pytest.mark.parametrize("number", [2**53, -(2**63), 2**64 - 1, 10**399, -(10**398)], ids=range(5))
def test_a_wide_integer_is_read_where_it_is_asked_for(number: int) -> None:
    data = b'{"maximum":%d}' % number
    assert parse_json(data, wide_integers=True) == {"maximum": number}
    assert parse_json(data, wide_integers=True, integers_only=True) == {"maximum": number}
    assert code_of(data) == "integer-range"


@pytest.mark.parametrize("data", [b"1" * 401, b"-" + b"1" * 400, b"9" * MILLION], ids=range(3))
def test_an_integer_of_more_than_400_characters_is_never_read(data: bytes) -> None:
    assert code_of(data, wide_integers=True) == "integer-range"


@pytest.mark.parametrize(
    "data", [b"[" * 65 + b'{"a":1,"a":2}', b"[" * 65 + b"NaN", b"[" * 65 + b"9" * 20], ids=range(3)
)
def test_depth_is_named_before_what_the_scanner_meets(data: bytes) -> None:
    assert code_of(data) == "too-deep"


def test_a_raised_recursion_limit_does_not_let_the_scanner_overflow_the_stack() -> None:
    program = (
        "import sys; sys.setrecursionlimit(10**7)\n"
        "from occasio_verify import MalformedError, parse_json, parse_row\n"
        "for read in (parse_json, parse_row):\n"
        "    try: read(b'[' * 10**6)\n"
        "    except MalformedError as error: print(error.code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["too-deep", "too-deep"]


def test_a_document_of_the_largest_size_is_read_and_one_byte_more_is_not() -> None:
    assert parse_json(b"[1]", max_bytes=3) == [1]
    assert code_of(b"[1] ", max_bytes=3) == "too-large"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":', b' [ "]" ,'])
def test_64_levels_are_read(opening: bytes) -> None:
    levels = opening.count(b"[") + opening.count(b"{")
    closing = b"".join({91: b"]", 123: b"}"}[byte] for byte in reversed(opening) if byte in b"[{")
    assert parse_json(opening * (64 // levels) + b"1" + closing * (64 // levels)) is not None


@pytest.mark.parametrize(
    "data",
    [
        b'"' + b"[" * 100 + b'"',
        b'"\\"' + b"[" * 100 + b'"',
        b'["' + b"{" * 100 + b'\\\\","' + b"[" * 100 + b'"]',
        b"[" + b"[[]]," * 100 + b"[]]",
    ],
)
def test_only_nesting_counts_as_depth(data: bytes) -> None:
    assert parse_json(data) is not None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * MILLION, "too-deep"),
        (b'{"a":' * MILLION, "too-deep"),
        (b"]" * MILLION, "not-json"),
        (b"9" * MILLION, "integer-range"),
        (b"1e" + b"9" * MILLION, "number-not-finite"),
        (b'"' + b'\\"' * MILLION, "not-json"),
        (b"[" * 65 + b'\\"' * MILLION, "too-deep"),
        (b'"' + b"\\ud800" * MILLION + b'"', "lone-surrogate"),
        (b" " * MILLION, "not-json"),
        (b"\x00" * MILLION, "not-json"),
        (b'"' + b"[" * MILLION, "not-json"),
    ],
    ids=range(11),
)
def test_a_million_of_anything_is_refused_without_much_work(data: bytes, code: str) -> None:
    assert code_of(data) == code


JSON_ALPHABET = st.sampled_from(list(b'[]{}:,"\\0123456789-+.eEtruefalsnNIity \t\r\nudDcC8\x00\x1f\x80\xed\xef'))
VALUES: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-(2.0**53) + 1, 2.0**53 - 1)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def mutated(document: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """`document` with slices replaced at positions taken modulo its length."""
    for where, length, what in edits:
        start = where % (len(document) + 1)
        document = document[:start] + what + document[start + length :]
    return document


DOCUMENTS = st.builds(
    mutated,
    st.builds(lambda value, ascii_only: json.dumps(value, ensure_ascii=ascii_only).encode(), VALUES, st.booleans()),
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 3), st.lists(JSON_ALPHABET, max_size=3).map(bytes)), max_size=3
    ),
)


class Refused(Exception):
    """The reference reader does not accept."""


class ReferenceReader:
    """RFC 8259 and I-JSON by recursive descent, a character at a time: slow, and independent of the json module."""

    def __init__(self, data: bytes) -> None:
        if data.startswith(b"\xef\xbb\xbf"):
            raise Refused
        try:
            self.text = data.decode()
        except UnicodeDecodeError:
            raise Refused from None
        self.at = 0

    def document(self) -> Json:
        value = self.value(0)
        self.expect(self.at == len(self.text))
        return value

    def expect(self, condition: object) -> None:
        if not condition:
            raise Refused

    def skip_space(self) -> None:
        while self.text[self.at : self.at + 1] in tuple(" \t\r\n"):
            self.at += 1

    def take(self, token: str) -> bool:
        found = self.text.startswith(token, self.at)
        self.at += len(token) * found
        return found

    def value(self, depth: int) -> Json:
        self.skip_space()
        value = self.bare_value(depth)
        self.skip_space()
        return value

    def bare_value(self, depth: int) -> Json:
        for word, value in (("null", None), ("true", True), ("false", False)):
            if self.take(word):
                return value
        if self.take('"'):
            return self.string()
        if self.take("["):
            self.expect(depth < 64)
            return self.array(depth + 1)
        if self.take("{"):
            self.expect(depth < 64)
            return self.members(depth + 1)
        return self.number()

    def array(self, depth: int) -> Json:
        items: list[Json] = []
        self.skip_space()
        if self.take("]"):
            return items
        while True:
            items.append(self.value(depth))
            if self.take("]"):
                return items
            self.expect(self.take(","))

    def members(self, depth: int) -> Json:
        found: dict[str, Json] = {}
        self.skip_space()
        if self.take("}"):
            return found
        while True:
            self.skip_space()
            self.expect(self.take('"'))
            key = self.string()
            self.expect(key not in found)
            self.skip_space()
            self.expect(self.take(":"))
            found[key] = self.value(depth)
            if self.take("}"):
                return found
            self.expect(self.take(","))

    def string(self) -> str:
        units: list[str] = []
        while not self.take('"'):
            self.expect(self.at < len(self.text))
            character = self.text[self.at]
            self.at += 1
            self.expect(character >= " ")
            units.append(self.escape() if character == "\\" else character)
        try:
            return "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise Refused from None

    def escape(self) -> str:
        for letter, meaning in zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True):
            if self.take(letter):
                return meaning
        self.expect(self.take("u"))
        digits = self.text[self.at : self.at + 4]
        self.at += 4
        self.expect(len(digits) == 4 and set(digits) <= set(string.hexdigits))
        return chr(int(digits, 16))

    def number(self) -> Json:
        token = re.compile(r"-?(?:0|[1-9][0-9]*)((?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)").match(self.text, self.at)
        if token is None:
            raise Refused
        self.at = token.end()
        value = float(token[0]) if token[1] else int(token[0])
        self.expect(abs(value) < math.inf if token[1] else abs(value) < 2**53)
        return value


def outcome(read: Callable[[], Json]) -> str:
    """What came of reading, order of members and kinds of numbers included."""
    try:
        return repr(read())
    except (Refused, MalformedError):
        return "refused"


@settings(deadline=None, max_examples=300)
@given(st.one_of(DOCUMENTS, st.lists(JSON_ALPHABET, max_size=20).map(bytes), st.binary(max_size=40)))
@example(b'{"a":1,"a":2}')
@example(b'"\\ud800\\udc00\\ud800"')
def test_an_independent_reader_reads_the_same(data: bytes) -> None:
    assert outcome(lambda: parse_json(data)) == outcome(ReferenceReader(data).document if is_text(data) else refuse)


def is_text(data: bytes) -> bool:
    try:
        ReferenceReader(data)
    except Refused:
        return False
    return True


def refuse() -> Json:
    raise Refused


@settings(deadline=None, max_examples=200)
@given(DOCUMENTS, st.booleans())
def test_whatever_the_bytes_only_a_refusal_with_a_code_is_raised(data: bytes, integers_only: bool) -> None:
    try:
        parse_json(data, integers_only=integers_only)
    except MalformedError as error:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", error.code)


@settings(deadline=None, max_examples=200)
@given(VALUES)
def test_what_is_canonical_is_read_back_as_the_same_bytes(value: Json) -> None:
    assert canonical(parse_json(canonical(value))) == canonical(value)


def test_an_integral_double_beyond_the_safe_integers_has_a_canonical_form_that_is_not_read_back() -> None:
    assert code_of(canonical(2.0**53)) == "integer-range"


@pytest.fixture
def _python_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    for options, decoder in parse._DECODERS.items():
        substitute = json.JSONDecoder(
            object_pairs_hook=decoder.object_pairs_hook,
            parse_int=decoder.parse_int,
            parse_float=decoder.parse_float,
            parse_constant=decoder.parse_constant,
        )
        substitute.parse_string = json.decoder.py_scanstring  # type: ignore[attr-defined]
        substitute.scan_once = json.scanner.py_make_scanner(substitute)  # type: ignore[attr-defined]
        monkeypatch.setitem(parse._DECODERS, options, substitute)


@pytest.mark.usefixtures("_python_scanner")
@pytest.mark.parametrize(
    "data",
    [
        "١٢".encode(),
        "1２".encode(),
        "1.٥".encode(),
        b'"\\u+12f"',
        b'"\\u1_2f"',
        b'"\\u 12f"',
        b"NaN",
        b"01",
        b'"\\ud800"',
    ],
)
def test_without_the_c_scanner_no_more_is_accepted(data: bytes) -> None:
    with pytest.raises(MalformedError):
        parse_json(data)


@pytest.mark.usefixtures("_python_scanner")
def test_without_the_c_scanner_the_same_is_read() -> None:
    assert parse_json(b'{"a":[1,-2.5,"\\u00e9\\ud83d\\ude00",null]}') == {"a": [1, -2.5, "é\U0001f600", None]}
