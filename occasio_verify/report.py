"""What a verification found, for programs and for people.

Knows how to say it; decides nothing but the verdict, which follows from the checks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from occasio_verify.canonical import Json

_MOST_BLOCKED = 20
_MOST_OF_A_VALUE = 200
_DIGEST_COLUMNS = 64  # in one piece, to be copied


class Status(StrEnum):
    """How one check ended."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_CHECKED = "not-checked"


class Verdict(StrEnum):
    """What the checks amount to (SPEC section 13)."""

    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    INTACT = "INTACT"


class Exit(IntEnum):
    """Exit codes (SPEC section 13)."""

    VERIFIED = 0
    FAILED = 1
    USAGE = 2
    INTACT = 3


class Basis(StrEnum):
    """What a claim rests on (SPEC section 11.1)."""

    VERIFIED = "verified"
    SELF_REPORTED = "self-reported"
    INFERRED = "inferred"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Check:
    """One check by its stable name; `code` is `ok` or a code of SPEC, `detail` one line."""

    name: str
    status: Status
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a bundle says, and what that rests on."""

    name: str
    value: Json
    basis: Basis


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The result of a verification.  `signer` is the name the caller gave to the key or identity that signed.

    `verified_means` is what VERIFIED says to a person where it is not a bundle that was checked.
    """

    subject: str
    profile: str
    checks: tuple[Check, ...]
    claims: tuple[Claim, ...] = ()
    blocked: tuple[Mapping[str, Json], ...] = ()
    signer: str | None = None
    notes: tuple[str, ...] = ()
    verified_means: str = ""

    @property
    def verdict(self) -> Verdict:
        """Return FAILED if a check failed, VERIFIED if all passed and there was one, else INTACT."""
        statuses = {check.status for check in self.checks}
        if Status.FAIL in statuses or not statuses:
            return Verdict.FAILED
        return Verdict.VERIFIED if statuses == {Status.PASS} else Verdict.INTACT

    def exit_code(self, *, integrity_only: bool = False) -> Exit:
        """Return the exit code; with `integrity_only` INTACT is good enough."""
        if self.verdict is Verdict.INTACT and integrity_only:
            return Exit.VERIFIED
        return Exit[self.verdict.name]

    def to_json(self, *, integrity_only: bool = False) -> dict[str, Json]:
        """Return the report as it is printed with --json.  New members may come; none will go or change its meaning."""
        return {
            "report": "occasio-report/v1",
            "verdict": self.verdict.value,
            "exit_code": int(self.exit_code(integrity_only=integrity_only)),
            "subject": self.subject,
            "profile": self.profile,
            "signer": self.signer,
            "checks": [
                {"name": check.name, "status": check.status.value, "code": check.code, "detail": check.detail}
                for check in self.checks
            ],
            "claims": [{"name": claim.name, "value": claim.value, "basis": claim.basis.value} for claim in self.claims],
            "blocked": list(self.blocked),
            "notes": list(self.notes),
        }

    def to_text(self, width: int = 80) -> str:
        """Return the report for a terminal of `width` columns: no control characters, and no text of others at the
        beginning of a line."""
        return "\n".join(_lines(self, width))


def clipped(text: str, most: int = 1000) -> str:
    """Return `text`, or the beginning of one that is too long to be read."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


_MARKS = {Status.PASS: "ok  ", Status.FAIL: "FAIL", Status.NOT_CHECKED: "--  "}

_MEANING = {
    Verdict.VERIFIED: "every check passed, and the signer is one that you named or accepted",
    Verdict.FAILED: "do not rely on this: what is marked FAIL does not hold",
    Verdict.INTACT: "whole and consistent, but not authenticated: anybody could have written it",
}
_INTACT_AND_SIGNED = "whole, and signed by one you know, but not every signature could be checked here"


def _lines(report: Report, width: int) -> Iterable[str]:
    yield from _heading(report, width)
    yield from _wrapped(_meaning(report), width, "  ")
    yield ""
    name_width = max((len(check.name) for check in report.checks), default=0)
    for check in report.checks:
        said = check.detail if check.status is Status.PASS else f"{check.code}: {check.detail}"
        head = f"  {_MARKS[check.status]}  {check.name:<{name_width}}  "
        yield from _wrapped(said, width, " " * len(head), head)
    if report.claims:
        yield ""
        yield from _claim_lines(report.claims, width)
    if report.blocked:
        yield ""
        yield from _blocked_lines(report.blocked, width)
    for note in report.notes:
        yield ""
        yield from _wrapped(note, width, "  ")


def _heading(report: Report, width: int) -> Iterable[str]:
    signer = f"signed by {report.signer}" if report.signer else ""
    line = "  ".join(filter(None, [report.verdict.value, _safe(report.subject), _safe(signer)]))
    if _columns(line) <= width:
        yield line
        return
    yield from _wrapped(report.subject, width, "  ", f"{report.verdict.value}  ")
    if signer:
        yield from _wrapped(signer, width, "  ")


def _meaning(report: Report) -> str:
    if report.verdict is Verdict.INTACT and report.signer:
        return _INTACT_AND_SIGNED
    if report.verdict is Verdict.VERIFIED and report.verified_means:
        return report.verified_means
    return _MEANING[report.verdict]


def _claim_lines(claims: Sequence[Claim], width: int) -> Iterable[str]:
    for basis in Basis:
        members = [claim for claim in claims if claim.basis is basis]
        if members:
            said = ", ".join(c.name if c.value is None else f"{c.name} {_said(c.value)}" for c in members)
            yield from _wrapped(said, width, "    ", f"  {basis.value + ':':<15}")


def _blocked_lines(blocked: Sequence[Mapping[str, Json]], width: int) -> Iterable[str]:
    yield "  refused:"
    for event in blocked[:_MOST_BLOCKED]:
        offset = event.get("at_offset_s")
        when = f"  +{offset} s" if type(offset) is int else ""
        tool, target, rule = (_said(event.get(name)) for name in ("tool", "target", "rule"))
        yield from _wrapped(f"{tool}  {target}  [{rule}]{when}", width, "      ", "    ")
    if len(blocked) > _MOST_BLOCKED:
        yield f"    and {len(blocked) - _MOST_BLOCKED} more (--json shows all)"


def _said(value: Json) -> str:
    if value is None:
        return "-"
    return clipped(value if isinstance(value, str) else json.dumps(value), _MOST_OF_A_VALUE)


def _wrapped(text: str, width: int, indent: str, first: str | None = None) -> Iterable[str]:
    """Yield lines that the terminal need not break: where it did, text of others would begin at its left edge."""
    line = indent if first is None else first
    empty = True
    room = width - len(indent)
    for word in _words(text, max(room, _DIGEST_COLUMNS) if width >= 80 else room):
        if not empty and _columns(line) + 1 + _columns(word) > width:
            yield line
            line, empty = indent, True
        line += word if empty else " " + word
        empty = False
    yield line


def _words(text: str, columns: int) -> Iterator[str]:
    for word in text.split():
        shown = _safe(word)
        most = max(columns if shown.isascii() else columns // 2, 1)
        yield from (shown[start : start + most] for start in range(0, len(shown), most))


def _columns(text: str) -> int:
    """Return how many columns `text` may take: a character outside of ASCII may take two."""
    return len(text) + sum(not character.isascii() for character in text)


def _safe(text: str) -> str:
    """Return `text` with what could steer a terminal or turn its text around made visible."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
