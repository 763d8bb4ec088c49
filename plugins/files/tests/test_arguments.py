"""A path is found by whatever name it is given, and none is guessed where it is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import CallId, Json, SessionId, ToolCall, frozen
from occasio_files.arguments import (
    absolute,
    flag,
    folder_arguments,
    number,
    path_arguments,
    shown_path,
    text_argument,
    text_arguments,
)


def call(**arguments: Json) -> ToolCall:
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="Read",
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd="/work",
    )


@pytest.mark.parametrize("name", ["file_path", "filePath", "path", "absolute_path", "notebook_path"])
def test_a_path_is_found_by_every_name_that_agents_have_for_it(name: str) -> None:
    arguments: dict[str, Json] = {name: "a/b", "limit": 3}
    assert path_arguments(call(**arguments)) == ["a/b"]


def test_of_several_paths_all_are_found() -> None:
    assert path_arguments(call(path="b", file_path="a", notebook_path="c")) == ["a", "b", "c"]


@pytest.mark.parametrize("path", ["", " a", "é\n", "a\0b"])
def test_a_path_is_told_as_it_was_given(path: str) -> None:
    assert path_arguments(call(path=path)) == [path]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"file": "a"},
        {"Path": "a"},
        {"path": None},
        {"path": 1},
        {"path": []},
        {"path": [1]},
        {"files": [{"name": "a"}]},
        {"file_path": "a", "path": 1},
    ],
    ids=str,
)
def test_without_a_path_that_is_text_there_is_none(arguments: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="no path"):
        path_arguments(call(**arguments))


@pytest.mark.parametrize(
    ("arguments", "paths"),
    [
        ({"files": ["a", "b"]}, ["a", "b"]),
        ({"files": [{"path": "a", "start_line": 1}, "b"]}, ["a", "b"]),
        ({"file_paths": ["a"]}, ["a"]),
        ({"include": ["a", "b"]}, ["a", "b"]),
    ],
)
def test_a_list_of_paths_is_all_of_them(arguments: dict[str, Json], paths: list[str]) -> None:
    assert path_arguments(call(**arguments)) == paths


@pytest.mark.parametrize(
    ("arguments", "folders"),
    [
        ({}, []),
        ({"path": ""}, []),
        ({"path": None}, []),
        ({"dir_path": "a"}, ["a"]),
        ({"paths": "a"}, ["a"]),
        ({"paths": ["a", "b"], "path": "c"}, ["c", "a", "b"]),
    ],
)
def test_a_search_begins_in_every_folder_that_is_named(arguments: dict[str, Json], folders: list[str]) -> None:
    assert folder_arguments(call(**arguments)) == folders


@pytest.mark.parametrize(
    ("arguments", "texts"), [({"glob": "*"}, ["*"]), ({"glob": ["*", "a"]}, ["*", "a"]), ({}, []), ({"glob": None}, [])]
)
def test_texts_are_told_or_missing(arguments: dict[str, Json], texts: list[str]) -> None:
    assert text_arguments(call(**arguments), ("glob", "include")) == texts


@pytest.mark.parametrize("value", [1, True, [1], {"a": "*"}])
def test_what_is_no_text_is_an_error(value: Json) -> None:
    with pytest.raises(ValueError, match="glob is no text"):
        text_arguments(call(glob=value), ("glob",))


@pytest.mark.parametrize(
    ("path", "full"),
    [
        ("a", "/work/a"),
        ("./a//b/", "/work/a/b"),
        ("../a", "/a"),
        ("../../../a", "/a"),
        ("", "/work"),
        ("/etc/../a", "/a"),
        ("a~b", "/work/a~b"),
    ],
)
def test_a_path_is_told_in_full(path: str, full: str) -> None:
    assert absolute(path, "/work") == full


def test_a_tilde_is_the_persons_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert absolute("~/a", "/work") == "/home/ada/a"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("/etc")
    assert absolute("link/a", str(tmp_path)) == f"{tmp_path}/link/a"


@settings(max_examples=100, deadline=None)
@given(st.text(st.sampled_from("ab./ "), max_size=20))
def test_what_is_told_in_full_stays_as_it_is(path: str) -> None:
    assert absolute(absolute(path, "/work"), "/elsewhere") == absolute(path, "/work")


@pytest.mark.parametrize(("arguments", "text"), [({"glob": "*"}, "*"), ({"glob": ""}, ""), ({}, None)])
def test_a_text_is_told_or_missing(arguments: dict[str, Json], text: str | None) -> None:
    assert text_argument(call(**arguments), "glob") == text


def test_a_text_that_is_null_is_missing() -> None:
    assert text_argument(call(glob=None), "glob") is None


@pytest.mark.parametrize("value", [1, True, ["*"], {"a": "*"}])
def test_what_is_no_text_is_an_error_alone(value: Json) -> None:
    with pytest.raises(ValueError, match="glob is no text"):
        text_argument(call(glob=value), "glob")


@pytest.mark.parametrize(("value", "told"), [(3, 3), ("3", 3), (3.0, 3), (None, 7), (0, 0)])
def test_a_count_is_told_however_it_is_written(value: Json, told: int) -> None:
    assert number(call(n=value), "n", 7) == told


@pytest.mark.parametrize("value", [-1, "x", "-1", True, 1.5, [], float("nan")])
def test_what_is_no_count_is_an_error(value: Json) -> None:
    with pytest.raises(ValueError, match="n is not a number"):
        number(call(n=value), "n", 7)


@pytest.mark.parametrize(("value", "told"), [(True, True), ("true", True), ("false", False), (None, True)])
def test_a_choice_is_told_however_it_is_written(value: Json, told: bool) -> None:
    assert flag(call(f=value), "f", default=True) is told


@pytest.mark.parametrize("value", ["yes", 1, []])
def test_what_is_no_choice_is_an_error(value: Json) -> None:
    with pytest.raises(ValueError, match="f is neither true nor false"):
        flag(call(f=value), "f", default=True)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("/work/a.py:3:x", "a.py:3:x"),
        ("/work/a.py-3-x", "/work/a.py-3-x"),
        ("/other/a.py:3:x", "/other/a.py:3:x"),
        ("3:x", "3:x"),
        (":x", ":x"),
        ("a/../b:x", "b:x"),
        ("plain", "plain"),
    ],
)
def test_a_path_before_a_colon_is_shown_from_the_working_directory(line: str, shown: str) -> None:
    assert shown_path(line, "/work") == shown
