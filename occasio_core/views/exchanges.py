"""Rows put together as they belong: which results went up with which request to a model, and which calls came back.

A request's row is written when its answer has ended.  The results that it carried stand before it, and the calls that
it brought too; what Occasio ran itself goes up with the next one.  Rows of one session that ask at the same time are
told apart by their place in the log alone, so that of sub-agents it is an estimate.  Pure; takes rows as they come.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from occasio_core.views.calls import crossing_of, number, target_of, text
from occasio_verify import Json, Row

KINDS = ("tool_call", "tool_result", "request", "limit_exceeded", "run_ended")
MOST_PENDING = 10_000  # rows of a session without a request, as hooks alone write them
_MOST_CALLS = 10_000  # whose results may still come


@dataclass(frozen=True, slots=True)
class Outcome:
    """A result, and the call that it is of, None if that is not among the rows."""

    call: Row | None
    result: Row

    @property
    def tool(self) -> str:
        """Return the tool's name; empty where the call is not known."""
        return "" if self.call is None else text(self.call, "tool_name")

    @property
    def target(self) -> str:
        """Return what the call was about; empty where it is not known."""
        return "" if self.call is None else target_of(self.call.fields)

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        crossing = crossing_of(self.result)
        labels = self.result.fields.get("secret_labels")
        return {
            "run_id": self.result.run_id,
            "seq": self.result.seq,
            "call_id": text(self.result, "call_id"),
            "tool": self.tool or None,
            "target": self.target or None,
            "kind": text(self.result, "result_kind"),
            "produced_bytes": crossing.produced,
            "reentered_bytes": crossing.reentered,
            "prevented_bytes": crossing.prevented,
            "why": crossing.why or None,
            "secret_labels": list(labels) if isinstance(labels, list | tuple) else [],
            "secrets_redacted": number(self.result, "secrets_redacted"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request to a model, what went up with it besides the conversation, and what came back.

    `number` counts from 1 in its run.  `request` is None for what no request carried: of a run of hooks alone, or what
    an agent that ended never sent.
    """

    run_id: str
    number: int
    request: Row | None
    results: tuple[Outcome, ...] = ()
    calls: tuple[Row, ...] = ()
    limits: tuple[Row, ...] = ()


@dataclass(slots=True)
class _Pending:
    results: list[Outcome] = field(default_factory=list)
    ours: list[Outcome] = field(default_factory=list)  # of calls in this exchange: they go up with the next
    calls: list[Row] = field(default_factory=list)
    called: set[str] = field(default_factory=set)
    limits: list[Row] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.results) + len(self.ours) + len(self.calls) + len(self.limits)


def exchanges(rows: Iterable[Row], before: Mapping[str, int] = MappingProxyType({})) -> Iterator[Exchange]:
    """Yield the exchanges of `rows` of the kinds `KINDS`, each as soon as it is complete.

    `before` says how many each run had before the rows.
    """
    calls: dict[tuple[str, str], Row] = {}
    numbers = dict(before)
    pending: dict[str, dict[str, _Pending]] = {}
    for row in rows:
        run = row.run_id or ""
        sessions = pending.setdefault(run, {})
        here = sessions.setdefault(text(row, "session_id"), _Pending())
        match row.kind:
            case "tool_call":
                here.calls.append(row)
                here.called.add(text(row, "call_id"))
                if text(row, "action") != "BLOCK":  # of a refused call there comes no result
                    calls[run, text(row, "call_id")] = row
                    if len(calls) > _MOST_CALLS:
                        del calls[next(iter(calls))]
            case "tool_result":
                call = calls.get((run, text(row, "call_id")))
                is_ours = text(row, "call_id") in here.called
                (here.ours if is_ours else here.results).append(Outcome(call, row))
            case "limit_exceeded":
                here.limits.append(row)
            case "request":
                yield _ended(run, numbers, row, here)
                sessions[text(row, "session_id")] = _Pending(results=here.ours)
            case "run_ended":
                for left in sessions.values():
                    if left:
                        yield _ended(run, numbers, None, left)
                del pending[run]
                calls = {key: call for key, call in calls.items() if key[0] != run}
        if len(here) > MOST_PENDING:
            yield _ended(run, numbers, None, here)
            sessions[text(row, "session_id")] = _Pending()
    for run, left_over in pending.items():
        for left in left_over.values():
            if left:
                yield _ended(run, numbers, None, left)


def _ended(run: str, numbers: dict[str, int], request: Row | None, here: _Pending) -> Exchange:
    numbers[run] = numbers.get(run, 0) + 1
    results = here.results if request is not None else [*here.results, *here.ours]
    return Exchange(
        run_id=run,
        number=numbers[run],
        request=request,
        results=tuple(results),
        calls=tuple(here.calls),
        limits=tuple(here.limits),
    )
