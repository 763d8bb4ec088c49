"""Two bundles of different runs, each of them good: with any part of one put into the other, nothing verifies."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from occasio_core.seal import read_run, seal
from occasio_verify import manifest, verify_bundle
from tests.occasio_core.test_seal import LOG_SIGNER, NAMED, OTHER, SIGNER, interleaved_runs, policies
from tests.samples import RUN, canonical

Place = tuple[str | int, ...]


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two runs of one log, by one key, under one policy: as alike as two bundles can be."""
    path = tmp_path_factory.mktemp("log") / "log.jsonl"
    interleaved_runs().write(path)
    one, other = (seal(read_run(path, run), policies, LOG_SIGNER, SIGNER).bundle for run in (RUN, OTHER))
    return json.loads(one), json.loads(other)


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """Yield every part of a value: each object, array and leaf, but the whole."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in parts:
        yield (*place, name)
        yield from places(part, (*place, name))


def part(value: Any, place: Place) -> Any:
    for name in place:
        value = value[name]
    return value


def swapped(bundle: dict[str, Any], other: dict[str, Any], place: Place) -> dict[str, Any]:
    changed = copy.deepcopy(bundle)
    part(changed, place[:-1])[place[-1]] = copy.deepcopy(part(other, place))
    return changed


def exists(value: Any, place: Place) -> bool:
    try:
        part(value, place)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def verdict(bundle: dict[str, Any]) -> str:
    return verify_bundle(canonical(bundle) + b"\n", NAMED).verdict.value


def test_each_of_the_two_is_verified(bundles: tuple[dict[str, Any], dict[str, Any]]) -> None:
    assert [verdict(bundle) for bundle in bundles] == ["VERIFIED", "VERIFIED"]


def test_a_part_of_the_other_is_noticed_wherever_it_is_put(bundles: tuple[dict[str, Any], dict[str, Any]]) -> None:
    tried = 0
    for bundle, other in (bundles, bundles[::-1]):
        for place in places(bundle):
            if not exists(other, place) or part(bundle, place) == part(other, place):
                continue
            changed = swapped(bundle, other, place)
            assert verdict(changed) == "FAILED", place
            if place[0] != "manifest":
                assert verdict({**changed, "manifest": manifest(changed)}) == "FAILED", place
            tried += 1
    assert tried > 100


def test_two_parts_of_the_other_that_belong_together_are_noticed(
    bundles: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    bundle, other = bundles
    members = [name for name in bundle if bundle[name] != other[name] and name != "manifest"]
    for first in members:
        for second in members:
            changed = {**bundle, first: other[first], second: other[second]}
            assert verdict({**changed, "manifest": manifest(changed)}) == "FAILED", (first, second)
