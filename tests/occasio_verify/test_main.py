"""The command line, run as people run it: another process, no site-packages."""

import base64
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from occasio_verify import (
    Extension,
    TlogProof,
    VerifierKey,
    format_extension,
    format_tlog_proof,
    format_vkey,
    inclusion_proof,
    leaf_hash,
    load_public_key,
    main,
)
from tests.samples import interleaved, run_of
from tests.spec import worked_example as example

ROOT = Path(__file__).parents[2]
LOG = example.rows()


@pytest.fixture
def place(tmp_path):
    (tmp_path / "run.occasio.json").write_bytes(example.bundle(LOG))
    (tmp_path / "ada.pub").write_text(example.Key(example.SIGNING_KEY).pem, encoding="utf-8")
    (tmp_path / "eve.pub").write_text(example.Key(example.LOG_KEY).pem, encoding="utf-8")
    LOG.write(tmp_path / "log.jsonl")
    (tmp_path / "checkpoint").write_text(example.checkpoint(LOG), encoding="utf-8")
    return tmp_path


def verify(place, *arguments, home=None, stdout=subprocess.PIPE):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import runpy; runpy.run_module('occasio_verify', run_name='__main__', alter_sys=True)"
    environment = {"PATH": os.environ["PATH"], "OCCASIO_HOME": str(home or place / "no-home")}
    command = [sys.executable, "-I", "-S", "-c", code, *arguments]
    return subprocess.run(
        command, cwd=place, env=environment, stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False
    )


def test_a_bundle_by_a_named_key_is_verified(place):
    done = verify(place, "run.occasio.json", "--key", "ada.pub")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"VERIFIED  run 7f1d0c1e")


def test_what_it_prints_fits_a_terminal(place):
    for arguments in (["run.occasio.json"], ["run.occasio.json", "--key", "eve.pub"], ["--log", "log.jsonl"]):
        lines = verify(place, *arguments).stdout.decode().splitlines()
        assert max(map(len, lines)) <= 80


def test_without_a_key_a_bundle_is_intact(place):
    assert verify(place, "run.occasio.json").returncode == 3
    assert verify(place, "run.occasio.json", "--integrity-only").returncode == 0


def test_another_key_than_the_named_one_fails(place):
    done = verify(place, "run.occasio.json", "--key", "eve.pub")
    assert done.returncode == 1 and b"signer-mismatch" in done.stdout


def test_one_of_several_named_keys_is_enough(place):
    assert verify(place, "run.occasio.json", "--key", "eve.pub", "--key", "ada.pub").returncode == 0


def test_an_identity_cannot_be_checked_here_and_fails_a_key_signature(place):
    done = verify(place, "run.occasio.json", "--identity", "a@b.c", "--issuer", "https://i")
    assert done.returncode == 1 and b"signer-mismatch" in done.stdout


def trust(keys):
    entries = [{"name": name, "public_key": pem} for name, pem in keys.items()]
    return json.dumps({"schema": "occasio-trust/v1", "keys": entries, "identities": [], "logs": []})


def nobody(place):
    path = place / "nobody.json"
    path.write_text(trust({}), encoding="utf-8")
    return str(path)


def test_the_bare_command_knows_whom_one_has_accepted(place):
    home = place / "home"
    home.mkdir()
    (home / "trust.json").write_text(trust({"ada": example.Key(example.SIGNING_KEY).pem}), encoding="utf-8")
    done = verify(place, "run.occasio.json", home=home)
    assert done.returncode == 0 and b"signed by ada" in done.stdout and b"accepted earlier" in done.stdout


def test_a_trust_file_may_be_named(place):
    (place / "t.json").write_text(trust({"ada": example.Key(example.SIGNING_KEY).pem}), encoding="utf-8")
    assert verify(place, "run.occasio.json", "--trust", "t.json").returncode == 0


def test_the_json_report_is_stable(place):
    done = verify(place, "run.occasio.json", "--key", "ada.pub", "--json")
    report = json.loads(done.stdout)
    assert set(report) == {
        "report",
        "verdict",
        "exit_code",
        "subject",
        "profile",
        "signer",
        "checks",
        "claims",
        "blocked",
        "notes",
    }
    assert (report["report"], report["verdict"], report["exit_code"]) == ("occasio-report/v1", "VERIFIED", 0)
    assert set(report["checks"][0]) == {"name", "status", "code", "detail"}
    assert report["blocked"][0]["rule"] == "deny_paths: ~/.ssh"


