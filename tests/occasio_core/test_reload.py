"""An edited policy is checked, kept and written down before it is obeyed; a bad one changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core.errors import LedgerError, PolicyError
from occasio_core.model import Policy
from occasio_core.policy import load_policy
from occasio_core.policy.watch import NO_BYTES, Watch
from occasio_core.reload import Reload, loaded_members
from occasio_core.session import Session
from occasio_verify import Json
from tests.occasio_core.gates import session


@dataclass
class Run:
    """A session under a policy file, and the rows that were written."""

    place: Path
    file: Path
    session: Session
    reload: Reload
    rows: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)
    fails: bool = False
    ticks: Iterator[int] = field(default_factory=lambda: iter(range(1, 100)))

    def edit(self, text: str) -> None:
        """Write the file at a time of its own: two edits may come within one tick of the clock."""
        self.file.write_text(text, encoding="utf-8")
        os.utime(self.file, ns=(0, next(self.ticks)))


@pytest.fixture
def made(tmp_path: Path) -> Run:
    place, file = places.prepared(tmp_path / "home"), tmp_path / "policy.yml"
    file.write_text("version: 1\ndeny_paths: [one]\n", encoding="utf-8")
    return start(place, file)


def start(place: Path, file: Path, chosen: Path | None = None) -> Run:
    def load() -> Policy:
        return load_policy(chosen or file, place, place)

    policy = load_policy(file if file.exists() else None, place, place)
    gate = session(policy)

    def prepared(edited: Policy) -> Policy:
        if "Odd" in edited.tools:
            raise PolicyError("policy.yml:1:1: no plugin can run this tool locally")
        return edited

    def write(kind: str, members: Mapping[str, Json]) -> None:
        if run.fails:
            raise LedgerError("no space left on device")
        run.rows.append((kind, members))

    run = Run(place, file, gate, Reload(Watch(file, load, policy), gate, place, prepared, write))
    return run


def entries(policy: Policy) -> list[str]:
    return [entry.text for entry in policy.deny_paths if entry.line]


def test_what_was_not_edited_is_not_loaded_again(made: Run):
    made.reload.look()
    made.reload.look()
    assert made.rows == []


def test_an_edit_is_in_force_at_the_next_look_and_written_down(made: Run):
    made.edit("version: 1\ndeny_paths: [two, three]\n")
    made.reload.look()
    assert entries(made.session.policy) == ["two", "three"]
    assert made.rows == [("policy_loaded", loaded_members(made.session.policy))]
    copy = places.policy_copy_path(made.place, made.session.policy.sha256)
    assert copy.read_text(encoding="utf-8") == "version: 1\ndeny_paths: [two, three]\n"


def test_a_bad_edit_keeps_the_last_good_policy_and_is_told_once(made: Run):
    made.edit("version: 1\ndeny_path: [two]\n")
    made.reload.look()
    made.reload.look()
    ((kind, members),) = made.rows
    assert (kind, members["policy_path"]) == ("policy_rejected", str(made.file))
    assert "policy.yml:2:1: the key `deny_path` is not known" in str(members["error"])
    assert members["policy_hash"] != NO_BYTES
    assert entries(made.session.policy) == ["one"]


def test_a_bad_edit_that_is_mended_is_loaded(made: Run):
    made.edit("nonsense: [")
    made.reload.look()
    made.edit("version: 1\ndeny_paths: [mended]\n")
    made.reload.look()
    assert [kind for kind, _ in made.rows] == ["policy_rejected", "policy_loaded"]
    assert entries(made.session.policy) == ["mended"]


def test_an_edit_that_is_taken_back_leaves_the_policy_in_force(made: Run):
    before = made.session.policy
    made.edit("nonsense: [")
    made.reload.look()
    made.edit("version: 1\ndeny_paths: [one]\n")
    made.reload.look()
    assert [kind for kind, _ in made.rows] == ["policy_rejected"]
    assert made.session.policy is before


def test_a_file_that_is_gone_does_not_bring_the_built_in_policy_back(made: Run):
    made.file.unlink()
    made.reload.look()
    made.reload.look()
    assert [(kind, members["policy_hash"]) for kind, members in made.rows] == [("policy_rejected", NO_BYTES)]
    assert entries(made.session.policy) == ["one"]
    made.edit("version: 1\ndeny_paths: [again]\n")
    made.reload.look()
    assert entries(made.session.policy) == ["again"]


@pytest.mark.parametrize("text", ["", " \n"])
def test_a_file_that_an_editor_has_emptied_does_not_bring_the_built_in_policy_back(made: Run, text: str):
    before = made.session.policy
    made.edit(text)
    made.reload.look()
    assert made.session.policy is before
    assert [kind for kind, _ in made.rows] == ["policy_rejected"]
    assert "is empty" in str(made.rows[0][1]["error"])
    made.edit("version: 1\n")
    made.reload.look()
    assert made.rows[-1][0] == "policy_loaded"


def test_a_file_that_comes_to_be_takes_the_place_of_the_built_in_policy(tmp_path: Path):
    place = places.prepared(tmp_path / "home")
    made = start(place, places.policy_path(place))
    made.reload.look()
    assert made.rows == []
    made.edit("version: 1\ndeny_paths: [new]\n")
    made.reload.look()
    assert [kind for kind, _ in made.rows] == ["policy_loaded"]
    assert entries(made.session.policy) == ["new"]


def test_other_plugins_need_another_run(made: Run):
    made.edit("version: 1\nplugins: [occasio-other]\n")
    made.reload.look()
    assert [(kind, members["error"]) for kind, members in made.rows] == [
        ("policy_rejected", f"{made.file}: `plugins:` cannot change while a run goes on")
    ]


def test_what_no_plugin_can_do_is_refused_as_at_the_start(made: Run):
    made.edit("version: 1\ntools: {Odd: {action: LOCAL}}\n")
    made.reload.look()
    assert [kind for kind, _ in made.rows] == ["policy_rejected"]


def test_a_policy_that_cannot_be_written_down_is_not_in_force(made: Run):
    made.fails = True
    made.edit("version: 1\ndeny_paths: [two]\n")
    with pytest.raises(LedgerError):
        made.reload.look()
    assert entries(made.session.policy) == ["one"]


def test_a_directory_in_its_place_is_a_bad_edit(made: Run):
    made.file.unlink()
    made.file.mkdir()
    made.reload.look()
    assert [(kind, members["policy_hash"]) for kind, members in made.rows] == [("policy_rejected", NO_BYTES)]
    assert entries(made.session.policy) == ["one"]
