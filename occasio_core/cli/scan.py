"""The command that looks for secrets in a file: scan."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from occasio_core.cli.gate import policy_option
from occasio_core.cli.output import printed, talk
from occasio_core.errors import UsageError
from occasio_verify import Json

if TYPE_CHECKING:
    from occasio_core.findings import Finding
    from occasio_core.interfaces import SecretScanner

FOUND = 1
SHOWN = 10_000  # findings: the rest is only counted
_PIECE = 256 << 10  # bytes
_PATIENCE = 1.0  # seconds


@click.command()
@click.option("--file", type=click.Path(path_type=Path), help="The file to look at.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Look at standard input.")
@click.option("--entropy", is_flag=True, help="Look for what is random, too, whatever the policy says.")
@policy_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def scan(file: Path | None, from_stdin: bool, entropy: bool, policy: Path | None, as_json: bool) -> None:
    """Say where secrets stand in a file, by their kinds; they themselves are never printed.

    The scanners are those of a run under the policy.  Exit codes: 0 none found, 1 some found, 2 wrong use or
    not readable.
    """
    if (file is None) is not from_stdin:
        raise UsageError("scan one thing: `--file FILE` or `--stdin`", hint="occasio scan --file .env")
    from occasio_core.findings import findings

    scanners = _scanners(policy, entropy=entropy)
    source = "-" if file is None else str(file)
    shown: list[Finding] = []
    count = 0
    with _opened(file) as stream:
        for finding in findings(_pieces(stream), scanners):
            count += 1
            if count > SHOWN:
                continue
            if as_json:
                shown.append(finding)
            else:
                click.echo(f"{click.format_filename(source)}:{finding.line}:{finding.column}: {finding.label}")
    if as_json:
        told: list[Json] = [{"label": one.label, "line": one.line, "column": one.column} for one in shown]
        printed({"source": click.format_filename(source), "count": count, "findings": told})
    else:
        talk(_summed(count))
    click.get_current_context().exit(FOUND if count else 0)


def _summed(count: int) -> str:
    if count > SHOWN:
        return f"{count:,} secrets; the first {SHOWN:,} are shown"
    return "no secrets" if not count else f"{count:,} secret{'' if count == 1 else 's'}"


def _scanners(path: Path | None, *, entropy: bool) -> Mapping[str, SecretScanner]:
    from dataclasses import replace

    from occasio_core.home import home
    from occasio_core.plugins import BUILT_IN, collect, load
    from occasio_core.policy import load_policy
    from occasio_core.scanners import scanners_of

    place = home()
    policy = load_policy(path, place)
    registry = collect(load(sorted(name for name in policy.plugins if name != BUILT_IN)), policy.plugins, place)
    if entropy:
        policy = replace(policy, entropy_secret_detection=True)
    return scanners_of(policy, registry.secret_scanners)


def _opened(file: Path | None) -> BinaryIO:
    if file is None:
        return sys.stdin.buffer
    if file.is_dir():
        raise UsageError(f"`{file}` is a directory", hint="find DIRECTORY -type f -exec occasio scan --file {} \\;")
    try:
        return file.open("rb")
    except OSError as error:
        hint = "name a file that is there and that you may read"
        raise UsageError(f"`{file}` cannot be read: {error.strerror}", hint=hint) from None


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield what is read, and say how far it is where a person waits for it."""
    read, spoke = 0, time.monotonic()
    talks = sys.stderr.isatty()
    while piece := stream.read(_PIECE):
        yield piece
        read += len(piece)
        if talks and time.monotonic() - spoke > _PATIENCE:
            spoke = time.monotonic()
            click.echo(f"\r{read >> 20:,} MiB", nl=False, err=True)
    if talks and read >> 20:
        click.echo("\r", nl=False, err=True)