def test_a_changed_byte_is_named_by_row_and_code(place):
    bundle = place / "run.occasio.json"
    bundle.write_bytes(bundle.read_bytes().replace(b'"action":"BLOCK"', b'"action":"PASS"', 1))
    done = verify(place, "run.occasio.json", "--key", "ada.pub")
    assert done.returncode == 1 and b"row-hash: row 2" in done.stdout


WRONG = [
    ([], "give a bundle"),
    (["a", "b"], "unknown argument `b`"),
    (["run.occasio.json", "--log", "log.jsonl"], "give a bundle"),
    (["missing.json"], "missing.json: No such file"),
    (["."], "Is a directory"),
    (["run.occasio.json", "--key", "missing"], "missing: No such file"),
    (["run.occasio.json", "--key", "run.occasio.json"], "key-form"),
    (["run.occasio.json", "--trust", "run.occasio.json"], "trust-form"),
    (["run.occasio.json", "--identity", "x"], "go together"),
    (["run.occasio.json", "--jobs", "2"], "go with --log"),
    (["run.occasio.json", "--unknown"], "unknown argument `--unknown`"),
    (["run.occasio.json", "--integ"], "unknown argument `--integ`"),
    (["--log", "log.jsonl", "--jobs", "0"], "not a number"),
    (["--log", "log.jsonl", "--key", "ada.pub"], "no signer"),
    (["--log", "missing.jsonl"], "missing.jsonl: No such file"),
    (["--log", "log.jsonl", "--checkpoint", "ada.pub"], "note-form"),
    (["ada.pub"], "not-a-bundle"),
    (["--proof", "ada.pub"], "needs the row"),
    (["--consistency", "ada.pub"], "needs the checkpoint"),
    (["run.occasio.json", "--consistency", "ada.pub"], "one of them only"),
    (["log.jsonl", "--proof", "ada.pub", "--key", "ada.pub"], "no signer"),
    (["log.jsonl", "--proof", "ada.pub"], "tlog-proof-form"),
    (["--consistency", "ada.pub", "--checkpoint", "ada.pub"], "-form"),
]


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(a) or "nothing" for a, _ in WRONG])
def test_wrong_use_is_one_line_and_a_hint(place, arguments, said):
    done = verify(place, *arguments)
    lines = done.stderr.decode().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (2, b"", 2), done
    assert said in lines[0] and lines[1].startswith("hint: ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_log_is_a_file_and_no_pipe(place):
    os.mkfifo(place / "pipe")  # nobody writes into it: to open it would take for ever
    done = verify(place, "--log", "pipe")
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr.startswith(b"occasio_verify: pipe: not a regular file\nhint: ")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that opens and cannot be read")
def test_a_file_that_cannot_be_read_is_named(place):
    done = verify(place, "/proc/self/mem")
    assert (done.returncode, done.stderr.partition(b":")[2].startswith(b" /proc/self/mem: ")) == (2, True)


def test_too_little_memory_is_no_verdict(monkeypatch, place, capsys):
    def exhausted(*_):
        raise MemoryError

    monkeypatch.setattr("occasio_verify.__main__.verify_bundle", exhausted)
    assert main([str(place / "run.occasio.json")]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_an_unknown_flag_is_answered_with_the_nearest_one(place):
    assert b"did you mean --integrity-only?" in verify(place, "run.occasio.json", "--integrity").stderr


@pytest.mark.parametrize("arguments", [["--key", "run.occasio.json"], ["--trust", "ada.pub"]], ids="-".join)
def test_the_file_at_fault_is_named(place, arguments):
    assert verify(place, "run.occasio.json", *arguments).stderr.decode().startswith(f"occasio_verify: {arguments[1]}: ")


def test_a_reader_who_leaves_early_changes_no_exit_code(place):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        assert (verify(place, "run.occasio.json", stdout=closed).returncode) == 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_report_that_cannot_be_written_is_no_verdict(place):
    with Path("/dev/full").open("wb") as full:
        done = verify(place, "run.occasio.json", "--key", "ada.pub", stdout=full)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)


def test_without_standard_output_there_is_no_traceback(monkeypatch, place, capsys):
    monkeypatch.setattr(sys, "stdout", None)
    assert main([str(place / "run.occasio.json"), "--trust", nobody(place)]) == 2
    assert "no standard output" in capsys.readouterr().err


def test_somebody_without_a_home_has_accepted_nobody(monkeypatch, place, capsys):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("OCCASIO_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert main([str(place / "run.occasio.json")]) == 3
    assert capsys.readouterr().out.startswith("INTACT")


def test_an_interrupted_verification_is_no_verdict(monkeypatch, place):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("occasio_verify.__main__.verify_bundle", interrupted)
    assert main([str(place / "run.occasio.json"), "--trust", nobody(place)]) == 130


def test_names_of_files_cannot_steer_the_terminal(place):
    done = verify(place, "\x1b]0;owned\x07.json")
    assert b"\x1b" not in done.stderr and b"\x07" not in done.stderr


def test_a_log_alone_is_intact(place):
    done = verify(place, "--log", "log.jsonl")
    assert done.returncode == 3 and done.stdout.startswith(b"INTACT")


def test_a_log_that_extends_a_checkpoint_is_verified(place):
    done = verify(place, "--log", "log.jsonl", "--checkpoint", "checkpoint", "--jobs", "2")
    assert done.returncode == 0 and b"extends the checkpoint over 4 rows" in done.stdout


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"".join(line + b"\n" for line in LOG.lines[:3]), "log-truncated"),
        (run_of(3).data, "checkpoint-root"),
        (b"".join(line + b"\n" for line in interleaved(9, 1)).replace(b"claude", b"cloude"), "row-hash"),
        (b"", "log-empty"),
        (LOG.data[:-1], "torn-tail"),
    ],
)
def test_a_log_that_does_not_is_refused(place, data, code):
    (place / "log.jsonl").write_bytes(data)
    done = verify(place, "--log", "log.jsonl", "--checkpoint", "checkpoint")
    assert done.returncode == 1 and code.encode() in done.stdout, done.stdout


