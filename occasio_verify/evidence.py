"""What a verification has established so far: each check adds to it, later checks build on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from occasio_verify.canonical import Json, canonical
from occasio_verify.document import parse_bundle
from occasio_verify.errors import VerifyError
from occasio_verify.keyless import Certified
from occasio_verify.rows import Row
from occasio_verify.statement import Envelope
from occasio_verify.trust import Trust, TrustedIdentity, TrustedKey

Outcome: TypeAlias = str
"""One line that says what a passed check has shown."""


class NotChecked(Exception):  # noqa: N818 - it is no error
    """Raised by a check that cannot be made; `code` and `detail` say why."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


@dataclass(slots=True, kw_only=True)
class Evidence:
    """The file, whom the caller trusts, and what earlier checks have found to hold."""

    data: bytes = field(repr=False)
    trust: Trust
    bundle: Mapping[str, Json] | None = None
    rows: list[Row] | None = None
    predicate: Mapping[str, Json] | None = None
    envelopes: list[Envelope] | None = None
    """What is signed, if it is the Statement about this bundle; the key's envelope first."""
    signer: TrustedKey | TrustedIdentity | None = None
    """Whose signature over that Statement holds."""
    certified: Certified | None = None
    """What a Sigstore signature over that Statement shows, if it holds."""
    no_signer: NotChecked | None = None
    """Why no signature was checked."""
    free_form: bool = False
    """Whether the bundle is of the node profile, of which only the canonical form counts."""
    log_is_known: bool = False
    """Whether a known log key signed the checkpoint."""

    def members(self) -> Mapping[str, Json]:
        """Return the bundle, if its form holds."""
        if self.bundle is None:
            raise NotChecked("earlier-failure", "the file has not the form of a bundle")
        return self.bundle

    def checked_rows(self) -> list[Row]:
        """Return the rows, if each of them holds."""
        self.members()
        if self.rows is None:
            raise NotChecked("earlier-failure", "the rows do not hold")
        return self.rows

    def recomputed(self) -> Mapping[str, Json]:
        """Return the predicate of the rows, if they are one run."""
        self.checked_rows()
        if self.predicate is None:
            raise NotChecked("earlier-failure", "the rows are not one complete run")
        return self.predicate

    def is_expected(self, payload: bytes, expected: bytes) -> bool:
        """Return whether what was signed is the Statement."""
        if not self.free_form:
            return payload == expected
        try:
            return canonical(parse_bundle(payload)) == expected
        except VerifyError:
            return False
