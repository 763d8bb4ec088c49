"""What a case is and how cases are written to disk; knows nothing of what they are about."""

import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"
Kind: TypeAlias = Literal["honest", "hostile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question to an implementation, and the answer that SPEC gives."""

    id: str
    clause: str
    kind: Kind
    why: str
    op: str
    input: Mapping[str, Json]
    expect: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Cases about one operation, in one file."""

    name: str
    clause: str
    cases: list[Case]


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleCase:
    """A case with a folder of its own; `file` is None where it looks at another case's bundle."""

    case: Case
    file: bytes | None


def accepted(op: str, clause: str, name: str, why: str, request: Mapping[str, Json], **expect: Json) -> Case:
    """Returns an honest case."""
    return Case(
        id=identifier(name), clause=clause, kind="honest", why=why, op=op, input=request, expect={"ok": True, **expect}
    )


def refused(
    op: str, clause: str, name: str, why: str, request: Mapping[str, Json], code: str | list[str], **expect: Json
) -> Case:
    """Returns a hostile case that must be refused with `code`."""
    expected = {"ok": False, "code": code, **expect}
    return Case(id=identifier(name), clause=clause, kind="hostile", why=why, op=op, input=request, expect=expected)


def identifier(name: str) -> str:
    """Returns a name in kebab case."""
    return name.replace("_", "-").lower()


def written(case: Case) -> Mapping[str, Json]:
    """Returns the case as it stands in a file."""
    return {
        "id": case.id,
        "clause": case.clause,
        "kind": case.kind,
        "why": case.why,
        "op": case.op,
        "input": case.input,
        "expect": case.expect,
    }


def write_group(group: Group, folder: Path) -> None:
    """Writes one group, a case a line, so that a change of one case is a change of one line."""
    lines = ",\n".join(json.dumps(written(case)) for case in group.cases)
    head = f'{{"group": {json.dumps(group.name)}, "clause": {json.dumps(group.clause)}, "cases": ['
    (folder / f"{group.name}.json").write_text(f"{head}\n{lines}\n]}}\n", encoding="ascii", newline="\n")


def write_bundles(cases: Iterable[BundleCase], folder: Path) -> None:
    """Writes a folder for each bundle in place of those that were there."""
    shutil.rmtree(folder, ignore_errors=True)
    for bundle_case in cases:
        place = folder / bundle_case.case.id
        place.mkdir(parents=True)
        expected = json.dumps(written(bundle_case.case), indent=1) + "\n"
        (place / "expect.json").write_text(expected, encoding="ascii", newline="\n")
        if bundle_case.file is not None:
            (place / "bundle.occasio.json").write_bytes(bundle_case.file)
