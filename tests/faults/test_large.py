"""Much of everything: a log of a million rows, a row of a megabyte, a line of a hundred, and memory that stays bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from occasio_core.ledger import Durability, Ledger
from occasio_verify import MAX_ROW_BYTES, walk_log
from tests.end_to_end.hooked import daemon, daemon_process
from tests.end_to_end.place import Place, occasio, prepared
from tests.faults import mcp_server
from tests.faults.asking import Asker, thin_program
from tests.faults.chance import rounds
from tests.faults.evidence import evidence, mended
from tests.faults.memory import MIB, most_used, needs_proc
from tests.occasio_core.logs import noted, run_id, started

ROWS = rounds(30_000, 1_000_000)
LINE = 100_000_000  # bytes
MAY_BE_USED = 200 * MIB
needs_wait4 = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux counts a child's memory in KiB"
)


# A process of its own, for what a child has used begins with what its parent had when it was forked: a test run has much.
_MEASURED = """
import os, subprocess, sys
with open(sys.argv[1], "wb") as file:
    process = subprocess.Popen(sys.argv[2:], stdout=file, stderr=file)
_, status, used = os.wait4(process.pid, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss * 1024)
"""


def ended(place: Place, arguments: Sequence[str]) -> tuple[int, str, int]:
    """Return how `occasio` ended, what it said, and the most memory that it had, in bytes."""
    said = place.root / "said"
    command = [sys.executable, "-I", "-S", "-c", _MEASURED, str(said), *map(str, occasio(*arguments))]
    done = subprocess.run(command, cwd=place.work, env=place.environment, stdout=subprocess.PIPE, check=True)
    code, used = map(int, done.stdout.split())
    return code, said.read_text(encoding="utf-8"), used


@needs_wait4
def test_a_long_log_is_verified_read_again_and_mended_in_little_memory(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    with Ledger(place.log, durability=Durability.NONE) as ledger:
        ledger.append(started(run_id()))
        for _ in range(ROWS // 1000):
            ledger.append_many([noted(run_id())] * 1000)
    with place.log.open("ab") as log:
        log.write(b'{"torn":')
    place.log.with_name(place.log.name + ".head").unlink()
    for arguments in (["audit", "repair"], ["audit", "verify", "--integrity-only"], ["run", "--", "true"]):
        code, said, used = ended(place, arguments)
        assert (code, used < MAY_BE_USED) == (0, True), (arguments, code, used, said)
    assert walk_log(place.log).rows > ROWS


@needs_wait4
def test_a_line_of_a_hundred_megabytes_in_the_log_is_a_torn_tail_in_little_memory(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    assert place.occasio("run", "--", "true").returncode == 0
    with place.log.open("ab") as log:
        for _ in range(LINE // 1_000_000):
            log.write(b"x" * 1_000_000)
    code, said, used = ended(place, ["audit", "verify"])
    assert (code, "row-too-long" in said, used < MAY_BE_USED) == (1, True, True), (said, used)
    code, said, used = ended(place, ["audit", "repair"])
    assert (code, "torn-tail" in said, used < MAY_BE_USED) == (0, True, True), (said, used)
    (kept,) = place.occasio_home.glob("*.torn-*")
    assert kept.stat().st_size == LINE
    mended(place)


@pytest.mark.parametrize("word", ["x", "/p/{} "], ids=["one word", "a hundred thousand paths"])
def test_a_call_of_a_megabyte_is_a_short_row_or_refused_and_the_next_call_is_served(tmp_path: Path, word: str) -> None:
    """A row holds no more than a megabyte; what cannot be recorded must not happen, and that is all that follows."""
    place = prepared(tmp_path)
    asker = Asker(place)
    with daemon(place):
        event = json.loads(asker.event("toolu_long", "session"))
        command = "cat " + "".join(word.format(number) for number in range(MAX_ROW_BYTES // len(word)))
        done = thin_program(
            place, json.dumps({**event, "tool_name": "Bash", "tool_input": {"command": command}}).encode()
        )
        assert b"Traceback" not in done.stdout + done.stderr
        is_refused = b"deny" in done.stdout or done.returncode == 2
        assert asker.asks("session")
    assert ("toolu_long" in evidence(place).released) == (not is_refused)
    mended(place)


@needs_proc
def test_a_line_of_a_hundred_megabytes_to_a_hook_is_refused_in_little_memory(tmp_path: Path) -> None:
    place = prepared(tmp_path)
    asker = Asker(place)
    with daemon(place):
        done = thin_program(place, b"x" * LINE)
        assert (done.returncode, done.stdout) == (2, b"")
        assert (
            done.stderr
            == b"occasio is not running, or gave no answer (the event is too long): nothing is let through; occasio daemon start\n"
        )
        assert asker.asks("session")
        assert most_used(daemon_process(place)) < MAY_BE_USED


@needs_proc
def test_a_line_of_a_hundred_megabytes_to_the_gateway_is_left_out_in_little_memory(tmp_path: Path) -> None:
    place, file = prepared(tmp_path), tmp_path / "called"
    command = occasio("mcp", "wrap", "--name", "faulty", "--", sys.executable, "-S", mcp_server.__file__, file)
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=place.work, env=place.environment, stdin=pipe, stdout=pipe, stderr=pipe
    ) as gateway:
        assert gateway.stdin is not None
        assert gateway.stdout is not None
        gateway.stdin.write(mcp_server.asked(0, "initialize", clientInfo={"name": "faults"}))
        gateway.stdin.flush()
        gateway.stdout.readline()
        meta = {"claudecode/toolUseId": "toolu_long"}
        long = mcp_server.asked(1, "tools/call", name="echo", arguments={"text": "x" * LINE}, _meta=meta)
        gateway.stdin.write(long)
        short = {"claudecode/toolUseId": "toolu_short"}
        gateway.stdin.write(mcp_server.asked(2, "tools/call", name="echo", arguments={"text": "short"}, _meta=short))
        gateway.stdin.flush()
        answers = [json.loads(gateway.stdout.readline())]
        while answers[-1].get("id") != 2:
            answers.append(json.loads(gateway.stdout.readline()))
        assert most_used(gateway.pid) < MAY_BE_USED
        _, said = gateway.communicate(timeout=60)
    assert [answer["error"]["message"] for answer in answers[:-1]] == ["occasio: a message that is too long"]
    assert b"Traceback" not in said
    assert evidence(place).released == {"toolu_short"}
    assert file.read_text(encoding="utf-8") == "short\n"
