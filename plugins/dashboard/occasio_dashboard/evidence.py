"""What a bundle of a run would be worth now: it is made and verified by Occasio's own commands, and thrown away.

In processes of their own, so that a log of a million rows does not stop the page.  Nothing is signed here.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from occasio_core import Json, MalformedError, OccasioError, parse_json

_OCCASIO = (sys.executable, "-m", "occasio_core")
_VERIFIED = (0, 1, 3)  # exit codes that come with a report


class Evidence:
    """Makes and verifies bundles of the runs of one home, one at a time."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._one = asyncio.Lock()

    async def report(self, run_id: str) -> Json:
        """Return the verifier's report on an unsigned bundle of the run: INTACT where all is well.

        Raises `OccasioError` where no bundle can be made of it, as when it is still open.
        """
        async with self._one:
            with TemporaryDirectory(prefix="occasio-") as folder:  # its owner's alone
                bundle = str(Path(folder) / "run.occasio.json")
                await self._said("bundle", "--no-sign", "--run", run_id, "--out", bundle, codes=(0,))
                printed = await self._said("verify", "--json", bundle, codes=_VERIFIED)
        try:
            return parse_json(printed)
        except MalformedError as error:
            raise OccasioError(f"the verifier's report cannot be read: {error}") from error

    async def _said(self, *arguments: str, codes: Sequence[int]) -> bytes:
        """Return what a command prints.  Raises `OccasioError`, as it told it, if it ends with none of `codes`."""
        process = await asyncio.create_subprocess_exec(
            *_OCCASIO,
            *arguments,
            env={**os.environ, "OCCASIO_HOME": str(self._place)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            printed, told = await process.communicate()
        except asyncio.CancelledError:  # the page went away
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode in codes:
            return printed
        first, _, rest = told.decode("utf-8", "replace").strip().partition("\n")
        hint = rest.strip().removeprefix("hint: ").partition("\n")[0]
        raise OccasioError(first.removeprefix("occasio: ") or "the command said nothing", hint=hint)
