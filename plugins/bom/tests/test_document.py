"""The document is one of CycloneDX 1.6, by its own schema, whatever the rows say."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given
from hypothesis import strategies as st

from occasio_bom.document import Making, bom
from occasio_bom.inventory import Inventory, inventory
from tests.kinds import Fields, every_row
from tests.samples import RUN, interleaved, run_of

VALIDATOR = JsonStrictValidator(SchemaVersion.V1_6)
MAKING = Making(
    serial=UUID("3e671687-395b-41f5-a30f-a58921a69b79"),
    timestamp="2026-01-02T03:04:05Z",
    version="0.1.0",
    log="9 rows, each verified",
    last_hash="0" * 64,
    is_whole=True,
)


def made(rows: list[Fields]) -> Any:
    return bom(inventory(rows), MAKING)


def refs(document: Any) -> list[str]:
    parts = [*document["components"], *document["services"], document["metadata"]["component"]]
    return [part["bom-ref"] for part in parts]


def properties(part: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in part["properties"]}


@pytest.mark.parametrize(
    "rows", [[], run_of(3).rows, every_row(), [json.loads(line) for line in interleaved(500)]], ids=len
)
def test_the_schema_accepts_it(rows: list[Fields]) -> None:
    document = made(rows)
    assert VALIDATOR.validate_str(json.dumps(document)) is None
    assert len(set(refs(document))) == len(refs(document))


def test_the_schema_refuses_what_is_wrong() -> None:
    assert VALIDATOR.validate_str(json.dumps(made([]) | {"vendor": "x"})) is not None


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8"), min_size=1))
def test_the_schema_accepts_any_name(tool: str, target: str) -> None:
    rows = run_of(1).rows
    for row in rows:
        if row["kind"] == "tool_call":
            row |= {"tool_name": tool, "effects": [f"read {target}", f"connect {target}", f"execute {target}"]}
        if row["kind"] == "request":
            row["model"] = target
    document = made(rows)
    assert VALIDATOR.validate_str(json.dumps(document)) is None
    assert len(set(refs(document))) == len(refs(document))


def test_what_was_refused_is_counted_and_not_listed() -> None:
    document = made(run_of(3).rows)
    assert "/home/ada/.ssh/id" not in json.dumps(document)
    (run,) = [part for part in document["components"] if part["bom-ref"] == f"run:{RUN}"]
    assert properties(run)["occasio:refused"] == "1"


def test_models_tools_and_files_are_what_they_are() -> None:
    document = made(run_of(3).rows)
    types = {part["bom-ref"]: part["type"] for part in document["components"]}
    assert types["model:claude-opus-4-8"] == "machine-learning-model"
    assert types["file:/home/ada/p/0"] == "file"
    assert types["agent:claude-code"] == "application"
    (policy,) = [part for part in document["components"] if part["type"] == "data"]
    assert policy["hashes"][0]["alg"] == "SHA-256"
    assert [service["bom-ref"] for service in document["services"]] == ["protocol:anthropic-http", "tool:read_file"]


def test_a_run_depends_on_everything_that_it_had_a_hand_in() -> None:
    document = made(run_of(3).rows)
    depends = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
    assert depends["occasio:runs"] == [f"run:{RUN}"]
    assert {"model:claude-opus-4-8", "tool:read_file", "file:/home/ada/p/2"} <= set(depends[f"run:{RUN}"])
    assert {ref for one in depends.values() for ref in one} <= set(refs(document))


def test_how_complete_it_is_is_not_known_or_known_not_to_be() -> None:
    document, found = made(run_of(3).rows), Inventory()
    assert document["compositions"][0]["aggregate"] == "unknown"
    damaged: Any = bom(found, replace(MAKING, is_whole=False, log="the log is damaged at line 3"))
    assert damaged["compositions"][0]["aggregate"] == "incomplete"
    assert properties(damaged["metadata"]["component"])["occasio:log"] == "the log is damaged at line 3"


def test_the_same_rows_give_the_same_document() -> None:
    assert json.dumps(made(every_row())) == json.dumps(made(every_row()))
