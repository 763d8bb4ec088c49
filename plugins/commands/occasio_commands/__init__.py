"""Judges the commands that a call would run by the policy's patterns.

* `deny`: no simple command may fit a pattern of `deny_commands`.
* `identity`: a person is asked before one runs that fits a pattern of `identity_approval`.

What is looked at is each simple command, as whoever read the command line resolved it: without quotes, variables put
in, behind `sudo`, `env`, `xargs`, `sh -c`.  A command line that could not be read is looked at as it is written.  A
program that is made up at run time may be any, and is refused or asked about wherever there is a pattern.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from occasio_core import Action, Case, CommandEntry, Effect, EffectKind, Opinion, PolicyRule, hookimpl

_SHOWN = 200  # characters of a command in a message


class DeniedCommands:
    """Refuses what `deny_commands` names."""

    name = "deny"
    looks_at = frozenset({EffectKind.EXECUTE})

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if one of its commands fits an entry, or may be any."""
        for effect, entry in _fitting(case, case.policy.deny_commands):
            if entry is None:
                return _opinion(Action.BLOCK, "command-unknown", None, _made_up(effect))
            message = entry.message or f"may not run `{_shown(effect.line)}`"
            return _opinion(Action.BLOCK, "command-denied", f"deny_commands: {entry.label}", message)
        return None


class AskedCommands:
    """Wants a person to be asked about what `identity_approval` names."""

    name = "identity"
    looks_at = frozenset({EffectKind.EXECUTE})

    def judge(self, case: Case, /) -> Opinion | None:
        """Ask about the call if one of its commands fits an entry, or may be any."""
        for effect, entry in _fitting(case, case.policy.identity_approval):
            if entry is None:
                return _opinion(Action.ASK, "command-unknown", None, _made_up(effect))
            message = entry.message or f"`{_shown(effect.line)}` acts in your name ({entry.reason or entry.label})"
            return _opinion(Action.ASK, "approval-required", f"identity_approval: {entry.label}", message)
        return None


def _fitting(case: Case, entries: Sequence[CommandEntry]) -> Iterator[tuple[Effect, CommandEntry | None]]:
    """Yield each command with an entry that it fits, and None for what may fit any; entries come in their order."""
    if not entries:
        return
    effects = [effect for effect in case.effects if effect.kind is EffectKind.EXECUTE]
    for entry in entries:
        yield from ((effect, entry) for effect in effects if any(map(entry.pattern.finds, _lines(effect))))
    if any(entry.line for entry in entries):  # one without a line came with Occasio, and is nobody's choice
        yield from ((effect, None) for effect in effects if effect.unknown)


def _lines(effect: Effect) -> Iterable[str]:
    """Return the command as it is looked at: by the program's name, and as it was called."""
    if not effect.line:
        return (effect.target,)
    arguments = effect.line.partition(" ")[2]
    return dict.fromkeys((effect.line, f"{effect.target} {arguments}".rstrip()))


def _made_up(effect: Effect) -> str:
    return f"`{_shown(effect.target)}` is made up at run time: it may be any command"


def _opinion(action: Action, reason: str, rule: str | None, message: str) -> Opinion:
    return Opinion(action=action, reason=reason, rule=rule, message=message)


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


@hookimpl
def occasio_register_policy_rules() -> list[PolicyRule]:
    """Return the two rules."""
    return [DeniedCommands(), AskedCommands()]


__all__ = ["AskedCommands", "DeniedCommands", "occasio_register_policy_rules"]
