"""Cases say what a policy must do, and are told apart where it does something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import PolicyError
from occasio_core.policy.cases import cases
from occasio_core.trials import Tried, tried


def run(text: str, folder: Path, policy: Path | None = None) -> list[Tried]:
    found = cases(text.encode(), "cases.yml", cwd=str(folder), home=str(folder / "person"))
    return list(tried(found, folder / "cases.yml", policy, folder / ".occasio", folder))


def one(text: str, folder: Path) -> tuple[str, ...]:
    return run(f"cases:\n  - {text}\n", folder)[0].differences


def test_a_case_as_expected_has_no_differences(tmp_path: Path) -> None:
    case = '{tool: Read, input: {file_path: .env}, action: BLOCK, reason: path-denied, rule: "deny_paths: **/.env"}'
    assert one(case, tmp_path) == ()


@pytest.mark.parametrize(
    ("expected", "difference"),
    [
        ("action: PASS", "BLOCK, expected PASS"),
        ("action: BLOCK, reason: ok", "the reason is `path-denied`, expected `ok`"),
        ('action: BLOCK, rule: ""', "the rule is `deny_paths: **/.env`, expected ``"),
        ("action: BLOCK, message: never", "the message is `may not read `.env``, expected `never` in it"),
    ],
)
def test_each_difference_is_told(tmp_path: Path, expected: str, difference: str) -> None:
    assert one(f"{{tool: Read, input: {{file_path: .env}}, {expected}}}", tmp_path) == (difference,)


def test_a_command_is_short_for_a_call_of_the_shell(tmp_path: Path) -> None:
    assert one("{command: cat .env, action: BLOCK}", tmp_path) == ()
    assert run("cases: [{command: ls, action: PASS}]", tmp_path)[0].trial.tool == "Bash"


def test_places_in_an_input_are_filled_in(tmp_path: Path) -> None:
    trial = run("cases: [{tool: Read, input: {file_path: '{cwd}/a', b: ['{home}']}, action: PASS}]", tmp_path)[0].trial
    assert trial.input == {"file_path": f"{tmp_path}/a", "b": (f"{tmp_path}/person",)}


def test_a_case_may_name_a_policy_of_the_file(tmp_path: Path) -> None:
    text = """
policies:
  no-read: "tools: {Read: {action: BLOCK}}"
cases:
  - {tool: Read, input: {file_path: a}, action: BLOCK, reason: tool-denied, policy: no-read}
  - {tool: Read, input: {file_path: a}, action: PASS}
"""
    assert [each.differences for each in run(text, tmp_path)] == [(), ()]


def test_a_policy_is_found_from_the_file_of_the_cases(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text("tools: {Read: {action: BLOCK}}\n", encoding="utf-8")
    text = "policy: own.yml\ncases: [{tool: Read, input: {file_path: a}, action: BLOCK}]\n"
    assert run(text, tmp_path)[0].differences == ()


def test_a_policy_that_is_given_takes_the_place_of_the_file_s_own(tmp_path: Path) -> None:
    (tmp_path / "other.yml").write_text("version: 1\n", encoding="utf-8")
    text = 'policy: "tools: {Read: {action: BLOCK}}"\ncases: [{tool: Read, input: {file_path: a}, action: PASS}]\n'
    assert run(text, tmp_path, tmp_path / "other.yml")[0].differences == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("cases: []", "1:1: there are no cases"),
        ("cases:\n  - {tool: Read}", "2:5: a case does not say what it expects"),
        ("cases:\n  - {action: PASS}", "2:5: a case has no tool"),
        ("cases:\n  - Read", "2:5: a case is a mapping, not a text"),
        ("cases:\n  - {tool: Read, action: STOP}", "2:26: the action `STOP` is not known"),
        ("cases:\n  - {tool: Read, action: PASS, polcy: x}", "2:32: the key `polcy` is not known"),
        ("cases:\n  - {tool: Read, action: PASS, policy: x}", "2:40: the policy `x` is not known"),
        ("cases:\n  - {command: ls, input: {}, action: PASS}", "2:19: a case has a command or an input, not both"),
        ("case:\n  - {}", "1:1: the key `case` is not known"),
    ],
)
def test_what_is_unclear_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        run(text, tmp_path)
    assert str(caught.value).startswith(f"cases.yml:{told}")


def test_a_policy_in_the_file_that_says_nothing_clear_is_refused_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"cases\.yml:1:1:1: the key `tolls` is not known"):
        run('policy: "tolls: {}"\ncases: [{tool: Read, action: PASS}]\n', tmp_path)
