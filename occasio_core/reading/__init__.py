"""One read model over the rows of a log that were verified: what every surface shows comes from here.

`open_reader` gives a `Reader`.  Rows that were not verified are never read, and no file beside the log is evidence.
"""

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
