"""Keys of a real ssh-agent: listed, chosen, signed with; and an agent that answers nonsense."""

from __future__ import annotations

import shutil
import socket
import struct
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from occasio_core import OccasioError, UsageError, read_trust
from occasio_sign_key import KeySigner
from occasio_sign_key.agent import AgentError, AgentKey, agent_keys
from occasio_sign_key.key import KeyFileError
from occasio_sign_key.keyfile import KeyExistsError, file_of, keep_held, key_names, make_key, read_key
from occasio_verify import load_public_key

agent = pytest.mark.skipif(
    not all(map(shutil.which, ("ssh-agent", "ssh-add", "ssh-keygen"))), reason="there is no ssh-agent here"
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A short path: that of a socket has 108 bytes at most."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="agent") as folder:
        yield Path(folder)


@pytest.fixture
def real(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a real agent whose socket is the one that is used."""
    path = place / "socket"
    process = subprocess.Popen(["ssh-agent", "-D", "-a", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()  # it says where it is once it listens
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    yield place
    process.terminate()
    process.wait()
    process.stdout.close()


def add(folder: Path, kind: str, comment: str) -> Path:
    """Make a key, add it to the agent, and take the private half away."""
    file = folder / comment
    make = ["ssh-keygen", "-q", "-t", kind, "-N", "", "-C", comment, "-f", file]
    subprocess.run(make, check=True, capture_output=True)
    subprocess.run(["ssh-add", "-q", file], check=True, capture_output=True)
    file.unlink()
    return file.with_suffix(".pub")


@agent
@pytest.mark.parametrize(("kind", "algorithm"), [("ed25519", "ed25519"), ("ecdsa", "ecdsa-p256-sha256")])
def test_the_verifier_accepts_what_the_agent_signs(real: Path, kind: str, algorithm: str) -> None:
    add(real, kind, "ada")
    (key,) = agent_keys()
    assert key.algorithm == algorithm
    for number in range(20):  # r and s of an ECDSA signature are not always of one length
        signature = key.sign(b"evidence %d" % number)
        public = load_public_key(signature.public_key)
        assert public.algorithm == algorithm
        assert public.verify(signature.sig, b"evidence %d" % number)
        assert not public.verify(signature.sig, b"other")


@agent
def test_the_key_is_the_one_that_ssh_wrote(real: Path) -> None:
    line = add(real, "ed25519", "ada").read_bytes()
    (key,) = agent_keys()
    assert key.spki == load_public_key(line).spki
    assert agent_keys()[key] == "ada"


@agent
def test_keys_that_cannot_be_used_here_are_left_out(real: Path) -> None:
    add(real, "rsa", "old")
    add(real, "ed25519", "ada")
    assert list(agent_keys().values()) == ["ada"]


@agent
def test_a_kept_key_signs_by_its_name_and_its_private_half_is_nowhere(real: Path, home: Path) -> None:
    add(real, "ecdsa", "ada")
    (key,) = agent_keys()
    keep_held(home, "release", key)
    assert (read_key(home, "release"), key_names(home)) == (key, ["release"])
    assert [entry.name for entry in read_trust(home).keys if entry.key.spki == key.spki] == ["release"]
    signature = KeySigner("release", home).sign(b"evidence")
    assert load_public_key(signature.public_key).verify(signature.sig, b"evidence")
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"PRIVATE" not in kept


@agent
def test_the_default_key_may_be_the_agents(real: Path, home: Path) -> None:
    add(real, "ed25519", "ada")
    (key,) = agent_keys()
    keep_held(home, "default", key)
    assert KeySigner("default", home).sign(b"x").public_key == key.spki


@agent
def test_a_key_that_the_agent_has_no_more_does_not_sign(real: Path, home: Path) -> None:
    add(real, "ed25519", "ada")
    (key,) = agent_keys()
    subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)
    with pytest.raises(AgentError, match="does not sign with this key") as refusal:
        key.sign(b"evidence")
    assert "ssh-add" in refusal.value.hint


@agent
def test_names_are_given_once(real: Path, home: Path) -> None:
    add(real, "ed25519", "ada")
    (key,) = agent_keys()
    make_key(home, "release")
    with pytest.raises(KeyExistsError):
        keep_held(home, "release", key)
    keep_held(home, "held", key)
    with pytest.raises(KeyExistsError):
        make_key(home, "held")
    with pytest.raises(UsageError, match="the key of a log or a witness stays with it"):
        keep_held(home, "log", key)


@agent
def test_a_kept_key_that_was_changed_is_refused(real: Path, home: Path) -> None:
    add(real, "ed25519", "ada")
    (key,) = agent_keys()
    keep_held(home, "held", key)
    for text in (b"", b"ssh-ed25519", b"ssh-ed25519 !!!", b"ssh-ed25519 AAAA", b"ssh-rsa AAAAB3NzaC1yc2E="):
        file_of(home, "held").write_bytes(text)
        with pytest.raises(KeyFileError, match="is not the public half of a key"):
            read_key(home, "held")


def test_without_an_agent_it_is_said_how_to_get_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(AgentError, match="SSH_AUTH_SOCK is not set") as refusal:
        agent_keys()
    assert "ssh-add" in refusal.value.hint
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nowhere"))
    with pytest.raises(AgentError, match="cannot be used"):
        agent_keys()


ED25519_BLOB = struct.pack("!I", 11) + b"ssh-ed25519" + struct.pack("!I", 32) + bytes(32)


@pytest.fixture
def answering(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Return what makes an agent that says exactly this to whoever asks."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(place / "socket"))
    server.listen()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(place / "socket"))
    threads = []

    def answer(data: bytes) -> None:
        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(data)

        threads.append(threading.Thread(target=serve))
        threads[-1].start()

    yield answer
    for thread in threads:
        thread.join()
    server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0\0",
        b"\0\0\0\5\x0c\0",
        b"\0\0\0\1\5",
        b"\0\0\0\0",
        b"\xff\xff\xff\xff",
        struct.pack("!I", 13) + b"\x0c\0\0\0\1\0\0\0\xff\0\0\0\0",
    ],
)
def test_an_agent_that_answers_nonsense_is_refused_in_one_line(
    answering: Callable[[bytes], None], answer: bytes
) -> None:
    answering(answer)
    with pytest.raises(OccasioError) as refusal:
        agent_keys()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("answer", [b"", b"\0\0\0\1\5", b"\0\0\0\1\x0e", b"\0\0\0\2\x0e\0"])
def test_an_agent_that_signs_nonsense_is_refused_in_one_line(answering: Callable[[bytes], None], answer: bytes) -> None:
    answering(answer)
    with pytest.raises(OccasioError) as refusal:
        AgentKey(ED25519_BLOB).sign(b"evidence")
    assert "\n" not in str(refusal.value)
