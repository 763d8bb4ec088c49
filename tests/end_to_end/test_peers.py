"""Other people's programs agree: a witness cosigns our log, a log asks our witness, tiles and proofs are read."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import create_server

import pytest

from occasio_core import trustfile
from occasio_core.checkpoints import Noted, write_checkpoint
from occasio_core.ledger import Ledger
from occasio_core.log_proofs import proved_extension
from occasio_core.tiles import export_tiles
from occasio_core.witness.client import WitnessError, cosigned
from occasio_core.witness.desk import Desk, opened
from occasio_core.witness.server import serve
from occasio_verify import parse_note, verify_cosignatures
from tests.occasio_core.checkpointed import LOG_KEY, WITNESS_KEY, grown, log_of

BIN = Path(__file__).parents[1] / "peers" / "venv" / "bin"
pytestmark = pytest.mark.skipif(
    not (BIN / "aics-witness").exists() and not os.environ.get("OCCASIO_REQUIRE_PEERS"), reason="needs `make peers`"
)

# what a log does that uses their client
SUBMIT = """
import sys
from aics_witness.feeder import WitnessClient
url, vkey, note, *proof = sys.argv[1:]
with WitnessClient(url, vkey, max_attempts=1) as client:
    old = int(proof[0])
    hashes = [bytes.fromhex(each) for each in proof[1:]]
    sys.stdout.write(client.submit(open(note, "rb").read(), (old, hashes)))
"""


def peer(*arguments: str | Path) -> str:
    done = subprocess.run([BIN / arguments[0], *arguments[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Ledger]:
    with log_of(tmp_path / "home") as made:
        grown(made, 1)
        grown(made, 700)
        yield made


def noted_of(log: Ledger) -> Noted:
    return write_checkpoint(log.path.parent, log, LOG_KEY)


@contextmanager
def their_witness(place: Path, origin: str, vkey: str) -> Iterator[tuple[str, str]]:
    """Run their witness, which knows the log, and provide its URL and its key."""
    config = place / "config.json"
    with create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    told = peer("aics-witness", "init", "--config", config, "--name", "witness.example/peer", "--listen", listen)
    peer("aics-witness", "add-log", "--config", config, "--origin", origin, "--vkey", vkey)
    process = subprocess.Popen(
        [BIN / "aics-witness", "serve", "--config", config], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if listen in line:
                break
        yield f"http://{listen}", told.strip().splitlines()[-1]
    finally:
        process.terminate()
        process.communicate()


def test_their_witness_cosigns_our_log_as_it_grows_and_no_fork_of_it(log: Ledger, tmp_path: Path) -> None:
    noted = noted_of(log)
    (tmp_path / "peer").mkdir()
    with their_witness(tmp_path / "peer", noted.tree.origin, noted.vkey) as (url, key):
        for _ in range(3):
            noted = noted_of(log)
            note = parse_note(cosigned(url, log, noted.tree, noted.note, (key,)))
            assert [one.name for one in verify_cosignatures(note, [key])] == ["witness.example/peer"]
            grown(log, 40)
        with log_of(tmp_path / "fork") as fork:
            first = log.path.read_bytes().split(b"\n")[0]
            fork.path.write_bytes(first + b"\n")
            fork.path.with_name(f"{fork.path.name}.head").unlink()
        with log_of(tmp_path / "fork") as fork:
            grown(fork, 900)
            noted = noted_of(fork)
            with pytest.raises(WitnessError, match=r"422|409"):
                cosigned(url, fork, noted.tree, noted.note, (key,))


async def test_our_witness_cosigns_for_their_client(log: Ledger, tmp_path: Path) -> None:
    place = tmp_path / "witness"
    place.mkdir(mode=0o700)
    desk = Desk(place, opened(place, "witness.example/ours"), WITNESS_KEY)
    noted = noted_of(log)
    trustfile.trust_log(place, noted.tree.origin, noted.vkey)
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(desk, "127.0.0.1", 0, ready.set_result))
    url, seen = await ready, 0
    for _ in range(3):
        noted = noted_of(log)
        (tmp_path / "note").write_bytes(noted.note)
        hashes = [each.hex() for each in proved_extension(log, seen, noted.tree, noted.note).hashes]
        line = await asyncio.to_thread(
            peer, "python", "-c", SUBMIT, url, desk.vkey(), tmp_path / "note", str(seen), *hashes
        )
        assert verify_cosignatures(parse_note(noted.note + line.encode()), [desk.vkey()])
        seen = noted.tree.size
        grown(log, 33)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_their_reader_finds_every_row_and_the_growth_of_the_log_in_our_tiles(log: Ledger, tmp_path: Path) -> None:
    old = noted_of(log)
    grown(log, 100)
    new = noted_of(log)
    export_tiles(log.path, new.tree, new.note, tmp_path / "tiles")
    (tmp_path / "old").write_bytes(old.note)
    (tmp_path / "new").write_bytes(new.note)
    known = ["--tiles", tmp_path / "tiles", "--log-key", new.vkey]
    lines = log.path.read_bytes().split(b"\n")
    for index in (0, 255, 256, new.tree.size - 1):
        (tmp_path / "leaf").write_bytes(lines[index])
        peer("aics-tlog", "verify-inclusion", *known, "--leaf", tmp_path / "leaf", "--index", str(index))
    kept = ["--old-checkpoint", tmp_path / "old", "--checkpoint", tmp_path / "new"]
    assert '"ok": true' in peer("aics-tlog", "verify-consistency", *known, *kept)


def test_their_tiles_of_our_rows_are_ours(log: Ledger, tmp_path: Path) -> None:
    noted = noted_of(log)
    export_tiles(log.path, noted.tree, noted.note, tmp_path / "ours")
    rows = log.path.read_bytes().split(b"\n")[: noted.tree.size]
    (tmp_path / "leaves").write_bytes(b"".join(row + b"\n" for row in rows))
    peer("aics-tlog", "build-tiles", "--leaves", tmp_path / "leaves", "--out", tmp_path / "theirs")
    ours, theirs = (tiles(tmp_path / name) for name in ("ours", "theirs"))
    assert ours == theirs


def tiles(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("tile/**/*") if path.is_file()}
