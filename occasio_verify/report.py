"""What a verification found, for programs and for people.

Knows how to say it; decides nothing but the verdict, which follows from the checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from occasio_verify.canonical import Json


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
    """The result of a verification.  `signer` is the name the caller gave to the key or identity that signed."""

    subject: str
    profile: str
    checks: tuple[Check, ...]
    claims: tuple[Claim, ...] = ()
    blocked: tuple[Mapping[str, Json], ...] = ()
    signer: str | None = None
    notes: tuple[str, ...] = ()

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
        """Return the report for a terminal of `width` columns, without control characters."""
        return "\n".join(_safe(line) for line in _lines(self, width))


_MARKS = {Status.PASS: "ok  ", Status.FAIL: "FAIL", Status.NOT_CHECKED: "--  "}

_MEANING = {
    Verdict.VERIFIED: "every check passed, and the signer is one that you named or accepted",
    Verdict.FAILED: "do not rely on this: what is marked FAIL does not hold",
    Verdict.INTACT: "whole and consistent, but not authenticated: anybody could have written it",
}


def _lines(report: Report, width: int) -> Iterable[str]:
    yield f"{report.verdict.value}  {report.subject}" + (f"  signed by {report.signer}" if report.signer else "")
    yield from _wrapped(_MEANING[report.verdict], width, "  ")
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
        yield "  refused:"
        for event in report.blocked[:20]:
            said = f"{event['tool']}  {event['target'] or '-'}  [{event['rule']}]  +{event['at_offset_s']} s"
            yield from _wrapped(said, width, "      ", "    ")
        if len(report.blocked) > 20:
            yield f"    and {len(report.blocked) - 20} more (--json shows all)"
    for note in report.notes:
        yield ""
        yield from _wrapped(note, width, "  ")


def _claim_lines(claims: Sequence[Claim], width: int) -> Iterable[str]:
    for basis in Basis:
        members = [claim for claim in claims if claim.basis is basis]
        if members:
            said = ", ".join(c.name if c.value is None else f"{c.name} {c.value}" for c in members)
            yield from _wrapped(said, width, " " * 17, f"  {basis.value + ':':<15}")


def _wrapped(text: str, width: int, indent: str, first: str | None = None) -> Iterable[str]:
    line = indent if first is None else first
    empty = True
    for word in text.split():
        if not empty and len(line) + 1 + len(word) > width:
            yield line
            line, empty = indent, True
        line += word if empty else " " + word
        empty = False
    yield line


def _safe(line: str) -> str:
    """Return `line` with what could steer a terminal or turn its text around made visible."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
