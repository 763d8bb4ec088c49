"""The vectors: each case is one case, and SPEC, vectors and verifier speak of the same codes."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.conformance.vectors import (
    CONFORMANCE,
    SPEC,
    cases,
    expected_codes,
    named_codes,
    raised_codes,
    tabled_codes,
)

# refusals of the library's own callers, which no evidence can provoke
_OF_THE_LIBRARY = {"base64", "not-json-value"}
# what only a verifier with a Sigstore library can find; tests/occasio_verify/test_certificate.py provokes it
_OF_SIGSTORE = {"signature-time"}
# of the two-file form, for which the protocol of the vectors has no operation; tests/occasio_verify/test_attested.py
_OF_TWO_FILES = {"no-chain"}


def files(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_ids_are_unique_and_in_kebab_case() -> None:
    ids = Counter(case.id for case in cases())
    assert [name for name, count in ids.items() if count > 1] == []
    assert [name for name in ids if not re.fullmatch(r"[a-z0-9]+([.-][a-z0-9]+)*", name)] == []


def test_there_are_more_than_three_hundred_and_most_are_hostile() -> None:
    kinds = Counter(case.kind for case in cases())
    assert set(kinds) == {"honest", "hostile"}
    assert kinds.total() >= 300
    assert kinds["hostile"] > kinds["honest"]


def test_every_case_names_a_clause_of_the_specification() -> None:
    sections = set(re.findall(r"^#{2,3} ([0-9]+(?:\.[0-9]+)*) ", SPEC, re.MULTILINE))
    assert {case.clause for case in cases()} - sections == set()


def test_every_case_gives_a_reason() -> None:
    assert [case.id for case in cases() if not case.why] == []


def test_no_two_cases_ask_the_same() -> None:
    asked = Counter((case.op, str(case.input)) for case in cases() if case.op != "bundle")
    assert [question[:200] for (_, question), count in asked.items() if count > 1] == []


def test_what_is_refused_is_hostile_and_what_is_verified_is_honest() -> None:
    refused = [case.id for case in cases() if not case.expect["ok"] and case.kind != "hostile"]
    verified = [case.id for case in cases() if case.expect.get("verdict") == "VERIFIED" and case.kind != "honest"]
    assert refused + verified == []


def test_every_code_of_a_case_is_in_the_specification() -> None:
    assert {code for case in cases() for code in expected_codes(case.expect)} - named_codes() == set()


def test_every_code_in_the_tables_of_the_specification_has_a_case() -> None:
    assert tabled_codes() - {code for case in cases() for code in expected_codes(case.expect)} == set()


def test_every_code_that_the_verifier_raises_has_a_case() -> None:
    covered = {code for case in cases() for code in expected_codes(case.expect)}
    assert raised_codes() - covered - _OF_THE_LIBRARY - _OF_SIGSTORE - _OF_TWO_FILES == set()


def test_every_code_in_the_tables_of_the_specification_is_raised_by_the_verifier() -> None:
    assert tabled_codes() - raised_codes() == set()


def test_generating_the_vectors_again_gives_the_same_files(tmp_path: Path) -> None:
    pytest.importorskip("cryptography", reason="the generator signs with it")
    subprocess.run([sys.executable, CONFORMANCE / "generate.py", tmp_path], check=True)
    again, kept = files(tmp_path), files(CONFORMANCE / "vectors")
    assert again.keys() == kept.keys()
    assert [name for name, content in again.items() if content != kept[name]] == []


def test_the_generator_imports_no_verifier() -> None:
    sources = [CONFORMANCE / "generate.py", *(CONFORMANCE / "generator").rglob("*.py")]
    assert [
        path for path in sources if re.search(r"^(?:from|import) occasio", path.read_text("utf-8"), re.MULTILINE)
    ] == []
