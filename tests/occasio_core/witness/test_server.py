"""The witness on HTTP, and those who ask it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientSession

from occasio_core import trustfile
from occasio_core.checkpoints import RewoundError, write_checkpoint
from occasio_core.errors import OccasioError
from occasio_core.ledger import Ledger
from occasio_core.witness.client import WitnessError, cosigned
from occasio_core.witness.desk import Desk, opened
from occasio_core.witness.server import serve
from occasio_verify import parse_note, verify_cosignatures
from tests.occasio_core.checkpointed import LOG_KEY, WITNESS_KEY, grown, log_of


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    place = tmp_path / "witness"
    place.mkdir(mode=0o700)
    return Desk(place, opened(place, "witness.example/w1"), WITNESS_KEY)


@asynccontextmanager
async def listening(desk: Desk) -> AsyncIterator[str]:
    url: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(desk, "127.0.0.1", 0, url.set_result))
    try:
        yield await url
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ask(url: str, log: Ledger, vkeys: tuple[str, ...]) -> bytes:
    noted = write_checkpoint(log.path.parent, log, LOG_KEY)
    return await asyncio.to_thread(cosigned, url, log, noted.tree, noted.note, vkeys)


def known(desk: Desk, log: Ledger) -> None:
    noted = write_checkpoint(log.path.parent, log, LOG_KEY)
    trustfile.trust_log(desk.place, noted.tree.origin, noted.vkey)


async def test_a_log_is_cosigned_as_it_grows(desk: Desk, tmp_path: Path) -> None:
    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        known(desk, log)
        async with listening(desk) as url:
            for _ in range(3):
                note = parse_note(await ask(url, log, (desk.vkey(),)))
                assert [one.name for one in verify_cosignatures(note, [desk.vkey()])] == ["witness.example/w1"]
                grown(log, 7)


async def test_asking_twice_is_one_line_the_later(desk: Desk, tmp_path: Path) -> None:
    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        known(desk, log)
        noted = write_checkpoint(log.path.parent, log, LOG_KEY)
        async with listening(desk) as url:
            note = noted.note
            for _ in range(2):
                note = await asyncio.to_thread(cosigned, url, log, noted.tree, note, (desk.vkey(),))
    assert len(parse_note(note).signatures) == 2


async def test_an_unknown_witness_is_not_believed(desk: Desk, tmp_path: Path) -> None:
    other = Desk(desk.place, "witness.example/other", WITNESS_KEY)
    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        known(desk, log)
        async with listening(desk) as url:
            with pytest.raises(WitnessError, match="a key that you do not know"):
                await ask(url, log, (other.vkey(),))


async def test_a_log_that_the_witness_does_not_know_is_told_what_to_do(desk: Desk, tmp_path: Path) -> None:
    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        async with listening(desk) as url:
            with pytest.raises(WitnessError, match="404") as refused:
                await ask(url, log, (desk.vkey(),))
    assert "occasio witness trust" in refused.value.hint


async def test_a_directory_that_was_rolled_back_as_a_whole_is_seen_by_the_witness(desk: Desk, tmp_path: Path) -> None:
    import shutil

    home = tmp_path / "home"
    with log_of(home) as log:
        grown(log, 5)
        known(desk, log)
        shutil.copytree(home, tmp_path / "backup")
        grown(log, 9)
        async with listening(desk) as url:
            await ask(url, log, (desk.vkey(),))
    shutil.rmtree(home)
    shutil.copytree(tmp_path / "backup", home)
    with log_of(home) as log:
        async with listening(desk) as url:
            with pytest.raises(RewoundError, match="rows, and the log has"):
                await ask(url, log, (desk.vkey(),))
            grown(log, 40)  # more than it had, but not the same
            with pytest.raises(WitnessError, match="422"):
                await ask(url, log, (desk.vkey(),))


async def test_nobody_there_is_told(desk: Desk, tmp_path: Path) -> None:
    async with listening(desk) as url:
        pass
    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        with pytest.raises(OccasioError, match="cannot be asked"):
            await ask(url, log, (desk.vkey(),))


async def test_its_key_is_at_its_address(desk: Desk) -> None:
    async with listening(desk) as url, ClientSession() as session:
        async with session.get(url) as answer:
            assert (await answer.text()).strip() == desk.vkey()
        async with session.post(f"{url}/add-checkpoint", data=b"x" * 300_000) as answer:
            assert answer.status == 413
        async with session.get(f"{url}/add-checkpoint") as answer:
            assert answer.status == 405


async def test_a_witness_that_cannot_remember_does_not_cosign(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with log_of(tmp_path / "home") as log:
        grown(log, 5)
        known(desk, log)
        async with listening(desk) as url:
            monkeypatch.setattr("occasio_core.witness.desk.write_whole", full)
            with pytest.raises(WitnessError, match="503"):
                await ask(url, log, (desk.vkey(),))
