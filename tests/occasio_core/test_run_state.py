"""Whether a run is alive is told by a lock, which ends with its process however that ends."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from occasio_core.errors import UsageError
from occasio_core.home import run_path
from occasio_core.model import RunId
from occasio_core.run_state import held, is_alive, living

RUN = RunId("0b1e7b9e-0000-4000-8000-000000000001")
_HOLD = """
import sys
from pathlib import Path
from occasio_core.run_state import held
with held(Path(sys.argv[1]), sys.argv[2], {}):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_run_is_alive_while_it_is_held_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with held(tmp_path, RUN, {"pid": 7}):
        assert is_alive(tmp_path, RUN)
        assert json.loads(run_path(tmp_path, RUN).read_bytes()) == {"pid": 7}
    assert not is_alive(tmp_path, RUN)
    assert not run_path(tmp_path, RUN).exists()


def test_the_state_is_for_the_owner_alone(tmp_path: Path) -> None:
    with held(tmp_path, RUN, {}):
        assert run_path(tmp_path, RUN).stat().st_mode & 0o777 == 0o600


def test_a_run_that_never_was_is_not_alive(tmp_path: Path) -> None:
    assert not is_alive(tmp_path, RUN)


def test_a_run_of_another_process_is_alive_until_that_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path), RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        alive = is_alive(tmp_path, RUN)
        process.kill()
    assert (alive, is_alive(tmp_path, RUN)) == (True, False)
    assert run_path(tmp_path, RUN).exists()


def test_what_is_no_id_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        is_alive(tmp_path, "../x")


def test_the_runs_that_are_under_way_are_told_with_what_is_known_of_them(tmp_path: Path) -> None:
    with held(tmp_path, RunId("one"), {"pid": 7}):
        (tmp_path / "runs" / "broken.json").write_text("{", encoding="utf-8")
        (tmp_path / "runs" / "left.json").write_text('{"pid":8}\n', encoding="utf-8")
        assert list(living(tmp_path)) == [("one", {"pid": 7})]
    assert list(living(tmp_path)) == []
