"""A command tells what its output is, whatever stands around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from occasio_core import Json
from occasio_distill.commands import command_in, kind_of
from occasio_distill.lines import Kind


@pytest.mark.parametrize(
    "command",
    ["grep -rn x .", "rg x", "cd src && rg 'a b' | sort | head", "LC_ALL=C grep x f", "/usr/bin/grep x f", "git grep x",
     "sudo grep x /etc/f", "make; rg x", "true\nrg x", "rg x > out"],
)  # fmt: skip
def test_searches(command: str) -> None:
    assert kind_of(command) is Kind.MATCHES


@pytest.mark.parametrize(
    "command", ["ls", "ls -la src", "find . -name '*.py'", "tree", "git log --oneline", "git -p log"]
)
def test_listings(command: str) -> None:
    assert kind_of(command) is Kind.LISTING


@pytest.mark.parametrize(
    "command",
    ["pytest -q", "python -m pytest tests", "python3 -m unittest", "npm test", "npm run test:unit", "yarn test", "pnpm t",
     "npx jest", "pnpm exec vitest run", "cargo test --all", "go test ./...", "CI=1 npx vitest", "cd a && make check"],
)  # fmt: skip
def test_test_runs(command: str) -> None:
    assert kind_of(command) is Kind.TESTS


@pytest.mark.parametrize(
    "command",
    [
        "",
        "cat f",
        "echo grep",
        "git commit -m 'grep'",
        "git show",
        "npm install jest",
        "cat f | grep x",
        "echo 'rg",
        "X=1",
    ],
)
def test_others(command: str) -> None:
    assert kind_of(command) is None


@given(st.text())
def test_no_command_is_too_odd(command: str) -> None:
    assert kind_of(command) in {None, *Kind}


@pytest.mark.parametrize(
    ("given_input", "command"),
    [
        ({"command": "ls -l"}, "ls -l"),
        ({"cmd": "ls -l", "workdir": "/x"}, "ls -l"),
        ({"command": ["bash", "-lc", "cd src && ls"]}, "cd src && ls"),
        ({"command": ["ls", "a b"]}, "ls 'a b'"),
        ({"commands": ["cd src", "ls"]}, "cd src\nls"),
        ({"chars": "ls"}, ""),
        ({"command": 7}, ""),
    ],
)
def test_a_command_is_found_under_whatever_name_its_agent_has_for_it(
    given_input: dict[str, Json], command: str
) -> None:
    assert command_in(given_input) == command
