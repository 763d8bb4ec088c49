"""A condition means what Sigma says, over rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_sigma.rules import read_rules
from occasio_sigma.run import hits
from plugins.sigma.tests.gate import Written

HEAD = "title: it\nlevel: low\nlogsource: {product: occasio}\n"


def rule(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rule.yml"
    path.write_text(text, encoding="utf-8")
    return path


def fits(tmp_path: Path, detection: str, command: str, head: str = HEAD) -> bool:
    rules = read_rules(rule(tmp_path, f"{head}detection: {{s: {{{detection}}}, condition: s}}\n"))
    return bool(list(hits(Written(tmp_path).bash(command), rules)))


@pytest.mark.parametrize(
    ("detection", "so"),
    [
        ("executes: cat", True),
        ("executes: CAT", True),
        ("executes: ca", False),
        ("executes|contains: a", True),
        ("executes: [sed, wc]", True),
        ("executes|all: [cat, wc]", True),
        ("executes|all: [cat, sed]", False),
        ("reads|endswith: /notes.txt", True),
        ("reads|endswith: /notes", False),
        ("reads|startswith: /", True),
        ("reads: '*/notes.txt'", True),
        ("connects: '*'", False),
        ("connects: null", True),
        ("command|re: '^cat [a-z]+\\.txt'", True),
        ("command|re: '^wc'", False),
        ("command: 'cat notes.txt | wc -l'", True),
        ("tool: shell_bash, action: PASS", True),
        ("tool: shell_bash, action: BLOCK", False),
        ("seq|gte: 1", True),
        ("seq|gt: 1", False),
        ('command|contains: "\'; DROP TABLE logs; --"', False),
    ],
)
def test_a_value_is_compared_as_sigma_says(detection: str, so: bool, tmp_path: Path) -> None:
    assert fits(tmp_path, detection, "cat notes.txt | wc -l") is so


@pytest.mark.parametrize(
    ("category", "detection", "so"),
    [
        ("process_creation", "Image|endswith: /cat", True),
        ("process_creation", "CommandLine|contains: notes", True),
        ("process_creation", "Image|endswith: /at", False),
        ("file_access", "TargetFilename|endswith: .txt", True),
        ("file_event", "TargetFilename|endswith: .txt", False),
    ],
)
def test_rules_for_a_machines_own_logs_are_run_over_calls(
    category: str, detection: str, so: bool, tmp_path: Path
) -> None:
    head = f"title: it\nlogsource: {{product: linux, category: {category}}}\n"
    assert fits(tmp_path, detection, "cat notes.txt", head) is so
