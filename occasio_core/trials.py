"""Testing a policy: every case of a file is decided by the engine and compared with what it expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from occasio_core.decide import Ruling
from occasio_core.engine import Engine, engine, supposed
from occasio_core.model import Policy
from occasio_core.policy import load_policy, policy_of
from occasio_core.policy.cases import OWN, Cases, Trial
from occasio_core.policy.document import Scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A case, what was decided, and what of it is not as expected, in words."""

    trial: Trial
    ruling: Ruling
    differences: tuple[str, ...]


def tried(cases: Cases, file: Path, policy: Path | None, home: Path, cwd: Path) -> Iterator[Tried]:
    """Yield what comes of each case.  `policy` takes the place of the file's own; nothing is run or written.

    Raises `PolicyError` and `PluginError` for a policy that no run could use.
    """
    engines = _engines(cases, file, policy, home, cwd)
    for trial in cases.trials:
        governing = engines[trial.policy]
        if trial.preset or trial.hardened:
            governing = governing.under(governing.policy, trial.preset, trial.hardened)
        ruling = governing.rule(supposed(trial.tool, trial.input, cwd, annotations=trial.annotations))
        yield Tried(trial=trial, ruling=ruling, differences=tuple(_differences(trial, ruling)))


def _engines(cases: Cases, file: Path, policy: Path | None, home: Path, cwd: Path) -> Mapping[str, Engine]:
    found = {name: _policy(given, file, home, cwd) for name, given in cases.policies.items()}
    if policy is not None or OWN not in found:
        found[OWN] = load_policy(policy, home, cwd)
    first = engine(found[OWN], home)
    return {name: first.under(each) for name, each in found.items()}


def _policy(given: Scalar, file: Path, home: Path, cwd: Path) -> Policy:
    """Return the policy that stands in the file itself, or the one that it names by a path."""
    if "\n" in given.text or ": " in given.text:
        return policy_of(given.text.encode(), Path(f"{file}:{given.place.line}"), home, str(cwd))
    return load_policy(file.parent / Path(given.text).expanduser(), home, cwd)


def _differences(trial: Trial, ruling: Ruling) -> Iterator[str]:
    decision = ruling.decision
    opinion = decision.first
    if decision.action is not trial.action:
        yield f"{decision.action}, expected {trial.action}"
    if trial.reason is not None and opinion.reason != trial.reason:
        yield f"the reason is `{opinion.reason}`, expected `{trial.reason}`"
    if trial.rule is not None and (opinion.rule or "") != trial.rule:
        yield f"the rule is `{opinion.rule or ''}`, expected `{trial.rule}`"
    if trial.message is not None and trial.message not in opinion.message:
        yield f"the message is `{opinion.message}`, expected `{trial.message}` in it"
