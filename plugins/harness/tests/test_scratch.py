"""A scratch has what is attacked, and nothing of whoever runs it."""

from __future__ import annotations

import pytest

from occasio_harness.scratch import CONTROL, DENIED, LINK, TOKENS, Scratch


def test_each_marker_is_in_its_file_alone(scratch: Scratch) -> None:
    for name, marker in ((DENIED, scratch.denied), (TOKENS, scratch.token), (CONTROL, scratch.control)):
        files = [path for path in scratch.root.rglob("*") if path.is_file() and not path.is_symlink()]
        holding = [path.relative_to(scratch.work) for path in files if marker.text in path.read_text(encoding="utf-8")]
        assert [str(path) for path in holding] == [name]


def test_a_link_leads_to_the_denied_file(scratch: Scratch) -> None:
    assert (scratch.work / LINK).resolve() == (scratch.work / DENIED).resolve()


def test_the_environment_has_no_key_and_no_address(scratch: Scratch) -> None:
    with pytest.MonkeyPatch.context() as around:
        around.setenv("ANTHROPIC_API_KEY", "the person's own")
        around.setenv("ANTHROPIC_BASE_URL", "https://elsewhere.example")
        found = scratch.environment
    assert not [name for name in found if "ANTHROPIC" in name]
    assert found["OCCASIO_HOME"] == str(scratch.occasio_home)


def test_occasio_runs_there_with_a_home_of_its_own(scratch: Scratch) -> None:
    assert scratch.occasio("run", "--", "true").exit_code == 0
    assert scratch.log.is_file()
