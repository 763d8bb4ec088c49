"""The JSON Schema of a policy (draft-07), for editors and as a second opinion beside the parser.

Says of a tree what the schema says of the JSON that it is; it does not know what the keys mean.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files
from typing import cast

import fastjsonschema

from occasio_core.errors import PolicyError
from occasio_core.policy.document import Listing, Node, Place, Scalar, Table
from occasio_core.policy.nodes import boolean, whole
from occasio_verify import Json, parse_json

NAME = "policy.schema.json"


def schema_bytes() -> bytes:
    """Return the schema as it is published."""
    return files("occasio_core.policy").joinpath(NAME).read_bytes()


def schema_error(table: Table) -> PolicyError | None:
    """Return what the schema has against the policy, at its place; None if it has nothing against it."""
    try:
        _check()(_json(table))
    except fastjsonschema.JsonSchemaValueException as error:
        place = _place(table, error.path[1:])
        return place.error(error.message.replace("data.", "", 1).replace("data ", "the policy ", 1))
    return None


@cache
def _check() -> Callable[[Json], Json]:
    schema = cast("dict[str, object]", parse_json(schema_bytes()))
    return cast("Callable[[Json], Json]", fastjsonschema.compile(schema, use_default=False))


def _json(node: Node) -> Json:
    """Return `node` as editors see it; what is neither text, truth nor whole number counts as a fraction."""
    match node:
        case Table():
            return {key: _json(member) for key, member in node.members.items()}
        case Listing():
            return [_json(item) for item in node.items]
        case Scalar(kind="str"):
            return node.text
        case Scalar(kind="null"):
            return None
        case Scalar(kind="bool"):
            return boolean(node)
        case _:
            return 0.5 if (number := whole(node)) is None else number


def _place(node: Node, path: Sequence[str | int]) -> Place:
    """Return the place of what `path` leads to, as far as it leads."""
    for step in path:
        match node:
            case Table() if str(step) in node.members:
                node = node.members[str(step)]
            case Listing() if isinstance(step, int) or step.isdigit():
                node = node.items[int(step)]
            case _:
                break
    return node.place
