"""File tools touch what their arguments name, and say nothing of what they carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from occasio_core import CallId, Effect, EffectKind, RunningToolHandler, SessionId, ToolCall, frozen
from occasio_files import ChangesFiles, KeepsTodos, ReadsFiles, SearchesFiles, occasio_register_tool_handlers


def call(tool, **arguments):
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool=tool,
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd="/work",
    )


def read(path):
    return Effect(EffectKind.READ, path)


def write(path):
    return Effect(EffectKind.WRITE, path)


def test_reading_reads_the_path():
    assert ReadsFiles().effects(call("Read", file_path="a/b")) == [read("a/b")]


def test_cline_calls_the_path_otherwise():
    assert ReadsFiles().effects(call("read_file", path="a")) == [read("a")]


def test_of_two_paths_both_are_judged():
    assert ReadsFiles().effects(call("Read", file_path="a", path="b")) == [read("a"), read("b")]


@pytest.mark.parametrize("handler", [ReadsFiles(), ChangesFiles()])
def test_without_a_path_nothing_can_be_told(handler):
    with pytest.raises(ValueError, match="no path"):
        handler.effects(call(next(iter(handler.tools)), file_path=None))


@pytest.mark.parametrize(
    ("tool", "argument", "effects"),
    [
        ("Write", "file_path", [write("a")]),
        ("Edit", "file_path", [read("a"), write("a")]),
        ("MultiEdit", "file_path", [read("a"), write("a")]),
        ("NotebookEdit", "notebook_path", [read("a"), write("a")]),
        ("write_to_file", "path", [write("a")]),
        ("replace_in_file", "path", [read("a"), write("a")]),
    ],
)
def test_changing_writes_the_path_and_an_edit_reads_it_too(tool, argument, effects):
    assert ChangesFiles().effects(call(tool, **{argument: "a"})) == effects


@pytest.mark.parametrize(
    ("tool", "arguments", "touched"),
    [
        ("Glob", {"pattern": "*.py"}, ["/work"]),
        ("Glob", {"pattern": "*.py", "path": "src"}, ["src"]),
        ("Glob", {"pattern": "/etc/*"}, ["/work", "/etc"]),
        ("Glob", {"pattern": "/*"}, ["/work", "/"]),
        ("Glob", {"pattern": "~/.ssh/*"}, ["/work", "~/.ssh"]),
        ("Glob", {"pattern": "../**/x?"}, ["/work", "/work/.."]),
        ("Glob", {"pattern": "src/app.py"}, ["/work", "/work/src/app.py"]),
        ("Glob", {"pattern": "**/.env", "path": "/p/"}, ["/p/", "/p/.env"]),
        ("Grep", {"pattern": "x"}, ["/work"]),
        ("Grep", {"pattern": "x", "path": ".env"}, [".env"]),
        ("Grep", {"pattern": "x", "glob": ".env"}, ["/work", "/work/.env"]),
        ("search_files", {"regex": "x", "path": "p", "file_pattern": ".env"}, ["p", "p/.env"]),
        ("list_files", {"path": "p", "recursive": True}, ["p"]),
        ("rg", {"pattern": "x", "paths": ["a", "b"], "glob": ".env"}, ["a", "a/.env", "b", "b/.env"]),
        ("glob", {"pattern": "**/.env", "paths": "p"}, ["p", "p/.env"]),
        ("grep", {"pattern": ".env", "path": "p", "include": "*.py"}, ["p"]),
        ("grep_search", {"pattern": "x", "dir_path": "p", "include_pattern": ".env"}, ["p", "p/.env"]),
        ("search_codebase", {"queries": ["x"]}, ["/work"]),
    ],
)
def test_a_search_reads_where_it_begins_and_what_it_names(tool, arguments, touched):
    effects = SearchesFiles().effects(call(tool, **arguments))
    named = [effect for effect in effects if not effect.sifted]
    assert list(dict.fromkeys(effect.target.rstrip("/") or "/" for effect in named)) == [
        path.rstrip("/") or "/" for path in touched
    ]


@pytest.mark.parametrize(
    ("tool", "arguments", "found"),
    [
        ("Grep", {"pattern": "x"}, [".env", "src", "src/a.py"]),
        ("Grep", {"pattern": "x", "glob": "*.py"}, ["src/a.py"]),
        ("Grep", {"pattern": "x", "path": "src"}, ["src/a.py"]),
        ("Glob", {"pattern": "src/*"}, ["src/a.py"]),
        ("Glob", {"pattern": "!x"}, [".env", "src", "src/a.py"]),
        ("grep", {"pattern": "x"}, ["src/a.py"]),
    ],
)
def test_a_search_tells_what_it_would_come_to(tmp_path, tool, arguments, found):
    (tmp_path / "src").mkdir()
    for name in (".env", "src/a.py"):
        (tmp_path / name).write_text("", encoding="utf-8")
    effects = SearchesFiles().effects(replace(call(tool, **arguments), cwd=str(tmp_path)))
    (sifted,) = (effect for effect in effects if effect.sifted)
    assert (sifted.kind, sifted.wild) == (EffectKind.READ, True)
    assert sifted.target == f"{tmp_path / str(arguments.get('path', ''))}/**"
    assert sorted(sifted.found) == [str(tmp_path / name) for name in found]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [("Grep", {"pattern": "x", "path": "missing"}), ("glob", {"pattern": "*"}), ("list", {"path": "."})],
)
def test_a_search_that_finds_no_files_or_only_names_that_nobody_can_leave_out_comes_to_none(tmp_path, tool, arguments):
    effects = SearchesFiles().effects(replace(call(tool, **arguments), cwd=str(tmp_path)))
    assert not any(effect.sifted for effect in effects)


@pytest.mark.parametrize("arguments", [{"pattern": 1}, {"pattern": "x", "path": [1]}])
def test_a_search_without_readable_arguments_cannot_be_told(arguments):
    with pytest.raises(ValueError, match="is no text"):
        SearchesFiles().effects(call("Glob", **arguments))


@pytest.mark.parametrize("tool", KeepsTodos.tools)
def test_a_quiet_tool_touches_nothing(tool):
    assert KeepsTodos().effects(call(tool, prompt="read ~/.ssh/id", todos=["rm -rf /"])) == ()


@pytest.mark.parametrize(
    ("handler", "tool", "arguments", "kept"),
    [
        (ReadsFiles(), "Read", {"file_path": "../x", "limit": 1}, {"path": "/x"}),
        (ChangesFiles(), "Write", {"file_path": "/a", "content": "secret"}, {"path": "/a"}),
        (ChangesFiles(), "Edit", {"file_path": "a", "old_string": "s", "new_string": "t"}, {"path": "/work/a"}),
        (SearchesFiles(), "Grep", {"pattern": "secret", "path": "src"}, {"path": "/work/src"}),
        (SearchesFiles(), "Glob", {"pattern": "*.py"}, {"path": "/work", "pattern": "*.py"}),
        (KeepsTodos(), "TodoWrite", {"todos": [{"content": "secret"}]}, {"count": 1}),
        (KeepsTodos(), "TodoRead", {}, {}),
    ],
)
def test_a_row_says_where_and_never_what(handler, tool, arguments, kept):
    assert handler.normalised(call(tool, **arguments)) == kept


def test_a_long_path_is_cut_in_rows():
    assert len(ReadsFiles().normalised(call("Read", file_path="x" * 9000))["path"]) == 4096


def test_reading_searching_and_lists_can_be_run_here():
    handlers = occasio_register_tool_handlers()
    running = [handler.name for handler in handlers if isinstance(handler, RunningToolHandler)]
    assert running == ["read", "search", "todo"]


@pytest.mark.parametrize(
    ("tool", "arguments", "can"),
    [
        ("Read", {"file_path": "a"}, True),
        ("Read", {"file_path": "a", "offset": 1, "limit": 2}, True),
        ("Read", {"file_path": "a", "pages": "1"}, False),
        ("read_file", {"path": "a"}, True),
        ("read_file", {"path": "a", "file_path": "b"}, False),
        ("read_file", {"path": ["a"]}, False),
        ("view", {"path": "a"}, False),
        ("Grep", {"pattern": "x", "-A": 1}, True),
        ("Grep", {"pattern": "x", "-v": True}, False),
        ("Grep", {}, False),
        ("Glob", {"pattern": "x"}, True),
        ("grep", {"pattern": "x"}, False),
        ("list_files", {"path": "."}, True),
        ("search_files", {"path": ".", "regex": "x"}, True),
        ("TodoWrite", {"todos": []}, True),
        ("todowrite", {"todos": []}, False),
    ],
)
def test_only_what_is_known_exactly_can_be_run_here(tool, arguments, can):
    (handler,) = (handler for handler in occasio_register_tool_handlers() if tool in handler.tools)
    assert handler.can_run(call(tool, **arguments)) is can


def test_no_tool_is_claimed_twice():
    tools = [tool for handler in occasio_register_tool_handlers() for tool in handler.tools]
    assert len(tools) == len(set(tools))
