from occasio_verify import Trust
from occasio_verify.logreport import verify_log
from tests.samples import run_of
from tests.spec import worked_example as example


def test_a_log_alone_is_intact(tmp_path):
    report = verify_log(run_of(2).write(tmp_path / "log"), None, Trust())
    assert report.verdict == "INTACT"


def test_a_log_that_extends_its_checkpoint_is_verified(tmp_path):
    log = example.rows()
    assert verify_log(log.write(tmp_path / "log"), example.checkpoint(log).encode(), Trust()).verdict == "VERIFIED"


def test_a_cut_log_fails_against_its_checkpoint(tmp_path):
    log = example.rows()
    path = tmp_path / "log"
    path.write_bytes(b"".join(line + b"\n" for line in log.lines[:-1]))
    report = verify_log(path, example.checkpoint(log).encode(), Trust())
    assert [check.code for check in report.checks if check.status == "fail"] == ["log-truncated"]
