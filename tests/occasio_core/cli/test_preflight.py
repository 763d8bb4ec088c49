"""`occasio preflight` reports what runs begin with; `simulate` asks the policy and leaves no trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from occasio_core.demo.simulated import Simulation
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio


@pytest.fixture
def project(home: Path) -> Path:
    """Three runs of the working directory that begin alike."""
    project = Path.cwd()
    with Simulation(home) as simulation:
        for number in range(3):
            with simulation.run(project) as run:
                run.call("Read", {"file_path": str(project / "README.md")})
                run.call("Bash", {"command": "ls"})
                run.call("Read", {"file_path": str(project / str(number))})
    return project


def actions(captured: Captured) -> list[tuple[str, str]]:
    return [(one["tool"], one["action"]) for one in json.loads(captured.readouterr().out)["calls"]]


def test_what_runs_begin_with_is_told_with_counts(project: Path, capsys: Captured) -> None:
    assert occasio("preflight") == 0
    out = capsys.readouterr().out.splitlines()
    assert out[1].split() == ["100%", "3", "of", "3,", "as", "number", "1", "read_file", "README.md"]
    assert out[2].endswith(" shell_bash ls .")
    assert len(out) == 3
    assert occasio("preflight", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"] == 3
    assert [(one["tool"], one["target"], one["confidence"]) for one in told["calls"]] == [
        ("read_file", f"{project}/README.md", 1.0),
        ("shell_bash", f"ls {project}", 1.0),
    ]


def test_two_runs_are_too_few(project: Path, capsys: Captured) -> None:
    assert occasio("preflight", "--last", "2") == 0
    assert "it takes 3" in capsys.readouterr().out


def test_calls_are_asked_for_and_nothing_is_left_behind(home: Path, capsys: Captured) -> None:
    given = ("--read", "a", "--read", "/etc/shadow", "--grep", "src", "--glob", "*.py", "--bash", "ls", "--json")
    assert occasio("preflight", "simulate", *given) == 0
    assert actions(capsys) == [
        ("Read", "PASS"),
        ("Read", "BLOCK"),
        ("Grep", "PASS"),
        ("Glob", "PASS"),
        ("Bash", "PASS"),
    ]
    assert not home.exists()


def test_with_strict_a_refusal_is_exit_1(home: Path, capsys: Captured) -> None:
    assert occasio("preflight", "simulate", "--strict", "--read", "a") == 0
    assert capsys.readouterr().out == "PASS  Read a\n1 call, 0 would be refused\n"
    assert occasio("preflight", "simulate", "--strict", "--bash", "cat /etc/shadow") == 1
    out = capsys.readouterr().out
    assert out.startswith("BLOCK  Bash cat /etc/shadow\n  why ")
    assert out.endswith("1 call, 1 would be refused\n")


def test_the_policy_and_the_directory_can_be_given(home: Path, tmp_path: Path, capsys: Captured) -> None:
    policy = tmp_path / "p.yml"
    policy.write_text("version: 1\ndeny_paths: [plans]\n", encoding="utf-8")
    given = ("--policy", policy, "--cwd", tmp_path, "--read", "plans/a", "--strict")
    assert occasio("preflight", "simulate", *given) == 1


def test_calls_may_come_from_a_file(home: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text('{"tool": "Read", "input": {"file_path": "a"}}\n\n{"tool": "mcp__x__y"}\n', encoding="utf-8")
    assert occasio("preflight", "simulate", "--from", file, "--json") == 0
    assert [tool for tool, _ in actions(capsys)] == ["Read", "mcp__x__y"]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"tool": 1}', '{"tool": ""}', '{"tool": "a", "input": []}', '{"a":1,"a":1}']
)
def test_a_line_that_is_no_call_is_wrong_use(line: str, home: Path, tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "calls.jsonl"
    file.write_text(f'{{"tool": "Read"}}\n{line}\n', encoding="utf-8")
    assert occasio("preflight", "simulate", "--from", file) == 2
    assert_refused(capsys, f"{file}:2: ", "")


def test_mined_reads_are_asked_for_too(project: Path, capsys: Captured) -> None:
    assert occasio("preflight", "simulate", "--mined", "--json") == 0
    (one,) = json.loads(capsys.readouterr().out)["calls"]
    assert one["input"] == {"file_path": f"{project}/README.md"}


def test_too_few_runs_to_mine_are_told(home: Path, capsys: Captured) -> None:
    assert occasio("preflight", "simulate", "--mined") == 0
    out, err = capsys.readouterr()
    assert out == "0 calls, 0 would be refused\n"
    assert "it takes 3" in err


def test_no_call_and_misplaced_options_are_wrong_use(home: Path, capsys: Captured) -> None:
    assert occasio("preflight", "simulate") == 2
    assert_refused(capsys, "no call was given", "--mined")
    assert occasio("preflight", "--json", "simulate", "--read", "a") == 2
    assert_refused(capsys, "options stand behind `simulate`", "--help")
