import pytest

from occasio_verify.chain import Chain, LinkError, Segment, check_log_order, check_run_chain
from occasio_verify.grammar import links_of
from occasio_verify.rows import Row
from tests.samples import RUN, Fields, Log, call, canonical, end, hashed, run_of, start

OTHER = "00000000-0000-4000-8000-00000000000b"


def rows(fields: list[Fields]) -> list[Row]:
    return [Row(canonical(each), each) for each in fields]


def two_runs() -> Log:
    log = Log()
    start(log)
    start(log, OTHER)
    for number in range(4):
        call(log, number, run=(RUN, OTHER)[number % 2])
    end(log)
    call(log, 9, run=OTHER)
    end(log, OTHER)
    return log


def joined(fields: list[Fields], *cuts: int) -> Chain:
    chain, begin = Chain(), 0
    for cut in (*cuts, len(fields)):
        segment, fault = checked(fields[begin:cut])
        chain.join(segment)  # an earlier row's fault comes first
        if fault:
            raise fault
        begin = cut
    return chain


def checked(fields: list[Fields]) -> tuple[Segment, LinkError | None]:
    segment = Segment()
    try:
        for row in rows(fields):
            segment.add(links_of(row))
    except LinkError as fault:
        return segment, fault
    return segment, None


@pytest.mark.parametrize("cut", range(len(two_runs().rows) + 1))
def test_a_log_may_be_checked_in_any_two_parts(cut):
    log = two_runs()
    chain = joined(log.rows, cut)
    assert (chain.rows, chain.last_hash.decode(), chain.open_runs) == (len(log.rows), log.rows[-1]["hash"], {})


def relinked(fields: list[Fields], *, runs: bool = True) -> list[Fields]:
    """Give rows the links that an attacker would: everything consistent but what was changed."""
    log = Log()
    for row in fields:
        own = {n: v for n, v in row.items() if n not in _LINKS}
        log.append(row["kind"], row["run_id"], agent=row["agent"], **own)
    if runs:
        return log.rows
    last, out = "0" * 64, []
    for seq, row in enumerate(fields):
        out.append(hashed({**row, "seq": seq, "prev_hash": last}))
        last = out[-1]["hash"]
    return out


_LINKS = ("seq", "prev_hash", "run_seq", "run_prev_hash", "hash", "run_id", "kind", "agent", "audit_schema", "event_id")
_LINKS += ("protocol", "session_id", "ts")

DAMAGED = [
    ("a row dropped at the start", lambda r: r[1:], "log-seq"),
    ("a row dropped in the middle", lambda r: r[:4] + r[5:], "log-seq"),
    ("two rows swapped", lambda r: [*r[:4], r[5], r[4], *r[6:]], "log-seq"),
    ("a row repeated", lambda r: r[:5] + r[4:], "log-seq"),
    ("a row dropped, log chain mended", lambda r: relinked(r[:4] + r[5:], runs=False), "run-seq"),
    ("the run's first row dropped, log chain mended", lambda r: relinked(r[1:], runs=False), "run-seq"),
    ("a row edited and hashed anew", lambda r: [*r[:4], hashed({**r[4], "reason": "x"}), *r[5:]], "log-link"),
    ("a run that starts twice", lambda r: relinked([r[0], *r]), "run-start"),
    ("a run without a start", lambda r: relinked(r[1:]), "run-start"),
    ("a row behind the end", lambda r: relinked([*r, r[5]]), "run-end"),
]


@pytest.mark.parametrize(("damage", "expected"), [(d, c) for _, d, c in DAMAGED], ids=[name for name, _, _ in DAMAGED])
def test_a_damaged_log_is_refused(damage, expected):
    fields = damage(run_of(3).rows)
    with pytest.raises(LinkError) as refusal:
        joined(fields)
    assert refusal.value.code == expected


