"""Cline's two searches in its place: permitted files only, in the form that its own tools have."""

from __future__ import annotations

import pytest

from occasio_files import cline


@pytest.fixture(autouse=True)
def work(tmp_path):
    texts = {"a.ts": "one\ntwo\nthree\n", "src/b.ts": "x\n", "node_modules/m.ts": "two\n", "private/p.ts": "two\n"}
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def allowed(effect):
    return "private" not in effect.target


def test_a_folder_is_listed_with_its_folders(run):
    assert run("list_files", {"path": "."}, allowed) == ("a.ts\nnode_modules/\nsrc/", False)


def test_all_below_is_listed_less_what_others_made(run):
    assert run("list_files", {"path": ".", "recursive": "true"}, allowed) == ("a.ts\nsrc/\nsrc/b.ts", False)


def test_an_empty_folder_has_no_files(run, work):
    (work / "empty").mkdir()
    assert run("list_files", {"path": "empty"}) == ("No files found.", False)


def test_a_list_is_cut(run, work, monkeypatch):
    monkeypatch.setattr(cline, "MAX_LISTED", 2)
    text, _ = run("list_files", {"path": "."})
    assert text.startswith("a.ts\nnode_modules/\n\n(File list truncated.")


def test_a_search_shows_the_lines_around_a_match(run):
    expected = "Found 1 result.\n\na.ts\n│----\n│one\n│two\n│three\n│----"
    assert run("search_files", {"path": ".", "regex": "tw", "file_pattern": "a.*"}, allowed) == (expected, False)


def test_a_denied_file_is_in_no_answer(run):
    text, _ = run("search_files", {"path": ".", "regex": "two"}, allowed)
    assert text.startswith("Found 2 results.")
    assert "private" not in text


def test_nothing_found_is_told(run):
    assert run("search_files", {"path": ".", "regex": "nothing"}) == ("Found 0 results.", False)


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("list_files", {"path": "missing"}, "Error listing files: No such file or directory."),
        ("search_files", {"path": "missing", "regex": "x"}, "Error searching files: No such file or directory."),
        ("search_files", {"path": ".", "regex": "("}, "Error: this cannot be searched for here: "),
        ("list_files", {"path": ".", "recursive": "perhaps"}, "recursive is neither true nor false"),
    ],
)
def test_what_cannot_be_done_is_an_error_in_one_line(run, tool, arguments, told):
    text, failed = run(tool, arguments)
    assert failed
    assert text.startswith(told)
    assert "\n" not in text
