import itertools
import tracemalloc

import pytest

from occasio_verify import ChainError, CompactRange, LogError, leaf_hash, walk_log
from tests.samples import Log, call, canonical, end, hashed, interleaved, run_of, start


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr("occasio_verify.log.CHUNK_BYTES", 3000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.jsonl"


def write(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def refused(path, **options):
    with pytest.raises(ChainError) as refusal:
        walk_log(path, **options)
    return refusal.value.code, getattr(refusal.value, "line", None)


def same(one, other):
    return (one.offset, one.chain, one.tree.size, one.tree.hashes) == (
        other.offset,
        other.chain,
        other.tree.size,
        other.tree.hashes,
    )


def test_a_good_log_is_walked_to_its_end(path, small_chunks):
    lines = list(interleaved(300))
    position = walk_log(write(path, lines))
    assert (position.rows, position.offset) == (300, path.stat().st_size)
    assert f'"hash":"{position.last_hash}"'.encode() in lines[-1]


def test_processes_find_what_one_finds(path, small_chunks):
    write(path, interleaved(300))
    assert same(walk_log(path, jobs=2, tree=True), walk_log(path, jobs=1, tree=True))


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_first_line_that_is_wrong_is_named(path, small_chunks, jobs):
    lines = list(interleaved(60))
    lines[17] = lines[17].replace(b"claude-code", b"claude-c0de")
    lines[44] = b"{}"
    assert refused(write(path, lines), jobs=jobs) == ("row-hash", 18)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda ls: ls[:30] + ls[31:], ("log-seq", 31)),
        (lambda ls: ls[1:], ("log-seq", 1)),
        (lambda ls: [*ls[:30], ls[31], ls[30], *ls[32:]], ("log-seq", 31)),
        (lambda ls: ls[:31] + ls[30:], ("log-seq", 32)),
        (lambda ls: [*ls[:30], b"", *ls[30:]], ("not-json", 31)),
        (lambda ls: [*ls[:30], ls[30] + b"\r", *ls[31:]], ("row-form", 31)),
        (lambda ls: [*ls[:30], b"x" * (2 << 20), *ls[31:]], ("row-too-long", 31)),
        (lambda ls: [*ls[:30], b" " * (1 << 20), *ls[31:]], ("not-json", 31)),
    ],
)
@pytest.mark.parametrize("chunk", [1, 700, 3000, 10_000, 8 << 20])
def test_where_chunks_end_changes_nothing(path, monkeypatch, chunk, change, expected):
    monkeypatch.setattr("occasio_verify.log.CHUNK_BYTES", chunk)
    assert refused(write(path, change(list(interleaved(60))))) == expected


def test_a_torn_tail_is_refused_wherever_it_is_torn(path):
    data = run_of(1).data
    last = data.rindex(b"\n", 0, len(data) - 1) + 1
    for cut in range(last + 1, len(data)):
        path.write_bytes(data[:cut])
        assert refused(path) == ("torn-tail", data.count(b"\n"))


def test_a_log_cut_at_a_line_end_is_only_seen_by_what_was_remembered(path):
    lines = list(interleaved(20))
    assert walk_log(write(path, lines[:-3])).rows == 17


@pytest.mark.parametrize("data", [b"", b"\n"])
def test_nothing_checked_is_no_pass(path, data):
    path.write_bytes(data)
    assert refused(path) in (("log-empty", None), ("not-json", 1))


def test_a_missing_file_is_an_error_of_the_system(path):
    with pytest.raises(OSError):
        walk_log(path)


@pytest.mark.parametrize("seen", [1, 7, 40, 59])
def test_a_walk_goes_on_from_where_one_was(path, small_chunks, seen):
    lines = list(interleaved(60))
    start_from = walk_log(write(path, lines[:seen]), tree=True)
    write(path, lines)
    assert same(walk_log(path, start=start_from, tree=True), walk_log(path, tree=True))
    assert start_from.rows == seen


def test_a_walk_that_goes_on_notices_another_history(path):
    lines = list(interleaved(60))
    seen = walk_log(write(path, lines[:20]))
    other = run_of(6)
    write(path, lines[:20] + other.lines[len(other.rows) - 1 :])
    assert refused(path, start=seen)[0] == "log-seq"


@pytest.mark.parametrize("rows", [1, 20, 49, 50])
def test_a_walk_that_stops_is_a_walk_of_a_shorter_log(path, small_chunks, rows):
    lines = list(interleaved(50))
    short = walk_log(write(path, lines[:rows]), tree=True)
    size = path.stat().st_size
    with write(path, lines).open("ab") as file:
        file.write(b"torn")
    found = walk_log(path, tree=True, stop=size)
    assert (found.offset, found.chain, found.tree.root()) == (size, short.chain, short.tree.root())


def test_the_tree_is_over_all_lines_and_its_root_known_at_any_size(path, small_chunks):
    lines = list(interleaved(50))
    write(path, lines)
    tree = CompactRange()
    for number, line in enumerate(lines, 1):
        tree.append(leaf_hash(line))
        if number in (1, 20, 50):
            assert walk_log(path, root_at=number).root == tree.root()
    assert walk_log(path, tree=True).tree.root() == tree.root()


def test_a_fault_of_a_run_is_found_across_chunks(path, monkeypatch):
    log = Log()
    start(log)
    for number in range(20):
        call(log, number)
    end(log)
    last, rows = log.rows[10]["hash"], log.rows[:11]
    for seq, row in enumerate(log.rows[12:], 11):  # one row of the run left out, the log's own chain mended
        rows.append(hashed({**row, "seq": seq, "prev_hash": last}))
        last = rows[-1]["hash"]
    for chunk in (1, 2000, 8 << 20):
        monkeypatch.setattr("occasio_verify.log.CHUNK_BYTES", chunk)
        assert refused(write(path, map(canonical, rows))) == ("run-seq", 12)


def test_memory_does_not_grow_with_the_log(path, small_chunks):
    def peak(rows):
        write(path, interleaved(rows))
        tracemalloc.start()
        walk_log(path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(1000)
    assert peak(4000) < 2 * peak(1000)


def test_progress_is_told(path, small_chunks):
    offsets = []
    walk_log(write(path, interleaved(60)), progress=offsets.append)
    assert offsets == sorted(offsets) and offsets[-1] == path.stat().st_size and len(offsets) > 5


def test_a_line_number_survives_a_worker(path, small_chunks):
    lines = list(interleaved(100))
    lines[80] = lines[80][:-1]
    with pytest.raises(LogError, match="line 81"):
        walk_log(write(path, lines), jobs=2)
    assert list(itertools.islice(interleaved(3), 3))
