"""Rules are run over rows, so many at a time."""

from __future__ import annotations

from pathlib import Path

import pytest  # noqa: TC002 - a fixture is asked for by its type

from occasio_sigma.rules import read_rules
from occasio_sigma.run import hits
from plugins.sigma.tests.gate import Written

HEAD = "title: it\nlevel: low\nlogsource: {product: occasio}\n"


def rule(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rule.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_are_looked_at_in_batches_and_told_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("occasio_sigma.run.BATCH", 3)
    rules = read_rules(rule(tmp_path, f"{HEAD}detection: {{s: {{executes: 'true'}}, condition: s}}\n"))
    written = Written(tmp_path)
    rows = [row for number in range(10) for row in written.bash("true" if number % 2 else "false")]
    assert [hit.row.fields["seq"] for hit in hits(rows, rules)] == [2, 4, 6, 8, 10]


def test_a_pattern_runs_in_linear_time(tmp_path: Path) -> None:
    rules = read_rules(rule(tmp_path, f"{HEAD}detection: {{s: {{command|re: '^(a+)+$'}}, condition: s}}\n"))
    assert list(hits(Written(tmp_path).bash("a" * 60 + "!"), rules)) == []
