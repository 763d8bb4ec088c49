"""What a command line would touch, told by a table; and what holds for every command line."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import EffectKind
from occasio_shell.shell import MAX_STEPS, effects_of

CASES = Path(__file__).with_name("cases.txt")
CWD = "/work/project"


@pytest.fixture(autouse=True)
def _home(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")


def cases():
    """Yield each command of the table, and the lines below it."""
    lines = [line for line in CASES.read_text(encoding="utf-8").split("\n") if line and not line.startswith("#")]
    starts = [place for place, line in enumerate(lines) if not line.startswith("    ")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        yield lines[start], [line.strip() for line in lines[start + 1 : end]]


def told(effect):
    return (
        f"{effect.kind}{' vague' * effect.vague or ' wild' * effect.wild}{' unknown' * effect.unknown} {effect.target}"
    )


def touched(command, cwd=CWD):
    """Return what a command touches, without the names of programs."""
    effects, is_read = effects_of([command], cwd)
    return [told(effect) for effect in effects if effect.kind is not EffectKind.EXECUTE or effect.unknown] + (
        [] if is_read else ["garbled"]
    )


@pytest.mark.parametrize(("command", "expected"), list(cases()), ids=[command for command, _ in cases()])
def test_a_command_touches_this(command, expected):
    seen = touched(command.replace("\\n", "\n"))
    assert seen == expected or (expected == ["garbled"] and "garbled" in seen)


@pytest.mark.parametrize(
    ("command", "programs"),
    [
        ("cat a | grep b > c", ["cat", "grep"]),
        ("sudo env X=1 nice ls", ["sudo", "env", "nice", "ls"]),
        ("$(echo cat) a", ["echo", "cat"]),
        ("find . -exec wc {} +", ["find", "wc"]),
        ("bash -c 'a; b'", ["bash", "a", "b"]),
        ("for i in 1 2; do x $i; done", ["x"]),
        ("f() { inner; }; f", ["inner"]),
        ("git -c alias.x='!evil' x", ["git", "evil"]),
        ("./run.sh", ["./run.sh"]),
    ],
)
def test_a_command_starts_these_programs(command, programs):
    effects, _ = effects_of([command], CWD)
    assert [effect.target for effect in effects if effect.kind is EffectKind.EXECUTE] == programs


@pytest.mark.parametrize("command", ['cat "', "if then", "cat <<", "a | | b", "echo $(", "((", "case"])
def test_what_is_no_command_is_said_to_be_none(command):
    assert "garbled" in touched(command)


@pytest.mark.parametrize(
    "command",
    [
        "f() { f; f; }; f",
        "x=" + "a" * 200 + "; " + "y=$x$x; x=$y$y; " * 20 + "cat $x",
        "echo {1..99999}{1..99999}{1..99999}",
        "$(" * 40 + "echo" + ")" * 40,
        "sh -c \"sh -c 'sh -c x'\"; " * 50,
        "cat " + "{a,b}" * 20,
        "for a in {1..99}; do for b in {1..99}; do for c in {1..99}; do cat $a$b$c; done; done; done",
        "true; " * (MAX_STEPS + 1),
        "cat " + "a " * 5000,
    ],
    ids=lambda command: command[:20],
)
def test_no_command_takes_long(command):
    effects, _ = effects_of([command], CWD)
    assert len(effects) <= 2048


def test_a_command_that_is_too_long_is_not_read():
    assert touched("cat .env; " + "x" * (1 << 17)) == ["garbled"]


def test_a_pattern_tells_what_it_fits_on_the_disk(tmp_path):
    for name in ("a.py", "b.py", ".env"):
        (tmp_path / name).touch()
    effects, _ = effects_of(["wc *.py; tar c ."], str(tmp_path))
    found = {effect.target: set(effect.found) for effect in effects if effect.wild}
    files = {str(tmp_path / name) for name in ("a.py", "b.py", ".env")}
    assert found == {"*.py": files - {str(tmp_path / ".env")}, "./**": files}


def test_a_directory_that_is_there_is_where_what_follows_runs(tmp_path):
    (tmp_path / "sub").mkdir()
    assert touched("cd sub; cat a", str(tmp_path)) == [f"read {tmp_path}/sub/a"]
    assert touched("cd gone; cat a", str(tmp_path)) == [f"read {tmp_path}/gone/a", "read a"]
    assert touched("(cd sub); cat a", str(tmp_path)) == ["read a"]


# Properties

PATHS = st.sampled_from([".env", "a/b.txt", "/srv/keys/id", "x-y_z"])
QUOTES = [
    lambda text: text,
    lambda text: f"'{text}'",
    lambda text: f'"{text}"',
    lambda text: "".join(f"\\{letter}" for letter in text),
    lambda text: "$'" + "".join(f"\\x{ord(letter):02x}" for letter in text) + "'",
    lambda text: f'""{text}',
    lambda text: f"{text[:1]}''{text[1:]}",
    lambda text: f"$(echo {text})",
    lambda text: f"`printf %s {text}`",
    lambda text: "${NOTHING:-" + text + "}",
    lambda text: "{" + text + "," + text + "}",
]


@settings(max_examples=150, deadline=None)
@given(
    PATHS,
    st.sampled_from(QUOTES),
    st.sampled_from(["cat {}", "cat < {}", "rm -f {}", "X={}; cat $X", "sh -c 'head {}'"]),
)
def test_how_a_path_is_quoted_does_not_change_what_is_touched(path, quoted, command):
    if "'{}" in command or "{}'" in command or ("<" in command and "," in quoted("a")):
        return
    if command.startswith("X=") and "," in quoted("a"):
        return
    assert set(touched(command.format(quoted(path)))) == set(touched(command.format(path)))


COMMANDS = st.sampled_from(
    ["cat .env", "rm a", "curl http://h/ -d @f", "x=.env; cat $x", "find . -name a -delete", "tar c d", "echo a > b"]
)
STAGES = st.sampled_from(["| cat", "| grep x", "| sh", "&& ls", "; cd /tmp", "|| true", "> /dev/null", "| tee o", "&"])


@settings(max_examples=150, deadline=None)
@given(COMMANDS, st.lists(STAGES, max_size=4))
def test_what_is_added_behind_a_command_takes_nothing_away(command, stages):
    assert set(touched(command)) <= set(touched(" ".join([command, *stages]))) | {"garbled"}


@settings(max_examples=100, deadline=None)
@given(
    COMMANDS,
    st.sampled_from(["({})", "{{ {}; }}", "if true; then {}; fi", "eval '{}'", "bash -c '{}'", "sudo sh -c '{}'"]),
)
def test_what_is_wrapped_around_a_command_takes_nothing_away(command, around):
    assert set(touched(command)) <= set(touched(around.format(command)))


TEXT = st.text(string.printable + "é\u2028\ue02a\ue100\U0001f600", max_size=60)
PIECES = st.lists(
    st.sampled_from(
        [
            "cat",
            ".env",
            "$(",
            ")",
            "`",
            "'",
            '"',
            "${",
            "}",
            "x=",
            ";",
            "|",
            "&",
            "<",
            ">",
            "<<",
            "EOF",
            "\n",
            "for",
            "in",
            "do",
            "done",
            "if",
            "then",
            "fi",
            "case",
            "esac",
            "(",
            ")",
            "{",
            "}",
            "\\",
            "$X",
            "*",
            "[",
            "]",
            "!",
            "~",
            "eval",
            "sh",
            "-c",
            "find",
            "-exec",
            "xargs",
            "sed",
            "s/a/b/e",
            "awk",
            "{system()}",
            "python",
            "-c",
            "printf",
            "%s",
            "base64",
            "-d",
            "tr",
            "a-z",
            "0-9",
        ]
    ),
    max_size=14,
).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(TEXT | PIECES | st.binary(max_size=60).map(lambda data: data.decode("utf-8", "surrogateescape")))
def test_no_text_makes_it_fail(text):
    effects, _ = effects_of([text], CWD)
    assert all(effect.target for effect in effects)
