"""What the page shows of the log, all of it from the read model: verified rows, and sums of them.

Knows the reader and the page's shapes.  It does not know HTTP, and is used by one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from occasio_core import Json, Reader, RunSummary, Selection, UsageError, coverage, is_alive
from occasio_dashboard.hub import MAX_ROWS, News
from occasio_dashboard.views import row_view

PAGE = 100  # rows or runs, where nobody says how many
MAX_RUNS = 1000
RUNS_SHOWN = 30  # of the state, which is sent often
FINDINGS_SHOWN = 20
MAX_BUCKETS = 240
MAX_COVERED = 50_000  # rows of a run whose coverage is computed while somebody waits

_MINUTE = 60_000
_HOUR = 60 * _MINUTE
_SPANS = {  # how far back, and the width of a bucket
    "1h": (_HOUR, _MINUTE),
    "24h": (24 * _HOUR, 10 * _MINUTE),
    "7d": (7 * 24 * _HOUR, _HOUR),
    "30d": (30 * 24 * _HOUR, 6 * _HOUR),
}
_KINDS = {
    "calls": ("tool_call",),
    "blocked": ("tool_call",),
    "requests": ("request",),
    "findings": ("finding",),
    "approvals": ("approval_requested", "approval_granted", "approval_denied", "approval_expired"),
    "all": (),
}
_IN_SERIES = ("passed", "local", "transformed", "blocked", "requests", "cost_micro_usd", "tokens_in", "output_tokens")


@dataclass(slots=True)
class LogView:
    """The log as the page shows it.  `now` gives milliseconds since 1970."""

    place: Path
    reader: Reader
    now: Callable[[], int]
    _seen: int | None = field(default=None)

    def look(self) -> News:
        """Take up what is new in the log, and return the rows; the first look returns none.  Raises `OccasioError`."""
        rows = self.reader.refresh().rows
        seen, self._seen = self._seen, rows
        if seen is None or rows == seen:
            return News()
        if rows < seen:  # it is another log
            return News(is_anew=True)
        new = self.reader.rows(after=seen - 1, newest=min(rows - seen, MAX_ROWS))
        return News(rows=[row_view(row.fields) for row in new], skipped=max(0, rows - seen - MAX_ROWS))

    def state(self) -> dict[str, Json]:
        """Return the log in sum: counters, its health, the last runs and findings."""
        health = self.reader.health
        findings = self.reader.rows(kinds=("finding",), newest=FINDINGS_SHOWN)
        return {
            "counters": self.reader.counters().as_json(),
            "health": {**health.as_json(), "warning": health.warning, "at": health.at},
            "runs": [self._run(run) for run in self.reader.runs(limit=RUNS_SHOWN)],
            "findings": [row_view(row.fields) for row in findings][::-1],
        }

    def runs(self, asked: Mapping[str, str]) -> dict[str, Json]:
        """Return the last runs, as many as `limit` says.  Raises `UsageError`."""
        limit = _limit(asked, MAX_RUNS)
        return {
            "runs": [self._run(run) for run in self.reader.runs(limit=limit)],
            "of": self.reader.counters().runs,
        }

    def run(self, run_id: str) -> dict[str, Json]:
        """Return one run in sum, with all of its counters.  Raises `UsageError` if there is none."""
        found = self.reader.run(run_id)
        return {**self._run(found), "counters": found.counters.as_json(), "doors": found.doors, "model": found.model}

    def coverage(self, run_id: str) -> dict[str, Json]:
        """Return of which calls of a run the doors saw less than they should have.  Raises `UsageError`."""
        if self.reader.run(run_id).rows > MAX_COVERED:
            raise UsageError(
                f"the run has more than {MAX_COVERED:,} rows", hint=f"occasio audit coverage --run {run_id}"
            )
        found = coverage(row.fields for row in self.reader.rows(Selection(run_id=run_id)))
        gaps: list[Json] = [{"call_id": gap.call_id, "gap": gap.kind.value, "tool": gap.tool} for gap in found.gaps]
        return {"calls": found.calls, "gaps": gaps[:MAX_ROWS], "of": len(gaps)}

    def rows(self, asked: Mapping[str, str]) -> dict[str, Json]:
        """Return a page of rows: the newest before the row `before`, or, of a run, the first behind the row `after`.

        `show` says which kinds.  Raises `UsageError` for what makes no sense, and as the reader does.
        """
        show = asked.get("show", "calls")
        if show not in _KINDS:
            raise UsageError(f"`{show}` is nothing to show", hint=f"one of {', '.join(_KINDS)}")
        actions = ("BLOCK",) if show == "blocked" else ()
        limit = _limit(asked, MAX_ROWS)
        selection = Selection(run_id=asked.get("run") or None)
        if "after" in asked:
            behind = _number("after", asked["after"])
            found = self.reader.rows(selection, kinds=_KINDS[show], actions=actions, after=behind)
            rows = list(islice(found, limit + 1))
            return {"rows": [row_view(row.fields) for row in rows[:limit]], "more": len(rows) > limit}
        before = _number("before", asked["before"]) if "before" in asked else None
        found = self.reader.rows(selection, kinds=_KINDS[show], actions=actions, before=before, newest=limit + 1)
        rows = list(found)[::-1]
        return {"rows": [row_view(row.fields) for row in rows[:limit]], "more": len(rows) > limit}

    def row(self, seq: str) -> dict[str, Json] | None:
        """Return all that a row says; None if there is none of that number."""
        number = _number("seq", seq)
        row = next(self.reader.rows(after=number - 1, before=number + 1, newest=1), None)
        return None if row is None else {"row": dict(row.fields), "view": row_view(row.fields)}

    def series(self, asked: Mapping[str, str]) -> dict[str, Json]:
        """Return calls, tokens and cost over time, for each span in which there was anything.  Raises `UsageError`."""
        span = asked.get("span", "24h")
        until = self.now()
        if span in _SPANS:
            back, width = _SPANS[span]
            since = (until - back) // width * width
        elif span == "all":
            first = next(self.reader.entries(), None)
            since = until if first is None else min(first.at, until)
            width = max(_MINUTE, -(-(until - since) // MAX_BUCKETS // _MINUTE) * _MINUTE)
            since = since // width * width
        else:
            raise UsageError(f"`{span}` is no span of time", hint=f"one of {', '.join(_SPANS)}, all")
        buckets = self.reader.buckets(Selection(since=since), width)
        columns: dict[str, Json] = {name: [getattr(bucket.counters, name) for bucket in buckets] for name in _IN_SERIES}
        return {"since": since, "until": until, "width": width, "at": [bucket.at for bucket in buckets], **columns}

    def _run(self, run: RunSummary) -> dict[str, Json]:
        sums = run.counters
        return {
            "run": run.run_id,
            "agent": run.agent,
            "command": run.command,
            "cwd": run.cwd,
            "started": run.started_at,
            "last": run.last_at,
            "ended": run.ended_at,
            "reason": run.end_reason,
            "exit_code": run.exit_code,
            "alive": run.is_open and is_alive(self.place, run.run_id),
            "rows": run.rows,
            "calls": sums.calls,
            "blocked": sums.blocked,
            "secrets": sums.secrets + sums.told_secrets,
            "findings": sums.findings,
            "requests": sums.requests,
            "unpriced": sums.unpriced,
            "cost_micro_usd": sums.cost_micro_usd,
            "tokens_in": sums.tokens_in,
            "tokens_out": sums.output_tokens,
        }


def _limit(asked: Mapping[str, str], most: int) -> int:
    return max(1, min(_number("limit", asked["limit"]) if "limit" in asked else PAGE, most))


def _number(name: str, text: str) -> int:
    if not (text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= 16):
        raise UsageError(f"`{name}` is `{text[:20]}`, which is not a number")
    return int(text)
