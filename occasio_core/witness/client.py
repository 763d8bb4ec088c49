"""Asking a witness to cosign a checkpoint of one's own log (c2sp.org/tlog-witness).

The witness says which size it saw last; the proof is made from there.  What comes back is believed only as far as the
keys that the caller knows.
"""

from __future__ import annotations

from http import HTTPStatus

from occasio_core.asking import post
from occasio_core.checkpoints import RewoundError
from occasio_core.errors import OccasioError
from occasio_core.ledger import Ledger
from occasio_core.log_proofs import proved_extension
from occasio_core.witness.desk import SIZE_TYPE, TEXT_TYPE
from occasio_verify import (
    COSIGNATURE,
    Checkpoint,
    Note,
    VerifyError,
    format_extension,
    format_note,
    known_keys,
    parse_note,
    verify_cosignatures,
)

_MOST_TURNS = 4  # another process of this log may have been faster, but not for ever


class WitnessError(OccasioError):
    """Raised when a witness does not cosign, or what it says cannot be used."""


def cosigned(url: str, log: Ledger, tree: Checkpoint, note: bytes, vkeys: tuple[str, ...]) -> bytes:
    """Return `note`, the checkpoint `tree` of `log`, with the cosignature of the witness at `url`, one of `vkeys`.

    Raises `WitnessError`, and `RewoundError` if the witness saw what the log no longer has.
    """
    old_size = 0
    for _ in range(_MOST_TURNS):
        body = format_extension(proved_extension(log, old_size, tree, note))
        answer = post(f"{url.rstrip('/')}/add-checkpoint", body, TEXT_TYPE)
        if answer.status == HTTPStatus.OK:
            return _joined(note, answer.body, vkeys, url)
        if answer.status != HTTPStatus.CONFLICT or answer.content_type != SIZE_TYPE:
            break
        old_size = _size(answer.body, url)
        if old_size > tree.size:
            raise RewoundError(
                f"the witness {url} has seen {old_size} rows, and the log has {tree.size}",
                hint="rows are gone; occasio audit verify with an older checkpoint says more",
            )
    said = answer.body.decode("utf-8", "replace").strip().splitlines()[:1]
    why = ", ".join([str(answer.status), *said])
    raise WitnessError(f"the witness {url} does not cosign: {why}", hint=_HINTS.get(answer.status, ""))


_HINTS = {
    403: "the witness knows another key of this log; `occasio log vkey` prints the present one",
    404: "the witness must be told of the log: `occasio witness trust VKEY`, with what `occasio log vkey` prints",
    409: "the witness has seen another history of this log; keep both, and ask who has the older checkpoint",
    422: "the witness has seen another history of this log; keep both, and ask who has the older checkpoint",
}


def _size(answer: bytes, url: str) -> int:
    text = answer.removesuffix(b"\n")
    if not text.isdigit() or len(text) > 16:
        raise WitnessError(f"the witness {url} does not say which size it saw")
    return int(text)


def _joined(note: bytes, answer: bytes, vkeys: tuple[str, ...], url: str) -> bytes:
    """Return the note with those new lines that are by known witnesses, which stand in place of their older ones."""
    before = parse_note(note)
    try:
        lines = parse_note(f"{before.text}\n".encode() + answer).signatures
        known = known_keys(vkeys, COSIGNATURE)
        fresh = tuple(line for line in lines if (line.name, line.key_id) in known)
        named = {(line.name, line.key_id) for line in fresh}
        if not verify_cosignatures(Note(before.text, fresh), vkeys) or len(named) != len(fresh):
            raise WitnessError(f"the witness {url} cosigned with a key that you do not know", hint=_VKEY)
        rest = tuple(line for line in before.signatures if (line.name, line.key_id) not in named)
        return format_note(Note(before.text, (*rest, *fresh)))
    except VerifyError as error:
        raise WitnessError(f"what the witness {url} says cannot be used: {error}") from None


_VKEY = "`occasio witness vkey` prints it, at the witness; name it with --vkey, or among `witnesses` of the trust file"
