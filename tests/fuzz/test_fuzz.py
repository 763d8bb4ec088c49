"""Each target for a second or two: its corpus whole, and changes of it by chance.  `make fuzz` is the long way."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.faults.chance import rounds
from tests.fuzz.corpus import CORPORA, changed, corpus
from tests.fuzz.targets import TARGETS

EXAMPLES = rounds(120, 20_000)


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_holds(name: str) -> None:
    assert corpus(name)
    for data in corpus(name):
        TARGETS[name](data)


@pytest.mark.parametrize("name", TARGETS)
def test_what_chance_makes_of_it_holds(name: str) -> None:
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(st.randoms(use_true_random=False))
    def holds(dice: random.Random) -> None:
        TARGETS[name](changed(name, dice))

    holds()


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=EXAMPLES // 3, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=64) | st.text(max_size=64).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes_hold(name: str, data: bytes) -> None:
    TARGETS[name](data)


def test_no_corpus_is_without_its_target() -> None:
    assert {path.name for path in CORPORA.iterdir() if path.is_dir()} == TARGETS.keys()
