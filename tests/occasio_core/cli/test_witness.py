"""`occasio witness`: a process of its own, that a log asks, a verifier asks for, and that nobody can rewind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from occasio_core import home as places
from occasio_verify import main as verify
from tests.occasio_core.cli.commands import Captured, assert_refused, occasio


@contextmanager
def witness(state: Path, *logs: str) -> Iterator[tuple[str, str]]:
    """Run a witness and provide its URL and its key."""
    options = [part for vkey in logs for part in ("--log", vkey)]
    command = [sys.executable, "-m", "occasio_core", "witness", "serve", "--state", str(state)]
    process = subprocess.Popen(
        [*command, "--name", "witness.example/w1", "--listen", "127.0.0.1:0", *options],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        said: dict[str, str] = {}
        for line in process.stderr:
            name, _, value = line.strip().rpartition(" ")
            said[name] = value
            if name == "listening at":
                break
        yield said["listening at"], said["witness"]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()
        process.stderr.close()


def vkey(capsys: Captured) -> str:
    capsys.readouterr()
    assert occasio("log", "vkey") == 0
    return capsys.readouterr().out.strip()


def asking_for(home: Path, key: str) -> None:
    """Ask for the witness in the home's trust file."""
    path = places.trust_path(home)
    trust = json.loads(path.read_bytes())
    trust["witnesses"] = {"threshold": 1, "keys": [{"name": "w1", "vkey": key}]}
    path.write_text(json.dumps(trust), encoding="utf-8")


@pytest.mark.usefixtures("log")
def test_a_bundle_carries_what_the_witness_cosigned(home: Path, tmp_path: Path, capsys: Captured) -> None:
    with witness(tmp_path / "w", vkey(capsys)) as (url, key):
        assert occasio("bundle", "--out", "before.json") == 0
        asking_for(home, key)
        assert verify(["before.json"]) == 1
        assert "witness-missing" in capsys.readouterr().out
        assert occasio("log", "cosign", "--witness", url) == 0
    assert occasio("bundle", "--out", "after.json") == 0
    capsys.readouterr()
    assert verify(["after.json"]) == 0
    assert "cosigned by witness.example/w1" in " ".join(capsys.readouterr().out.split())
    assert occasio("audit", "verify") == 0


@pytest.mark.usefixtures("log")
def test_who_asks_for_a_witness_still_checks_the_log(home: Path, tmp_path: Path, capsys: Captured) -> None:
    with witness(tmp_path / "w", vkey(capsys)) as (url, key):
        assert occasio("log", "cosign", "--witness", url, "--vkey", key, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["witnesses"] == ["witness.example/w1"]
    asking_for(home, key)
    data = places.log_path(home).read_bytes()
    places.log_path(home).write_bytes(b"".join(data.splitlines(keepends=True)[:-3]))
    assert occasio("audit", "verify") == 1


def test_a_witness_keeps_its_key_and_its_name(tmp_path: Path, capsys: Captured) -> None:
    with witness(tmp_path / "w") as (_, key):
        pass
    assert occasio("witness", "vkey", "--state", tmp_path / "w") == 0
    assert capsys.readouterr().out.strip() == key
    assert (tmp_path / "w").stat().st_mode & 0o077 == 0


def test_a_witness_in_the_home_that_it_watches_is_wrong_use(home: Path, capsys: Captured) -> None:
    assert occasio("witness", "vkey", "--state", home) == 2
    assert_refused(capsys, "watches nothing", "a directory")


def test_what_is_no_key_of_a_log_is_wrong_use(tmp_path: Path, capsys: Captured) -> None:
    assert occasio("witness", "trust", "--state", tmp_path / "w", "scribble") == 2
    assert "is not the key of a log" in capsys.readouterr().err


@pytest.mark.parametrize("address", ["8463", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999"])
def test_what_is_no_address_is_wrong_use(tmp_path: Path, capsys: Captured, address: str) -> None:
    assert occasio("witness", "serve", "--state", tmp_path / "w", "--listen", address) == 2
    assert_refused(capsys, "no address to listen at", "HOST:PORT")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to give a directory away")
def test_a_directory_of_another_user_is_refused(tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "w").mkdir(mode=0o700)
    os.chown(tmp_path / "w", 65534, 65534)
    assert occasio("witness", "vkey", "--state", tmp_path / "w") == 1
    assert "belongs to another user" in capsys.readouterr().err
