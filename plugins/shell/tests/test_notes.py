"""What is noted of a path, a host or a program."""

from __future__ import annotations

import pytest

from occasio_core import Effect, EffectKind
from occasio_shell.notes import MAX_EFFECTS, MAX_LOOKS, Notes
from occasio_shell.values import State, TooMuchError, Word


def noted(word, below=""):
    notes = Notes("/work")
    notes.read(word, below)
    return [(effect.kind.value, effect.target, effect.wild, effect.unknown) for effect in notes.effects()]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ("read", "a", False, False)),
        ("https://u:p@host.example:8/x", ("connect", "host.example", False, False)),
        ("file:///etc/x", ("read", "/etc/x", False, False)),
        ("/dev/tcp/192.0.2.1/80", ("connect", "192.0.2.1", False, False)),
        ("/dev/sda1", ("read", "/**", True, False)),
    ],
)
def test_a_word_in_the_place_of_a_path(text, expected):
    assert noted(Word(text)) == [expected]


@pytest.mark.parametrize("text", ["", "-", "/dev/null", "/dev/stdin", "a\0b", "a\nb", "x" * 5000])
def test_what_is_no_file_is_not_noted(text):
    assert noted(Word(text)) == []


@pytest.mark.parametrize("state", [State.BUILT, State.REMOTE])
def test_what_is_made_up_is_noted_as_unknown(state):
    assert ("read", "a path", False, True) in noted(Word("", state))


def test_what_another_program_says_is_not():
    assert noted(Word("", State.LOCAL)) == []


def test_below_a_directory_is_a_pattern():
    assert noted(Word("d"), "**") == [("read", "d", False, False), ("read", "d/**", True, False)]
    assert noted(Word("/"), "**")[1][1] == "/**"


def test_a_folder_that_is_filled_is_a_vague_pattern():
    notes = Notes("/work")
    for text in ("d/", "", "/", "https://host.example/d", "/dev/null"):
        notes.fill(Word(text))
    assert notes.effects() == tuple(
        Effect(EffectKind.WRITE, target, wild=True, vague=True) for target in ("d/**", "./**", "/**")
    )


def test_a_folder_that_is_made_up_is_unknown():
    notes = Notes("/work")
    notes.fill(Word("d", State.REMOTE))
    assert [effect.unknown for effect in notes.effects()] == [True, False]


def test_the_last_files_that_were_read_are_known():
    notes = Notes("/work")
    for text in ("a", "b", "*.c", "d"):
        notes.read(Word(text, wild="*" in text))
    notes.write(Word("e"))
    assert notes.last_read(2) == ("b", "d")


def test_rights_are_given_back():
    notes = Notes("/work")
    with notes.rights(root=True):
        with notes.rights(root=False):
            assert not notes.is_root
        assert notes.is_root
    assert not notes.is_root


def test_a_relative_path_starts_where_the_command_runs(tmp_path):
    notes = Notes(str(tmp_path))
    notes.enter(Word("no"))
    notes.read(Word("a"))
    assert [effect.target for effect in notes.effects()] == [f"{tmp_path}/no/a", "a"]


def test_the_same_is_noted_once():
    notes = Notes("/work")
    for _ in range(3):
        notes.execute("ls")
        notes.environment()
    assert notes.effects() == (
        Effect(EffectKind.EXECUTE, "ls"),
        Effect(EffectKind.READ, "/proc/self/environ"),
    )


def test_there_is_an_end_to_looking_at_the_disk(tmp_path):
    notes = Notes(str(tmp_path))
    for _ in range(MAX_LOOKS * 2):
        notes.read(Word("*.a", wild=True))
    with pytest.raises(TooMuchError):
        for number in range(MAX_LOOKS + 1):
            notes.read(Word(f"*.{number}", wild=True))


def test_there_is_an_end_to_what_is_noted():
    notes = Notes("/work")
    with pytest.raises(TooMuchError):
        for number in range(MAX_EFFECTS + 1):
            notes.execute(str(number))
