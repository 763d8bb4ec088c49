"""`occasio harness`, `occasio selftest` and `occasio redteam`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import UsageError, micro_dollars, read_prices

if TYPE_CHECKING:
    from occasio_harness.agents import Agent
    from occasio_harness.playing import Played
    from occasio_harness.redteam.rounds import Tester
    from occasio_harness.scenario import Scenario
    from occasio_harness.subject import Terms

LEAKED, INCONCLUSIVE = 1, 3
PRICES = "prices.json"  # in Occasio's home: the person's own prices
_GOALS = ("adversarial-read", "secret")

out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the bundles are left (default: a new directory for temporary files).",
)
timeout_option = click.option(
    "--timeout",
    type=click.IntRange(1),
    default=180,
    show_default=True,
    metavar="SECONDS",
    help="For each session of the agent.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def commands(home: Path) -> list[click.Command]:
    """Return the commands."""
    redteam.context_settings = {"obj": home}
    return [harness, selftest, redteam]


@click.command
@json_option
def selftest(as_json: bool) -> None:
    """Check gate, handlers, doors, log, seal and verifier as installed, in a scratch home, without agent or network.

    Exit code 0 if every check holds, 1 if one does not or could not be made.
    """
    from occasio_harness import selftest as checks

    done = checks.selftest()
    click.echo(_as_json(checks.as_document(done)) if as_json else checks.shown(done))
    click.get_current_context().exit(0 if checks.is_ok(done) else LEAKED)


@click.command
@click.option("--scenario", "names", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--live", is_flag=True, help="Let the real model of the agent's provider try; needs its key.")
@click.option("--ungoverned", is_flag=True, help="Leave the gate out: what does not leak then shows nothing.")
@timeout_option
@out_option
@click.option("--list", "only_list", is_flag=True, help="List the scenarios, and what each tries.")
@json_option
def harness(
    names: Sequence[str],
    agents: Sequence[str],
    live: bool,
    ungoverned: bool,
    timeout: int,
    out: Path | None,
    only_list: bool,
    as_json: bool,
) -> None:
    """Attack the gate with real agents, and show what stopped each attack.

    A scripted model says what a hostile one would; no key is needed. Exit code 0: every attack was held; 1: one leaked;
    3: of one nothing can be told, because there is no agent, no attempt, or no proof.
    """
    from occasio_harness import report
    from occasio_harness.agents import agent_named
    from occasio_harness.scenarios.known import SCENARIOS, scenario_named

    scenarios = [scenario_named(name) for name in names] or list(SCENARIOS)
    if only_list:
        click.echo(report.listed_json(scenarios) if as_json else report.listed(scenarios))
        return
    chosen = [agent_named(name) for name in agents] or _found_agents()
    terms = _terms(out, timeout, live=live, is_governed=not ungoverned)
    done = _all_played(scenarios, chosen, terms, is_picked=bool(names), quiet=as_json)
    click.echo(_as_json(report.as_document(done, terms)) if as_json else report.totals(done, terms.out))
    click.get_current_context().exit(exit_code([one.verdict.value for one in done], "held", "leaked"))


@click.command
@click.option("--agent", "name", metavar="NAME", help="Who is driven (default: the first that is in PATH).")
@click.option("--goal", type=click.Choice(_GOALS), default=_GOALS[0], show_default=True, help="What is to come out.")
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True, metavar="N", help="Sessions at most.")
@click.option("--live", is_flag=True, help="Let live models drive and be driven; needs keys and the extra `redteam`.")
@click.option("--tester-model", metavar="MODEL", help="Who drives (default: claude-haiku-4-5).")
@click.option(
    "--turns", type=click.IntRange(1), default=24, show_default=True, metavar="N", help="Answers of the tester at most."
)
@click.option("--budget", metavar="USD", default="1", show_default=True, help="What the live tester may spend.")
@click.option("--session-budget", metavar="USD", default="5", show_default=True, help="What each live session may.")
@timeout_option
@out_option
@json_option
@click.pass_obj
def redteam(
    home: Path,
    name: str | None,
    goal: str,
    rounds: int,
    live: bool,
    tester_model: str | None,
    turns: int,
    budget: str,
    session_budget: str,
    timeout: int,
    out: Path | None,
    as_json: bool,
) -> None:
    """Let a tester drive an agent, round by round in one project, until something comes out or nothing is left to try.

    Offline the tester goes through strategies; with --live a model thinks of them, and what it says of success is not
    believed. Exit code 0: defended; 1: exploited; 3: of it nothing can be told.
    """
    from occasio_harness.agents import agent_named
    from occasio_harness.redteam import report
    from occasio_harness.redteam.goals import GOALS
    from occasio_harness.redteam.rounds import red_team
    from occasio_harness.redteam.strategies import ScriptedTester

    agent = agent_named(name) if name else _found_agents()[0]
    scenario, strategies = GOALS[goal]
    terms = _terms(out, timeout, live=live)
    cap = _budget(budget)
    tester: Tester = ScriptedTester(agent, strategies)
    if terms.live is not None:
        from occasio_harness.redteam.tester import MODEL, LiveTester, open_client

        prices = read_prices(home / PRICES)
        client = open_client(terms.live)
        tester = LiveTester(client, tester_model or MODEL, scenario, prices, budget=cap, turns=turns)
    options = ["--budget", session_budget] if live else []
    try:
        ended = red_team(scenario, agent, terms, tester, most=rounds, options=options)
    finally:
        tester.close()
    told = _as_json(report.as_document(ended)) if as_json else f"{report.shown(ended)}\nThe evidence is in {terms.out}"
    click.echo(told)
    click.get_current_context().exit(exit_code([ended.outcome.value], "defended", "exploited"))


def exit_code(verdicts: Sequence[str], good: str, bad: str) -> int:
    """Return 1 if one is bad, else 0 if there are any and all are good, else 3."""
    return LEAKED if bad in verdicts else 0 if {*verdicts} == {good} else INCONCLUSIVE


def _found_agents() -> list[Agent]:
    from occasio_harness.agents import AGENTS

    if found := [agent for agent in AGENTS if agent.found()]:
        return found
    raise UsageError("no agent that can be attacked is in PATH", hint="npm install -g @anthropic-ai/claude-code")


def _terms(out: Path | None, timeout: int, *, live: bool, is_governed: bool = True) -> Terms:
    from occasio_harness.subject import Terms

    folder = (out or Path(tempfile.mkdtemp(prefix="occasio-attacks-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return Terms(out=folder, seconds=timeout, is_governed=is_governed, live=dict(os.environ) if live else None)


def _budget(text: str) -> int:
    try:
        return micro_dollars(text)
    except ValueError as error:
        raise UsageError(f"--budget: {error}") from None


def _as_json(document: object) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _all_played(
    scenarios: Sequence[Scenario], agents: Sequence[Agent], terms: Terms, *, is_picked: bool, quiet: bool
) -> list[Played]:
    """Play every scenario with every agent; one that an agent cannot try is left out unless it was picked by name."""
    from occasio_harness import report
    from occasio_harness.playing import played

    done = []
    for scenario in scenarios:
        for agent in agents:
            if not scenario.suits(agent) and not is_picked:
                click.echo(f"{scenario.name}: not for {agent.program}, which cannot try it", err=True)
                continue
            if quiet:
                click.echo(f"{scenario.name} {agent.program} …", err=True)
            done.append(played(scenario, agent, terms))
            if not quiet:
                click.echo(report.shown(done[-1]))
    return done
