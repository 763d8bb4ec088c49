"""Verification asks nobody: the same again in a network namespace in which there is nothing but loopback, or not even that."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, root, signed, written

ROOT = Path(__file__).parents[2]
# brings loopback up: SIOCSIFFLAGS of IFF_UP and IFF_RUNNING for `lo`; then becomes the program that is named
_WITH_LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket() as any:
    fcntl.ioctl(any, 0x8914, struct.pack("16sh14x", b"lo", 0x41))
os.execv(sys.argv[1], sys.argv[1:])
"""
_INTERFACES = "import socket; print(*(name for _, name in socket.if_nameindex()))"


@cache
def unshare() -> tuple[str, ...]:
    """Return the command that takes the network away; none where this system does not let us."""
    for flags in ("-n", "-rn"):
        command = ("unshare", flags, "--")
        if (
            shutil.which("unshare")
            and not subprocess.run([*command, "true"], capture_output=True, check=False).returncode
        ):
            return command
    return ()


needs_unshare = pytest.mark.skipif(not unshare(), reason="a network namespace may not be made here")


def alone(*command: str | Path, cwd: Path, loopback: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a Python program where there is no network."""
    start = [sys.executable, "-c", _WITH_LOOPBACK] if loopback else []
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    full = [*unshare(), *start, sys.executable, *map(str, command)]
    return subprocess.run(full, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)


@needs_unshare
def test_there_is_nothing_but_loopback(tmp_path: Path) -> None:
    assert alone("-c", _INTERFACES, cwd=tmp_path).stdout.split() == ["lo"]
    connect = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert "unreachable" in alone("-c", connect, cwd=tmp_path).stderr.lower()
    assert "refused" in alone("-c", connect, cwd=tmp_path, loopback=True).stderr.lower()


@needs_unshare
@pytest.mark.parametrize("rekor", [1, 2])
def test_a_keyless_bundle_is_verified_without_any_network(tmp_path: Path, rekor: int) -> None:
    with PrivateSigstore(rekor=rekor) as instance:
        (tmp_path / "bundle").write_bytes(written(signed(instance)))
        (tmp_path / "root").write_bytes(root(instance))
    who = ["--identity", IDENTITY, "--issuer", GITHUB_ISSUER, "--repository", "octo/agent"]
    command = ["-m", "occasio_verify", "bundle", *who, "--json"]
    done = alone(*command, "--trusted-root", "root", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["verdict"]) == (0, "VERIFIED"), done.stderr
    assert alone(*command, cwd=tmp_path).returncode == 1  # by the public instance it is not, and nobody is asked
    assert alone("-m", "occasio_core", "verify", *command[2:], "--trusted-root", "root", cwd=tmp_path).returncode == 0


@needs_unshare
def test_signing_and_verifying_need_no_more_than_loopback(tmp_path: Path) -> None:
    tests = [
        "tests/occasio_verify/test_keyless.py",
        "tests/occasio_verify/test_certificate.py",
        "tests/occasio_verify/test_attested.py",
        "tests/end_to_end/test_real_attestations.py",
        "plugins/sign_sigstore",
    ]
    options = ["-q", "-x", "-p", "no:cacheprovider", f"--basetemp={tmp_path / 'base'}"]
    done = alone("-m", "pytest", *options, *tests, cwd=ROOT, loopback=True)
    assert done.returncode == 0, done.stdout[-3000:]
