"""`occasio inspect`: what crossed to the model's provider, request by request."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping

import click

from occasio_core.cli.chosen import counting, newest_run
from occasio_core.cli.output import printed
from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.cli.terminal import at, clipped_before, counted, line, listed, padded, short
from occasio_core.money import dollars
from occasio_core.reading import Reader, Selection, milliseconds
from occasio_core.views.calls import crossing_of, number, target_of, text, tokens_in
from occasio_core.views.exchanges import KINDS, Exchange, Outcome, exchanges
from occasio_verify import Json, Row

_MOST_SHOWN = 12
_CARRIED = 100  # requests in which a call is looked for whose result came late
_WORDS = {"pass": "as it was", "local": "run here", "transform": "changed", "withheld": "withheld"}
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "cost_micro_usd")
_OF_A_REQUEST = ("seq", "ts", "model", "status", *_TOKENS, "secret_labels", "secrets_redacted", "complete", "hash")
_COLORS = {"transform": "yellow", "withheld": "red"}


@click.command()
@selection_options
@click.option("--last", type=click.IntRange(min=1), default=1, show_default=True, metavar="N", help="So many requests.")
@click.option("--entry", type=click.IntRange(min=1), metavar="N", help="The request of that number in its run.")
def inspect(asked: Asked, last: int, entry: int | None) -> None:
    """Say what crossed to the model's provider: tokens, cost, results by kind, what was withheld or changed.

    Of the newest run, where nothing else is asked for.  Which results a request carried is told by their place in the
    log.  Exit codes: 0, 1 the log is damaged (what is before the damage is shown), 2 wrong use.
    """
    with asked.reader() as (reader, selection):
        selection = newest_run(reader, selection)
        after, before = (-1, 0) if entry is not None else _tail(reader, selection, last)
        rows = counting(reader.rows(selection, kinds=KINDS, after=after))
        told = exchanges(rows, {selection.run_id or "": before})
        found = deque((one for one in told if entry is None or one.number == entry), maxlen=last)
        if asked.as_json:
            printed([exchange_json(one) for one in found])
        elif found:
            click.echo("\n\n".join("\n".join(exchange_lines(one)) for one in found))
        elif reader.health.rows:
            click.echo("no such request")


def _tail(reader: Reader, selection: Selection, last: int) -> tuple[int, int]:
    """Return behind which row the last exchanges of a run begin, and how many come before; of all else, everything.

    Some more are read than are shown: what they carried was called for before.
    """
    if selection.run_id is None or selection.is_bounded:
        return -1, 0
    requests = list(reader.entries(selection, kinds=("request",), newest=last + _CARRIED))
    before = reader.counters(selection).requests - len(requests)
    return (requests[0].seq, before + 1) if before else (-1, 0)


def exchange_lines(one: Exchange) -> Iterator[str]:
    """Yield what a person reads of an exchange."""
    yield line("request", _heading(one))
    if one.request is not None:
        yield from _request_lines(one.request)
    if one.results:
        yield from _result_lines(one)
    yield from _secret_lines(one)
    if one.calls:
        actions = Counter(text(call, "action") for call in one.calls)
        yield line("came back", f"{counted(len(one.calls), 'call')}: {', '.join(_decided(actions))}")
        for call in one.calls[:_MOST_SHOWN]:
            action = padded(text(call, "action"), 10)
            color = "red" if text(call, "action") == "BLOCK" else None
            yield f"  {click.style(action, fg=color)}{padded(text(call, 'tool_name'), 14)} {_told(call)}"
        yield from _more(len(one.calls))
    for limit in one.limits:
        yield line("limit", f"{text(limit, 'limit')}: {number(limit, 'actual'):,} of {number(limit, 'max'):,}", "red")


def _heading(one: Exchange) -> str:
    if one.request is None:
        return f"none: what follows was carried by no request of run {short(one.run_id)}"
    when = at(milliseconds(text(one.request, "ts")))
    return f"{one.number} of run {short(one.run_id)}  {when}  row {one.request.seq}"


def _request_lines(request: Row) -> Iterator[str]:
    status = number(request, "status")
    broken = ", broken off" if request.fields.get("complete") is False else ""
    answer = f"HTTP {status}{broken}" if status else "no answer came"
    yield line("model", f"{text(request, 'model') or 'not named'}, {answer}", None if status == 200 else "yellow")
    parts = listed(
        (number(request, "input_tokens"), "new"),
        (number(request, "cache_read_tokens"), "from the provider's cache"),
        (number(request, "cache_write_tokens"), "written to it"),
    )
    detail = ", ".join(parts)
    yield line("sent", f"{tokens_in(request):,} tokens" + (f": {detail}" if detail else ""))
    yield line("received", f"{number(request, 'output_tokens'):,} tokens")
    cost = request.fields.get("cost_micro_usd")
    yield line("cost", dollars(cost) if isinstance(cost, int) else "unknown: the model has no price")


def _result_lines(one: Exchange) -> Iterator[str]:
    kinds = Counter(text(outcome.result, "result_kind") for outcome in one.results)
    told = ", ".join(f"{kinds[kind]:,} {word}" for kind, word in _WORDS.items() if kinds[kind])
    yield line("results", f"{counted(len(one.results), 'result')}: {told}")
    for outcome in one.results[:_MOST_SHOWN]:
        yield _result_line(outcome)
    yield from _more(len(one.results))


def _result_line(outcome: Outcome) -> str:
    kind, crossing = text(outcome.result, "result_kind"), crossing_of(outcome.result)
    reentered = "?" if crossing.reentered is None else f"{crossing.reentered:,}"
    size = f"{reentered} of {crossing.produced:,} B" if crossing.why else f"{crossing.produced:,} B"
    word = click.style(padded(_WORDS.get(kind, kind), 10), fg=_COLORS.get(kind))
    target = outcome.target
    room = 80 - 2 - 10 - 15 - len(size) - 1
    return f"  {word}{padded(outcome.tool or '?', 14)} {padded(clipped_before(target, room), room)} {size}"


def _secret_lines(one: Exchange) -> Iterator[str]:
    rows = [outcome.result for outcome in one.results] + ([one.request] if one.request else [])
    count = sum(number(row, "secrets_redacted") for row in rows)
    labels = sorted({str(label) for row in rows for label in _labels(row)})
    if count or labels:
        told = f"{count:,} kept from the model" if count else "none kept back, of those that were found"
        yield line("secrets", f"{told} ({', '.join(labels)})", "yellow")


def _labels(row: Row) -> tuple[Json, ...]:
    labels = row.fields.get("secret_labels")
    return tuple(labels) if isinstance(labels, list | tuple) else ()


def _decided(actions: Mapping[str, int]) -> Iterator[str]:
    words = {"PASS": "passed", "LOCAL": "run here", "TRANSFORM": "transformed", "BLOCK": "blocked"}
    return listed(*((actions.get(action, 0), word) for action, word in words.items()))


def _told(call: Row) -> str:
    reason = f"  ({text(call, 'reason')})" if text(call, "action") == "BLOCK" else ""
    room = 80 - 2 - 10 - 15 - len(reason)
    return clipped_before(target_of(call.fields), room) + reason


def _more(count: int) -> Iterator[str]:
    if count > _MOST_SHOWN:
        yield f"  and {count - _MOST_SHOWN:,} more; --json has all"


def exchange_json(one: Exchange) -> dict[str, Json]:
    """Return an exchange for programs."""
    request: Json = None
    if one.request is not None:
        request = {name: one.request.fields[name] for name in _OF_A_REQUEST if name in one.request.fields}
    return {
        "run_id": one.run_id,
        "number": one.number,
        "request": request,
        "results": [outcome.as_json() for outcome in one.results],
        "calls": [_call_json(call) for call in one.calls],
        "limits": [{name: limit.fields[name] for name in ("seq", "limit", "max", "actual")} for limit in one.limits],
    }


def _call_json(call: Row) -> dict[str, Json]:
    return {
        "seq": call.seq,
        "call_id": text(call, "call_id"),
        "tool": text(call, "tool_name"),
        "target": target_of(call.fields) or None,
        "action": text(call, "action"),
        "reason": text(call, "reason"),
        "rule": text(call, "rule") or None,
    }
