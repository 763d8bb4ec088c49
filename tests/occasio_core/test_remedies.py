"""Each refusal says what a person can do about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from occasio_core import Action
from occasio_core.remedies import remedy

ROOT = Path(__file__).parents[2]
_CODES = re.compile(r"(?:refusal\(\s*|reason=\s*|_refusal\(\s*)\"([a-z-]+)\"")


def codes() -> set[str]:
    """Return every code with which a source file refuses."""
    sources = [*(ROOT / "occasio_core").rglob("*.py"), *(ROOT / "plugins").glob("*/occasio_*/**/*.py")]
    found = {code for path in sources for code in _CODES.findall(path.read_text(encoding="utf-8"))}
    return found - {"ok", "preset-off", "approved", "path-left-out", "provider-ran"}  # none of these refuses


def test_the_codes_are_found() -> None:
    assert {"path-denied", "malformed-input", "path-unknown"} <= codes()


@pytest.mark.parametrize("code", sorted(codes()))
def test_every_code_has_an_answer_of_its_own(code: str) -> None:
    assert remedy(Action.BLOCK, code, "deny_paths: x") != remedy(Action.BLOCK, "no-such-code", None)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("deny_paths: ~/.ssh", 'add `- "!~/.ssh"` to `deny_paths`'),
        ("write.deny_paths: a", 'add `- "!a"` to `write.deny_paths`'),
    ],
)
def test_an_exception_is_spelled_out(rule: str, told: str) -> None:
    assert remedy(Action.BLOCK, "path-denied", rule).startswith(told)


def test_what_was_not_refused_needs_no_remedy() -> None:
    assert remedy(Action.PASS, "ok", None) == ""
