"""What is fuzzed of the verifier: each function takes bytes, and raises where what must hold for all bytes does not."""

from __future__ import annotations

import copy
import json
import tempfile
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import rfc8785

from occasio_verify import (
    Chain,
    ChainError,
    Json,
    LogError,
    MalformedError,
    NotABundleError,
    PublicKey,
    Trust,
    TrustedKey,
    Verdict,
    VerifyError,
    canonical,
    load_public_key,
    parse_json,
    parse_row,
    verify_bundle,
    walk_log,
)
from occasio_verify.chain import Segment, links_of
from occasio_verify.grammar import Grammar
from tests.fuzz.corpus import corpus

_STRICTER = {  # what is no fault to Python's json
    "bom", "duplicate-key", "integer-range", "lone-surrogate", "number-not-finite", "not-json", "too-deep", "too-large", "utf8",
}  # fmt: skip


_TOO_LARGE = "a double that reads as an integer beyond 2^53"


def json_documents(data: bytes) -> None:
    """What the strict parser takes, Python's takes with the same value; what it refuses, it refuses by a known code."""
    try:
        value = parse_json(data)
    except MalformedError as error:
        assert "\n" not in str(error)
        assert error.code in _STRICTER, error.code
        if error.code == "not-json":
            assert not _is_json(data), "Python's json reads it"
        return
    assert repr(json.loads(data)) == repr(value)
    assert _read_again(canonical(value)) in (value, _TOO_LARGE)


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def canonical_form(data: bytes) -> None:
    """The canonical form is that of the reference implementation, and its own canonical form."""
    try:
        value = parse_json(data)
    except MalformedError:
        return
    form = canonical(value)
    assert form == rfc8785.dumps(value)
    again = _read_again(form)
    assert again == _TOO_LARGE or canonical(again) == form


def _read_again(form: bytes) -> Json:
    """Return what the canonical form says: that of a large double reads as an integer, and may be refused as one."""
    try:
        return parse_json(form)
    except MalformedError as error:
        assert error.code == "integer-range", error
        assert parse_json(form, wide_integers=True) is not None
        return _TOO_LARGE


def rows(data: bytes) -> None:
    """A row is refused by a known error or is its own canonical form, and the accelerator says what the full check says."""
    for line in (data, _with_its_hash(data)):
        try:
            row = parse_row(line)
        except MalformedError as error:
            assert "\n" not in str(error)
        else:
            assert canonical(dict(row.fields)) == line == row.line
        assert _added(_taught().add, line) == _added(_slowly, line)


def _with_its_hash(data: bytes) -> bytes:
    """Return the row in canonical form, with the hash that belongs to it: so that more than its hash is looked at."""
    try:
        value = parse_json(data)
        if not isinstance(value, dict):
            return data
        rest = canonical({name: member for name, member in value.items() if name != "hash"})
        return canonical({**value, "hash": sha256(rest).hexdigest()})
    except (MalformedError, ValueError):
        return data


def _slowly(segment: Segment, line: bytes) -> None:
    segment.add(links_of(parse_row(line)))


def _added(add: Any, line: bytes) -> object:
    segment = Segment()
    try:
        add(segment, line)
    except VerifyError as refusal:
        return refusal.code
    return segment


@cache
def _taught() -> Grammar:
    grammar = Grammar()
    for line in [entry for entry in corpus("rows") for _ in range(40)] * 10:
        try:
            grammar.add(Segment(), line)
        except VerifyError:
            continue
    return grammar


def logs(data: bytes) -> None:
    """A log read in pieces, from wherever one was, is the log read at once; both are what its rows are, one by one."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "log.jsonl"
        path.write_bytes(data)
        whole = _walked(path)
        assert whole == _one_by_one(data)
        if isinstance(whole, tuple) and whole[0] > 1:
            cut = data.index(b"\n", len(data) // 3) + 1
            before = walk_log(path, stop=cut, tree=True)
            after = walk_log(path, start=copy.deepcopy(before), tree=True)
            assert (after.rows, after.last_hash) == whole


def _walked(path: Path) -> object:
    try:
        found = walk_log(path, tree=True)
    except (LogError, ChainError) as error:
        assert "\n" not in str(error)
        return error.code
    assert found.tree is not None
    assert found.tree.size == found.rows
    return found.rows, found.last_hash


def _one_by_one(data: bytes) -> object:
    *lines, rest = data.split(b"\n")
    segment = Segment()
    try:
        for line in lines:
            _slowly(segment, line)
            if segment.rows == 1:
                _check_first(segment)
    except VerifyError as error:
        return error.code
    if rest:
        return "torn-tail"
    return (segment.rows, segment.last_hash.decode()) if lines else "log-empty"


def _check_first(segment: Segment) -> None:
    """The first row of a log stands at its beginning."""
    Chain().join(copy.deepcopy(segment))


def bundles(data: bytes) -> None:
    """A bundle is none, or has a report; only one that says what a signed one says is verified."""
    try:
        report = verify_bundle(data, _trust())
    except NotABundleError as error:
        assert "\n" not in str(error)
        return
    assert "\n" not in "".join(check.code for check in report.checks)
    if report.verdict is Verdict.VERIFIED:
        assert any(_same(data, entry) for entry in corpus("bundles")), "a bundle that nobody signed is verified"


def _same(one: bytes, other: bytes) -> bool:
    try:
        return canonical(parse_json(one)) == canonical(parse_json(other))
    except MalformedError:
        return False


@cache
def _trust() -> Trust:
    pem = (Path(__file__).with_name("corpora") / "bundles.pub").read_bytes()
    key: PublicKey = load_public_key(pem)
    return Trust(keys=(TrustedKey(name="fuzzed", key=key),))
