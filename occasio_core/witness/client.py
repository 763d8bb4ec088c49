"""Asking a witness to cosign a checkpoint of one's own log (c2sp.org/tlog-witness).

The witness says which size it saw last; the proof is made from there.  What comes back is believed only as far as the
keys that the caller knows.
"""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from occasio_core.checkpoints import RewoundError
from occasio_core.errors import OccasioError, UsageError
from occasio_core.ledger import Ledger
from occasio_core.log_proofs import proved_extension
from occasio_core.witness.desk import SIZE_TYPE
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

_SECONDS = 30.0
_MOST_BYTES = 1 << 16
_MOST_TURNS = 4  # another process of this log may have been faster, but not for ever


class WitnessError(OccasioError):
    """Raised when a witness does not cosign, or what it says cannot be used."""


def cosigned(url: str, log: Ledger, tree: Checkpoint, note: bytes, vkeys: tuple[str, ...]) -> bytes:
    """Return `note`, the checkpoint `tree` of `log`, with the cosignature of the witness at `url`, one of `vkeys`.

    Raises `WitnessError`, and `RewoundError` if the witness saw what the log no longer has.
    """
    address = _address(url)
    old_size = 0
    for _ in range(_MOST_TURNS):
        body = format_extension(proved_extension(log, old_size, tree, note))
        status, kind, answer = _post(address, body)
        if status == http.HTTPStatus.OK:
            return _joined(note, answer, vkeys, url)
        if status != http.HTTPStatus.CONFLICT or kind != SIZE_TYPE:
            break
        old_size = _size(answer, url)
        if old_size > tree.size:
            raise RewoundError(
                f"the witness {url} has seen {old_size} rows, and the log has {tree.size}",
                hint="rows are gone; occasio audit verify with an older checkpoint says more",
            )
    said = answer.decode("utf-8", "replace").strip().splitlines()
    raise WitnessError(
        f"the witness {url} does not cosign: {status}{f', {said[0]}' if said else ''}", hint=_HINTS.get(status, "")
    )


_HINTS = {
    403: "the witness knows another key of this log; `occasio log vkey` prints the present one",
    404: "the witness must be told of the log: `occasio witness trust VKEY`, with what `occasio log vkey` prints",
    409: "the witness has seen another history of this log; keep both, and ask who has the older checkpoint",
    422: "the witness has seen another history of this log; keep both, and ask who has the older checkpoint",
}


def _address(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"`{url}` is not the address of a witness", hint="write it as https://HOST/PREFIX")
    return f"{url.rstrip('/')}/add-checkpoint"


def _post(address: str, body: bytes) -> tuple[int, str, bytes]:
    request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
        address, body, {"Content-Type": "text/plain; charset=utf-8"}, method="POST"
    )
    try:
        try:
            with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
                return answer.status, answer.headers.get_content_type(), answer.read(_MOST_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get_content_type(), error.read(_MOST_BYTES)
    except (OSError, http.client.HTTPException) as error:
        why = error.reason if isinstance(error, urllib.error.URLError) else error
        raise WitnessError(f"the witness at {address} cannot be asked: {why}") from error


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
