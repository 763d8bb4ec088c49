"""The command that prints the manual page: man.

Knows roff as man(7) has it.  What a command does and takes is said by the command itself, and nowhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from occasio_core.version import __version__

_FRONT = """\
.TH OCCASIO 1 "{date}" "occasio {version}" "User Commands"
.SH NAME
occasio \\- govern AI coding agents, record what they do, and prove it
.SH SYNOPSIS
.B occasio
.I COMMAND
.RI [ OPTION ...]
.SH DESCRIPTION
Every tool call of an agent that runs under
.B occasio
is decided by one policy and recorded before it takes effect. The record of a run becomes one signed file that anybody
checks offline, without trusting the tool that wrote it.
.SH COMMANDS
"""
_BACK = """\
.SH EXIT STATUS
.TP
.B 0
All is well; of a verification: VERIFIED.
.TP
.B 1
A check failed, or something was found; of a verification: FAILED.
.TP
.B 2
Wrong use, or a file that cannot be read.
.TP
.B 3
INTACT: whole and consistent, but signed by nobody who is known.
.PP
Where the text of a command says otherwise, as that of
.BR "occasio anomalies" ,
it is what it says.
.BR "occasio run" " and the commands of agents end with the agent's own status."
.SH ENVIRONMENT
.TP
.B OCCASIO_HOME
Where the log, the policy and the keys are, instead of
.IR ~/.occasio .
.TP
.B NO_COLOR
No colours.
.TP
.B OCCASIO_DEBUG
Show where an unforeseen error came from.
.SH FILES
.TP
.I ~/.occasio/policy.yml
The policy; the built-in one holds where there is none.
.TP
.I ~/.occasio/pipeline-events.jsonl
The log: one row a line, each with the hash of the one before.
.TP
.I ~/.occasio/keys
Keys that bundles are signed with.
"""
# which roff would read as its own, or show as typographic signs that nobody can copy into a shell
_ROFF = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}


@click.command()
def man() -> None:
    """Print the manual page: `occasio man | man -l -` shows it."""
    from occasio_core.cli import occasio

    # what a release is made from has a date of its own: the same commit gives the same page
    seconds = os.environ.get("SOURCE_DATE_EPOCH")
    when = datetime.fromtimestamp(int(seconds), UTC) if seconds else datetime.now(UTC)
    front = _FRONT.format(date=when.strftime("%Y-%m-%d"), version=__version__)
    context = click.Context(occasio, info_name="occasio")
    click.echo(front + "\n".join(_told(occasio, context)) + "\n" + _BACK, nl=False)


def _told(group: click.Group, context: click.Context) -> Iterator[str]:
    """Yield what the page says of every command of `group`, those of its groups in their place."""
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        of_it = click.Context(command, info_name=name, parent=context)
        if not isinstance(command, click.Group):
            yield from _command(command, of_it)
            continue
        if command.invoke_without_command:
            yield from _command(command, of_it)
        yield from _told(command, of_it)


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    pieces = [piece for piece in command.collect_usage_pieces(context) if piece != "[OPTIONS]"]
    if isinstance(command, click.Group):
        pieces.clear()  # its commands have lines of their own
    yield f".SS {_text(' '.join([context.command_path, *pieces]))}"
    yield from _paragraphs(command.help or command.short_help or "")
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record and record[1] and "--help" not in parameter.opts:
            yield ".TP"
            yield f".B {_text(record[0])}"
            yield _text(record[1])


def _paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a command's own help; those behind a `\\b` keep their lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        lines = paragraph.splitlines()
        if number:
            yield ".PP"
        if lines and lines[0].strip() == "\b":
            yield ".nf"
            yield from (_text(line) for line in lines[1:])
            yield ".fi"
        else:
            yield _text(" ".join(line.strip() for line in lines))


def _text(text: str) -> str:
    """Return `text` as roff shows it and no more."""
    shown = "".join(_ROFF.get(character) or _character(character) for character in text)
    return f"\\&{shown}" if shown.startswith(".") else shown  # at the front of a line it would be a request


def _character(character: str) -> str:
    return character if character.isascii() else f"\\[u{ord(character):04X}]"