def test_a_checkpoint_whose_known_signature_does_not_hold_fails(place):
    text = example.checkpoint(LOG)
    origin = text.partition("\n")[0]
    vkey = format_vkey(VerifierKey(origin, load_public_key(example.Key(example.LOG_KEY).pem.encode())))
    entry = {"schema": "occasio-trust/v1", "keys": [], "identities": [], "logs": [{"name": "home", "vkey": vkey}]}
    (place / "t.json").write_text(json.dumps(entry), encoding="utf-8")
    (place / "checkpoint").write_text(text.replace("\n4\n", "\n3\n"), encoding="utf-8")
    done = verify(place, "--log", "log.jsonl", "--checkpoint", "checkpoint", "--trust", "t.json")
    assert done.returncode == 1 and b"note-signature" in done.stdout


def test_a_row_and_its_proof_need_no_log(place):
    rows = example.rows()
    leaves = [leaf_hash(line) for line in rows.lines]
    (place / "row.json").write_bytes(rows.lines[1] + b"\n")
    proof = TlogProof(1, tuple(inclusion_proof(leaves, 1)), example.checkpoint(rows).encode())
    (place / "row.tlog-proof").write_bytes(format_tlog_proof(proof))
    done = verify(place, "row.json", "--proof", "row.tlog-proof", "--trust", nobody(place))
    assert (done.returncode, b"log-unknown" in done.stdout) == (3, True)
    (place / "row.json").write_bytes(rows.lines[2])
    assert verify(place, "row.json", "--proof", "row.tlog-proof", "--trust", nobody(place)).returncode == 1


def test_a_kept_checkpoint_and_a_proof_need_no_log(place):
    rows = example.rows()
    note = example.checkpoint(rows).encode()
    (place / "old").write_bytes(note)
    (place / "proof").write_bytes(format_extension(Extension(4, (), note)))
    done = verify(place, "--consistency", "proof", "--checkpoint", "old", "--trust", nobody(place))
    assert (done.returncode, b"log-unknown" in done.stdout) == (3, True)


def test_a_checkpoint_of_another_log_is_refused(place):
    text = example.checkpoint(LOG).split("\n\n")[0].replace("occasio.local/", "occasio.local/0") + "\n"
    signature = base64.b64encode(hashlib.sha256(b"x").digest() * 2 + b"1234").decode()
    (place / "checkpoint").write_text(f"{text}\n\u2014 x {signature}\n", encoding="utf-8")
    done = verify(place, "--log", "log.jsonl", "--checkpoint", "checkpoint")
    assert done.returncode == 1 and b"checkpoint-origin" in done.stdout


def test_it_loads_nothing_but_the_standard_library():
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import occasio_verify.__main__;"
        "print([m for m in sys.modules if m.partition('.')[0] not in sys.stdlib_module_names | {'occasio_verify', '__main__'}])"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[]\n", done
