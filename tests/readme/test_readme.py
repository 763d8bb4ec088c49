"""What README.md tells a newcomer is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```([a-z]*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def block(language: str, number: int = 0) -> str:
    return [text for kind, text in BLOCKS if kind == language][number]


def test_both_commands_and_what_they_print_stand_in_the_first_twenty_lines():
    top = "\n".join(README.splitlines()[:20])
    assert "$ make demo\n" in top and "$ make test\n" in top and "VERIFIED" in top


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    place = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "occasio_core", "demo", "attest", "--out", str(place / "demo-out")]
    done = subprocess.run(command, cwd=place, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def shown_by_the_demo() -> list[str]:
    first = block("console").split("$ make demo\n")[1].split("$ make test")[0]
    return [line for line in first.splitlines() if line]


@pytest.mark.parametrize("line", shown_by_the_demo())
def test_the_demo_prints_what_is_shown(demo, line):
    pieces = [re.escape(piece) for piece in line.replace("demo-out", "\0").replace("5f0c…", "\1").split()]
    pattern = r"\s+".join(pieces).replace("\0", r"\S*demo-out").replace("\x01", r"[0-9a-f-]+")
    assert re.search(pattern, demo), line


def test_make_demo_is_the_command_that_the_text_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(r"^demo:.*\n\t@?\S*occasio demo attest --out \$\(OUT\)$", makefile, re.MULTILINE)
    assert re.search(r"^OUT = demo-out$", makefile, re.MULTILINE)


def commands() -> list[str]:
    lines = [line for kind, text in BLOCKS if kind == "console" for line in text.splitlines()]
    return sorted(
        {m[1] for line in lines if (m := re.match(r"\$ occasio ([a-z]+(?: (?:export|trust|attest))?)", line))}
    )


@pytest.mark.parametrize("command", commands())
def test_every_command_exists(command):
    *groups, name = command.split()
    shown = subprocess.run(
        [sys.executable, "-m", "occasio_core", *groups, "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert re.search(rf"^  {name} ", shown.stdout, re.MULTILINE), shown


def test_the_policy_is_one(tmp_path):
    from occasio_core.policy import load_policy

    path = tmp_path / "policy.yml"
    path.write_text(block("yaml"), encoding="utf-8")
    policy = load_policy(path, tmp_path, tmp_path)
    assert policy.redact_secrets_in_tool_results and policy.tools


def test_the_rule_is_one():
    from occasio_core import Action, Case, Effect, EffectKind, PolicyRule, ToolCall

    names: dict[str, object] = {}
    exec(compile(block("python"), "README.md", "exec"), names)
    rule = names["occasio_register_policy_rules"]()[0]
    assert isinstance(rule, PolicyRule)
    call = ToolCall(
        session="s", call="c", agent="a", protocol="p", tool="Read", input={}, input_digest="0" * 64, cwd="/"
    )
    effect = Effect(EffectKind.WRITE, "release.sh", ("/p/release.sh",))
    assert rule.judge(Case(call=call, effects=(effect,), policy=None)).action is Action.BLOCK
    assert rule.judge(Case(call=call, effects=(), policy=None)) is None


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#h][^)#]*)", README))))
def test_every_link_leads_somewhere(target):
    assert (ROOT / target).exists()
