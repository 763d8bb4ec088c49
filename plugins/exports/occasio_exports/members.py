"""A row that is being put into another form: what was taken from it, and the rest, which no form may lose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from occasio_core import Json

Fields: TypeAlias = "Mapping[str, Json]"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Members:
    """The members of one row.  What is taken is remembered; `rest` is what nobody has taken."""

    def __init__(self, row: Fields) -> None:
        self._row = row
        self._taken: set[str] = set()

    def take(self, name: str) -> Json:
        """Return a member, None where there is none; it is not in the rest any more."""
        self._taken.add(name)
        return self._row.get(name)

    def see(self, name: str) -> Json:
        """Return a member that stays in the rest: the other form says it only in part."""
        return self._row.get(name)

    def text(self, name: str) -> str:
        """Return a member that is a string, empty where it is none."""
        value = self.take(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int:
        """Return a member that is an integer, 0 where it is none."""
        value = self.take(name)
        return value if isinstance(value, int) else 0

    def texts(self, name: str) -> list[str]:
        """Return the strings of a member that is an array."""
        value = self.take(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def time(self) -> int:
        """Return when the row was written, in milliseconds since 1970."""
        return milliseconds(self.text("ts"))

    def rest(self) -> dict[str, Json]:
        """Return what was not taken, in the order of the row."""
        return {name: value for name, value in self._row.items() if name not in self._taken}


def milliseconds(timestamp: str) -> int:
    """Return a timestamp of a row (SPEC 4.2) in milliseconds since 1970; those before are negative."""
    return (datetime.fromisoformat(timestamp) - _EPOCH) // _MILLISECOND


class CallNames:
    """Which tool a call was of, for the rows of its result: the last `most` calls, so that no log is too long."""

    def __init__(self, most: int = 20_000) -> None:
        self._most = most
        self._names: dict[tuple[str, str], str] = {}

    def note(self, row: Fields) -> None:
        """Remember the tool that a `tool_call` row names."""
        self._names[_key(row)] = str(row.get("tool_name", ""))
        if len(self._names) > self._most:
            del self._names[next(iter(self._names))]

    def of(self, row: Fields) -> str | None:
        """Return the tool of the call that a row is about; None if it is not remembered."""
        return self._names.get(_key(row))


def _key(row: Fields) -> tuple[str, str]:
    return str(row.get("run_id")), str(row.get("call_id"))
