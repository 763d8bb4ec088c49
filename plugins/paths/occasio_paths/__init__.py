"""Judges the paths that a call touches by the policy's lists.

Three rules over effects, so they hold for a file tool, a shell command and a tool of a server alike:

* `deny`: no name of the path may fall under `deny_paths`, unless an exception of that list covers this name.
* `allow`: where there is an `allow_paths`, everything that the path resolves to must fall under it.
* `protected`: what Occasio and the agent's hooks depend on is not written or deleted.

What a call touches by a pattern (`wild`) is refused where an entry could be met, and what it makes up at run time
(`unknown`) wherever there is an entry at all.  A list cannot see hard links, nor what a search tool that does not say
so finds below a folder that is not denied itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from occasio_core import Action, Case, Effect, EffectKind, Opinion, PathEntry, Policy, PolicyRule, hookimpl
from occasio_paths.match import Matcher

_PATHS = frozenset({EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE})
_CHANGES = frozenset({EffectKind.WRITE, EffectKind.DELETE})
_SHOWN = 200  # characters of a path in a message

_T = TypeVar("_T")


class Denied:
    """Refuses what `deny_paths` names."""

    name = "deny"

    def __init__(self) -> None:
        self._lists = _Compiled(_deny_lists)

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if any name of any path is denied."""
        denied, excepted, always = self._lists.of(case.policy)
        for name, effect in _named(case).items():
            entry = denied.find(name)
            if entry and not (excepted.find(name) and not always.find(name)):
                return _refusal("path-denied", f"deny_paths: {entry.text}", effect)
        if met := _met(case, denied):
            return _refusal("path-denied", f"deny_paths: {met[0].text}", met[1])
        if case.policy.deny_paths:
            return next((_unknown(effect) for effect in case.effects if effect.unknown), None)
        return None


class Allowed:
    """Refuses what `allow_paths` does not name, if it names anything."""

    name = "allow"

    def __init__(self) -> None:
        self._lists = _Compiled(lambda policy: Matcher(policy.allow_paths))

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a path resolves to anything that is not allowed."""
        if not case.policy.allow_paths:
            return None
        allowed = self._lists.of(case.policy)
        for name, effect in _named(case, resolved_only=True).items():
            if not allowed.find(name):
                return _refusal("path-not-allowed", "allow_paths", effect)
        return next((_unknown(effect) for effect in case.effects if effect.unknown), None)


class Protected:
    """Refuses to change what Occasio and the agent's hooks depend on."""

    name = "protected"

    def __init__(self) -> None:
        self._lists = _Compiled(lambda policy: Matcher(policy.protected_paths))

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if it writes or deletes anything that is protected."""
        protected = self._lists.of(case.policy)
        for name, effect in _named(case, _CHANGES).items():
            if entry := protected.find(name):
                return _refusal("path-protected", f"protected: {entry.text}", effect)
        if met := _met(case, protected, _CHANGES):
            return _refusal("path-protected", f"protected: {met[0].text}", met[1])
        return None


class _Compiled(Generic[_T]):
    """Something made from a policy, made again when another policy is in force."""

    def __init__(self, make: Callable[[Policy], _T]) -> None:
        self._make = make
        self._made: tuple[Policy, _T] | None = None

    def of(self, policy: Policy) -> _T:
        made = self._made  # several calls may be judged at once, under two policies
        if made is None or made[0] is not policy:
            self._made = made = (policy, self._make(policy))
        return made[1]


def _deny_lists(policy: Policy) -> tuple[Matcher, Matcher, Matcher]:
    """Return what is denied, what is excepted from it, and what no exception opens: what is protected as well."""
    exceptions = {entry for entry in policy.deny_paths if entry.is_exception}
    denied = [entry for entry in policy.deny_paths if entry not in exceptions]
    return Matcher(denied), Matcher(exceptions), Matcher(set(denied) & set(policy.protected_paths))


def _named(case: Case, kinds: frozenset[EffectKind] = _PATHS, *, resolved_only: bool = False) -> dict[str, Effect]:
    """Return every name that a path of the call has, each once, with the first effect that has it."""
    found: dict[str, Effect] = {}
    for effect in case.effects:
        if effect.kind in kinds:
            if not effect.names:
                raise ValueError("a path without names cannot be judged")
            # The name as written does not say what opens, unless it is the only one: a link may lie anywhere.
            for name in effect.names[1:] or effect.names if resolved_only else effect.names:
                found.setdefault(name, effect)
            for name in effect.found:
                found.setdefault(name, effect)
    return found


def _met(case: Case, entries: Matcher, kinds: frozenset[EffectKind] = _PATHS) -> tuple[PathEntry, Effect] | None:
    """Return an entry that a pattern of the call could reach, and the effect that has the pattern."""
    for effect in case.effects:
        if effect.wild and effect.kind in kinds:
            for name in effect.names:
                if entry := entries.meets(name):
                    return entry, effect
    return None


def _unknown(effect: Effect) -> Opinion:
    return Opinion(
        action=Action.BLOCK,
        reason="path-unknown",
        message=f"`{_shown(effect)}` is made up at run time: what it would {effect.kind} may be anything",
    )


def _refusal(reason: str, rule: str, effect: Effect) -> Opinion:
    return Opinion(action=Action.BLOCK, reason=reason, rule=rule, message=f"may not {effect.kind} `{_shown(effect)}`")


def _shown(effect: Effect) -> str:
    return effect.target if len(effect.target) <= _SHOWN else f"{effect.target[:_SHOWN]}…"


@hookimpl
def occasio_register_policy_rules() -> list[PolicyRule]:
    """Return the three rules."""
    return [Denied(), Allowed(), Protected()]


__all__ = ["Allowed", "Denied", "Protected", "occasio_register_policy_rules"]
