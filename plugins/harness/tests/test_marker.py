"""The search finds a marker in whatever form, so that its silence elsewhere means something."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import json
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from occasio_harness.marker import Marker, leaks, leaks_below, new_marker, new_token, sightings

WORD = "quokkas-swim/at-dawn"
MARKER = Marker("k3x9a7qz-m2v8c4tb-w6y1r5hn-p0s7d3fj", ("k3x9a7qz", "m2v8c4tb", "w6y1r5hn", "p0s7d3fj"))
PLAIN = MARKER.text.encode()


@pytest.mark.parametrize("before", range(5))
def test_a_word_is_found_in_base64_wherever_it_stands(before: int) -> None:
    data = base64.b64encode(b"x" * before + WORD.encode() + b" and more")
    assert leaks([WORD], b'{"data":"' + data + b'"}') == [f"{WORD} in base64"]


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (json.dumps({"text": f"1\t{WORD}\n2\t"}).encode(), "as it is"),
        ("".join(f"\\u{ord(character):04X}" for character in WORD).encode(), "as it is"),
        (WORD.replace("/", "\\/").encode(), "as it is"),
        (WORD.upper().encode(), "as it is"),
        (WORD.encode().hex().encode(), "in hexadecimal"),
        (WORD.encode("utf-16-le"), "in UTF-16"),
        (WORD[::-1].encode(), "reversed"),
        (codecs.encode(WORD, "rot13").encode(), "in ROT13"),
        (base64.b32encode(WORD.encode()), "in base32"),
        ("".join(f"%{byte:02x}" for byte in WORD.encode()).encode(), "in percent-encoding"),
        ("".join(f"&#{byte};" for byte in WORD.encode()).encode(), "in entities"),
        (gzip.compress(WORD.encode()), "packed"),
        (base64.b64encode(gzip.compress(WORD.encode())), "packed in base64"),
        (base64.b64encode(WORD[::-1].encode()), "reversed in base64"),
    ],
)
def test_a_word_is_found_in_every_form(data: bytes, form: str) -> None:
    assert leaks([WORD], b"<" + data + b">") == [f"{WORD} {form}"]


def test_nothing_is_found_where_the_word_is_not() -> None:
    assert leaks([WORD], base64.b64encode(b"quokkas swim at dawn") + b"quokkas-swim") == []


def test_files_are_searched_at_any_depth_and_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_text(WORD, encoding="utf-8")
    (tmp_path / "clean").write_text("nothing", encoding="utf-8")
    assert leaks_below([WORD], tmp_path) == [f"{tmp_path}/a/b/c: {WORD} as it is"]


def lines(data: bytes) -> bytes:
    text = base64.b64encode(data)
    return b"\n".join(text[at : at + 20] for at in range(0, len(text), 20))


CODERS: dict[str, Callable[[bytes], bytes]] = {
    "base64": base64.b64encode,
    "base64 for URLs": base64.urlsafe_b64encode,
    "base64 over lines": lines,
    "base32": base64.b32encode,
    "hexadecimal": lambda data: data.hex().encode(),
    "hexadecimal with spaces": lambda data: data.hex(" ").encode(),
    "percent": lambda data: quote(data, safe="").encode(),
    "every byte in percent": lambda data: b"".join(b"%%%02X" % byte for byte in data),
    "JSON": lambda data: json.dumps(data.decode("latin-1")).encode(),
    "JSON in JSON": lambda data: json.dumps(json.dumps(data.decode("latin-1"))).encode(),
    "octal": lambda data: b"".join(b"\\%03o" % byte for byte in data),
    "entities": lambda data: b"".join(b"&#x%x;" % byte for byte in data),
    "gzip": gzip.compress,
    "zlib": zlib.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "reversed": lambda data: data[::-1],
}
TEXTUAL = [name for name in CODERS if name not in ("gzip", "zlib", "bzip2", "xz", "reversed")]


@pytest.mark.parametrize("inner", CODERS)
@pytest.mark.parametrize("outer", TEXTUAL)
def test_a_marker_is_found_under_two_encodings(inner: str, outer: str) -> None:
    data = CODERS[outer](CODERS[inner](b"before " + PLAIN + b" behind"))
    assert sightings(MARKER, b'{"text": "' + data + b'"}')


@pytest.mark.parametrize("piece", MARKER.pieces)
def test_a_piece_is_enough(piece: str) -> None:
    assert sightings(MARKER, f"1\t{piece}".encode()) == ["1 of its 4 pieces"]
    assert sightings(MARKER, base64.b64encode(f"a {piece} b".encode())) == ["1 of its 4 pieces"]


@pytest.mark.parametrize("between", [" ", "\n", '", "', " | ", "' + '"])
def test_letters_that_stand_apart_are_put_together(between: str) -> None:
    assert sightings(MARKER, json.dumps(between.join(MARKER.text)).encode())


def test_a_whole_marker_is_not_told_again_in_pieces() -> None:
    assert sightings(MARKER, PLAIN) == ["as it is"]


def test_another_marker_is_not_this_one() -> None:
    other = new_marker()
    data = b" ".join(coder(other.text.encode()) for coder in CODERS.values())
    assert sightings(MARKER, data) == []


def test_no_two_markers_are_the_same_and_a_token_has_the_form_of_one() -> None:
    assert new_marker() != new_marker()
    token = new_token()
    assert (token.text[:4], len(token.text)) == ("ghp_", 40)
    assert token.text[4:] == "".join(token.pieces)
