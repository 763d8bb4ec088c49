"""What is remembered of many things, and of no more than so many: the one that was asked for longest ago goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Value = TypeVar("_Value")

RUNS = 512  # that are remembered
PLACES = 512  # agents in projects


class Bounded(Generic[_Key, _Value]):
    """Values by key, made when they are first asked for."""

    def __init__(self, most: int, made: Callable[[], _Value]) -> None:
        self._most = most
        self._made = made
        self._kept: OrderedDict[_Key, _Value] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: _Key) -> bool:
        return key in self._kept

    def of(self, key: _Key) -> _Value:
        """Return the value of `key`, a new one if there is none."""
        if key not in self._kept:
            self._kept[key] = self._made()
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def forget(self, key: _Key) -> None:
        """Remember `key` no more."""
        self._kept.pop(key, None)
