"""Canonical form, SPEC section 3.2: the right-hand sides are written down from RFC 8785 and ECMA-262, not computed."""

from collections.abc import Iterator

from generator.cases import Case, Group, accepted, refused
from generator.groups.parse import given

NUMBERS: dict[str, tuple[str, str]] = {
    # RFC 8785 appendix B, the doubles that have a value
    "zero": ("0", "0"),
    "minus-zero": ("-0", "0"),
    "minus-zero-fraction": ("-0.0", "0"),
    "smallest": ("5e-324", "5e-324"),
    "smallest-negative": ("-5e-324", "-5e-324"),
    "largest": ("1.7976931348623157e+308", "1.7976931348623157e+308"),
    "largest-negative": ("-1.7976931348623157e308", "-1.7976931348623157e+308"),
    "2-53": ("9007199254740992.0", "9007199254740992"),
    "minus-2-53": ("-9007199254740992.0", "-9007199254740992"),
    "2-68": ("295147905179352825856.0", "295147905179352830000"),
    "just-below-1e23": ("9.999999999999997e22", "9.999999999999997e+22"),
    "1e23": ("1e23", "1e+23"),
    "just-above-1e23": ("1.0000000000000001e23", "1.0000000000000001e+23"),
    "21-digits-a": ("999999999999999700000.0", "999999999999999700000"),
    "21-digits-b": ("999999999999999900000.0", "999999999999999900000"),
    "1e21": ("1e21", "1e+21"),
    "below-1e-6": ("9.999999999999997e-7", "9.999999999999997e-7"),
    "1e-6": ("0.000001", "0.000001"),
    "thirds-a": ("333333333.3333332", "333333333.3333332"),
    "thirds-b": ("333333333.33333325", "333333333.33333325"),
    "thirds-c": ("333333333.3333333", "333333333.3333333"),
    "thirds-d": ("333333333.3333334", "333333333.3333334"),
    "thirds-e": ("333333333.33333343", "333333333.33333343"),
    "small-fraction": ("-0.0000033333333333333333", "-0.0000033333333333333333"),
    "near-2-50": ("1424953923781206.2", "1424953923781206.2"),
    # both sides of every rule of ECMA-262 Number::toString
    "one-as-fraction": ("1.0", "1"),
    "hundred-as-exponent": ("1e2", "100"),
    "capital-exponent": ("1E2", "100"),
    "exponent-plus": ("1e+2", "100"),
    "trailing-zeros": ("1.500", "1.5"),
    "1e20": ("1e20", "100000000000000000000"),
    "123456789e12": ("123456789e12", "123456789000000000000"),
    "123456789e13": ("123456789e13", "1.23456789e+21"),
    "1e-7": ("1e-7", "1e-7"),
    "12e-7": ("12e-7", "0.0000012"),
    "12e-8": ("12e-8", "1.2e-7"),
    "3e-5": ("3e-5", "0.00003"),
    "half": ("0.5", "0.5"),
    "minus-half": ("-5e-1", "-0.5"),
    "tenth-and-fifth": ("0.30000000000000004", "0.30000000000000004"),
    "more-digits-than-a-double": ("0.1000000000000000055511151231257827", "0.1"),
    "underflow": ("1e-400", "0"),
    "minus-underflow": ("-1e-400", "0"),
    "subnormal": ("2.2250738585072011e-308", "2.225073858507201e-308"),
    "first-normal": ("2.2250738585072014e-308", "2.2250738585072014e-308"),
    "integer-largest": ("9007199254740991", "9007199254740991"),
}
STRINGS: dict[str, tuple[str, str]] = {
    "short-escapes": (r'"\u0008\u0009\u000a\u000c\u000d"', r'"\b\t\n\f\r"'),
    "other-controls": (r'"\u0000\u0001\u001F\u000B"', r'"\u0000\u0001\u001f\u000b"'),
    "quote-and-backslash": (r'"\u0022\u005c"', r'"\"\\"'),
    "solidus": (r'"\/"', '"/"'),
    "letter-escaped": (r'"\u0041"', '"A"'),
    "delete": (r'"\u007f"', '"\u007f"'),
    "c1-control": (r'"\u0085"', '"\u0085"'),
    "euro": (r'"\u20ac"', '"\u20ac"'),
    "line-separators": (r'"\u2028\u2029"', '"\u2028\u2029"'),
    "pair": (r'"\ud83d\ude00"', '"\U0001f600"'),
    "bom": (r'"\ufeff"', '"\ufeff"'),
    "not-normalised": ('"e\u0301\u212b"', '"e\u0301\u212b"'),
    "html": ('"<&>\'"', '"<&>\'"'),
}
OBJECTS: dict[str, tuple[str, str, str]] = {
    "empty": ("empty containers", '{"b": [ ], "a": { }}', '{"a":{},"b":[]}'),
    "white-space": ("white space goes", ' { "a" : [ 1 , 2 ] } \n', '{"a":[1,2]}'),
    "sorted": ("names are sorted, items are not", '{"b":[3,1,2],"a":0}', '{"a":0,"b":[3,1,2]}'),
    "nested": ("inner objects are sorted too", '[{"b":{"d":1,"c":2},"a":3}]', '[{"a":3,"b":{"c":2,"d":1}}]'),
    "spec-example": (
        "the first example of section 3.2",
        '{"b":1,"a":[1.0,-0.0,1e21,1e-7]}',
        '{"a":[1,0,1e+21,1e-7],"b":1}',
    ),
    "utf-16-order": (
        "U+1F600 is D83D DE00 in UTF-16, before U+FB33",
        r'{"\u20ac":1,"\ufb33":2,"\ud83d\ude00":3}',
        '{"\u20ac":1,"\U0001f600":3,"\ufb33":2}',
    ),
    "utf-16-order-inside": (
        "the same behind a common beginning",
        '{"a\uffff":1,"a\U00010000":2}',
        '{"a\U00010000":2,"a\uffff":1}',
    ),
    "rfc-8785-order": (
        "the example of RFC 8785 section 3.2.3",
        r'{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}',
        '{"\\r":2,"1":4,"\u0080":6,"\u00f6":7,"\u20ac":1,"\U0001f600":5,"\ufb33":3}',
    ),
    "shorter-first": ("a name sorts before its extensions", '{"aa":1,"a":2,"":3}', '{"":3,"a":2,"aa":1}'),
    "digits": ("names of digits are sorted as text", '{"10":1,"9":2,"1":3}', '{"1":3,"10":1,"9":2}'),
    "capitals": ("capitals sort before small letters", '{"a":1,"B":2,"_":3}', '{"B":2,"_":3,"a":1}'),
    "proto": (
        "a name that some languages treat in a special way",
        '{"b":1,"__proto__":{"z":1}}',
        '{"__proto__":{"z":1},"b":1}',
    ),
    "quote-in-name": ("names are escaped like strings", r'{"\u0022\u000a":1}', r'{"\"\n":1}'),
    "fractions-alone": (
        "a list of nothing but fractions, one of them -0",
        "[0.5,-0.0,1.0,-2.50]",
        "[0.5,0,1,-2.5]",
    ),
    "exponents-alone": (
        "a list of exponents around those at which ECMA-262 changes its spelling",
        "[1e15,1e16,1.5e17,1e20,1e21,-1e22,1e-5,1e-6,1e-7,-1e-10]",
        "[1000000000000000,10000000000000000,150000000000000000,100000000000000000000,1e+21,-1e+22,0.00001,0.000001,1e-7,-1e-10]",
    ),
    "fractions-many": (
        "a long list of fractions, the last of them -0",
        "[" + "1.5," * 1024 + "-0.0]",
        "[" + "1.5," * 1024 + "0]",
    ),
    "integers-many": (
        "a long list of integers, then a fraction",
        "[" + "-7," * 1024 + "1.0,9007199254740991]",
        "[" + "-7," * 1024 + "1,9007199254740991]",
    ),
    "integers-beside-fractions": (
        "the largest and the smallest integer beside a fraction",
        "[9007199254740991,-9007199254740991,0.5,1.0]",
        "[9007199254740991,-9007199254740991,0.5,1]",
    ),
    "scalar": ("a document need not be an object", " null ", "null"),
    "levels-64": ("64 levels", " [" * 64 + "]" * 64, "[" * 64 + "]" * 64),
}


def group() -> Group:
    """Returns the group `canonical`."""
    return Group(name="canonical", clause="3.2", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields numbers, strings, objects, and what has no canonical form."""
    for name, (text, form) in NUMBERS.items():
        yield becomes(f"canonical-number-{name}", f"{text} as ECMA-262 writes it", text, form)
    for name, (text, form) in STRINGS.items():
        yield becomes(f"canonical-string-{name}", "the shortest escape, and none where none is needed", text, form)
    for name, (why, text, form) in OBJECTS.items():
        yield becomes(f"canonical-object-{name}", why, text, form)
    for code, text in (
        ("duplicate-key", '{"a":1,"a":1}'),
        ("lone-surrogate", r'"\udead"'),
        ("number-not-finite", "-1e999"),
        ("integer-range", "-9007199254740992"),
        ("too-deep", "[" * 65 + "]" * 65),
    ):
        why = "what strict JSON refuses has no canonical form"
        yield refused("canonical", "3.2", f"canonical-{code}", why, given(text), code)


def becomes(name: str, why: str, text: str, form: str) -> Case:
    """Returns the case that `text` has the canonical form `form`."""
    return accepted("canonical", "3.2", name, why, given(text), canonical=form.encode().hex())
