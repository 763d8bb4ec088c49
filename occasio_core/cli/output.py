"""How commands speak: data on stdout, talk on stderr."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from occasio_verify import Json


def printed(value: Json) -> None:
    """Print `value` as JSON, for programs."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=True))


def talk(text: str) -> None:
    """Say something to the person at the terminal."""
    click.echo(text, err=True)