@pytest.mark.parametrize(
    ("damage", "expected"), [(d, c) for _, d, c in DAMAGED[:8]], ids=[name for name, _, _ in DAMAGED[:8]]
)
def test_where_a_log_is_cut_changes_nothing_about_the_verdict(damage, expected):
    fields = damage(run_of(3).rows)
    for cut in range(1, len(fields)):
        with pytest.raises(LinkError) as refusal:
            joined(fields, cut)
        assert refusal.value.code == expected


def test_a_run_id_used_again_is_not_seen_across_segments_and_the_specification_says_so():
    log = run_of(1)
    again = Log()
    again.rows, again._last = [], log.rows[-1]["hash"]
    for _ in log.rows:
        next(again._seq)
    start(again)
    assert joined(log.rows + again.rows, len(log.rows)).open_runs


def test_an_open_run_is_remembered():
    log = Log()
    start(log)
    run = joined(log.rows).open_runs[RUN.encode()]
    assert (run.next_seq, run.last_hash.decode()) == (2, log.rows[-1]["hash"])


def test_more_open_runs_than_can_be_remembered_are_refused(monkeypatch):
    monkeypatch.setattr("occasio_verify.chain.MAX_OPEN_RUNS", 1)
    log = Log()
    start(log)
    start(log, OTHER)
    with pytest.raises(LinkError, match="too-many-open-runs"):
        joined(log.rows)


def test_a_complete_run_is_accepted():
    check_run_chain(rows(run_of(4).rows), RUN)


SLICES = [
    ("a row missing", lambda r: r[:3] + r[4:], "run-seq"),
    ("the first row missing", lambda r: r[1:], "run-seq"),
    ("the end missing", lambda r: r[:-1], "run-end"),
    ("a row twice", lambda r: r[:4] + r[3:], "run-seq"),
    ("swapped", lambda r: [r[0], r[2], r[1], *r[3:]], "run-seq"),
    ("a link broken", lambda r: [*r[:3], hashed({**r[3], "run_prev_hash": "1" * 64}), *r[4:]], "run-link"),
    ("a first link", lambda r: [hashed({**r[0], "run_prev_hash": "1" * 64}), *r[1:]], "run-link"),
    ("a second start", lambda r: relinked([r[0], *r]), "run-start"),
    ("another first kind", lambda r: relinked(r[1:]), "run-start"),
    ("a row after the end", lambda r: relinked([*r, r[3]]), "run-end"),
    ("another run's row", lambda r: [*r[:3], hashed({**r[3], "run_id": OTHER}), *r[4:]], "run-id"),
    ("only another run", lambda r: [hashed({**row, "run_id": OTHER}) for row in r], "run-id"),
    ("nothing", lambda r: [], "run-end"),
]


@pytest.mark.parametrize(("damage", "expected"), [(d, c) for _, d, c in SLICES], ids=[name for name, _, _ in SLICES])
def test_a_slice_that_is_not_one_whole_run_is_refused(damage, expected):
    with pytest.raises(LinkError) as refusal:
        check_run_chain(rows(damage(run_of(3).rows)), RUN)
    assert refusal.value.code == expected


def test_rows_of_one_run_may_have_others_between_them():
    log = two_runs()
    check_log_order(rows([row for row in log.rows if row["run_id"] == OTHER]))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda r: [r[1], r[0], *r[2:]], "log-order"),
        (lambda r: [r[0], r[0], *r[1:]], "log-order"),
        (lambda r: [r[0], {**r[1], "seq": 0}, *r[2:]], "log-order"),
        (lambda r: [*r[:2], {**r[2], "prev_hash": "1" * 64}, *r[3:]], "log-link"),
        (lambda r: [{**r[0], "prev_hash": "1" * 64}, *r[1:]], "log-link"),
    ],
)
def test_rows_that_cannot_stand_in_one_log_so_are_refused(change, expected):
    with pytest.raises(LinkError) as refusal:
        check_log_order(rows(change(run_of(2).rows)))
    assert refusal.value.code == expected
