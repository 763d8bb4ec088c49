"""The log: `Ledger` appends an `Entry` and returns the row it became once that is durable.

Cheap to import: who only takes a file of this package does not load the others.
"""

from importlib import import_module

TYPE_CHECKING = False  # what `typing` says, without the cost of importing it
if TYPE_CHECKING:
    from occasio_core.ledger.durability import Durability
    from occasio_core.ledger.entry import Entry
    from occasio_core.ledger.find import find_row, first_row
    from occasio_core.ledger.hashes import HashFile
    from occasio_core.ledger.ledger import Ledger, LogHead

__all__ = ["Durability", "Entry", "HashFile", "Ledger", "LogHead", "find_row", "first_row"]

_NAMES = {
    "durability": ("Durability",),
    "entry": ("Entry",),
    "find": ("find_row", "first_row"),
    "hashes": ("HashFile",),
    "ledger": ("Ledger", "LogHead"),
}
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

if not TYPE_CHECKING:  # else a checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        return value
