"""Asking the hooks' daemon as the thin program does, from many threads if need be."""

from __future__ import annotations

import json
import socket
import subprocess
from itertools import count

from occasio_core.hooks import thin
from occasio_core.hooks.place import interpreter
from tests.end_to_end.place import Place

WAIT = 60.0  # seconds


class Asker:
    """One agent's hooks, all of which ask whether a file may be read; `permitted` are the calls that may happen."""

    def __init__(self, place: Place) -> None:
        self.permitted: list[str] = []
        self._place = place
        self._serial = count()

    def asks(self, session: str) -> bool:
        """Ask about another call, and return whether there was an answer; the answer must be a yes.

        Raises `OSError` where nobody answers.
        """
        call = f"toolu_{next(self._serial)}"
        head, _, body = self._answer(self.event(call, session)).partition(b"\n")
        if not head:
            return False  # the thin program says no then
        assert head.startswith(b"0 "), (head, body)
        assert b"deny" not in body, body
        self.permitted.append(call)
        return True

    def event(self, call: str, session: str) -> bytes:
        asked = {
            "hook_event_name": "PreToolUse",
            "session_id": session,
            "cwd": str(self._place.work),
            "transcript_path": "",
            "permission_mode": "default",
            "tool_name": "Read",
            "tool_input": {"file_path": str(self._place.work / "notes.txt")},
            "tool_use_id": call,
        }
        return json.dumps(asked).encode()

    def _answer(self, event: bytes) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(WAIT)
            connection.connect(str(self._place.occasio_home / "daemon.sock"))
            connection.sendall(b"occasio-hook/1 claude-code %d\n" % len(event) + event)
            return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def thin_program(place: Place, event: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Return how the program that agents run ended."""
    home = str(place.occasio_home)
    command = [interpreter(), "-I", "-S", thin.__file__, "--agent", "claude-code", "--home", home, *options]
    return subprocess.run(command, input=event, capture_output=True, check=False)
