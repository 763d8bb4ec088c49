"""Reading in the agent's place gives what its own tool would, of permitted regular files only, and never too much."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import CallId, EffectKind, SessionId, ToolCall, frozen
from occasio_files import ReadsFiles
from occasio_files.read import MAX_FILE, MAX_TEXT, MAX_WHOLE


@pytest.fixture
def run(tmp_path):
    """Run Read on a file of the given content, or on a path of its own."""

    def ran(content=None, permit=lambda effect: True, **arguments):
        if content is not None:
            (tmp_path / "file").write_bytes(content if isinstance(content, bytes) else content.encode())
        call = ToolCall(
            session=SessionId("s"),
            call=CallId("c"),
            agent="a",
            protocol="p",
            tool="Read",
            input=frozen({"file_path": "file", **arguments}),
            input_digest="0" * 64,
            cwd=str(tmp_path),
        )
        return ReadsFiles().run(call, permit)

    return ran


SHORTER = "<system-reminder>Warning: the file exists but is shorter than the provided offset"


@pytest.mark.parametrize(
    ("content", "arguments", "text"),
    [
        ("hi\n", {}, "1\thi\n2\t"),
        ("hi", {}, "1\thi"),
        ("", {}, f"{SHORTER} (1). The file has 1 lines.</system-reminder>"),
        ("a\nb", {"offset": 9}, f"{SHORTER} (9). The file has 2 lines.</system-reminder>"),
        ("a\nb\nc", {"offset": 2}, "2\tb\n3\tc"),
        ("a\nb\nc\n", {"offset": 3}, "3\tc\n4\t"),
        ("a\nb", {"offset": 0}, "0\ta\n1\tb"),
        ("a\nb\nc", {"offset": 2, "limit": 1}, "2\tb"),
        ("\n" * 3000, {}, "".join(f"{number}\t\n" for number in range(1, 3001)) + "3001\t"),
        ("a\r\nb\u2028c", {}, "1\ta\n2\tb\u2028c"),
        ("\ufeffa", {}, "1\ta"),
        (b"\xff\xfe-", {}, "1\t\ufffd\ufffd-"),
        ("ä\n", {}, "1\tä\n2\t"),
    ],
)
def test_lines_are_numbered_as_the_agent_does(run, content, arguments, text):
    assert run(content, **arguments) == (text, False)


def test_a_large_file_is_read_in_parts_alone(run):
    text, failed = run("x" * (MAX_WHOLE + 1))
    assert failed
    assert text.startswith("File content (256KB) exceeds maximum allowed size (256KB). Use offset and limit")


def test_a_huge_file_is_read_to_a_point(run):
    text, failed = run("x" * (MAX_FILE + 1000), limit=1)
    assert not failed
    assert len(text) < MAX_TEXT + 100
    assert text.endswith("[not the whole file: use offset and limit to read on]")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"limit": 0}, "limit is not a line number"),
        ({"offset": -1}, "offset is not a line number"),
        ({"offset": "1"}, "offset is not a line number"),
        ({"limit": True}, "limit is not a line number"),
        ({"pages": "1-2"}, "pages of a document"),
        ({"path": "other"}, "more than one path"),
        ({"file_path": "missing"}, "File does not exist. Note: your current working directory is"),
        ({"file_path": "file/x"}, "cannot be read"),
        ({"file_path": "a\0b"}, "cannot be read"),
        ({"file_path": "."}, "EISDIR: illegal operation on a directory, read"),
        ({"file_path": "/dev/null"}, "not a regular file"),
        ({"file_path": "x" * 5000}, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_an_error_the_model_can_read(run, arguments, told):
    text, failed = run("a\nb", **arguments)
    assert failed
    assert told in text
    assert "\n" not in text


def test_a_binary_file_is_not_read(run):
    assert run(b"\x89PNG\x00\x00")[1]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_hold_anything_up(run, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert run(file_path="pipe") == ("Error: this cannot be read here: it is not a regular file.", True)


def test_what_is_not_permitted_is_not_read(run):
    text, failed = run("secret", permit=lambda effect: False)
    assert failed
    assert "secret" not in text


def test_permission_is_asked_for_the_file_that_was_opened(run, tmp_path):
    (tmp_path / "real").write_text("x", encoding="utf-8")
    (tmp_path / "link").symlink_to("real")
    asked = []
    run(file_path="link", permit=lambda effect: bool(asked.append(effect)))
    assert [(effect.kind, effect.target) for effect in asked] == [(EffectKind.READ, str(tmp_path / "real"))]


def test_a_link_that_is_turned_elsewhere_after_the_decision_is_noticed(run, tmp_path):
    (tmp_path / "denied").write_text("secret", encoding="utf-8")
    (tmp_path / "link").symlink_to("denied")
    text, failed = run(file_path="link", permit=lambda effect: not effect.target.endswith("denied"))
    assert failed
    assert "secret" not in text


def test_a_file_that_the_system_makes_up_is_not_read(run):
    text, failed = run(file_path="/proc/self/status")
    assert (text, failed) == ("Error: this cannot be read here: it is made up by the system.", True)


def test_the_own_process_cannot_be_read_by_another_name(run):
    assert run(file_path=f"/proc/{os.getpid()}/environ")[1]
    assert run(file_path="/proc/self/cwd/a")[1]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("ab\n", min_size=1, max_size=40), st.integers(1, 6), st.integers(1, 6))
def test_a_part_is_what_the_whole_has_there(run, content, offset, limit):
    lines = [f"{number}\t{line}" for number, line in enumerate(content.split("\n"), 1)]
    expected = lines[offset - 1 :][:limit]
    text, failed = run(content, offset=offset, limit=limit)
    assert not failed
    assert text.split("\n") == expected if expected else "is shorter than the provided offset" in text
