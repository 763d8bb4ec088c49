"""The command that shows everything at work, without an agent, a key or a network: demo."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from occasio_core.errors import UsageError


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


@demo.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the log is left (default: a new directory for temporary files).",
)
def anomalies(out: Path | None) -> None:
    """Record three quiet hours and what is unlike them, by a made-up clock, and have the detectors look at it.

    Exit codes: 0 every detector that is shown has found something, 1 one has not.
    """
    from occasio_core.demo.anomalies import anomalies_demo

    path = (out or Path(tempfile.mkdtemp(prefix="occasio-demo-"))).absolute()
    if (path / "home").exists():
        raise UsageError(f"there is a demonstration in {path} already", hint="give another directory with --out")
    click.get_current_context().exit(0 if anomalies_demo(path.resolve(), click.echo) else 1)
