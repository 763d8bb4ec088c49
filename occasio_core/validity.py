"""Everything that is wrong with a policy, not the first thing alone: what parser, schema and plugins say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from occasio_core.engine import engine
from occasio_core.errors import OccasioError, PolicyError
from occasio_core.policy import built_in, policy_of
from occasio_core.policy.document import Table, document
from occasio_core.policy.keys import with_keys
from occasio_core.policy.schema import schema_error


def problems(data: bytes, file: Path, home: Path, cwd: Path) -> list[OccasioError]:
    """Return what is wrong with the policy, each with its place; nothing if every run can use it.

    Of each key the first problem is told.
    """
    try:
        table = document(data, str(file))
    except PolicyError as error:
        return [error]
    return list(_of_keys(table, home, cwd)) or list(_of_all(data, table, file, home, cwd))


def _of_keys(table: Table, home: Path, cwd: Path) -> Iterator[OccasioError]:
    base = built_in(home, str(cwd))
    for key, place in table.keys.items():
        alone = replace(table, members={key: table.members[key]}, keys={key: place})
        try:
            with_keys(base, alone, str(cwd))
        except PolicyError as error:
            yield error


def _of_all(data: bytes, table: Table, file: Path, home: Path, cwd: Path) -> Iterator[OccasioError]:
    # The parser's words are better; the schema speaks where the parser has nothing against it.
    if error := schema_error(table):
        yield error
    try:
        engine(policy_of(data, file, home, str(cwd)), home)
    except OccasioError as error:
        yield error
