"""Programs that hand out what the machine keeps, or have something run on it later."""

from __future__ import annotations

import re
from collections.abc import Callable

from occasio_core import EffectKind
from occasio_shell.programs.invocation import Invocation, Program
from occasio_shell.values import LOCAL_OUTPUT, Output, State, Word, text_of

_DATABASES = {"shadow": "/etc/shadow", "gshadow": "/etc/gshadow"}
_PEOPLE = {"visudo": "/etc/sudoers", "vipw": "/etc/passwd", "vigr": "/etc/group"}
_TABLES = "/var/spool/cron"
_JOBS = "/var/spool/at"
_TIMERS = "~/.config/systemd/user"
_LATER = ("--on-", "--timer-property", "--path-property")
# What a line of a table of jobs begins with: a name for a time, or five fields.
_TIME = re.compile(r"(?m)^\s*(?:@\w+|(?:\S+\s+){5})")


def _getent(invocation: Invocation) -> Output:
    for word in invocation.arguments("s").operands[:1]:
        if word.text in _DATABASES:
            invocation.notes.read(Word(_DATABASES[word.text]))
    return LOCAL_OUTPUT


def _memory(invocation: Invocation) -> Output:
    """`gcore`: the memory of a process holds its environment."""
    for word in invocation.arguments("o").operands:
        invocation.notes.read(word.with_text(f"/proc/{word.text}/environ"))
    return ()


def _mount(invocation: Invocation) -> Output:
    """`mount`: what is on a device can be read from then on, and what is at the place is something else."""
    operands = invocation.arguments("toOLU", ("--types", "--options")).operands
    for word in operands[:1]:
        if word.text.startswith("/dev/"):
            invocation.notes.read(word)
        elif len(operands) > 1 and word.text.startswith(("/", "~", ".")):
            invocation.notes.mount(word)  # by another name
    for word in operands[-1:]:
        invocation.notes.write(word)
        invocation.notes.fill(word)
    return LOCAL_OUTPUT


def _table_of_people(invocation: Invocation) -> Output:
    """`visudo`, `vipw`, `vigr`: an editor, whichever it is, gets a file that says who may do what."""
    arguments = invocation.arguments("f", ("--file",))
    for word in arguments.values("-f", "--file"):
        invocation.notes.read(word)
    if not arguments.has("-c", "--check", "-h", "--help"):
        invocation.notes.write(Word(_PEOPLE[invocation.name]))
    return LOCAL_OUTPUT


def _processes_named(invocation: Invocation) -> Output:
    """`pgrep`: whose numbers come out is as good as a name, for rules on commands."""
    return tuple(Word(word.text, State.LOCAL) for word in invocation.arguments("uUgGsPtFO").operands) or LOCAL_OUTPUT


def _table(invocation: Invocation) -> Output:
    """`crontab`: a file, or what it reads, takes the place of the table of jobs; what is in it runs later."""
    arguments = invocation.arguments("u")
    for word in arguments.operands:
        invocation.notes.read(word)
    if not arguments.operands and (arguments.has("-l") or not text_of(invocation.stdin)):
        return LOCAL_OUTPUT
    invocation.notes.write(Word(_TABLES))
    return _runs_later(invocation, lambda text: _TIME.sub("", text))


def _job(invocation: Invocation) -> Output:
    """`at`, `batch`."""
    arguments = invocation.arguments("fqt")
    if arguments.has("-l", "-d", "-c", "-r"):
        return LOCAL_OUTPUT
    invocation.notes.write(Word(_JOBS))
    for word in arguments.values("-f"):
        invocation.notes.read(word)
    return _runs_later(invocation, lambda text: text)


def _runs_later(invocation: Invocation, command: Callable[[str], str]) -> Output:
    for word in invocation.stdin:
        if word.state >= State.BUILT:
            invocation.notes.unknown(EffectKind.EXECUTE, invocation.name)
        if word.text.strip():
            invocation.shell.evaluate(command(word.text))
    return LOCAL_OUTPUT


def _unit(invocation: Invocation) -> Output:
    """`systemd-run`: at once, or when a timer says so."""
    if any(word.text.startswith(_LATER) for word in invocation.words):
        invocation.notes.write(Word(_TIMERS))
    arguments = invocation.arguments("puMHt", ("--unit", "--property", "--uid", "--gid", "--setenv"), ends=True)
    return invocation.shell.call(arguments.operands, invocation.stdin) if arguments.operands else LOCAL_OUTPUT


PROGRAMS: dict[str, Program] = {
    "getent": _getent,
    "gcore": _memory,
    **dict.fromkeys(("mount", "umount", "bindfs"), _mount),
    **dict.fromkeys(("pgrep", "pidof"), _processes_named),
    "crontab": _table,
    **dict.fromkeys(_PEOPLE, _table_of_people),
    **dict.fromkeys(("at", "batch"), _job),
    "systemd-run": _unit,
}
