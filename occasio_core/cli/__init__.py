"""The command line: finds the command, runs it, and tells every error in one line.

A command's file is imported when the command is used, and plugins are loaded when no command of ours has the name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from occasio_core.cli.selecting import Asked, selection_options
from occasio_core.errors import OccasioError, PolicyError, UsageError
from occasio_core.system_hints import system_hint
from occasio_core.version import __version__

COMMANDS = {
    "anomalies": "occasio_core.cli.anomalies:anomalies",
    "approvals": "occasio_core.cli.approvals:approvals",
    "attest": "occasio_core.cli.attest:attest",
    "audit": "occasio_core.cli.evidence:audit",
    "baseline": "occasio_core.cli.baseline:baseline",
    "boundary": "occasio_core.cli.boundary:boundary",
    "bundle": "occasio_core.cli.evidence:bundle",
    "claude": "occasio_core.cli.run:claude",
    "clear": "occasio_core.cli.clear:clear",
    "cline": "occasio_core.cli.run:cline",
    "codex": "occasio_core.cli.run:codex",
    "completion": "occasio_core.cli.completion:completion",
    "computer-use": "occasio_core.cli.computer_use:computer_use",
    "conformance": "occasio_core.cli.conformance:conformance",
    "copilot": "occasio_core.cli.run:copilot",
    "daemon": "occasio_core.cli.daemon:daemon",
    "demo": "occasio_core.cli.demo:demo",
    "distill": "occasio_core.cli.distill:distill",
    "doctor": "occasio_core.cli.readiness:doctor",
    "explain": "occasio_core.cli.explain:explain",
    "gate": "occasio_core.cli.gate:gate",
    "gemini": "occasio_core.cli.run:gemini",
    "hook": "occasio_core.cli.hook:hook",
    "inspect": "occasio_core.cli.inspect:inspect",
    "ledger": "occasio_core.cli.ledger:ledger",
    "live": "occasio_core.cli.live:live",
    "log": "occasio_core.cli.log:log",
    "man": "occasio_core.cli.man:man",
    "opencode": "occasio_core.cli.run:opencode",
    "plugins": "occasio_core.cli.plugins:plugins",
    "policy": "occasio_core.cli.policy:policy",
    "preflight": "occasio_core.cli.preflight:preflight",
    "recap": "occasio_core.cli.recap:recap",
    "receipt": "occasio_core.cli.receipt:receipt",
    "register": "occasio_core.cli.register:register",
    "replay": "occasio_core.cli.replay:replay",
    "report": "occasio_core.cli.report:report",
    "run": "occasio_core.cli.run:run",
    "runs": "occasio_core.cli.status:runs",
    "scan": "occasio_core.cli.scan:scan",
    "status": "occasio_core.cli.status:status",
    "unregister": "occasio_core.cli.register:unregister",
    "verify": "occasio_core.cli.evidence:verify",
    "witness": "occasio_core.cli.witness:witness",
}

WRONG_USE = 2
INTERRUPTED = 130
DEBUG = "OCCASIO_DEBUG"


class Commands(click.Group):
    """Our commands by name, and those of the plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every name, sorted."""
        return sorted({*COMMANDS, *_plugin_commands()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, imported now."""
        if cmd_name not in COMMANDS:
            return _plugin_commands().get(cmd_name)
        module, _, name = COMMANDS[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in the base class; an unknown name is told with the nearest one."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            near = get_close_matches(name, self.list_commands(ctx), n=1)
            raise UsageError(
                f"there is no command `{name}`",
                hint=f"did you mean `occasio {near[0]}`?" if near else "occasio --help lists the commands",
            )
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="occasio", message="%(prog)s %(version)s")
@selection_options
@click.pass_context
def occasio(context: click.Context, asked: Asked) -> None:
    """The gate, flight recorder and offline-verifiable evidence for AI coding agents.

    Without a command: the last run, what it was refused, and what to do next.
    """
    if context.invoked_subcommand is None:
        from occasio_core.cli.snapshot import snapshot

        snapshot(asked)
    elif asked != Asked():
        raise UsageError("options stand behind the command", hint=f"occasio {context.invoked_subcommand} --help")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line, and exit with its code; errors are one line on standard error, and a hint."""
    sys.exit(exit_code(arguments))


def exit_code(arguments: Sequence[str] | None = None) -> int:
    """Return the code that the process should exit with."""
    color = False if os.environ.get("NO_COLOR") else True if os.environ.get("FORCE_COLOR") else None
    try:
        done = occasio.main(arguments, prog_name="occasio", standalone_mode=False, color=color)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONG_USE
    except click.ClickException as error:
        return _told(error.format_message(), _help_hint(error), error.exit_code)
    except OccasioError as error:
        return _told(str(error), error.hint or system_hint(error), _code(error))
    except BrokenPipeError:
        # whoever read our output has had enough; the interpreter must not try to flush what is left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _told(f"{error.filename or 'a file'}: {error.strerror or error}", system_hint(error), WRONG_USE)
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        return _told(f"an unforeseen {type(error).__name__}: {error}", f"{DEBUG}=1 shows where; please report it", 1)
    return done if isinstance(done, int) else 0


def _told(message: str, hint: str, code: int) -> int:
    lines = [f"occasio: {_one_line(message)}"] + ([f"hint: {_one_line(hint)}"] if hint else [])
    click.echo("\n".join(lines), err=True)
    return code


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _help_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{context.command_path} --help" if context else ""


def _code(error: OccasioError) -> int:
    if isinstance(error, UsageError | PolicyError):
        return WRONG_USE
    code = getattr(error, "exit_code", 1)
    return code if isinstance(code, int) else 1


def _plugin_commands() -> Mapping[str, click.Command]:
    """Return the commands of Occasio's own plugins and of those that the policy names."""
    from occasio_core import home, plugins, policy

    place = home.home()
    distributions = [name for name in policy.load_policy(None, place).plugins if name != plugins.BUILT_IN]
    return plugins.commands(plugins.load(sorted(distributions)), place)
