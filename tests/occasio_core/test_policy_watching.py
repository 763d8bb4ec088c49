"""What the policy says of detectors and sinks is of those that there are, or is refused at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import Policy, PolicyError
from occasio_core.engine import engine
from occasio_core.policy import check_detectors, check_sinks, policy_of
from tests.occasio_core.detection.test_watcher import quiet

KNOWN = {"p.says": quiet()}


def policy(text: str) -> Policy:
    return policy_of(text.encode(), Path("/p/policy.yml"), Path("/home"), "/p")


def refused(text: str) -> str:
    with pytest.raises(PolicyError) as error:
        check_detectors(policy(text), KNOWN)
    return f"{error.value} | {error.value.hint}"


def test_what_it_says_is_kept() -> None:
    said = policy(
        "detectors: {window_seconds: 60, threshold_percent: 150, disabled: [a.b], options: {p.says: {more: 7}}}"
    ).detectors
    assert (said.window_seconds, said.threshold_percent, said.disabled) == (60, 150, ("a.b",))
    assert dict(said.options["p.says"]) == {"more": 7}


def test_a_detector_that_is_not_there_is_refused_with_the_nearest() -> None:
    assert (
        refused("detectors: {disabled: [p.say]}")
        == "/p/policy.yml:1:24: the detector `p.say` is not known | did you mean `p.says`?"
    )
    assert "the detector `x` is not known" in refused("detectors: {options: {x: {}}}")


def test_an_option_that_is_not_there_or_of_another_type_is_refused() -> None:
    assert "the key `mor` is not known | did you mean `more`?" in refused("detectors: {options: {p.says: {mor: 1}}}")
    assert "more is a whole number, not `x`" in refused("detectors: {options: {p.says: {more: x}}}")
    check_detectors(policy("detectors: {disabled: [p.says], options: {p.says: {more: 1}}}"), KNOWN)
    check_detectors(policy("detectors: {options: {p.says: }}"), KNOWN)


def test_a_list_of_texts_may_be_an_option() -> None:
    detector = quiet()
    detector.options = {"names": ()}
    check_detectors(policy("detectors: {options: {p.says: {names: [a, b]}}}"), {"p.says": detector})
    with pytest.raises(PolicyError, match="names is a list"):
        check_detectors(policy("detectors: {options: {p.says: {names: a}}}"), {"p.says": detector})
    with pytest.raises(PolicyError, match="an entry of names is a text"):
        check_detectors(policy("detectors: {options: {p.says: {names: [[]]}}}"), {"p.says": detector})


def test_a_sink_that_is_not_there_is_refused_at_its_place() -> None:
    check_sinks(policy("sinks: {stderr: {}}"), ["stderr"])
    with pytest.raises(PolicyError, match=r"policy.yml:1:9: the sink `sderr` is not known"):
        check_sinks(policy("sinks: {sderr: {}}"), ["stderr"])


def test_an_engine_is_not_made_of_a_policy_that_names_what_is_not_there(tmp_path: Path) -> None:
    assert engine(policy("sinks: {stderr: }"), tmp_path).registry.sinks.keys() == {"stderr"}
    with pytest.raises(PolicyError, match="the sink `x`"):
        engine(policy("sinks: {x: }"), tmp_path)
    with pytest.raises(PolicyError, match="the detector `x`"):
        engine(policy("detectors: {disabled: [x]}"), tmp_path)
