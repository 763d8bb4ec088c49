"""What a command shows where nobody said what, the newest run; and a word now and then where it reads many rows."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from occasio_core.cli.output import talk
from occasio_core.reading import Selection
from occasio_verify import Row

if TYPE_CHECKING:
    from occasio_core.reading import Reader

_EVERY = 1000
_SECONDS = 1.0


def newest_run(reader: Reader, selection: Selection) -> Selection:
    """Return `selection`, or that of the newest run where neither a run nor a time was asked for."""
    if selection.run_id is not None or selection.is_bounded:
        return selection
    found = reader.runs(limit=1)
    return Selection(run_id=found[0].run_id) if found else selection


def counting(rows: Iterable[Row]) -> Iterator[Row]:
    """Yield `rows`, and say on stderr how many it were once that takes longer than a second."""
    said = time.monotonic()
    for count, row in enumerate(rows, 1):
        if count % _EVERY == 0 and time.monotonic() - said > _SECONDS:
            said = time.monotonic()
            talk(f"{count:,} rows read")
        yield row
