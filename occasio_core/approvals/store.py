"""The box in which questions wait and answers are put: a directory in Occasio's home, readable by the person alone.

A question is one file, its answer another, written once: a second answer finds the place taken.  Both carry an HMAC
over all that they say, by a key of this home: a file that somebody else wrote, or changed, is no question and no
answer.  Whoever runs as the person can read that key.  This keeps mistakes and planted files out, not a program of the
person's own that sets out to forge.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core.approvals.question import Ending
from occasio_core.errors import OccasioError, UsageError
from occasio_core.files import write_whole
from occasio_verify import Json, MalformedError, canonical, parse_json

_ID = re.compile(r"apr_[0-9a-f]{16}")
_MAX_BYTES = 2 << 20
_KEY = "approvals.key"
_SAID = ("answer", "approval_id", "approver", "digest", "message", "method")


@dataclass(frozen=True, slots=True)
class Box:
    """The approvals of one home."""

    place: Path

    @property
    def directory(self) -> Path:
        """Where the files are."""
        return self.place / "approvals"

    def ask(self, members: Mapping[str, Json]) -> None:
        """Put a question into the box.  Raises `OccasioError` when it cannot be written."""
        try:
            self.directory.mkdir(mode=0o700, exist_ok=True)
            write_whole(self._question(str(members["approval_id"])), self._signed(members), 0o600)
        except OSError as error:
            raise OccasioError(f"`{self.directory}` cannot be written: {error.strerror}") from error

    def answer(self, approval_id: str, digest: str, answer: Ending, approver: str, method: str, message: str) -> None:
        """Answer a question.  Raises `UsageError` when it has an answer already, or waits no more."""
        said: dict[str, Json] = {
            "answer": answer.value,
            "approval_id": approval_id,
            "approver": approver,
            "digest": digest,
            "message": message,
            "method": method,
        }
        if self.question(approval_id) is None:
            raise UsageError(
                f"no approval `{approval_id}` is waiting", hint="occasio approvals list shows those that are"
            )
        unfinished = self.directory / f".{secrets.token_hex(8)}.new"
        try:
            write_whole(unfinished, self._signed(said), 0o600)
            os.link(unfinished, self._answer(approval_id))  # whole, and only where there is none
        except FileExistsError:
            raise UsageError(f"the approval `{approval_id}` has been answered already") from None
        finally:
            unfinished.unlink(missing_ok=True)

    def question(self, approval_id: str) -> Mapping[str, Json] | None:
        """Return a question that waits, None if there is none of that id or it was not asked by this home."""
        return self._read(self._question(approval_id))

    def questions(self) -> Iterator[Mapping[str, Json]]:
        """Yield the questions that wait, the oldest first."""
        paths = self.directory.glob("apr_*.question.json") if self.directory.is_dir() else ()
        found = [question for path in paths if (question := self._read(path)) is not None]
        yield from sorted(found, key=lambda question: (str(question.get("asked_at")), str(question.get("approval_id"))))

    def answered(self, approval_id: str, digest: str) -> Mapping[str, Json] | None:
        """Return the answer once there is one.

        Raises `OccasioError` for an answer that is not of this home, or to another question.
        """
        path = self._answer(approval_id)
        if not path.exists():
            return None
        said = self._read(path)
        if said is None:
            raise OccasioError("the answer was not written by `occasio approvals`")
        if said.get("approval_id") != approval_id or said.get("digest") != digest or set(said) != {*_SAID}:
            raise OccasioError("the answer is to another question")
        return said

    def close(self, approval_id: str) -> None:
        """Take a question and its answer out of the box: it can be answered no more."""
        self._question(approval_id).unlink(missing_ok=True)
        self._answer(approval_id).unlink(missing_ok=True)

    def _question(self, approval_id: str) -> Path:
        return self.directory / f"{_checked(approval_id)}.question.json"

    def _answer(self, approval_id: str) -> Path:
        return self.directory / f"{_checked(approval_id)}.answer.json"

    def _signed(self, members: Mapping[str, Json]) -> bytes:
        return canonical({**members, "mac": self._mac(members)}) + b"\n"

    def _read(self, path: Path) -> Mapping[str, Json] | None:
        try:
            with path.open("rb") as file:
                said = parse_json(file.read(_MAX_BYTES))
        except (OSError, MalformedError):
            return None
        if not isinstance(said, dict) or not isinstance(mac := said.pop("mac", None), str):
            return None
        return said if hmac.compare_digest(mac, self._mac(said)) else None

    def _mac(self, members: Mapping[str, Json]) -> str:
        return hmac.new(self._key(), canonical(dict(members)), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        path = self.place / _KEY
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            key = path.read_bytes()
            if len(key) != 32:
                raise OccasioError(
                    f"`{path}` does not hold 32 bytes", hint="remove it; a new one will be made"
                ) from None
            return key
        with os.fdopen(descriptor, "wb") as file:
            file.write(key := secrets.token_bytes(32))
        return key


def new_id() -> str:
    """Return an id that nobody can guess."""
    return f"apr_{secrets.token_hex(8)}"


def _checked(approval_id: str) -> str:
    if not _ID.fullmatch(approval_id):
        raise UsageError(f"`{approval_id}` is not the id of an approval", hint="it looks like apr_0123456789abcdef")
    return approval_id
