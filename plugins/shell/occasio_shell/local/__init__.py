"""Running read-only commands in the agent's place: a closed grammar, no shell, nothing of the agent's environment.

`can_run` says whether a command is of the kind; `carry_out` runs it.
"""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass

from occasio_core import Permit
from occasio_shell.local.checks import Checks, RefusedError
from occasio_shell.local.line import NotLocalError, Simple, Step, steps
from occasio_shell.local.processes import TOO_MUCH, Ended, Limits, Process, run, trusted
from occasio_shell.local.programs import Command, command
from occasio_shell.local.repository import check_configuration, check_contents, process

MAX_SECONDS = 10.0
MAX_OUTPUT = 30_000  # bytes; about what Claude Code shows the model of a command's output
_NOTHING = "(Bash completed with no output)"
_ANSWER_BY_CODE = frozenset({"grep", "rg", "find", "diff"})  # whose 1 says `no`
_BLANK_LINES = re.compile(r"\A(?:\s*\n)+")


@dataclass(frozen=True, slots=True)
class _Planned:
    step: Step
    commands: tuple[tuple[Simple, Command], ...]


def can_run(text: str, cwd: str) -> bool:
    """Return whether the line is one that `carry_out` runs, by every word and by the repositories it looks into."""
    try:
        planned = _planned(text, cwd)
        _check_repositories(planned, cwd)
    except (NotLocalError, OSError, ValueError):
        return False
    return all(one.said is not None or trusted(one.program) for plan in planned for _, one in plan.commands)


def carry_out(text: str, cwd: str, permit: Permit, seconds: float = MAX_SECONDS) -> tuple[str, bool]:
    """Run the line; return what it prints as Claude Code's shell tool gives it, and whether that is an error."""
    limits = Limits(until=time.monotonic() + min(seconds, MAX_SECONDS), size=MAX_OUTPUT)
    checks = Checks(cwd, permit)
    try:
        planned = _planned(text, cwd)
        for plan in planned:
            for _, one in plan.commands:
                checks.before(one.touched)
        _check_repositories(planned, cwd)
        ended = _run(planned, cwd, limits, checks)
        checks.behind()
    except (NotLocalError, ValueError) as error:
        return f"Error: it cannot be run here: {error}.", True
    except RefusedError as error:
        return str(error), True
    except OSError as error:
        return f"Error: it cannot be run here: {error.strerror or type(error).__name__}.", True
    return _told(ended, planned[-1].commands[-1][1].program)


def _planned(text: str, cwd: str) -> list[_Planned]:
    planned = []
    for step in steps(text):
        commands = [(simple, command(simple, cwd, is_piped=place > 0)) for place, simple in enumerate(step.pipeline)]
        planned.append(_Planned(step, tuple(commands)))
    return planned


def _check_repositories(planned: list[_Planned], cwd: str) -> None:
    folders = [one.git.folder for plan in planned for _, one in plan.commands if one.git]
    for folder in dict.fromkeys(folders):
        check_configuration(os.path.join(cwd, folder))  # noqa: PTH118


def _run(planned: list[_Planned], cwd: str, limits: Limits, checks: Checks) -> Ended:
    """Run the pipelines one after the other, as far as their success leads."""
    output, code = bytearray(), 0
    for plan in planned:
        if (plan.step.after == "&&" and code) or (plan.step.after == "||" and not code):
            continue
        for _, one in plan.commands:
            if one.git:
                check_contents(one.git, os.path.join(cwd, one.git.folder), checks)  # noqa: PTH118
        ended = run([_process(simple, one) for simple, one in plan.commands], cwd, limits)
        output += ended.output
        code = ended.code
        if ended.stopped:
            return Ended(output=bytes(output), code=code, stopped=ended.stopped)
    return Ended(output=bytes(output), code=code)


def _process(simple: Simple, one: Command) -> Process:
    if one.git:
        return process(one.git, simple.errors)
    said = None if one.said is None else os.fsencode(one.said)
    return Process(program=one.program, arguments=one.arguments, errors=simple.errors, said=said)


def _told(ended: Ended, last: str) -> tuple[str, bool]:
    """Return the result in the form of Claude Code's `Bash`, for which a search without a match is no failure."""
    text = _BLANK_LINES.sub("", ended.output.decode("utf-8", "replace")).rstrip()
    if ended.stopped:
        note = f"[stopped by Occasio: {ended.stopped}]"
        return f"{text}\n{note}" if text else note, ended.stopped != TOO_MUCH
    if ended.code > (1 if last in _ANSWER_BY_CODE else 0):
        return f"Exit code {ended.code}\n{text}".rstrip("\n"), True
    return text or _NOTHING, False


__all__ = ["can_run", "carry_out"]
