"""`occasio replay`: what happened in a run, in order; in short, in full, or by where its tokens came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import click

from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.status import told_calls, told_cost, told_tokens
from occasio_core.cli.terminal import at, clipped, clipped_before, lasted, line, padded
from occasio_core.money import dollars
from occasio_core.reading import Reader, RunSummary, Selection
from occasio_core.views.attribution import Attribution, attribution
from occasio_core.views.calls import crossing_of, number, target_of, text, tokens_in
from occasio_core.views.exchanges import KINDS, Exchange, exchanges
from occasio_verify import Json, Row

_ACTION_COLORS = {"BLOCK": "red", "TRANSFORM": "yellow"}
_KIND = 19
_QUIET = frozenset({"agent", "audit_schema", "event_id", "hash", "kind", "prev_hash", "protocol", "run_id", "ts"})


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="So many runs.")
@click.option("--detail", is_flag=True, help="Every row, with what it says.")
@click.option("--attribute", is_flag=True, help="Where the tokens came from, and what kept others back.")
def replay(asked: Asked, last: int, detail: bool, attribute: bool) -> None:
    """Say what happened in the newest runs, or in one: request by request, row by row, or by tokens.

    Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        found = reversed(reader.runs(selection, limit=last))
        told = [(run, Selection(run_id=run.run_id, since=selection.since, until=selection.until)) for run in found]
        if asked.as_json:
            printed([_json(reader, run, within, detail, attribute) for run, within in told])
            return
        for position, (run, within) in enumerate(told):
            if position:
                click.echo()
            for shown in _lines(reader, run, within, detail, attribute):
                click.echo(shown)


def _lines(reader: Reader, run: RunSummary, within: Selection, detail: bool, attribute: bool) -> Iterator[str]:
    yield from _heading(run)
    if detail:
        yield from map(row_line, reader.rows(within))
    elif not attribute:
        yield from map(exchange_line, exchanges(reader.rows(within, kinds=KINDS)))
    if attribute:
        yield from attribution_lines(attribution(exchanges(reader.rows(within, kinds=KINDS))))


def _heading(run: RunSummary) -> Iterator[str]:
    ended = (
        "open" if run.is_open else f"ended by {run.end_reason}, code {'?' if run.exit_code is None else run.exit_code}"
    )
    yield line("run", f"{run.run_id}  {run.agent or run.command}")
    yield line("began", f"{at(run.started_at)}, took {lasted(run.duration)}, {ended}")
    yield line("in", clipped_before(run.cwd, 69))
    yield line("calls", told_calls(run.counters), "red" if run.counters.blocked else None)
    if run.counters.requests:
        yield line("requests", f"{run.counters.requests:,}: {told_tokens(run.counters)}, {told_cost(run.counters)}")


def exchange_line(one: Exchange) -> str:
    """Return an exchange in a line: when, what went up, what came back."""
    shaped = sum(bool(crossing_of(outcome.result).why) for outcome in one.results)
    up = f"{len(one.results)} up" + (f" ({shaped} shaped)" if shaped else "")
    back = ", ".join([*map(_told_call, one.calls), *(f"limit {text(limit, 'limit')}" for limit in one.limits)])
    if one.request is None:
        return clipped(f"  {'':8} {'-':>3}  {'in no request':22} {up:15} {back}".rstrip(), 80)
    clock = text(one.request, "ts")[11:19]
    tokens = f"{tokens_in(one.request):,} in, {number(one.request, 'output_tokens'):,} out"
    return clipped(f"  {clock} {one.number:>3}  {tokens:22} {up:15} {back or 'an answer'}", 80)


def _told_call(call: Row) -> str:
    action = text(call, "action")
    return text(call, "tool_name") + ("" if action == "PASS" else f" {action}")


def row_line(row: Row) -> str:
    """Return a row in a line: its position, when, its kind, and what it says."""
    clock = text(row, "ts")[11:19]
    label = text(row, "action") if row.kind == "tool_call" else row.kind
    color = "red" if label == "BLOCK" else _ACTION_COLORS.get(label)
    shown = click.style(padded(label, _KIND - 1), fg=color)
    return f"{row.seq:>7} {clock} {shown} {clipped(_said(row), 80 - 17 - _KIND)}"


