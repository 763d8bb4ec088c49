"""What a pattern fits on the disk is what a shell or `find` would come to, and never takes long."""

from __future__ import annotations

import pytest

from occasio_shell.below import MAX_ENTRIES, MAX_FOUND, fitting


@pytest.fixture
def tree(tmp_path):
    for name in (".env", "a.py", "b.txt", "src/c.py", "src/.env", "src/deep/d.py", ".git/config", "x/y/z.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def below(tree, pattern):
    return {path.removeprefix(f"{tree}/") for path in fitting(pattern, str(tree))}


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.py", {"a.py"}),
        ("*", {"a.py", "b.txt", "src", "x"}),
        (".e*", {".env"}),
        ("src/*", {"src/c.py", "src/deep"}),
        ("*/*.py", {"src/c.py"}),
        ("**/*.py", {"a.py", "src/c.py", "src/deep/d.py", "x/y/z.py"}),
        ("./**/.env", {".env", "src/.env"}),
        ("src/**", {"src/c.py", "src/.env", "src/deep", "src/deep/d.py"}),
        ("**/y/**", {"x/y", "x/y/z.py"}),
        ("?.txt", {"b.txt"}),
        ("[ab].*", {"a.py", "b.txt"}),
        ("none/**", set()),
    ],
)
def test_a_pattern_fits(tree, pattern, expected):
    assert below(tree, pattern) == expected


def test_what_a_link_leads_to_is_told_by_both_names(tree):
    (tree / "link").symlink_to("src")
    assert {f"{tree}/link/.env", f"{tree}/src/.env"} <= set(fitting("link/**", str(tree)))


def test_links_further_down_are_not_followed(tree):
    (tree / "src" / "up").symlink_to("..")
    assert not any("/up/" in path for path in fitting("**", str(tree)))


def test_a_look_is_of_bounded_length(tmp_path):
    for number in range(MAX_FOUND + 50):
        (tmp_path / f"f{number}").touch()
    assert len(fitting("**", str(tmp_path))) <= MAX_FOUND < MAX_ENTRIES


@pytest.mark.parametrize("pattern", ["*", "\0/*", "/nowhere/*", "~nobody/*"])
def test_where_nothing_can_be_seen_nothing_is_found(pattern):
    assert fitting(pattern, "relative/../no") == ()
