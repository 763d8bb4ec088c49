"""OCSF's own compiled schema, as JSON Schema, for the profiles that an event says it has."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema


def problems(event: Any) -> list[str]:
    """Return what the schema has against an event."""
    metadata = event["metadata"]
    found = _validator(metadata["version"], event["class_uid"], tuple(metadata["profiles"])).iter_errors(event)
    return [f"{list(error.path)}: {error.message[:200]}" for error in found]


@cache
def _schema(version: str) -> Any:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(version=version))


@cache
def _validator(version: str, uid: int, profiles: tuple[str, ...]) -> Any:
    schema = _schema(version)
    name = schema.lookup_class_name_from_uid(class_uid=uid)
    return Draft202012Validator(schema.get_class_schema(class_name=name, profiles=list(profiles)))
