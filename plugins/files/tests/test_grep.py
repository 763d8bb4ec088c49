"""A search in the agent's place says what Claude Code's Grep says, of permitted files only, and there is an end to it."""

from __future__ import annotations

import os

import pytest

from occasio_files import grep, tree


@pytest.fixture(autouse=True)
def work(tmp_path):
    """A small project; what is listed first was written last."""
    texts = {
        "src/app.py": "import os\nkey = 1\n\tdone: key\n",
        "src/b.txt": "key\nx\ny\nkey\n",
        "private/plan.txt": "key to all\n",
        "x.log": "key\n",
        ".gitignore": "*.log\n",
        "binary": "key\0",
    }
    (tmp_path / ".git").mkdir()
    for age, (name, text) in enumerate(texts.items()):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
        os.utime(tmp_path / name, (10_000 - age, 10_000 - age))
    return tmp_path


def allowed(effect):
    return "private" not in effect.target


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({}, "Found 2 files\nsrc/app.py\nsrc/b.txt"),
        ({"glob": "*.py"}, "Found 1 file\nsrc/app.py"),
        ({"glob": "*.{log,py} *.zz"}, "Found 2 files\nsrc/app.py\nx.log"),
        ({"type": "txt"}, "Found 1 file\nsrc/b.txt"),
        ({"path": "src/b.txt"}, "Found 1 file\nsrc/b.txt"),
        ({"head_limit": 1}, "Found 1 file limit: 1\nsrc/app.py"),
        ({"head_limit": 0, "offset": 1}, "Found 1 file offset: 1\nsrc/b.txt"),
        ({"pattern": "KEY", "-i": True, "path": "src"}, "Found 2 files\nsrc/app.py\nsrc/b.txt"),
        ({"pattern": "nothing"}, "No files found"),
        ({"pattern": "nothing", "output_mode": "content"}, "No matches found"),
        ({"output_mode": "count"}, "src/app.py:2\nsrc/b.txt:2\n\nFound 4 total occurrences across 2 files."),
        ({"output_mode": "content", "path": "src/b.txt"}, "1:key\n4:key"),
        ({"output_mode": "content", "path": "src/b.txt", "-A": "1"}, "1:key\n2-x\n--\n4:key"),
        ({"output_mode": "content", "path": "src/b.txt", "-C": 1, "-n": "false"}, "key\nx\ny\nkey"),
        ({"output_mode": "content", "glob": "*.py"}, "src/app.py:2:key = 1\nsrc/app.py:3:\tdone: key"),
        ({"output_mode": "content", "path": "src/app.py", "-n": False, "pattern": "done"}, "done: key"),
        (
            {"output_mode": "content", "head_limit": 1, "path": "src/b.txt"},
            "1:key\n\n[Showing results with pagination = limit: 1]",
        ),
        ({"pattern": "y.key", "multiline": True, "output_mode": "content", "path": "src/b.txt"}, "3:y\n4:key"),
        ({"path": "binary", "output_mode": "content"}, 'binary file matches (found "\\0" byte around offset 3)'),
    ],
    ids=str,
)
def test_what_was_found_is_told_as_the_agent_does(run, arguments, text):
    assert run("Grep", {"pattern": "key", **arguments}, allowed) == (text, False)


@pytest.mark.parametrize("mode", ["content", "count", "files_with_matches"])
@pytest.mark.parametrize("where", [{}, {"glob": "private/**"}, {"path": "private"}, {"glob": "**/plan.txt"}])
def test_a_denied_file_is_in_no_answer(run, mode, where):
    text, _ = run("Grep", {"pattern": "key", "output_mode": mode, **where}, allowed)
    assert "plan" not in text
    assert "to all" not in text


def test_a_denied_file_that_is_named_is_an_error(run):
    text, failed = run("Grep", {"pattern": "key", "path": "private/plan.txt", "output_mode": "content"}, allowed)
    assert (text, failed) == ("Error: the policy does not allow this file to be read.", True)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"path": "missing"}, "<tool_use_error>Path does not exist: missing. Note: your current working directory is"),
        ({"path": "/dev/null"}, "Error: this cannot be searched here: it is not a regular file."),
        ({"path": "a\0"}, "Error: this cannot be searched here: its name holds a NUL character."),
        ({"path": "/proc/self"}, "Error: this cannot be searched"),
        ({"pattern": "("}, "Error: this cannot be searched for here: "),
        ({"glob": "[a"}, "Error: this cannot be searched for here: "),
        ({"type": "zzz"}, "Error: the file type `zzz` is not known here"),
        ({"output_mode": "all"}, "Error: output_mode is one of"),
        ({"head_limit": -1}, "head_limit is not a number"),
        ({"-i": "yes"}, "-i is neither true nor false"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_an_error_in_one_line(run, arguments, told):
    text, failed = run("Grep", {"pattern": "key", **arguments})
    assert failed
    assert text.startswith(told)
    assert "\n" not in text


def test_a_file_that_is_too_large_is_left_out_and_told(run, monkeypatch):
    monkeypatch.setattr(grep, "MAX_FILE", 20)
    text, _ = run("Grep", {"pattern": "key", "path": "src"})
    assert text == "Found 1 file\nsrc/b.txt\n[files larger than 0 MiB that were not searched: 1]"


def test_a_search_that_was_stopped_says_so(run, monkeypatch):
    monkeypatch.setattr(tree, "MAX_ENTRIES", 1)
    text, _ = run("Grep", {"pattern": "nothing"})
    assert text == "No files found\n[the search was stopped after 1 files and folders: search a smaller folder]"


def test_an_answer_is_cut_between_lines(run, work):
    (work / "many").write_text("key\n" * 50_000, encoding="utf-8")
    text, _ = run("Grep", {"pattern": "key", "path": "many", "output_mode": "content", "head_limit": 0})
    assert len(text) < grep.MAX_TEXT + 200
    assert text.endswith("key\n[cut at 20000 characters: use head_limit and offset, or search for less]")


def test_a_pipe_on_the_way_holds_nothing_up(run, work):
    os.mkfifo(work / "src" / "pipe")
    assert run("Grep", {"pattern": "key", "glob": "*.py"}) == ("Found 1 file\nsrc/app.py", False)
