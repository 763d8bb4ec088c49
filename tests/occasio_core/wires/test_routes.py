"""A path has the same end however it is spelled."""

from __future__ import annotations

import pytest

from occasio_core.wires.routes import ends_with, last_segment


@pytest.mark.parametrize(
    "path", ["/a/b", "/x/a/b?q#f", "//a//b/", "/a/%62", "/a/./b", "/a/x/../b", "/a%2Fb", "/a/b/c/..", "/A/b"]
)
def test_spellings_of_one_end(path: str) -> None:
    assert ends_with(path, ("a", "b"))


@pytest.mark.parametrize("path", ["", "/", "/b", "/a/bc", "/a/b/c", "/x?/a/b", "/a/b/../c"])
def test_other_ends(path: str) -> None:
    assert not ends_with(path, ("a", "b"))


@pytest.mark.parametrize(
    ("path", "fits"), [("/v1/a/x", True), ("/a/x/", True), ("/a", False), ("/b/x", False), ("/a/x/y", False)]
)
def test_any_one_segment_can_be_asked_for(path: str, fits: bool) -> None:
    assert ends_with(path, ("a", None)) is fits


@pytest.mark.parametrize(("path", "last"), [("/a/b?c", "b"), ("/a/b/../x%3Ay/", "x:y"), ("/", ""), ("", "")])
def test_the_last_segment_is_read_as_a_lenient_server_reads_it(path: str, last: str) -> None:
    assert last_segment(path) == last
