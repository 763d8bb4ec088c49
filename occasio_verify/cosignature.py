"""What witnesses add to a checkpoint: c2sp.org/tlog-cosignature with Ed25519 (type 4); and how many are asked for.

A cosignature says that its witness saw, at a time, the log at this size with this root, and no other history of it
before.  Raises NoteError `note-form`, `note-signature` for a cosignature by a known witness that does not hold, and
`witness-missing` where fewer witnesses signed than the policy asks for.

Knows notes; it does not know logs, trees or clocks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from occasio_verify.errors import NoteError
from occasio_verify.note import (
    Note,
    NoteSignature,
    NoteSigner,
    VerifierKey,
    known_keys,
    parse_checkpoint,
    parse_vkey,
)
from occasio_verify.signature import load_public_key

COSIGNATURE = 0x04
"""The signature type of a timestamped Ed25519 cosignature."""

_TIME_BYTES = 8
_ED25519_BYTES = 64
_LATEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cosignature:
    """Which witness cosigned, and when, by its clock: seconds since 1970."""

    name: str
    time: int


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """How many of the witnesses with these vkeys must have cosigned a checkpoint."""

    threshold: int
    vkeys: tuple[str, ...]


def parse_cosigner(text: str) -> VerifierKey:
    """The key in the vkey of a witness."""
    return parse_vkey(text, COSIGNATURE)


def check_policy(policy: WitnessPolicy) -> None:
    """Check that the policy can be met, and that nobody in it counts twice.  Raises NoteError `note-form`."""
    known_keys(policy.vkeys, COSIGNATURE)
    keys = {parse_cosigner(vkey).key for vkey in policy.vkeys}
    if len(keys) != len(policy.vkeys):
        raise NoteError("note-form", "one key is listed as two witnesses")
    if not 1 <= policy.threshold <= len(keys):
        raise NoteError("note-form", f"{policy.threshold} of {len(keys)} witnesses cannot be asked for")


def verify_cosignatures(note: Note, vkeys: Iterable[str]) -> tuple[Cosignature, ...]:
    """The witnesses among `vkeys` that cosigned the checkpoint in `note`, each once, in its order.

    One bad cosignature by a known witness condemns the whole note; signatures by others are passed over.
    """
    known = known_keys(vkeys, COSIGNATURE)
    found: dict[tuple[str, bytes], Cosignature] = {}
    for line in note.signatures:
        if (key := known.get((line.name, line.key_id))) is None:
            continue
        time = int.from_bytes(line.signature[:_TIME_BYTES])
        whole = len(line.signature) == _TIME_BYTES + _ED25519_BYTES and time <= _LATEST
        if not whole or not key.verify(line.signature[_TIME_BYTES:], cosigned_message(note.text, time)):
            raise NoteError("note-signature", f"the cosignature by `{line.name}` does not hold")
        found.setdefault((line.name, line.key_id), Cosignature(line.name, time))
    return tuple(found.values())


def check_witnesses(note: Note, policy: WitnessPolicy | None) -> tuple[Cosignature, ...]:
    """The witnesses of the policy that cosigned, as many as it asks for at least; nobody is asked for by None."""
    if policy is None:
        return ()
    found = verify_cosignatures(note, policy.vkeys)
    if len(found) < policy.threshold:
        asked = f"{len(found)} of your witnesses cosigned the checkpoint, and you ask for {policy.threshold}"
        raise NoteError("witness-missing", asked)
    return found


def cosigned_message(text: str, time: int) -> bytes:
    """What a witness signs at `time`, seconds since 1970, for the checkpoint `text`."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosign(text: str, name: str, time: int, signer: NoteSigner) -> NoteSignature:
    """The line by which the witness `name` cosigns the checkpoint `text`.

    Raises NoteError `checkpoint-form` if it is none, and SignatureError `key-form` for an odd key.
    """
    parse_checkpoint(text)
    signed = signer.sign(cosigned_message(text, time))
    key = VerifierKey(name, load_public_key(signed.public_key), COSIGNATURE)
    return NoteSignature(name, key.key_id, time.to_bytes(_TIME_BYTES) + signed.sig)
