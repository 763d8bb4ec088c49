"""What is written is read as it was, and whatever is not the one spelling of a proof is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_verify import (
    Extension,
    NoteError,
    TlogProof,
    format_extension,
    format_tlog_proof,
    parse_extension,
    parse_tlog_proof,
)

# as the example of c2sp.org/tlog-proof, whose signatures are shortened there
C2SP = b"""c2sp.org/tlog-proof@v1
extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ
index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

example.com/fancylog
"""
HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)
SIZES = st.integers(0, 2**53 - 1)


def test_the_example_of_the_specification_is_read():
    proof = parse_tlog_proof(C2SP.replace(b"\nextra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6kYXJ3aW4tYXJ\n", b"\n"))
    assert (proof.index, len(proof.hashes), proof.extra) == (73894, 5, None)
    assert proof.checkpoint == b"example.com/fancylog\n"


@given(SIZES, HASHES, st.binary(max_size=80), st.none() | st.binary(max_size=80))
def test_a_proof_is_read_as_it_was_written(index, hashes, checkpoint, extra):
    proof = TlogProof(index, hashes, checkpoint, extra)
    assert parse_tlog_proof(format_tlog_proof(proof)) == proof


@given(SIZES, HASHES, st.binary(max_size=80))
def test_an_extension_is_read_as_it_was_written(old_size, hashes, checkpoint):
    extension = Extension(old_size, hashes, checkpoint)
    assert parse_extension(format_extension(extension)) == extension


@given(st.binary(max_size=200), st.sampled_from([b"c2sp.org/tlog-proof@v1\nindex 1\n", b"old 1\n", b""]))
def test_garbage_is_refused_or_written_again_as_it_was(data, before):
    for parse, write in ((parse_tlog_proof, format_tlog_proof), (parse_extension, format_extension)):
        try:
            read = parse(before + data)
        except NoteError as error:
            assert error.code in ("tlog-proof-form", "extension-form")
        else:
            assert write(read) == before + data


@pytest.mark.parametrize("bad", [TlogProof(-1, (), b""), TlogProof(2**53, (), b""), TlogProof(0, (b"short",), b"")])
def test_what_would_be_read_as_something_else_is_not_written(bad):
    with pytest.raises(NoteError, match="tlog-proof-form"):
        format_tlog_proof(bad)


@pytest.mark.parametrize("bad", [Extension(-1, (), b""), Extension(0, (bytes(32),) * 64, b"")])
def test_neither_is_an_extension(bad):
    with pytest.raises(NoteError, match="extension-form"):
        format_extension(bad)
