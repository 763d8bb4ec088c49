"""What tests about checkpoints share: a home with a log, and keys that sign."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from occasio_core import home as places
from occasio_core.ledger import Ledger
from occasio_core.model import Signature
from tests.occasio_core import logs

RUN = logs.run_id()


@dataclass(frozen=True)
class Key:
    """An Ed25519 key of a test."""

    seed: bytes = bytes(31) + b"\1"
    name: str = "key"

    def sign(self, data: bytes, /) -> Signature:
        private = Ed25519PrivateKey.from_private_bytes(self.seed)
        spki = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return Signature(sig=private.sign(data), public_key=spki)


LOG_KEY, WITNESS_KEY = Key(), Key(bytes(31) + b"\2")


@contextmanager
def log_of(place: Path) -> Iterator[Ledger]:
    with Ledger(places.log_path(places.prepared(place)), clock=logs.clock()) as log:
        yield log


def grown(log: Ledger, rows: int, run: str = RUN) -> None:
    """Give the log so many rows more, of a run that is begun if the log is empty."""
    if log.head().rows == 0:
        log.append(logs.started(run))
        rows -= 1
    for number in range(rows):
        log.append(logs.noted(run, f"row {number}"))
