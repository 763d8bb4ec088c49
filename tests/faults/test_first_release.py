"""A home that the first release wrote goes on under this one: nothing is lost, nothing has to be converted."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from occasio_verify import parse_row, walk_log
from tests.end_to_end.place import Place, prepared
from tests.faults.evidence import evidence
from tests.faults.watched import Endless, Watched, assert_nothing_without_its_row

HOME = Path(__file__).with_name("first_release") / "home.tgz"


@pytest.fixture
def old(tmp_path: Path) -> Place:
    """A place whose home is the one of the first release, with its killed run and its torn tail."""
    with tarfile.open(HOME) as archive:
        archive.extractall(tmp_path, filter="tar")
    (tmp_path / "occasio").chmod(0o700)
    return prepared(tmp_path)


def test_its_bundle_verifies_with_its_key(old: Place) -> None:
    done = old.verifier(old.root / "first.occasio.json", "--key", old.root / "first.pub")
    assert done.returncode == 0, done.stdout


def test_its_log_goes_on_behind_all_that_it_has(old: Place) -> None:
    data = old.log.read_bytes()
    whole = data.rfind(b"\n") + 1
    before = [parse_row(line) for line in data[:whole].split(b"\n")[:-1]]
    torn = old.occasio("audit", "verify", "--integrity-only")
    assert torn.returncode == 1
    assert "torn-tail" in torn.stdout
    repaired = old.occasio("audit", "repair")
    assert (repaired.returncode, "torn-tail" in repaired.stdout + repaired.stderr) == (0, True)
    watched = Watched(old.root / "given")
    with Endless() as model:
        done = old.occasio("run", "--upstream", model.url, "--", *watched.command(threads=1, turns=3))
        assert done.returncode == 0, done.stderr
        found = evidence(old)
        assert_nothing_without_its_row(found, watched, model)
    assert found.rows[: len(before)] == before
    assert {row.run_id for row in found.rows if row.kind == "run_ended"} == {
        row.run_id for row in found.rows if row.run_id
    }
    assert (old.occasio_home / "pipeline-events.jsonl.torn-21").read_bytes() == data[whole:]
    walk_log(old.log)


def test_a_checkpoint_of_the_first_release_is_what_the_log_goes_on_from(old: Place) -> None:
    checkpoint = old.root / "old-checkpoint"
    checkpoint.write_bytes((old.occasio_home / "checkpoint").read_bytes())
    for arguments in (("audit", "repair"), ("run", "--", "true")):
        assert old.occasio(*arguments).returncode == 0
    done = old.occasio("audit", "verify", "--checkpoint", checkpoint)
    assert done.returncode == 0, done.stdout


def test_a_run_that_the_first_release_left_is_sealed_by_this_one(old: Place) -> None:
    assert old.occasio("audit", "repair").returncode == 0
    run = next(row.run_id for row in evidence(old).rows if row.fields.get("reason") == "abandoned")
    sealed = old.seal("--run", str(run))
    assert old.verifier(sealed.bundle, "--key", sealed.key).returncode == 0
