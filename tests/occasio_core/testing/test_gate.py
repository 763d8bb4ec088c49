"""The gate in memory decides, runs and shapes as a run's gate does, and records before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from occasio_core import (
    Action,
    Case,
    DetectorSettings,
    Finding,
    Json,
    Observation,
    Opinion,
    PluginError,
    PolicyError,
    Severity,
    Transform,
    hookimpl,
)
from occasio_core.testing import TestGate

KEY = "ghp_" + "a1B2c3D4e5F6a1B2c3D4e5F6a1B2c3D4e5F6"


class Refusing:
    name = "refusing"

    def judge(self, case: Case, /) -> Opinion | None:
        return Opinion(action=Action.BLOCK, reason="no", message="Not today.") if case.tool == "read_file" else None


class Broken:
    name = "broken"

    def judge(self, case: Case, /) -> Opinion | None:
        raise ValueError("secret in here")


class Plugin:
    def __init__(self, *rules: object) -> None:
        self._rules = rules

    @hookimpl
    def occasio_register_policy_rules(self) -> Sequence[object]:
        return self._rules


class Told:
    """Keeps the settings that it got."""

    settings: dict[str, Json] | None = None

    @hookimpl
    def occasio_register_transforms(self, settings: dict[str, Json]) -> Sequence[Transform]:
        self.settings = settings
        return []


def gate(tmp_path: Path, plugin: object = None, policy: str = "version: 1\n") -> TestGate:
    return TestGate(plugin, policy=policy, cwd=tmp_path, home=tmp_path / "home")


def test_a_rule_of_the_plugin_decides_beside_the_built_in_ones(tmp_path: Path) -> None:
    seen = gate(tmp_path, Plugin(Refusing()), "version: 1\ndeny_paths: [private]\n")
    assert seen.call("Read", file_path="a.txt").reason == "no"
    assert seen.call("Bash", command="cat private/a").reason == "path-denied"
    assert seen.call("Bash", command="true").action is Action.PASS


def test_the_model_is_told_what_the_rule_says(tmp_path: Path) -> None:
    told = gate(tmp_path, Plugin(Refusing())).call("Read", file_path="a.txt").text
    assert told and told.startswith("Refused by policy (no): Not today. Nothing was run.")


def test_a_rule_that_raises_blocks_and_its_words_stay_inside(tmp_path: Path) -> None:
    called = gate(tmp_path, Plugin(Broken())).call("Bash", command="true")
    assert called.action is Action.BLOCK
    assert called.text and "secret in here" not in called.text


def test_every_call_has_its_row(tmp_path: Path) -> None:
    seen = gate(tmp_path)
    seen.call("Read", file_path="a.txt")
    seen.call("Nonsense")
    assert [(row.kind, row.members["tool_name"]) for row in seen.rows] == [
        ("tool_call", "read_file"),
        ("tool_call", "Nonsense"),
    ]


def test_a_tool_that_is_run_here_is_run(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("needle\n", encoding="utf-8")
    seen = gate(tmp_path, policy="version: 1\ntools:\n  Grep: {action: LOCAL}\n")
    called = seen.call("Grep", pattern="needle", path=str(tmp_path), output_mode="content")
    assert called.action is Action.LOCAL
    assert called.text and "needle" in called.text
    assert [row.kind for row in seen.rows] == ["tool_call", "tool_result"]


def test_a_call_that_a_person_is_asked_about_has_no_text(tmp_path: Path) -> None:
    called = gate(tmp_path, policy="version: 1\ntools:\n  Bash: {action: ASK}\n").call("Bash", command="true")
    assert (called.action, called.text) == (Action.ASK, None)


def test_a_result_is_shaped_and_recorded(tmp_path: Path) -> None:
    seen = gate(tmp_path, policy="version: 1\nredact_secrets_in_tool_results: true\n")
    (shown,) = seen.result("Bash", f"token {KEY} end", command="cat a")
    assert KEY not in shown and shown.startswith("token ") and shown.endswith(" end")
    assert [row.kind for row in seen.rows] == ["tool_result"]


def test_the_plugin_gets_its_settings(tmp_path: Path) -> None:
    plugin = Told()
    TestGate(plugin, settings={"a": 1}, cwd=tmp_path, home=tmp_path / "home")
    assert plugin.settings == {"a": 1}


def test_opinions_are_told_by_the_names_of_rules(tmp_path: Path) -> None:
    opinions = gate(tmp_path, Plugin(Refusing())).opinions("Read", file_path="a.txt")
    assert opinions["mine.refusing"].reason == "no"


def test_what_would_stop_the_start_of_a_run_stops_it(tmp_path: Path) -> None:
    with pytest.raises(PolicyError):
        gate(tmp_path, policy="version: 1\nnonsense: true\n")
    with pytest.raises(PluginError):
        gate(tmp_path, Plugin("no rule"))


def test_nothing_is_written(tmp_path: Path) -> None:
    gate(tmp_path).call("Bash", command="true")
    assert list(tmp_path.iterdir()) == []


class Watching:
    """A detector that tells of every second refusal, and keeps when it was."""

    name = "refusals"
    options: dict[str, Json] = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    def open(self, settings: DetectorSettings, /) -> Watching:
        return self

    def observe(self, row: Observation, /) -> list[Finding]:
        if row.fields.get("action") != "BLOCK":
            return []
        self.seen.append(row)
        found = Finding(severity=Severity.LOW, message="again", rows=tuple(each.hash for each in self.seen[-2:]))
        return [] if len(self.seen) % 2 else [found]


class WithDetector:
    def __init__(self, detector: Watching) -> None:
        self._detector = detector

    @hookimpl
    def occasio_register_detectors(self) -> list[Watching]:
        return [self._detector]


def test_the_plugins_detectors_look_at_the_rows_that_the_gate_wrote(tmp_path: Path) -> None:
    detector = Watching()
    seen = gate(tmp_path, WithDetector(detector), "version: 1\ndeny_paths: [private]\n")
    seen.call("Read", file_path="private/a")
    seen.call("Read", file_path="a")
    assert seen.findings() == []
    detector.seen.clear()
    seen.call("Bash", command="cat private/a")
    (found,) = seen.findings(apart=60)
    assert (found.message, len(found.rows)) == ("again", 2)
    assert [row.project for row in detector.seen] == [str(tmp_path)] * 2
    assert detector.seen[1].at - detector.seen[0].at == 120
