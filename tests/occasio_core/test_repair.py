import pytest

from occasio_core import LedgerError, UsageError
from occasio_core.home import log_path
from occasio_core.model import RunId
from occasio_core.repair import repair
from occasio_core.run_state import held
from occasio_verify import parse_row, walk_log
from tests.samples import RUN, Log, call, end, start


@pytest.fixture
def place(tmp_path):
    return tmp_path


def open_run(place) -> Log:
    log = Log()
    start(log)
    call(log, 1)
    log.write(log_path(place))
    return log


def rows(place):
    return [parse_row(line) for line in log_path(place).read_bytes().split(b"\n")[:-1]]


def test_a_run_whose_process_is_gone_is_closed(place):
    open_run(place)
    done = repair(place)
    assert (done.recovered, done.closed, done.live) == (None, (RUN,), ())
    last = rows(place)[-1]
    assert (last.kind, last.fields["reason"], last.run_id) == ("run_ended", "abandoned", RUN)
    assert walk_log(log_path(place)).chain.open_runs == {}


def test_a_run_that_is_alive_is_left_alone(place):
    open_run(place)
    with held(place, RunId(RUN), {}):
        assert repair(place).live == (RUN,)
    assert rows(place)[-1].kind == "tool_result"


def test_a_torn_end_is_sealed_and_kept(place):
    log = open_run(place)
    log_path(place).write_bytes(log.data[:-5])
    done = repair(place)
    assert done.recovered == "torn-tail"
    recovered = next(row for row in rows(place) if row.kind == "recovered")
    assert recovered.fields["bytes"] == len(log.lines[-1]) - 4
    assert (place / recovered.fields["kept_in"]).exists()
    assert walk_log(log_path(place)).rows == len(log.rows) + 1


def test_a_second_repair_finds_nothing(place):
    open_run(place)
    repair(place)
    before = log_path(place).read_bytes()
    assert repair(place).closed == ()
    assert log_path(place).read_bytes() == before


def test_a_bad_row_in_the_middle_is_not_mended(place):
    log = open_run(place)
    end(log)
    data = log.data.replace(b'"PASS"', b'"BLOCK"', 1)
    log_path(place).write_bytes(data)
    with pytest.raises(LedgerError):
        repair(place)
    assert log_path(place).read_bytes() == data


def test_without_a_log_there_is_nothing_to_repair(place):
    with pytest.raises(UsageError, match="no log"):
        repair(place)
