"""The log: `Ledger` appends an `Entry` and returns the row it became once that is durable."""

from occasio_core.ledger.durability import Durability
from occasio_core.ledger.entry import Entry
from occasio_core.ledger.find import find_row, first_row
from occasio_core.ledger.hashes import HashFile
from occasio_core.ledger.ledger import Ledger, LogHead

__all__ = ["Durability", "Entry", "HashFile", "Ledger", "LogHead", "find_row", "first_row"]
