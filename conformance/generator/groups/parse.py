"""Strict JSON, SPEC section 3.1."""

from collections.abc import Iterator

from generator.cases import Case, Group, Json, accepted, refused

NESTED = 100_000
GOOD: dict[str, tuple[str, str | bytes]] = {
    "empty-object": ("the smallest object", "{}"),
    "empty-array": ("the smallest array", "[]"),
    "scalar": ("a document need not be an object", "7"),
    "empty-string": ("a string may be empty", '""'),
    "literals": ("the three literals", "[true,false,null]"),
    "white-space": ("all four kinds of white space, before, inside and after", " \t\r\n[ 1 ,\t2\r\n]\n "),
    "escapes": ("every escape of RFC 8259", r'["\"\\\/\b\f\n\r\t\u0041\uABCD\uabcd"]'),
    "pair-escaped": ("a surrogate pair written as escapes is one character", r'"\ud83d\ude00"'),
    "pair-raw": ("the same character as UTF-8", '"\U0001f600"'),
    "last-code-point": ("U+10FFFF is a character", '"\U0010ffff"'),
    "noncharacter": ("U+FFFE and U+FFFF may stand in a string", '"\ufffe\uffff"'),
    "bom-inside-string": ("U+FEFF is refused at the beginning only", '"\ufeff"'),
    "delete-raw": ("U+007F needs no escape", '"\u007f"'),
    "same-name-in-two-objects": ("names are unique in an object, not in a document", '[{"a":1},{"a":1}]'),
    "same-name-in-nested-object": ("an inner object has names of its own", '{"a":{"a":1}}'),
    "names-differ-in-case": ("names are compared as they are", '{"a":1,"A":2}'),
    "names-differ-in-normal-form": ("names are not normalised", '{"\u00e9":1,"e\u0301":2}'),
    "name-proto": ("a name that some languages treat in a special way", '{"__proto__":1,"constructor":2,"toString":3}'),
    "empty-name": ("a name may be empty", '{"":1}'),
    "minus-zero": ("-0 is a number", "-0"),
    "number-forms": ("every form of a number", "[0,-1,10,1.5,-0.5,1e5,1E5,1e+5,1e-5,1.0e10]"),
    "integer-largest": ("2^53 - 1", "9007199254740991"),
    "integer-smallest": ("-(2^53 - 1)", "-9007199254740991"),
    "large-with-fraction": ("a number with a fraction is no integer and may be larger", "9007199254740992.0"),
    "large-with-exponent": ("a number with an exponent is no integer and may be larger", "1e300"),
    "largest-double": ("the largest double", "1.7976931348623157e308"),
    "rounds-to-largest-double": (
        "rounds down to the largest double, so it does not overflow",
        "1.7976931348623158e308",
    ),
    "underflow": ("a number too small for a double is zero, not an overflow", "1e-400"),
    "long-fraction": ("five thousand digits behind the point", "0." + "3" * 5000),
    "levels-64": ("64 levels are allowed", "[" * 64 + "]" * 64),
    "levels-64-mixed": ("objects and arrays count alike", '{"a":[' * 32 + "]}" * 32),
    "levels-beside": ("levels count depth, not brackets", "[" + ",".join(["[[]]"] * 100) + "]"),
    "brackets-in-string": ("brackets in a string are no levels", '"' + "[" * 100 + '"'),
}
NOT_UTF8: dict[str, tuple[str, bytes]] = {
    "continuation-alone": ("a continuation byte without a lead", b"\x80"),
    "overlong-two": ("an overlong solidus of two bytes", b"\xc0\xaf"),
    "overlong-three": ("an overlong solidus of three bytes", b"\xe0\x80\xaf"),
    "overlong-four": ("an overlong solidus of four bytes", b"\xf0\x80\x80\xaf"),
    "overlong-nul": ("NUL as C0 80", b"\xc0\x80"),
    "overlong-c1": ("C1 never occurs", b"\xc1\xbf"),
    "surrogate-encoded": ("U+D800 encoded", b"\xed\xa0\x80"),
    "cesu-pair": ("a pair of surrogates encoded one by one", b"\xed\xa0\xbd\xed\xb8\x80"),
    "beyond-last": ("U+110000", b"\xf4\x90\x80\x80"),
    "lead-f5": ("F5 never occurs", b"\xf5\x80\x80\x80"),
    "five-bytes": ("a sequence of five bytes", b"\xf8\x88\x80\x80\x80"),
    "fe": ("FE never occurs", b"\xfe"),
    "ff": ("FF never occurs", b"\xff"),
    "truncated-two": ("a sequence of two bytes cut after one", b"\xc3"),
    "truncated-three": ("a sequence of three bytes cut after two", b"\xe2\x82"),
    "truncated-four": ("a sequence of four bytes cut after three", b"\xf0\x9f\x98"),
    "latin-1": ("e acute as Latin-1", b"caf\xe9!"),
}
NOT_JSON: dict[str, tuple[str, str]] = {
    "empty": ("an empty document", ""),
    "only-white-space": ("nothing but white space", " \n"),
    "two-values": ("a second value behind the first", "{}{}"),
    "trailing-text": ("text behind the value", "{}x"),
    "trailing-nul": ("NUL behind the value", "{}\0"),
    "trailing-bracket": ("a bracket too many", "[]]"),
    "unclosed-array": ("the array does not end", "[1"),
    "unclosed-object": ("the object does not end", '{"a":1'),
    "unclosed-string": ("the string does not end", '"a'),
    "crossed-brackets": ("brackets that cross", '[{"a":1]}'),
    "comma-behind-array": ("a comma before the end of an array", "[1,]"),
    "comma-behind-object": ("a comma before the end of an object", '{"a":1,}'),
    "comma-first": ("a comma before the first item", "[,1]"),
    "two-commas": ("two commas", "[1,,2]"),
    "comma-missing": ("no comma between items", "[1 2]"),
    "colon-missing": ("no colon", '{"a" 1}'),
    "value-missing": ("a name without a value", '{"a":}'),
    "name-alone": ("a name without colon and value", '{"a"}'),
    "name-number": ("a name that is a number", "{1:2}"),
    "name-bare": ("a name without quotes", "{a:1}"),
    "single-quotes": ("single quotes", "'a'"),
    "comment-line": ("a line comment", "1//x"),
    "comment-block": ("a block comment", "/*x*/1"),
    "literal-capital": ("a literal in capitals", "True"),
    "literal-cut": ("half a literal", "nul"),
    "literal-undefined": ("undefined", "undefined"),
    "number-leading-zero": ("a leading zero", "01"),
    "number-minus-leading-zero": ("a leading zero behind a minus", "-01"),
    "number-two-zeros": ("two zeros", "00"),
    "number-plus": ("a plus", "+1"),
    "number-point-first": ("no digit before the point", ".5"),
    "number-point-last": ("no digit behind the point", "1."),
    "number-point-exponent": ("no digit between point and exponent", "1.e5"),
    "number-exponent-empty": ("no digit in the exponent", "1e"),
    "number-exponent-sign": ("a sign but no digit in the exponent", "1e+"),
    "number-minus-alone": ("a minus alone", "-"),
    "number-two-minus": ("two minus signs", "--1"),
    "number-hex": ("a hexadecimal number", "0x10"),
    "number-underscore": ("an underscore between digits", "1_000"),
    "number-arabic-digits": ("digits that are not ASCII", "\u0661\u0662"),
    "number-fullwidth-digit": ("a fullwidth digit behind an ASCII one", "1\uff12"),
    "control-newline": ("a raw newline in a string", '"a\nb"'),
    "control-tab": ("a raw tab in a string", '"a\tb"'),
    "control-nul": ("a raw NUL in a string", '"a\0b"'),
    "control-1f": ("a raw U+001F in a string", '"\x1f"'),
    "control-in-name": ("a raw control character in a name", '{"a\x01":1}'),
    "escape-x": ("an escape that JSON does not have", r'"\x41"'),
    "escape-quote": ("an escaped single quote", r'"\'"'),
    "escape-capital-u": ("a capital U in an escape", r'"\U0041"'),
    "escape-short": ("an escape with three digits", r'"\u041"'),
    "escape-not-hex": ("an escape with a letter that is no digit", r'"\u00g1"'),
    "escape-plus": ("a sign among the digits of an escape", r'"\u+041"'),
    "escape-underscore": ("an underscore among the digits of an escape", r'"\u0_41"'),
    "escape-fullwidth": ("a fullwidth digit in an escape", '"\\u004\uff11"'),
    "escape-braces": ("an escape in braces", r'"\u{41}"'),
    "escape-at-end": ("a backslash before the end", '"\\'),
    "space-form-feed": ("a form feed is no white space", "\f1"),
    "space-vertical-tab": ("a vertical tab is no white space", "1\v"),
    "space-nbsp": ("U+00A0 is no white space", "[\u00a01]"),
    "space-nel": ("U+0085 is no white space", "[1\u0085]"),
    "space-line-separator": ("U+2028 is no white space", "[1]\u2028"),
    "bom-behind": ("U+FEFF behind the value", "{}\ufeff"),
    "nan-small": ("nan in small letters is no number at all", "nan"),
}
DUPLICATES: dict[str, tuple[str, str]] = {
    "plain": ("the same name twice", '{"a":1,"a":2}'),
    "block-then-pass": ("a reader that keeps the last sees another decision", '{"action":"BLOCK","action":"PASS"}'),
    "same-value": ("twice with the same value is twice", '{"a":1,"a":1}'),
    "apart": ("other names between the two", '{"a":1,"b":2,"c":3,"a":4}'),
    "nested": ("in an inner object", '{"x":{"a":1,"a":2}}'),
    "in-array": ("in an object in an array", '[1,{"a":1,"a":2}]'),
    "escaped": ("one of the two written with an escape", r'{"a":1,"\u0061":2}'),
    "escaped-case": ("escapes that differ in the case of a digit", r'{"\u00E9":1,"\u00e9":2}'),
    "escaped-solidus": ("a solidus with and without backslash", r'{"a/b":1,"a\/b":2}'),
    "pair": ("a surrogate pair as escapes and as UTF-8", '{"\U0001f600":1,"\\ud83d\\ude00":2}'),
    "empty-name": ("the empty name twice", '{"":1,"":2}'),
    "proto": ("a name that some languages treat in a special way", '{"__proto__":1,"__proto__":2}'),
    "object-values": ("with objects as values, which a reader might merge", '{"a":{"x":1},"a":{"y":2}}'),
}
SURROGATES: dict[str, tuple[str, str]] = {
    "high": ("a high surrogate alone", r'"\ud800"'),
    "low": ("a low surrogate alone", r'"\udc00"'),
    "last-high": ("the last high surrogate alone", r'"\udbff"'),
    "last-low": ("the last low surrogate alone", r'"\udfff"'),
    "two-high": ("two high surrogates", r'"\ud83d\ud83d"'),
    "two-low": ("two low surrogates", r'"\ude00\ude00"'),
    "reversed": ("low before high", r'"\ude00\ud83d"'),
    "high-then-letter": ("a high surrogate before a letter", r'"\ud83dA"'),
    "high-then-escape": ("a high surrogate before another escape", r'"\ud83d\u0041"'),
    "high-then-newline": ("a high surrogate before a short escape", r'"\ud83d\n"'),
    "high-then-backslash": ("an escaped backslash keeps the two apart", r'"\ud83d\\ude00"'),
    "pair-then-low": ("a low surrogate behind a pair", r'"\ud83d\ude00\ude00"'),
    "in-name": ("in a name", r'{"\ud800":1}'),
    "upper-case": ("in capitals", r'"\uD800"'),
}
NOT_FINITE: dict[str, tuple[str, str]] = {
    "nan": ("NaN", "NaN"),
    "infinity": ("Infinity", "Infinity"),
    "minus-infinity": ("-Infinity", "-Infinity"),
    "nan-in-array": ("NaN as an item", "[NaN]"),
    "infinity-in-object": ("Infinity as a value", '{"a":Infinity}'),
    "1e400": ("larger than any double", "1e400"),
    "minus-1e400": ("smaller than any double", "-1e400"),
    "exponent-long": ("an exponent of a hundred digits", "1e" + "9" * 100),
    "rounds-to-infinity": ("the first decimal that rounds to infinity", "1.7976931348623159e308"),
    "many-digits-then-fraction": ("four hundred digits before the point", "1" * 400 + ".5"),
}
TOO_LARGE_INTEGERS: dict[str, tuple[str, str]] = {
    "2-53": ("2^53", "9007199254740992"),
    "minus-2-53": ("-(2^53)", "-9007199254740992"),
    "2-53-plus-1": ("2^53 + 1, which a double cannot hold", "9007199254740993"),
    "2-63": ("2^63", "9223372036854775808"),
    "300-digits": ("an integer of 300 digits", "1" * 300),
    "nested": ("inside an object", '{"a":[1,9007199254740992]}'),
}


