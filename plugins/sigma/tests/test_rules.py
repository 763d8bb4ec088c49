"""Rules mean what Sigma says, over rows; what cannot be run is refused in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import UsageError
from occasio_sigma.rules import MOST_BYTES, of_levels, read_rules

HEAD = "title: it\nlevel: low\nlogsource: {product: occasio}\n"


def rule(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rule.yml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title: it\n", "log source"),
        ("[1", "while parsing"),
        ("a", ""),
        (
            "title: it\nlogsource: {product: windows}\ndetection: {s: {a: b}, condition: s}\n",
            "`product: windows` is not a log",
        ),
        (HEAD + "detection: {s: {comand: b}, condition: s}\n", "rows have no field `comand`"),
        (HEAD + "detection: {s: [a, b], condition: s}\n", "words without a field"),
        (HEAD + "detection: {s: {command|re: '(?=a)'}, condition: s}\n", "invalid"),
        (HEAD + "detection: {s: {reads|re: 'a'}, condition: s}\n", "has several values"),
        (HEAD + "detection: {s: {command|nonsense: a}, condition: s}\n", "nonsense"),
        (HEAD + "detection: {s: {command: a}, condition: t}\n", ""),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_rules(rule(tmp_path, text))
    assert told in str(refused.value) and "\n" not in str(refused.value)


def test_a_file_has_a_largest_size(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at most"):
        read_rules(rule(tmp_path, "#" * (MOST_BYTES + 1)))


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for place in ("1.yml", "a/2.yml"):
        (tmp_path / place).write_text(f"{HEAD}detection: {{s: {{command: a}}, condition: s}}\n", encoding="utf-8")
    (tmp_path / "readme.md").write_text("no rule", encoding="utf-8")
    assert len(read_rules(tmp_path)) == 2


def test_levels_are_ours(tmp_path: Path) -> None:
    texts = [
        f"title: it\nlevel: {level}\nlogsource: {{product: occasio}}\ndetection: {{s: {{command: a}}, condition: s}}\n---\n"
        for level in ("informational", "critical")
    ]
    rules = read_rules(rule(tmp_path, "".join(texts).removesuffix("---\n")))
    assert [one.level for one in rules] == ["info", "high"]
    assert [one.level for one in of_levels(rules, "low")] == ["high"]
