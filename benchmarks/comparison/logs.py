"""Five calls in each system's log, which is then altered: does its own verification notice?

`python benchmarks/comparison/logs.py PEERS` writes with each system's own program, alters a copy of what it wrote, and runs its own
verification over it.  PEERS is as for `spellings.py`.  A system whose program is not there is left out, and said to be.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from occasio_verify import canonical

Row = dict[str, Any]
CALLS = 5
CUT = "last 2 rows cut off"
BESIDE = (".occasio/checkpoint", ".occasio/pipeline-events.jsonl.head")
BIN = Path(sys.executable).parent

# What a service does that records with aat-mcp: sign a session's calls, and give the verifier's form of its key.
AAT = """
import base64, json, sys
from aat import core, mcp
key = core.gen_key()
recorder = mcp.MCPRecorder(agent_id="urn:agent:a.example", agent_version="1.0.0", private_key=key)
recorder.open_session()
for n in range(5):
    recorder.wrap(lambda *a, **k: "ok")("Bash", {"command": f"echo {n}"})
numbers = key.public_key().public_numbers()
pair = {"x": numbers.x, "y": numbers.y}
xy = {name: base64.urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode() for name, n in pair.items()}
open("log.jsonl", "w").writelines(json.dumps(row) + "\\n" for row in recorder.records)
json.dump({recorder.kid: {"alg": "ES256", "jwk_x_y": xy}}, open("keys.json", "w"))
json.dump([int(n) for n in (numbers.x, numbers.y)], open("numbers.json", "w"))
"""
AAT_OWN = """
import json
from aat import core
from cryptography.hazmat.primitives.asymmetric import ec
x, y = json.load(open("numbers.json"))
key = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
ok, issues = core.verify_chain([json.loads(line) for line in open("log.jsonl")], {core.kid_for(key): key})
print(ok, issues)
raise SystemExit(not ok)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where one system works: the folder, its environment, and the others' programs."""

    work: Path
    peers: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of the caller's but PATH."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.work), "LANG": "C.UTF-8"}

    def run(self, *command: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
        """What it printed and its status."""
        return subprocess.run(
            command, cwd=self.work, env=self.environment, input=given, capture_output=True, text=True, check=False
        )

    def called(self, *hook: str | Path) -> None:
        """Give a hook the calls.  Raises `SystemExit` when it fails."""
        for n in range(CALLS):
            call = {"session_id": "s1", "cwd": str(self.work), "hook_event_name": "PreToolUse", "tool_name": "Bash"}
            call |= {"tool_use_id": f"t{n}", "transcript_path": "/none", "permission_mode": "default"}
            done = self.run(*hook, given=json.dumps({**call, "tool_input": {"command": f"echo {n}"}}))
            if done.returncode:
                raise SystemExit(f"{hook}: {done.stderr}")


@dataclass(frozen=True, slots=True)
class System:
    """One system: its program, how it writes, where, what it verifies with, and the members that hold hashes or signatures."""

    name: str
    program: Path
    write: Callable[[Place], None]
    log: str
    verify: Sequence[str | Path]
    proof: tuple[str, ...]
    beside: tuple[str, ...] = ()  # what it keeps beside the log to know its end by


def agentlens(place: Place) -> None:
    """Its hook, as it says to install it."""
    place.called(place.peers / "py/bin/agentlens", "hook", "pre", "--log", "log.jsonl", "--block", "critical")


def verfy(place: Place) -> None:
    """Its hook, with its starter policy."""
    place.run(place.peers / "py/bin/verfy", "init")
    place.called(place.peers / "py/bin/verfy", "hook", "pre-tool-use")


def aat(place: Place) -> None:
    """Its recorder around a tool."""
    done = place.run(place.peers / "py/bin/python", "-c", AAT)
    if done.returncode:
        raise SystemExit(done.stderr)


def occasio(place: Place) -> None:
    """Its hooks and the daemon that answers them."""
    place.run(BIN / "occasio", "hook", "install", "--agent", "claude-code", "--project")
    place.run(BIN / "occasio", "daemon", "start")
    try:
        place.called(
            sys.executable,
            "-I",
            "-S",
            place.work / ".occasio/hook.py",
            "--agent",
            "claude-code",
            "--home",
            place.work / ".occasio",
        )
    finally:
        place.run(BIN / "occasio", "daemon", "stop")


def checkpointed(place: Place) -> None:
    """The same, and a checkpoint."""
    occasio(place)
    kept = place.run(BIN / "occasio", "log", "checkpoint").stdout
    (place.work / "kept").write_text(kept, encoding="utf-8")


def sealed(place: Place) -> None:
    """The same, sealed into a bundle."""
    occasio(place)
    place.run(BIN / "occasio", "bundle", "--out", "bundle.json")
    place.run(BIN / "occasio", "key", "export", "--out", "me.pub")


def systems(peers: Path) -> list[System]:
    """All that are measured."""
    py = peers / "py/bin"
    log = ".occasio/pipeline-events.jsonl"
    mine = BIN / "occasio"
    return [
        System(
            "agentlens-io",
            py / "agentlens",
            agentlens,
            "log.jsonl",
            [py / "agentlens", "verify", "log.jsonl"],
            ("entry_hash",),
        ),
        System("verfy", py / "verfy", verfy, ".verfy/ledger.jsonl", [py / "verfy", "ledger", "verify"], ("sig",)),
        System("aat-mcp", py / "aat-verify", aat, "log.jsonl", [py / "python", "-c", AAT_OWN], ("signature",)),
        System(
            "aat-mcp by aat-verify",
            py / "aat-verify",
            aat,
            "log.jsonl",
            [py / "aat-verify", "log.jsonl", "--keys", "keys.json"],
            ("signature",),
        ),
        System("occasio, log", mine, occasio, log, [mine, "audit", "verify"], ("hash",), BESIDE),
        System(
            "occasio, log with a kept checkpoint",
            mine,
            checkpointed,
            log,
            [mine, "audit", "verify", "--checkpoint", "kept"],
            ("hash",),
            BESIDE,
        ),
        System(
            "occasio, bundle",
            mine,
            sealed,
            "bundle.json",
            [sys.executable, "-m", "occasio_verify", "bundle.json", "--key", "me.pub"],
            ("hash",),
        ),
    ]


def altered(rows: list[Row], proof: tuple[str, ...]) -> dict[str, list[Row]]:
    """The rows as they are, and with each alteration."""
    changed = json.loads(json.dumps(rows))
    first = changed[2]
    name = next(each for each in ("timestamp", "issued_at", "ts") if each in first)
    first[name] = first[name].replace("20", "21", 1)
    stripped = [{name: value for name, value in row.items() if name not in proof} for row in rows]
    return {"as written": rows, CUT: rows[:-2], "a row's time changed": changed, "hash or signature stripped": stripped}


def rewritten(place: Path, rows: list[Row]) -> None:
    """Put rows where a log's lines or a bundle's rows are."""
    text = place.read_text(encoding="utf-8")
    if place.suffix == ".jsonl":
        place.write_text(
            "".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
        )
    else:
        place.write_bytes(canonical({**json.loads(text), "chain_slice": rows}) + b"\n" * text.endswith("\n"))


def rows_of(place: Path) -> list[Row]:
    """The rows of a log or of a bundle."""
    text = place.read_text(encoding="utf-8")
    return (
        [json.loads(line) for line in text.splitlines()]
        if place.suffix == ".jsonl"
        else json.loads(text)["chain_slice"]
    )


def last_of(said: list[str]) -> str:
    """The line that says how it ended: the first, or the last where a traceback or a note for each row stands before."""
    return "" if not said else said[-1] if said[0].startswith(("Traceback", "[line")) else said[0]


def measure(system: System, place: Place) -> None:
    """Print what the system's verification says of each alteration."""
    system.write(place)
    log = place.work / system.log
    rows = rows_of(log)
    for what, given in altered(rows, system.proof).items():
        rewritten(log, given)
        say(what, place.run(*system.verify))
    if system.beside:
        rewritten(log, rows[:-2])
        for each in system.beside:
            (place.work / each).unlink(missing_ok=True)
        say(f"{CUT}, and what lies beside the log removed", place.run(*system.verify))


def say(what: str, done: subprocess.CompletedProcess[str]) -> None:
    """Print how a verification ended."""
    said = (done.stdout + done.stderr).strip().splitlines()
    found = next((line for line in said[1:] if line.lstrip().startswith("FAIL ")), last_of(said))
    print(f"  {what}: exit {done.returncode}: {found.strip()[:110]}")


def main() -> None:
    """Print what each verification ended with."""
    peers = Path(sys.argv[1]).resolve()
    for system in systems(peers):
        if not system.program.exists():
            print(f"left out: {system.name}")
            continue
        print(f"\n{system.name}")
        with tempfile.TemporaryDirectory() as work:
            measure(system, Place(Path(work), peers))


if __name__ == "__main__":
    main()
