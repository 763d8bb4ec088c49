"""The pre-authentication encoding of DSSE, SPEC section 9.2; the right-hand sides are written down, not computed."""

from collections.abc import Iterator

from generator.cases import Case, Group, accepted

EXAMPLES: dict[str, tuple[str, str, bytes, bytes]] = {
    "dsse-example": (
        "the example of DSSE",
        "http://example.com/HelloWorld",
        b"hello world",
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world",
    ),
    "empty": ("empty type and payload", "", b"", b"DSSEv1 0  0 "),
    "empty-payload": ("an empty payload", "a", b"", b"DSSEv1 1 a 0 "),
    "in-toto": (
        "the payload type of the Statement",
        "application/vnd.in-toto+json",
        b"{}",
        b"DSSEv1 28 application/vnd.in-toto+json 2 {}",
    ),
    "type-in-bytes": ("the type's length counts bytes", "\u00e9\u20ac", b"x", b"DSSEv1 5 \xc3\xa9\xe2\x82\xac 1 x"),
    "payload-in-bytes": (
        "the payload's length counts bytes",
        "t",
        "\U0001f600".encode(),
        b"DSSEv1 1 t 4 \xf0\x9f\x98\x80",
    ),
    "spaces": ("spaces are not escaped", "a b", b" c ", b"DSSEv1 3 a b 3  c "),
    "binary": ("a payload is any bytes", "t", b"\x00\xff\n\r", b"DSSEv1 1 t 4 \x00\xff\n\r"),
    "confusable": ("a payload that looks like another encoding", "1 a", b"b 1 c", b"DSSEv1 3 1 a 5 b 1 c"),
    "hundred": ("a length of three digits", "t", b"x" * 100, b"DSSEv1 1 t 100 " + b"x" * 100),
}


def group() -> Group:
    """Returns the group `pae`."""
    return Group(name="pae", clause="9.2", cases=list(cases()))


def cases() -> Iterator[Case]:
    """Yields an encoding for each example."""
    for name, (why, payload_type, payload, encoded) in EXAMPLES.items():
        request = {"payload_type": payload_type.encode().hex(), "payload": payload.hex()}
        yield accepted("pae", "9.2", f"pae-{name}", why, request, pae=encoded.hex())
