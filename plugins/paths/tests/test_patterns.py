"""Two patterns meet where one name fits both; what holds anywhere is not met by a pattern that says nothing."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import PathEntry
from occasio_paths.match import Matcher
from occasio_paths.patterns import meet, parts_meet, parts_of


def meets(pattern, form):
    return Matcher([PathEntry(text=form, forms=(form,))]).meets(pattern) is not None


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("/h/.ssh/**", "/h/.ssh"),
        ("/h/**", "/h/.ssh"),
        ("/**", "/h/.ssh"),
        ("/h/.ss*/id", "/h/.ssh"),
        ("/h/.[a-z]*", "/h/.ssh"),
        ("/*/*/.ssh/x", "/h/u/.ssh"),
        ("/h/**/id_*", "/h/.ssh/id_rsa"),
        ("/w/.e*", "/**/.env"),
        ("/w/.???", "/**/.env"),
        ("/w/*.env", "/**/.env"),
        ("/w/**/id_*", "/**/id_rsa"),
        ("/w/.env*", "/**/.env.*"),
        ("/w/.env.l*", "/**/.env.*"),
        ("/w/.claude/**", "/**/.claude/settings.json"),
        ("/w/.claude/*.json", "/**/.claude/settings.json"),
        ("/proc/*/environ", "/proc/**/environ"),
        ("/proc/1/env*", "/proc/**/environ"),
        ("/srv/**", "/srv/*/keys"),
    ],
)
def test_these_meet(pattern, form):
    assert meets(pattern, form)


@pytest.mark.parametrize(
    ("pattern", "form"),
    [
        ("/w/**", "/**/.env"),
        ("/w/*", "/**/.env"),
        ("/w/[!.]*", "/**/id_rsa"),
        ("/w/*.*", "/**/.env"),
        ("/w/*.py", "/**/.env"),
        ("/w/*.json", "/**/.env.*"),
        ("/w/**/*.ts", "/**/.env"),
        ("/w/.git*", "/**/.env"),
        ("/w/**", "/h/.ssh"),
        ("/h/*", "/h/.ssh"),
        ("/h/*.txt", "/h/.ssh"),
        ("/h/.s*", "/h/.aws"),
        ("/w/.claude/*.md", "/**/.claude/settings.json"),
        ("/h", "/h/.ssh"),
        ("/proc/1/stat*", "/proc/**/environ"),
    ],
)
def test_these_do_not_meet(pattern, form):
    assert not meets(pattern, form)


def test_no_list_is_met_by_a_pattern_of_dots_alone():
    assert not meets("/w/.*", "/**/.env")


TEXT = st.text("ab", max_size=5)
GLOB = st.text("ab*?", min_size=1, max_size=6)


@settings(max_examples=500, deadline=None)
@given(GLOB, GLOB, TEXT)
def test_what_fits_both_parts_is_where_they_meet(one, other, text):
    if fnmatchcase(text, one) and fnmatchcase(text, other):
        assert parts_meet(one, other)


@settings(max_examples=300, deadline=None)
@given(GLOB, TEXT.filter(bool))
def test_a_plain_part_meets_exactly_what_it_fits(glob, text):
    assert parts_meet(glob, text) == fnmatchcase(text, glob)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "*", "a*", "**"]), max_size=5), st.lists(st.sampled_from("ab"), max_size=5))
def test_a_longer_pattern_below_meets_what_its_beginning_meets(pattern, form):
    if meet(tuple(pattern), tuple(form)):
        assert meet((*pattern, "x"), tuple(form)) or "**" in pattern


def test_a_path_has_the_parts_between_its_slashes():
    assert parts_of("//a/b*/") == ("a", "b*")
