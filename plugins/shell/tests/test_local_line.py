"""What is read as a line means the same to Bash; everything that a shell would do something about is not read."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from occasio_shell.local.line import Errors, NotLocalError, Simple, Step, steps

SHELL_WORDS = [
    "a", "-n", "x y", "=", ":", "~", "HEAD~2", "@{1}", "{a,b}", "'", '"', "\\", "$", "`", "*", "?", "[", "]", "#", "!",
    "!", "(", ")", "<", ">", "&", "^", "%", "+", ",", "é", " ", "\t", "\n", "2>&1", "2>/dev/null", "'a b'", '"c d"',
    "'$x'", '"\\""', '"\\n"', "\\ ", "\\*", "\u00a0", "\u2028", "1", "2", "a=~",
]  # fmt: skip


def words_of(text):
    """Return what the single simple command behind `text` is, as it is read here."""
    (step,) = steps(text)
    (simple,) = step.pipeline
    return simple


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ls -la", ("ls", "-la")),
        ("git log --format='%h %s' -5", ("git", "log", "--format=%h %s", "-5")),
        ('grep "a\\.b" x', ("grep", "a\\.b", "x")),
        ('echo "a\\"b"', ("echo", 'a"b')),
        ("find . \\( -name \\*.py \\) ! -path ./x", ("find", ".", "(", "-name", "*.py", ")", "!", "-path", "./x")),
        ("git diff HEAD~3 HEAD^ stash@{0}", ("git", "diff", "HEAD~3", "HEAD^", "stash@{0}")),
        ("echo ''", ("echo", "")),
        ("cat  a\tb  ", ("cat", "a", "b")),
    ],
)
def test_a_simple_command_is_read(text, words):
    assert words_of(text).words == words


def test_pipes_lists_and_errors_are_read():
    assert steps("ls x 2>&1 | head -1 && pwd || echo no; true 2> /dev/null;") == (
        Step(";", (Simple(("ls", "x"), Errors.PIPED), Simple(("head", "-1")))),
        Step("&&", (Simple(("pwd",)),)),
        Step("||", (Simple(("echo", "no")),)),
        Step(";", (Simple(("true",), Errors.DROPPED),)),
    )


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ";", "ls &", "ls & ls", "ls |& cat", "ls |", "| ls", "ls && ", "ls >x", "ls > /dev/null", "cat <x",
        "ls $HOME", "ls `pwd`", "ls $(pwd)", 'echo "$x"', 'echo "`x`"', "ls *", "ls a?", "ls [a]", "ls {a,b}", "ls ~",
        "ls ~/x", "ls a=~", "ls a:~", "ls\nls", "ls # x", "(ls)", "{ ls; }", "X=1 ls", "X=1", "a[0]=1 ls", "ls 'a",
        'ls "a', "ls \\", "echo $'a'", 'echo $"a"', "ls 2>x", "ls 2>>/dev/null", "ls 3>&1", "ls 2>&1 2>&1", "cat <<E",
        "cat <<< x", "ls\0", "echo =ls", "! ls; $", "ls\x85x", "echo \ue000", "echo \ud800", "ls !x", "ls ;; ls",
        "ls &&& ls", "x" * 9000, "ls;" * 20, "ls\r", "echo 'a\rb'",
    ],
)  # fmt: skip
def test_what_a_shell_would_do_something_about_is_not_read(text):
    with pytest.raises(NotLocalError):
        steps(text)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
@given(st.lists(st.sampled_from(SHELL_WORDS), min_size=1, max_size=8).map("".join))
@example("a'b'\"c\"\\ d é")
@example("HEAD~2")
def test_bash_understands_the_same_words(text):
    try:
        simple = words_of(f"printf '<%s>' {text}")
    except (NotLocalError, ValueError):
        assume(False)
    command = f"printf '<%s>' {text}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=True, stdin=subprocess.DEVNULL)
    words = simple.words[2:] or ("",)
    assert done.stdout.decode() == "".join(f"<{word}>" for word in words)
