"""An entry matches what it names and everything below, and no name takes long."""

from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from occasio_core import PathEntry
from occasio_paths.match import Matcher, Sieve


def matches(form, name):
    return Matcher([PathEntry(text=form, forms=(form,))]).find(name) is not None


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("/a/b", "/a/b"),
        ("/a/b", "/a/b/c/d"),
        ("/", "/"),
        ("/", "/a"),
        ("/**/.env", "/.env"),
        ("/**/.env", "/x/y/.env"),
        ("/**/.env", "/x/.env/y"),
        ("/**/*.pem", "/x/.pem"),
        ("/**/*.pem", "/x/a.pem/b"),
        ("/**/.env.*", "/x/.env.local"),
        ("/a/**/b", "/a/b"),
        ("/a/**/b", "/a/x/y/b/c"),
        ("/a/*/c", "/a/.b/c"),
        ("/a/?", "/a/ä"),
        ("/a/x*y*z?", "/a/x1y2yz3"),
        ("/a/x*y*z?", "/a/xyzz1"),
        ("/**/a/**/b", "/q/a/w/e/b/r"),
        ("/**/a/*/b", "/a/a/x/b"),
        ("/**/*", "/a"),
        ("/a/b.c", "/a/b.c"),
        ("/a/(*)", "/a/(x)"),
    ],
)
def test_this_matches(form, name):
    assert matches(form, name)


@pytest.mark.parametrize(
    ("form", "name"),
    [
        ("/a/b", "/a/bc"),
        ("/a/b", "/a"),
        ("/a/b", "/x/a/b"),
        ("/**/.env", "/x/.envy"),
        ("/**/.env", "/x/y.env"),
        ("/**/*.pem", "/x/a.pem2"),
        ("/a/**/b", "/a/xb"),
        ("/a/**/b", "/b"),
        ("/a/*/c", "/a/c"),
        ("/a/*/c", "/a/b/d/c"),
        ("/a/?", "/a/bc"),
        ("/a/?", "/a/"),
        ("/a/x*y*z?", "/a/xyz"),
        ("/**/a/**/b", "/b/a"),
        ("/**/*", "/"),
        ("/a/b.c*", "/a/bxc"),
    ],
)
def test_this_does_not_match(form, name):
    assert not matches(form, name)


PART = st.text("ab", min_size=1, max_size=3)
GLOB_PART = st.text("ab*?", min_size=1, max_size=4).filter(lambda part: "**" not in part)
NAMES = st.lists(PART, min_size=1, max_size=6)
GLOBS = st.lists(GLOB_PART | st.just("**"), min_size=1, max_size=5)


def plainly(glob, name):
    """Say whether `glob` matches `name` or something above it, by trying everything."""
    if not glob:
        return True
    if glob[0] == "**":
        return any(plainly(glob[1:], name[skipped:]) for skipped in range(len(name) + 1))
    return bool(name) and fnmatchcase(name[0], glob[0]) and plainly(glob[1:], name[1:])


@settings(max_examples=500, deadline=None)
@given(GLOBS.filter(lambda glob: glob[-1] != "**"), NAMES)
def test_a_match_is_what_trying_everything_finds(glob, name):
    assert matches("/" + "/".join(glob), "/" + "/".join(name)) == plainly(glob, name)


@settings(max_examples=300, deadline=None)
@given(st.lists(GLOBS.map(lambda glob: "/" + "/".join(glob)), max_size=5), NAMES)
def test_a_list_matches_what_one_of_its_entries_matches(forms, name):
    entries = [PathEntry(text=form, forms=(form,)) for form in forms]
    path = "/" + "/".join(name)
    found = Matcher(entries).find(path)
    assert (found is not None) == any(matches(form, path) for form in forms)
    assert found is None or matches(found.forms[0], path)


def test_any_form_of_an_entry_is_enough():
    entry = PathEntry(text="x", forms=("/a", "/b/*", "/**/c"))
    assert [Matcher([entry]).find(name) for name in ("/a/x", "/b/x", "/x/c", "/x")] == [entry, entry, entry, None]


def test_an_empty_list_matches_nothing():
    assert Matcher([]).find("/a") is None


@pytest.mark.parametrize("form", ["/**/a/**/a/**/a/**/b", "/**/*a*a*a*b", "/**/a*/**/a*/**/*a*b*c", "/**/*?*?*?*?b"])
@pytest.mark.parametrize("name", ["/a" * 8000, "/" + "a" * 16000, "/" + "ab" * 8000])
def test_no_name_makes_the_matcher_try_again_and_again(form, name):
    assert not matches(form, name + "/z") or name.endswith("b")


@settings(max_examples=500, deadline=None)
@given(st.lists(GLOBS.map(lambda glob: "/" + "/".join(glob)), max_size=5), NAMES)
def test_an_entry_of_a_folder_is_found_as_its_path_is(forms, name):
    matcher = Matcher([PathEntry(text=form, forms=(form,)) for form in forms])
    *folder, last = name
    found = matcher.within("/" + "/".join(folder))(last)
    assert (found is None) == (matcher.find("/" + "/".join(name)) is None)


@pytest.mark.parametrize("form", ["/", "/a", "/**/.env", "/**/*.pem", "/**/.env.*"])
@pytest.mark.parametrize("name", ["a", ".env", "k.pem", ".env.local", "b"])
def test_an_entry_of_the_root_is_found_as_its_path_is(form, name):
    matcher = Matcher([PathEntry(text=form, forms=(form,))])
    assert matcher.within("/")(name) == matcher.find(f"/{name}")


FORMS = st.lists(
    GLOBS.map(lambda glob: "/" + "/".join(glob))
    | st.sampled_from(["/", "/a", "/**/*a", "/**/ab", "/**/a*", "/a/**/b"]),
    max_size=5,
)


@settings(max_examples=500, deadline=None)
@given(FORMS, st.lists(NAMES, max_size=12), st.booleans())
def test_a_sieve_catches_what_the_list_finds_in_whatever_order_folders_come(forms, names, upper_first):
    matcher = Matcher([PathEntry(text=form, forms=(form,)) for form in forms])
    folders = {}
    for *folder, last in sorted(names, key=len) if upper_first else names:
        folders.setdefault("".join(f"/{part}" for part in folder), []).append(last)
    sieve = Sieve(matcher)
    for folder, entries in folders.items():
        expected = [name for name in entries if matcher.find(f"{folder}/{name}")]
        assert list(sieve.caught(folder, entries)) == expected
