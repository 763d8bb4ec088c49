"""What a permit can do that answers for whole folders."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from occasio_core.model import Effect


class Entries(Protocol):
    """Answers for the entries of one folder, each by its name alone."""

    def __call__(self, name: str, /) -> bool:
        """Return whether the entry of that name may be read: a file or folder that is no link and has no other name."""

    def within(self, name: str, /) -> Entries:
        """Return the answers for the folder of that name in this one; it must be no link."""


@runtime_checkable
class FolderPermit(Protocol):
    """A permit that answers for all entries of a folder faster than for each alone, and never differently."""

    def __call__(self, effect: Effect, /) -> bool:
        """Return whether the call may touch what `effect` says."""

    def within(self, folder: str, /) -> Entries:
        """Return the answers for the entries of the absolute `folder`."""
