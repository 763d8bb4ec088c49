"""`occasio status` and `occasio runs`: what the log comes to, and what each run did."""

from __future__ import annotations

from collections.abc import Iterator

import click

from occasio_core.cli.output import printed, talk
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import at, clipped_before, counted, lasted, line, listed, padded, short
from occasio_core.money import dollars
from occasio_core.reading import Counters, Health, Reader, RunSummary, Selection

_HEALTH = {
    "none": "no checkpoint yet",
    "extended": "extends its last checkpoint",
    "not-compared": "not compared with its last checkpoint",
}


@click.command()
@selection_options
def status(asked: Asked) -> None:
    """Say what agents did, were refused and cost.

    Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        counters, last = reader.counters(selection), next(iter(reader.runs(selection, limit=1)), None)
        if asked.as_json:
            printed(
                {
                    "log": reader.health.as_json(),
                    "counters": counters.as_json(),
                    "savings": counters.savings.as_json(),
                    "last_run": None if last is None else last.as_json(),
                }
            )
        else:
            click.echo("\n".join(status_lines(reader, selection, counters, last)))


def status_lines(reader: Reader, selection: Selection, counters: Counters, last: RunSummary | None) -> Iterator[str]:
    """Yield the lines of `occasio status`."""
    yield health_line(reader.health)
    if last is not None:
        if selection.run_id is None:
            yield line("runs", told_runs(counters))
        yield line("last run" if selection.run_id is None else "run", told_run(last))
    yield from counter_lines(counters)


def health_line(health: Health) -> str:
    """Return the line that says how far the log can be believed."""
    if health.warning:
        return line("log", health.warning, "red")
    return line("log", f"{counted(health.rows, 'row')}, each verified; {_HEALTH.get(health.compared, '')}", "green")


def told_runs(counters: Counters) -> str:
    """Return how many runs began and are open."""
    return ", ".join([f"{counters.runs:,} begun", *listed((max(0, counters.open_runs), "not ended"))])


def told_run(run: RunSummary) -> str:
    """Return who ran, when and where, in the columns that a line leaves."""
    when = f"{short(run.run_id)}  {at(run.started_at)}  {run.agent or run.command}  "
    return when + clipped_before(run.cwd, max(12, 69 - len(when)))


def counter_lines(counters: Counters) -> Iterator[str]:
    """Yield what the counters say: calls always, the others where there are any."""
    yield line("calls", told_calls(counters), "red" if counters.blocked else None)
    if counters.results:
        kept = ((counters.results_changed, "changed"), (counters.results_withheld, "withheld"))
        failed = ((counters.result_errors, "failed"), (counters.left_out, "files left out"))
        yield line("results", _with(counters.results, *kept, *failed))
    if counters.secrets or counters.told_secrets:
        yield line("secrets", f"{counters.secrets + counters.told_secrets:,} kept from models", "yellow")
    if counters.requests:
        yield line("requests", _with(counters.requests, (counters.failed_requests, "failed")))
        yield line("tokens", told_tokens(counters))
        yield line("cost", told_cost(counters))
    yield from _savings_lines(counters)
    if counters.limits:
        yield line("limits", f"{counted(counters.limits, 'time')} passed", "yellow")
    if counters.asked:
        answers = ((counters.granted, "granted"), (counters.denied, "denied"), (counters.expired, "expired"))
        yield line("approvals", _with(counters.asked, *answers))
    if counters.findings:
        yield line("findings", f"{counters.findings:,}", "yellow")
    if counters.policies_rejected:
        yield line("policy", f"{counted(counters.policies_rejected, 'edit')} not used", "yellow")


def _savings_lines(counters: Counters) -> Iterator[str]:
    savings = counters.savings
    if savings.prevented_bytes or savings.refused_calls:
        about = f"{savings.prevented_bytes:,} B of results (about {counted(savings.prevented_tokens, 'token')})"
        refused = f"{counted(savings.refused_calls, 'call')} refused"
        parts = ((savings.prevented_bytes, about), (savings.refused_calls, refused))
        yield line("saved", f"by Occasio: {', '.join(part for number, part in parts if number)}")
    if savings.cached_tokens:
        label = "" if savings.prevented_bytes or savings.refused_calls else "saved"
        yield line(label, f"not by Occasio: {counted(savings.cached_tokens, 'token')} that the provider's cache had")


def told_calls(counters: Counters) -> str:
    """Return how many calls there were and what became of them."""
    decided = listed(
        (counters.passed, "passed"),
        (counters.local, "run here"),
        (counters.transformed, "transformed"),
        (counters.blocked, "blocked"),
    )
    return f"{counters.calls:,}: {', '.join(decided)}" if counters.calls else "0"


def told_tokens(counters: Counters) -> str:
    """Return the tokens that went to models and came back."""
    return f"{counters.tokens_in:,} in, {counters.output_tokens:,} out"


def told_cost(counters: Counters) -> str:
    """Return what the requests cost, as far as their prices are known."""
    if counters.unpriced == counters.requests:
        return "unknown: no request was of a model with a known price"
    return dollars(counters.cost_micro_usd) + (f", {counters.unpriced:,} unpriced" if counters.unpriced else "")


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="So many at most.")
def runs(asked: Asked, last: int) -> None:
    """List runs, the newest first; `*` marks those that have not ended.

    Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        found = reader.runs(selection, limit=last + 1)
        if asked.as_json:
            printed([run.as_json() for run in found[:last]])
            return
        if found:
            click.echo(click.style(_HEADING, bold=True))
        for run in found[:last]:
            click.echo(run_row(run))
        if len(found) > last:
            talk(f"and more: --last N shows so many, --since 7d those of a week ({counted(last, 'run')} shown)")


_HEADING = f"{'run':9}{'began (UTC)':21}{'agent':13}{'calls':>6}{'blocked':>8}{'cost':>9}  took"


def run_row(run: RunSummary) -> str:
    """Return a run as one line of the table."""
    counters = run.counters
    blocked = click.style(f"{counters.blocked:>8,}", fg="red" if counters.blocked else None)
    cost = "?" if counters.unpriced == counters.requests > 0 else dollars(counters.cost_micro_usd)
    mark = "*" if run.is_open else " "
    began = f"{short(run.run_id)}{mark}{at(run.started_at)} {padded(run.agent or run.command, 12)} "
    return f"{began}{counters.calls:>6,}{blocked}{cost:>9}  {lasted(run.duration)}"


def _with(number: int, *parts: tuple[int, str]) -> str:
    return ", ".join([f"{number:,}", *listed(*parts)])
