"""The command that shows everything at work, without an agent, a key or a network: demo."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click


@click.group()
def demo() -> None:
    """Show Occasio at work: no agent, no API key and no network are needed."""


@demo.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the evidence is left (default: a new directory for temporary files).",
)
def attest(out: Path | None) -> None:
    """Govern a scripted agent, seal its run, verify the bundle, and show that a changed byte is noticed."""
    from rich.console import Console

    from occasio_core.demo.attest import WIDTH, attest_demo

    path = (out or Path(tempfile.mkdtemp(prefix="occasio-demo-"))).absolute()
    path.mkdir(parents=True, exist_ok=True)
    console = Console(soft_wrap=False)
    attest_demo(path.resolve(), console if console.width <= WIDTH else Console(width=WIDTH))
