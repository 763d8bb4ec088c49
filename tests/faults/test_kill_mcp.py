"""kill -9 of the MCP gateway at any instant: no call reaches the server, and no result the client, without its row."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from tests.end_to_end.place import Place, occasio, prepared
from tests.faults import mcp_server
from tests.faults.chance import rounds, seed
from tests.faults.evidence import evidence, mended

KILLS = rounds(3, 200)
CALLS = 60  # in one session, all asked at once


def lines(file: Path) -> set[str]:
    return set(file.read_text(encoding="utf-8").split("\n")[:-1]) if file.exists() else set()


def killed(place: Place, file: Path, round_: int, dice: random.Random) -> set[str]:
    """Have a client ask for everything at once, and kill the gateway behind some answers; return what the client got."""
    server = [sys.executable, "-S", mcp_server.__file__, file]
    command = occasio("mcp", "wrap", "--name", "faulty", "--", *server)
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=place.work, env=place.environment, stdin=pipe, stdout=pipe) as gateway:
        assert gateway.stdin is not None
        assert gateway.stdout is not None
        gateway.stdin.write(mcp_server.asked(0, "initialize", clientInfo={"name": "faults"}))
        for number in range(1, CALLS + 1):
            call = f"toolu_{round_}_{number}"
            meta = {"claudecode/toolUseId": call}  # so that rows have the id that the server and the client see
            gateway.stdin.write(
                mcp_server.asked(number, "tools/call", name="echo", arguments={"text": call}, _meta=meta)
            )
        gateway.stdin.flush()
        answers = [gateway.stdout.readline() for _ in range(1 + dice.randrange(CALLS))]
        threading.Event().wait(dice.random() * 0.01)
        os.kill(gateway.pid, signal.SIGKILL)
        answers += gateway.stdout.read().split(b"\n")[:-1]
    said = [json.loads(answer)["result"] for answer in answers if answer.strip()]
    return {result["content"][0]["text"] for result in said if "content" in result}


def test_nothing_passes_without_its_row_whenever_the_gateway_is_killed(tmp_path: Path) -> None:
    dice = random.Random(seed())
    place, file, got = prepared(tmp_path), tmp_path / "called", set[str]()
    for round_ in range(KILLS):
        got |= killed(place, file, round_, dice)
        found = evidence(place)
        assert lines(file) <= found.released
        assert got <= found.taken
    assert got
    mended(place)