def group() -> Group:
    """Returns the group `parse`."""
    return Group(name="parse", clause="3.1", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields what is accepted, then each rule of the table with what breaks it."""
    for name, (why, text) in GOOD.items():
        yield accepted("parse", "3.1", f"parse-{name}", why, given(text))
    for name, (why, middle) in NOT_UTF8.items():
        document = b'{"a":"' + middle + b'"}'
        yield refused("parse", "3.1", f"parse-utf8-{name}", why, given(document), "utf8")
    utf16 = "{}".encode("utf-16")
    yield refused("parse", "3.1", "parse-utf8-utf-16", "a document in UTF-16", given(utf16), "utf8")
    yield refused("parse", "3.1", "parse-bom", "a byte order mark", given("\ufeff{}"), "bom")
    yield from each("parse", NOT_JSON, "not-json")
    yield from each("parse-duplicate", DUPLICATES, "duplicate-key")
    yield from each("parse-surrogate", SURROGATES, "lone-surrogate")
    yield from each("parse-number", NOT_FINITE, "number-not-finite")
    yield from each("parse-integer", TOO_LARGE_INTEGERS, "integer-range")
    yield from limits()


def each(prefix: str, texts: dict[str, tuple[str, str]], code: str) -> Iterator[Case]:
    """Yields a refusal for each text."""
    for name, (why, text) in texts.items():
        yield refused("parse", "3.1", f"{prefix}-{name}", why, given(text), code)


def limits() -> Iterator[Case]:
    """Yields what is too deep, too long or too large."""
    both = ["integer-range", "number-not-finite"]
    yield refused(
        "parse",
        "3.1",
        "parse-integer-5000-digits",
        "quadratic time, or a limit of the language",
        given("7" * 5000),
        both,
    )
    deep = {
        "levels-65": ("65 levels", "[" * 65 + "]" * 65),
        "levels-65-objects": ("65 levels of objects", '{"a":' * 64 + "{}" + "}" * 64),
        "levels-65-mixed": ("objects and arrays count alike", '{"a":[' * 32 + "{}" + "]}" * 32),
        "levels-65-last": ("depth is reached late in the document", "[" + "[]," * 50 + "[" * 64 + "]" * 65),
    }
    yield from each("parse", deep, "too-deep")
    for name, opening, closing in (("arrays", "5b", "5d"), ("objects", "7b2261223a", "7d")):
        middle = "" if name == "arrays" else "31"
        spelled: Json = {"repeat": [[opening, NESTED], [middle, 1], [closing, NESTED]]}
        why = "a reader that recurses runs out of stack"
        yield refused("parse", "3.1", f"parse-levels-100000-{name}", why, {"json": spelled}, "too-deep")
    unclosed: Json = {"repeat": [["5b", NESTED]]}
    why = "a reader that recurses runs out of stack before it sees that nothing is closed"
    either = ["too-deep", "not-json"]
    yield refused("parse", "3.1", "parse-levels-100000-unclosed", why, {"json": unclosed}, either)
    yield accepted("parse", "15", "parse-limit-reached", "as large as the limit", {**given("[1,2]"), "max_bytes": 5})
    why = "one byte larger than the limit"
    yield refused("parse", "15", "parse-limit-passed", why, {**given("[1,2]"), "max_bytes": 4}, "too-large")
    why = "the limit counts bytes, not characters"
    yield refused("parse", "15", "parse-limit-in-bytes", why, {**given('"\u20ac"'), "max_bytes": 4}, "too-large")


def given(text: str | bytes) -> dict[str, Json]:
    """Returns the input of an operation on one document."""
    data = text if isinstance(text, bytes) else text.encode()
    return {"json": data.hex()}
