"""Everything that is wrong with a policy is told at once, each with its place."""

from __future__ import annotations

from pathlib import Path

from occasio_core.validity import problems


def wrong(text: str, folder: Path) -> list[str]:
    found = problems(text.encode(), Path("policy.yml"), folder / ".occasio", folder)
    return [str(one).removeprefix("policy.yml:").removeprefix(f"{Path.cwd()}/policy.yml:") for one in found]


def test_a_policy_that_can_be_used_has_no_problems(tmp_path: Path) -> None:
    assert wrong("version: 1\ndeny_paths: [~/x]\n", tmp_path) == []


def test_each_key_tells_its_first_problem(tmp_path: Path) -> None:
    text = "tols: {}\nlimits: {max_calls: 1}\ndeny_hosts: ['a b', 'c d']\nversion: 1\n"
    assert wrong(text, tmp_path) == [
        "1:1: the key `tols` is not known",
        "2:10: the key `max_calls` is not known",
        "3:14: `a b` is not a host",
    ]


def test_what_is_no_yaml_is_one_problem(tmp_path: Path) -> None:
    assert len(wrong("a: [", tmp_path)) == 1


def test_what_no_plugin_can_do_is_a_problem_with_its_place(tmp_path: Path) -> None:
    (told,) = wrong("tools:\n  NoSuchTool: {action: LOCAL}\n", tmp_path)
    assert told.startswith("2:3: tools: NoSuchTool: no plugin can run this tool locally")
    (told,) = wrong("tools:\n  Read: {action: TRANSFORM, transform: redakt-secrets}\n", tmp_path)
    assert told.startswith("2:40: the transform `redakt-secrets` is not known")


def test_a_plugin_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    (told,) = wrong("plugins: [occasio-nosuch]\n", tmp_path)
    assert "occasio-nosuch" in told