def _said(row: Row) -> str:
    match row.kind:
        case "tool_call":
            reason = "" if text(row, "reason") == "ok" else f" ({text(row, 'reason')})"
            room = max(12, 43 - len(text(row, "tool_name")) - len(reason))
            return f"{text(row, 'tool_name')} {clipped_before(target_of(row.fields), room)}{reason}"
        case "tool_result":
            crossing = crossing_of(row)
            size = "?" if crossing.reentered is None else f"{crossing.reentered:,}"
            return (
                f"{crossing.produced:,} B" if not crossing.why else f"{size} of {crossing.produced:,} B, {crossing.why}"
            )
        case "request":
            cost = row.fields.get("cost_micro_usd")
            price = f", {dollars(cost)}" if isinstance(cost, int) else ""
            answer = f"{text(row, 'model') or '?'} {number(row, 'status') or 'no answer'}"
            return f"{answer}, {tokens_in(row):,} in, {number(row, 'output_tokens'):,} out{price}"
        case "limit_exceeded":
            return f"{text(row, 'limit')}: {number(row, 'actual'):,} of {number(row, 'max'):,}"
        case "run_started":
            return f"{text(row, 'command')} in {clipped_before(text(row, 'cwd'), 30)}"
        case "run_ended":
            return f"{text(row, 'reason')}, code {row.fields.get('exit_code')}"
        case "git_state":
            return _git(row.fields.get("tool_inputs"))
        case "finding":
            return f"{text(row, 'severity')} {text(row, 'detector')}: {text(row, 'message')}"
        case _:
            return _short_of(row)


def _git(told: Json) -> str:
    state = told if isinstance(told, Mapping) else {}
    if not state.get("is_repo"):
        return "not in a git repository"
    changed, new = state.get("changed_files"), state.get("untracked_files")
    counts = [len(names) if isinstance(names, list | tuple) else 0 for names in (changed, new)]
    return f"{state.get('branch') or 'no branch'} at {str(state.get('head'))[:8]}, {counts[0]} changed, {counts[1]} new"


def _short_of(row: Row) -> str:
    """Return the short texts of a row whose kind has no words of its own here."""
    told = (f"{name} {value}" for name, value in row.fields.items() if _is_short(name, value))
    return ", ".join(told)


def _is_short(name: str, value: Json) -> bool:
    digest = isinstance(value, str) and len(value) == 64
    return name not in _QUIET and isinstance(value, str) and not digest and name != "session_id" and len(value) < 64


def attribution_lines(told: Attribution) -> Iterator[str]:
    """Yield the lines of `--attribute`."""
    yield line("sent", f"{told.sent:,} tokens")
    for name, tokens in _shares(told):
        is_sensible = told.sent and told.from_tools <= told.sent  # results are estimated, what was sent is not
        share = f"{100 * tokens / told.sent:5.1f} %" if is_sensible else ""
        yield f"  {padded(name, 34)}{tokens:>14,}  {share}".rstrip()
    yield line("received", f"{told.received:,} tokens")
    if told.prevented:
        yield line("prevented", f"about {sum(told.prevented.values()):,} tokens, each counted once", "green")
        for why, tokens in told.prevented.most_common():
            yield f"  {padded(why, 34)}{tokens:>14,}"


def _shares(told: Attribution) -> Iterable[tuple[str, int]]:
    yield "the provider's cache had", told.cached
    for name, tokens in told.tools.most_common():
        yield f"results of {name} (estimated)", tokens
    yield "all else, and what was sent again", told.rest


def _json(reader: Reader, run: RunSummary, within: Selection, detail: bool, attribute: bool) -> Json:
    from occasio_core.cli.inspect import exchange_json

    said: dict[str, Json] = {"run": run.as_json()}
    if detail:
        said["rows"] = [dict(row.fields) for row in reader.rows(within)]
    elif not attribute:
        said["exchanges"] = [exchange_json(one) for one in exchanges(reader.rows(within, kinds=KINDS))]
    if attribute:
        told = attribution(exchanges(reader.rows(within, kinds=KINDS)))
        said["tokens"] = {
            "sent": told.sent,
            "cached": told.cached,
            "results": dict(told.tools),
            "rest": told.rest,
            "received": told.received,
            "prevented": dict(told.prevented),
        }
    return said
