"""A log that is rewound, in every way that SPEC section 18 names: what sees it, and what sees it not.

Each attack is carried out on a home with two runs, whose first checkpoint somebody kept elsewhere and whose second a
witness cosigned.  What an attacker leaves behind holds together in itself.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_core import trustfile
from occasio_core.checkpoints import RewoundError, write_checkpoint
from occasio_core.ledger import Ledger
from occasio_core.running import Job, run
from occasio_core.witness.desk import Desk, opened
from occasio_verify import Trust, format_extension
from occasio_verify.logreport import verify_log
from tests.occasio_core.checkpointed import WITNESS_KEY


@dataclass(frozen=True)
class World:
    """A home, what somebody kept of it elsewhere, and a witness."""

    home: Path
    backup: Path
    kept: bytes
    desk: Desk

    @property
    def log(self) -> Path:
        return places.log_path(self.home)


def governed(work: Path) -> None:
    outcome = run(Job(command=[sys.executable, "-c", ""], cwd=work, environment={"PATH": "/usr/bin:/bin"}))
    assert outcome.exit_code == 0


def cosigned(world: World) -> int:
    """Return the status of the witness's answer to the log as it is now."""
    from occasio_core.log_proofs import proved_extension

    with Ledger(world.log) as log:
        noted = write_checkpoint(world.home, log, own_key(world.home))
        answer = world.desk.add_checkpoint(format_extension(proved_extension(log, 0, noted.tree, noted.note)))
        if answer.status != 409:
            return answer.status
        seen = int(answer.body)
        extension = proved_extension(log, seen, noted.tree, noted.note)
        return world.desk.add_checkpoint(format_extension(extension)).status


def own_key(home: Path):
    from occasio_core.cli import signers

    return signers.key_signer(signers.registry(home), "log")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    home, work, state = (tmp_path / name for name in ("home", "work", "witness"))
    monkeypatch.setenv(places.VARIABLE, str(home))
    work.mkdir()
    state.mkdir(mode=0o700)
    governed(work)
    shutil.copytree(home, tmp_path / "backup")
    governed(work)
    kept = places.checkpoint_path(home).read_bytes()
    made = World(home, tmp_path / "backup", kept, Desk(state, opened(state, "w1"), WITNESS_KEY))
    with Ledger(made.log) as log:
        noted = write_checkpoint(home, log, own_key(home))
    trustfile.trust_log(state, noted.tree.origin, trustfile.read_trust(home).logs[0])
    assert cosigned(made) == 200
    return made


def head(log: Path) -> Path:
    return log.with_name(f"{log.name}.head")


def cut_tail(world: World) -> None:
    lines = world.log.read_bytes().splitlines(keepends=True)
    world.log.write_bytes(b"".join(lines[:8]))
    head(world.log).unlink()


def rewound_with_its_head(world: World) -> None:
    for path in (world.log, head(world.log)):
        shutil.copy(world.backup / path.name, path)


def emptied(world: World) -> None:
    world.log.write_bytes(b"")
    head(world.log).unlink()


def deleted(world: World) -> None:
    for path in world.home.glob("pipeline-events.jsonl*"):
        path.unlink()


def forked(world: World) -> None:
    rewound_with_its_head(world)
    begun_anew(world, runs=3)


def rewritten(world: World) -> None:
    deleted(world)
    begun_anew(world, runs=4)


def directory_rolled_back(world: World) -> None:
    shutil.rmtree(world.home)
    shutil.copytree(world.backup, world.home)


def begun_anew(world: World, runs: int) -> None:
    """Write runs without asking what was kept: an attacker's own program."""
    places.checkpoint_path(world.home).unlink(missing_ok=True)
    for _ in range(runs):
        governed(world.home.parent / "work")


ATTACKS = [cut_tail, rewound_with_its_head, emptied, deleted, forked, rewritten, directory_rolled_back]
Attack = Callable[[World], None]


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_checkpoint_remembered_elsewhere_sees_it(world: World, attack: Attack) -> None:
    assert verify_log(world.log, world.kept, Trust()).verdict == "VERIFIED"
    attack(world)
    if not world.log.exists():
        with pytest.raises(FileNotFoundError):
            verify_log(world.log, world.kept, Trust())
        return
    found = verify_log(world.log, world.kept, Trust())
    assert found.verdict == "FAILED"
    codes = {"log-truncated", "checkpoint-root", "checkpoint-origin", "log-empty"}
    assert {check.code for check in found.checks if check.status == "fail"} <= codes


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_witness_does_not_cosign_it(world: World, attack: Attack) -> None:
    attack(world)
    places.checkpoint_path(world.home).unlink(missing_ok=True)  # nothing in the home remembers
    if not world.log.exists() or not world.log.stat().st_size:
        governed(world.home.parent / "work")
    with suppress(RewoundError):  # the log has fewer rows than the witness has seen
        assert cosigned(world) in (404, 409, 422)


@pytest.mark.parametrize("attack", [cut_tail, rewound_with_its_head, emptied, deleted])
def test_the_next_run_does_not_begin(world: World, attack: Attack) -> None:
    attack(world)
    with pytest.raises(RewoundError, match="was cut"):
        governed(world.home.parent / "work")


@pytest.mark.parametrize("attack", [cut_tail, rewound_with_its_head, forked, rewritten, directory_rolled_back])
def test_without_either_it_is_invisible(world: World, attack: Attack) -> None:
    attack(world)
    assert verify_log(world.log, None, Trust()).verdict == "INTACT"


def test_what_the_writer_itself_kept_is_no_help_when_the_directory_goes_back(world: World) -> None:
    directory_rolled_back(world)
    governed(world.home.parent / "work")
    own = places.checkpoint_path(world.home).read_bytes()
    assert verify_log(world.log, own, Trust()).verdict == "VERIFIED"


def test_rows_after_the_last_cosignature_can_be_left_out(world: World) -> None:
    before = {path.name: path.read_bytes() for path in world.home.iterdir() if path.is_file()}
    governed(world.home.parent / "work")
    for path in world.home.iterdir():
        if path.is_file():
            path.unlink()
    for name, data in before.items():
        (world.home / name).write_bytes(data)
    assert verify_log(world.log, world.kept, Trust()).verdict == "VERIFIED"
    assert cosigned(world) == 200
