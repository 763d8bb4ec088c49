"""On trees that are made up, what is found and printed is what the real ripgrep finds and prints."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from occasio_files.globs import Globs, glob_line
from occasio_files.lines import Shown, printed
from occasio_files.patterns import pattern_of
from occasio_files.tree import Tree, Wanted
from occasio_files.types import known_types, names_of_type

_names = st.sampled_from(["a", "b", "ab", ".h", "a.py", "b.log", "x y", "é", "build", "[a]", "A"])
_folders = st.lists(st.sampled_from(["a", "b", "build", ".h", "sub"]), max_size=3).map("/".join)
_words = st.sampled_from(["foo", "bar", "foo bar", "", " foo", "Foo\tbar", "é foo", "x" * 20, "foo" * 200, "a.b", "12"])
_texts = st.lists(_words, max_size=7).flatmap(
    lambda lines: st.sampled_from(["\n".join(lines), "\n".join(lines) + "\n"])
)
_globs = st.lists(
    st.sampled_from(
        [
            "*",
            "**",
            "a",
            "b",
            "/a",
            "a/",
            "*.py",
            "*.log",
            "!*.py",
            "!a",
            "build/",
            "a/b",
            "**/b",
            "a/**",
            "a/**/b",
            "?",
            "[ab]",
            "!/a/b",
            "{a,b}",
            "*.{py,log}",
            "**/a/*",
            "\\!a",
            "#a",
            "a ",
            "a\\ ",
            "[!a]",
            "sub/*",
            "/sub/**",
            "!sub/",
            ".h",
            ".*",
            "x y",
            "\\[a\\]",
            "é",
            "b*",
            "*b",
            "a/*/b",
            "/**/a",
            "**/",
            "!**/a.py",
            "/",
            "//a",
            "a//b",
        ]
    ),
    max_size=4,
)
_patterns = st.sampled_from(
    [
        r"foo",
        r"^foo",
        r"bar$",
        r"fo+",
        r"[fb]oo|bar",
        r"\bfoo\b",
        r"\w+",
        r"\s",
        r"\d",
        r"x*",
        r"^",
        r"$",
        r"^$",
        r".",
        r"Foo",
        r"o\sb",
        r"é",
        r"[^o]",
        r"\S+",
        r"foo\b.*",
        r"(foo)+",
        r"[\w.]+",
        r"o{2}",
        r"\x66oo",
        r"[[:alpha:]]+",
        r"a\.b",
        r"\W",
        r"\D",
    ]
)
_EMPTY = ("x*", "^", "$", "^$")

_settings = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@st.composite
def trees(draw: st.DrawFn) -> dict[str, str]:
    """Draw files with their texts, lists of what is ignored among them."""
    files = {}
    for _ in range(draw(st.integers(0, 8))):
        files[f"{draw(_folders)}/{draw(_names)}".lstrip("/")] = draw(_texts)
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from([".gitignore", ".gitignore", ".ignore", ".rgignore"]))
        files[f"{draw(_folders)}/{name}".lstrip("/")] = "\n".join(draw(_globs))
    if draw(st.booleans()):
        files[".git/info/exclude"] = "\n".join(draw(_globs))
    if draw(st.integers(0, 3)) == 0:
        files["sub/.git/info/exclude"] = "\n".join(draw(_globs))
    return files


def grown(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        if not any(above.is_file() for above in path.parents) and not path.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


def globs_of(texts) -> Globs:
    return Globs(glob for text in texts if (glob := glob_line(text)))


def walked(root: Path, below: str, **wanted) -> list[str]:
    tree = Tree(Wanted(root=str(root), **wanted), lambda effect: True)
    return [found.path for found in tree.below(str(root / below))]


@_settings
@given(files=trees(), below=st.sampled_from(["", "a", "sub", "sub/a"]), hidden=st.booleans())
def test_the_same_files_are_ignored(ripgrep, files, below, hidden):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        grown(root, files)
        if not (root / below).is_dir():
            return
        theirs = ripgrep("--files", "--sort=path", *(["--hidden"] if hidden else []), str(root / below), cwd=root)
        event(f"{min(len(files), 5)} files")
        assert walked(root, below, globs=Globs(()), hidden=hidden) == theirs.splitlines()


@_settings
@given(files=trees(), below=st.sampled_from(["", "a", "sub"]), globs=_globs)
def test_the_same_files_fit_globs(ripgrep, files, below, globs):
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        grown(root, files)
        if not (root / below).is_dir():
            return
        told = [f"--glob={glob}" for glob in globs]
        theirs = ripgrep("--files", "--sort=path", "--hidden", *told, str(root / below), cwd=root)
        assert walked(root, below, globs=globs_of(globs)) == theirs.splitlines()


@_settings
@given(
    text=_texts,
    pattern=_patterns,
    before=st.integers(0, 2),
    after=st.integers(0, 2),
    only=st.booleans(),
    numbers=st.booleans(),
    any_case=st.booleans(),
    multiline=st.booleans(),
)
def test_the_same_lines_are_printed(ripgrep, text, pattern, before, after, only, numbers, any_case, multiline):
    multiline = multiline and pattern not in _EMPTY  # the README tells of these
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "file").write_bytes(text.encode())
        told = ["--max-columns=500", "-N" if not numbers else "-n", f"-B{before}", f"-A{after}"]
        told += ["-o"] * only + ["-i"] * any_case + ["-U", "--multiline-dotall"] * multiline
        theirs = ripgrep(*told, "-e", pattern, "file", cwd=root)
        compiled = pattern_of(pattern, any_case=any_case, multiline=multiline)
        shown = Shown(before=before, after=after, numbers=numbers, only_matching=only, multiline=compiled.crosses)
        ours = "".join(f"{line}\n" for line in printed(compiled.compiled, text.encode(), shown, "", lambda: False))
        assert ours == theirs


@pytest.mark.parametrize("name", known_types())
def test_a_type_of_file_has_the_same_names(ripgrep, name):
    listed = dict(line.split(": ", 1) for line in ripgrep("--type-list", cwd=Path("/")).splitlines())
    assert sorted(names_of_type(name)) == sorted(listed[name].split(", "))
