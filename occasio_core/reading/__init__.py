"""One read model over the rows of a log that were verified: what every surface shows comes from here.

`open_reader` gives a `Reader`.  Rows that were not verified are never read, and no file beside the log is evidence.
Cheap to import: who only counts needs no database.
"""

from importlib import import_module

TYPE_CHECKING = False  # what `typing` says, without the cost of importing it
if TYPE_CHECKING:
    from occasio_core.reading.counters import COUNTERS, Counters, counts_of
    from occasio_core.reading.health import Damage, Health
    from occasio_core.reading.moments import milliseconds, moment, timestamp
    from occasio_core.reading.reader import Reader, open_reader
    from occasio_core.reading.runs import RunSummary
    from occasio_core.reading.selection import Bucket, Entry, Group, Selection

__all__ = [
    "COUNTERS",
    "Bucket",
    "Counters",
    "Damage",
    "Entry",
    "Group",
    "Health",
    "Reader",
    "RunSummary",
    "Selection",
    "counts_of",
    "milliseconds",
    "moment",
    "open_reader",
    "timestamp",
]

_NAMES = {
    "counters": ("COUNTERS", "Counters", "counts_of"),
    "health": ("Damage", "Health"),
    "moments": ("milliseconds", "moment", "timestamp"),
    "reader": ("Reader", "open_reader"),
    "runs": ("RunSummary",),
    "selection": ("Bucket", "Entry", "Group", "Selection"),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
