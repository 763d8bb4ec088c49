"""One line says what is wrong with a log, and none if nothing is."""

from __future__ import annotations

from dataclasses import replace

from occasio_core.reading.health import Damage, Health

SOUND = Health(exists=True, rows=1_234, size=9)


def test_a_sound_log_has_no_warning() -> None:
    assert (SOUND.warning, SOUND.is_sound) == ("", True)


def test_a_damaged_log_says_where_and_how_much_is_shown() -> None:
    hurt = replace(SOUND, damage=Damage(1_235, "row-hash", "x"))
    expected = "the log is damaged at line 1235 (row-hash): what follows is of the 1,234 rows before it"
    assert (hurt.warning, hurt.is_sound) == (expected, False)


def test_a_log_that_was_cut_says_so() -> None:
    cut = replace(SOUND, compared="log-truncated")
    assert "the log was cut" in cut.warning
    assert not cut.is_sound


def test_programs_get_the_damage() -> None:
    told = replace(SOUND, damage=Damage(7, "log-link", "d")).as_json()
    assert told["damage"] == {"line": 7, "code": "log-link", "detail": "d"}
    assert told["sound"] is False
