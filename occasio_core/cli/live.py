"""`occasio live`: the newest run as it goes on, in the terminal; or its rows, one a line, where there is none."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator

import click

from occasio_core.cli.chosen import newest_run
from occasio_core.cli.output import printed
from occasio_core.cli.replay import row_line
from occasio_core.cli.selecting import Asked, end, selection_options
from occasio_core.cli.status import counter_lines, health_line, told_run
from occasio_core.cli.terminal import line
from occasio_core.errors import UsageError
from occasio_core.reading import Reader, Selection, open_reader
from occasio_verify import Json

_SECONDS = 0.5
_LEAST_ROWS = 5
_LAST = 20


@click.command()
@selection_options
@click.option("--once", is_flag=True, help="Draw it once and end.")
def live(asked: Asked, once: bool) -> None:
    """Follow the newest run, or one: what it comes to, and its last rows, until you press Ctrl-C.

    Without a terminal, or with --json, every new row is a line.  Exit codes: 0, 1 the log is damaged, 2 wrong use.
    """
    if asked.until is not None:
        raise UsageError("what is followed has no end", hint="leave --until away")
    if once:
        with asked.reader() as (reader, _):
            _show(reader, asked)
        return
    with open_reader() as reader:
        try:
            if asked.as_json or not sys.stdout.isatty():
                _follow(reader, asked)
            else:
                _draw(reader, asked)
        except KeyboardInterrupt:
            pass  # that is how one ends it
        end(reader.health)


def _show(reader: Reader, asked: Asked) -> None:
    if not asked.as_json:
        click.echo("\n".join(frame(reader, asked, _height())))
        return
    selection = newest_run(reader, asked.selection(reader))
    rows: list[Json] = [dict(row.fields) for row in reader.rows(selection, newest=_LAST)]
    printed({"log": reader.health.as_json(), "counters": reader.counters(selection).as_json(), "rows": rows})


def frame(reader: Reader, asked: Asked, height: int) -> Iterator[str]:
    """Yield the lines of the picture: how the log is, what the run came to, the last rows that there is room for."""
    selection = newest_run(reader, asked.selection(reader))
    head = [health_line(reader.health)]
    if runs := reader.runs(selection, limit=1):
        head.append(line("run", told_run(runs[0])))
    head += [*counter_lines(reader.counters(selection)), ""]
    room = max(_LEAST_ROWS, height - len(head) - 1)
    yield from head
    yield from (row_line(row) for row in reader.rows(selection, newest=room))


def _draw(reader: Reader, asked: Asked) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    with Live(console=Console(), screen=True, auto_refresh=False) as picture:
        while reader.health.is_sound or not reader.health.exists:
            text = "\n".join(frame(reader, asked, _height()))
            picture.update(Text.from_ansi(text, no_wrap=True), refresh=True)
            _wait_for_more(reader)


def _follow(reader: Reader, asked: Asked) -> None:
    """Print every row from now on, or from the time or of the run that was asked for."""
    selection = asked.selection(reader)
    is_all = selection.run_id is not None or selection.is_bounded
    after = -1 if is_all else reader.health.rows - 1
    while True:
        for row in reader.rows(Selection(run_id=selection.run_id, since=selection.since), after=after):
            after = row.seq
            click.echo(json.dumps(dict(row.fields), ensure_ascii=True) if asked.as_json else row_line(row))
        if not reader.health.is_sound and reader.health.exists:
            return
        _wait_for_more(reader)


def _wait_for_more(reader: Reader) -> None:
    time.sleep(_SECONDS)
    reader.refresh()


def _height() -> int:
    return shutil.get_terminal_size((80, 24)).lines
