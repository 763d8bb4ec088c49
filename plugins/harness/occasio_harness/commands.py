"""`occasio harness`."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from occasio_core import UsageError

if TYPE_CHECKING:
    from occasio_harness.agents import Agent
    from occasio_harness.playing import Played, Terms
    from occasio_harness.scenario import Scenario

LEAKED, INCONCLUSIVE = 1, 3


def commands() -> list[click.Command]:
    """Return the commands."""
    return [harness]


out_option = click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the bundles are left (default: a new directory for temporary files).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command
@click.option("--scenario", "names", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option("--live", is_flag=True, help="Let the real model of the agent's provider try; needs its key.")
@click.option("--ungoverned", is_flag=True, help="Leave the gate out: what does not leak then shows nothing.")
@click.option("--timeout", type=click.IntRange(1), default=180, show_default=True, help="Seconds for each attack.")
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
    from occasio_harness.agents import AGENTS, agent_named
    from occasio_harness.playing import Terms
    from occasio_harness.scenarios.known import SCENARIOS, scenario_named

    scenarios = [scenario_named(name) for name in names] or list(SCENARIOS)
    if only_list:
        click.echo(report.listed_json(scenarios) if as_json else report.listed(scenarios))
        return
    chosen = [agent_named(name) for name in agents] or [agent for agent in AGENTS if agent.found()]
    if not chosen:
        raise UsageError("no agent that can be attacked is in PATH", hint="npm install -g @anthropic-ai/claude-code")
    folder = (out or Path(tempfile.mkdtemp(prefix="occasio-harness-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    terms = Terms(out=folder, seconds=timeout, is_governed=not ungoverned, live=dict(os.environ) if live else None)
    done = _all_played(scenarios, chosen, terms, is_picked=bool(names), quiet=as_json)
    if as_json:
        click.echo(json.dumps(report.as_document(done, terms), ensure_ascii=False, indent=2))
    else:
        click.echo(report.totals(done, folder))
    click.get_current_context().exit(exit_code(done))


def exit_code(done: Sequence[Played]) -> int:
    """Return 1 if one leaked, else 3 if of one nothing can be told or there was none, else 0."""
    verdicts = {one.verdict.value for one in done}
    return LEAKED if "leaked" in verdicts else 0 if verdicts == {"held"} else INCONCLUSIVE


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
