"""The commands for those who write a verifier of their own: conformance run.

The runner and the vectors are the project's `conformance/`, which needs nothing of Occasio; here they are found and
started.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from occasio_core.errors import UsageError

_SUITE = Path(__file__).parents[2] / "conformance"  # in a checkout, editable installations included
_PORTABLE = "occasio-conformance.pyz"


@click.group()
def conformance() -> None:
    """Put a verifier under the conformance vectors."""


@conformance.command()
@click.option(
    "--suite",
    type=click.Path(path_type=Path, exists=True),
    help=f"The folder conformance/ of a checkout, or the {_PORTABLE} of a release.",
)
@click.option("--only", multiple=True, metavar="GLOB", help="Only these ids or groups.")
@click.option("--skip-op", multiple=True, metavar="OP", help="Leave an operation out.")
@click.option("--verbose", is_flag=True, help="Name the cases that passed, too.")
@click.argument("command", nargs=-1, required=True)
def run(
    suite: Path | None, only: tuple[str, ...], skip_op: tuple[str, ...], verbose: bool, command: tuple[str, ...]
) -> None:
    """Ask COMMAND, behind --, every case, and say which it answers as SPEC.md has it.

    \b
    occasio conformance run --only 'parse*' -- ./my-verifier --conformance

    Exit codes: 0 all passed, 1 one failed, 2 wrong use. How COMMAND is asked is said in conformance/PROTOCOL.md.
    """
    given = [f"--only={glob}" for glob in only] + [f"--skip-op={op}" for op in skip_op]
    if verbose:
        given.append("--verbose")
    done = subprocess.run([sys.executable, str(_runner(suite)), *given, "--", *command], check=False)
    raise click.exceptions.Exit(done.returncode)


def _runner(suite: Path | None) -> Path:
    """Return what Python is to run.  Raises `UsageError` where there is no suite."""
    found = suite or _SUITE
    if found.is_file():
        return found
    runner = found / "run.py"
    if not (runner.is_file() and (found / "vectors").is_dir()):
        raise UsageError(
            f"there are no vectors in {found}",
            hint=f"--suite names the folder conformance/ of a checkout, or the {_PORTABLE} of a release",
        )
    return runner
