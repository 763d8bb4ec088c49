"""A framework beside what the rows show: for each control what speaks for it, what against, and what cannot be seen.

Pure.  The words for a control are chosen so that none says it is met: that is for an assessor, who sees the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files

from occasio_compliance.claims import Claim, Finding
from occasio_core import Json

STATEMENT = (
    "This says what the rows of Occasio's log show, control by control, and what they do not. It is evidence for an "
    "assessor and no assessment: no status here says that a control is met, and what is listed as not assessed was "
    "not looked at."
)


class Status(StrEnum):
    """What the rows say of a control.  `MEANINGS` says what each word means."""

    EVIDENCED = "evidenced"
    PARTLY = "partly-evidenced"
    CONTRADICTED = "contradicted"
    NONE = "no-evidence"
    NOT_ASSESSED = "not-assessed"


MEANINGS: Mapping[Status, str] = {
    Status.EVIDENCED: "everything that rows could show of it, they show in these runs",
    Status.PARTLY: "rows show some of what they could show of it",
    Status.CONTRADICTED: "rows show something that speaks against it",
    Status.NONE: "rows could show something of it, and show nothing in these runs",
    Status.NOT_ASSESSED: "no row could show anything of it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control of a framework: what it asks in our words, the claims that speak to it, and what no row can show."""

    id: str
    title: str
    asks: str
    claims: tuple[str, ...]
    not_assessed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework, as far as rows could speak to it; `never_assessed` are its parts to which they could not."""

    id: str
    title: str
    source: str
    controls: tuple[Control, ...]
    never_assessed: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    """A control, what the rows say of it, and the claims that this rests on."""

    control: Control
    status: Status
    claims: tuple[Claim, ...]

    def as_json(self) -> dict[str, Json]:
        """Return it for programs; the claims by their ids."""
        return {
            "id": self.control.id,
            "title": self.control.title,
            "asks": self.control.asks,
            "status": self.status.value,
            **{finding.value: [claim.id for claim in self.claims if claim.finding is finding] for finding in Finding},
            "not_assessed": list(self.control.not_assessed),
        }


def framework_names() -> list[str]:
    """Return the names of the frameworks that there are mappings for, sorted."""
    folder = files("occasio_compliance") / "frameworks"
    return sorted(entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json"))


def framework(name: str) -> Framework:
    """Return the framework of that name, one of `framework_names`."""
    text = (files("occasio_compliance") / "frameworks" / f"{name}.json").read_text(encoding="utf-8")
    told = json.loads(text)
    controls = [
        Control(
            id=one["id"],
            title=one["title"],
            asks=one["asks"],
            claims=tuple(one["claims"]),
            not_assessed=tuple(one["not_assessed"]),
        )
        for one in told["controls"]
    ]
    never = tuple((part["id"], part["title"]) for part in told["never_assessed"])
    return Framework(
        id=told["id"], title=told["title"], source=told["source"], controls=tuple(controls), never_assessed=never
    )


def assess(controls: Iterable[Control], claims: Mapping[str, Claim]) -> list[Assessed]:
    """Return each control with its status."""
    found = []
    for control in controls:
        of_it = tuple(claims[name] for name in control.claims)
        found.append(Assessed(control=control, status=status([claim.finding for claim in of_it]), claims=of_it))
    return found


def status(findings: Sequence[Finding]) -> Status:
    """Return what the findings of a control's claims come to."""
    if not findings:
        return Status.NOT_ASSESSED
    if Finding.CONTRADICTED in findings:
        return Status.CONTRADICTED
    shown = findings.count(Finding.SHOWN)
    if shown == len(findings):
        return Status.EVIDENCED
    return Status.PARTLY if shown else Status.NONE
