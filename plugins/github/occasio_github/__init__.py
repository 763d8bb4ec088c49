"""Adds `occasio github`: what the Action does in a job, sealing and verifying a run and telling the pull request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import hookimpl

if TYPE_CHECKING:
    import click


@hookimpl
def occasio_register_commands(home: Path) -> list[click.Command]:
    """Return the group `github`."""
    from occasio_github.commands import github_group

    return [github_group(home)]


__all__ = ["occasio_register_commands"]
