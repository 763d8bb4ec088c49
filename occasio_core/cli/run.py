"""The commands that run an agent under the policy: run, and one for each known agent."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from occasio_core.cli.output import talk
from occasio_core.decide import OFF
from occasio_core.errors import UsageError
from occasio_core.policy.preset import PRESETS
from occasio_core.prices import micro_dollars

if TYPE_CHECKING:
    from occasio_core.approvals.question import Waiting


class Conditions(TypedDict):
    """Under which conditions an agent runs, as `running.Job` has them."""

    upstream: str | None
    upstream_ca: Path | None
    policy: Path | None
    budget: int | None
    preset: str | None
    hardened: bool


_LABEL = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")  # SPEC section 4.2

agent_option = click.option("--agent", metavar="NAME", help="What the log calls the agent (default: its own name).")
upstream_option = click.option(
    "--upstream", metavar="URL", help="The model's provider (default: the base URL in the environment, or its own)."
)
policy_option = click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The policy (default: policy.yml in Occasio's home).",
)


def _dollars(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    try:
        return None if value is None else micro_dollars(value)
    except ValueError as error:
        raise click.BadParameter(str(error), ctx, param) from None


def conditions(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say under which conditions an agent runs."""
    for option in reversed(
        (
            upstream_option,
            click.option(
                "--upstream-ca",
                type=click.Path(path_type=Path, dir_okay=False, exists=True),
                metavar="FILE",
                help="Believe these authorities (PEM) about the provider's certificate, beside the system's.",
            ),
            policy_option,
            click.option("--budget", metavar="USD", callback=_dollars, help="What the run may spend on the model."),
            click.option(
                "--preset",
                type=click.Choice(PRESETS),
                help="strict: hold back every result with a secret. off: obey no rule, write down what each says.",
            ),
            click.option(
                "--hardened", is_flag=True, help="Read, search and keep the to-do list here, not in the agent."
            ),
        )
    ):
        command = option(command)
    return command


@click.command(context_settings={"allow_interspersed_args": False})
@agent_option
@conditions
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(command: Sequence[str], agent: str | None, **given: Unpack[Conditions]) -> None:
    """Run an agent: every tool call is decided by the policy and recorded before it happens.

    The agent's exit code is passed on, 128 and the signal's number if one ended it; 127 if there is no such program.
    """
    if agent is not None and not _LABEL.fullmatch(agent):
        raise UsageError(
            f"`{agent}` is no name for an agent", hint="a name is made of a-z 0-9 . _ -, at most 64 of them"
        )
    _run(command, agent, given)


def _starts(program: str, agent: str, people_say: str) -> click.Command:
    """Return the command that runs one known agent, named as its program."""

    @click.command(
        program,
        help=f"""Run {people_say} under the policy.

        Our own options come first; from the first argument on that is none of them, everything is passed on to it.
        """,
        context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": []},
    )
    @conditions
    @click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
    def command(arguments: Sequence[str], **given: Unpack[Conditions]) -> None:
        _run([program, *arguments], agent, given)

    return command


def _run(command: Sequence[str], agent: str | None, given: Conditions) -> None:
    from occasio_core import running
    from occasio_core.summary import summary

    def tell(waiting: Waiting) -> None:
        """Say which command answers; the agent may have the screen, and this is all that can be said on it."""
        talk(f"occasio: {waiting.question.tool} waits for you: occasio approvals show {waiting.approval_id}")

    if given["preset"] == OFF:
        talk("occasio: preset off: no rule is obeyed but for what is protected; what each says is written down")
    job = running.Job(command=command, cwd=Path.cwd(), environment=os.environ, agent=agent, tell=tell, **given)
    outcome = running.run(job)
    for line in summary(outcome.run_id, outcome.tally, outcome.failure):
        talk(line)
    if outcome.hint:
        talk(f"hint: {outcome.hint}")
    click.get_current_context().exit(outcome.exit_code)


claude = _starts("claude", "claude-code", "Claude Code")
codex = _starts("codex", "codex", "Codex")
cline = _starts("cline", "cline", "Cline")
opencode = _starts("opencode", "opencode", "opencode")
gemini = _starts("gemini", "gemini-cli", "Gemini CLI")
copilot = _starts("copilot", "copilot-cli", "GitHub Copilot CLI")
