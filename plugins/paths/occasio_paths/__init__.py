"""Judges the paths that a call touches by the policy's lists.

Three rules over effects, so they hold for a file tool, a shell command and a tool of a server alike:

* `deny`: no name of the path may fall under `deny_paths`, unless an exception of that list covers this name.
* `allow`: where there is an `allow_paths`, everything that the path resolves to must fall under it.
* `protected`: what Occasio and the agent's hooks depend on is not written or deleted, nor is Occasio's own read.

The lists below `read:` hold for what is read, those below `write:` for what is written or deleted, each on top of the
lists that hold for all.  What a call touches by a pattern (`wild`) is refused where an entry could be met, and what it
makes up at run time (`unknown`) wherever there is an entry at all.  A search that would come to something denied
(`sifted`) is run here, where that is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from occasio_core import Action, Case, Effect, EffectKind, Opinion, PathEntry, PathLists, Policy, PolicyRule, hookimpl
from occasio_paths.match import Matcher, Sieve

_PATHS = frozenset({EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE})
_READS = frozenset({EffectKind.READ})
_CHANGES = frozenset({EffectKind.WRITE, EffectKind.DELETE})
_SHOWN = 200  # characters of a path in a message

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Denials:
    """One list of denials: its key, the kinds of access it holds for, what it denies, excepts, and never opens."""

    key: str
    kinds: frozenset[EffectKind]
    denied: Matcher
    excepted: Matcher
    always: Matcher

    def within(self, folder: str) -> Callable[[str], PathEntry | None]:
        """Return what finds, for the name of an entry of `folder`, what denies it."""
        always, denied, excepted = (one.within(folder) for one in (self.always, self.denied, self.excepted))

        def find(name: str) -> PathEntry | None:
            if entry := always(name):
                return entry
            return entry if (entry := denied(name)) and not excepted(name) else None

        return find


class Denied:
    """Refuses what `deny_paths` names."""

    name = "deny"

    def __init__(self) -> None:
        self._lists = _Compiled(_denials)

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if any name of any path is denied."""
        lists = self._lists.of(case.policy)
        for denials in lists:
            if opinion := _denial(case, denials):
                return opinion
        made_up = _made_up(case, frozenset().union(*(denials.kinds for denials in lists)))
        return made_up or next((opinion for denials in lists if (opinion := _left_out(case, denials))), None)

    def within(self, case: Case, folders: Sequence[str], /) -> Callable[[str], bool]:
        """Return what tells of the entries of a folder whether no name of theirs is denied to who reads."""
        lists = [denials for denials in self._lists.of(case.policy) if EffectKind.READ in denials.kinds]
        denied = [denials.within(folder) for denials in lists for folder in folders]
        return lambda name: not any(find(name) for find in denied)


class Allowed:
    """Refuses what `allow_paths` does not name, if it names anything."""

    name = "allow"

    def __init__(self) -> None:
        self._lists = _Compiled(_allowances)

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a path resolves to anything that is not allowed."""
        lists = self._lists.of(case.policy)
        for key, kinds, allowed in lists:
            for name, effect in _named(case, kinds, resolved_only=True).items():
                if not allowed.find(name):
                    return _refusal("path-not-allowed", key, effect)
        return _made_up(case, frozenset().union(*(kinds for _, kinds, _ in lists)))

    def within(self, case: Case, folders: Sequence[str], /) -> Callable[[str], bool]:
        """Return what tells of the entries of a folder whether all that they resolve to is allowed to who reads."""
        lists = [allowed for _, kinds, allowed in self._lists.of(case.policy) if EffectKind.READ in kinds]
        allowed = [matcher.within(folder) for matcher in lists for folder in folders[1:] or folders]
        return lambda name: all(find(name) for find in allowed)


class Protected:
    """Refuses to change what Occasio and the agent's hooks depend on."""

    name = "protected"
    looks_at = _CHANGES

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


def _lists(policy: Policy) -> list[tuple[str, frozenset[EffectKind], PathLists]]:
    common = PathLists(deny=policy.deny_paths, allow=policy.allow_paths)
    return [("", _PATHS, common), ("read.", _READS, policy.read), ("write.", _CHANGES, policy.write)]


def _denials(policy: Policy) -> list[_Denials]:
    return [_split(f"{key}deny_paths", kinds, lists.deny, policy) for key, kinds, lists in _lists(policy) if lists.deny]


def _split(key: str, kinds: frozenset[EffectKind], entries: tuple[PathEntry, ...], policy: Policy) -> _Denials:
    exceptions = [entry for entry in entries if entry.is_exception]
    denied = [entry for entry in entries if not entry.is_exception]
    always = [entry for entry in denied if entry in policy.protected_paths]
    return _Denials(key, kinds, Matcher(denied), Matcher(exceptions), Matcher(always))


def _allowances(policy: Policy) -> list[tuple[str, frozenset[EffectKind], Matcher]]:
    return [(f"{key}allow_paths", kinds, Matcher(lists.allow)) for key, kinds, lists in _lists(policy) if lists.allow]


def _denial(case: Case, denials: _Denials) -> Opinion | None:
    denied, excepted, always = denials.denied, denials.excepted, denials.always
    for name, effect in _named(case, denials.kinds).items():
        if entry := always.find(name):
            return _refusal("path-protected", f"protected: {entry.text}", effect)
        if (entry := denied.find(name)) and not excepted.find(name):
            return _refusal("path-denied", f"{denials.key}: {entry.text}", effect, entry)
    if met := _met(case, always, denials.kinds):
        return _refusal("path-protected", f"protected: {met[0].text}", met[1])
    if met := _met(case, denied, denials.kinds, with_vague=False):
        return _refusal("path-denied", f"{denials.key}: {met[0].text}", met[1], met[0])
    return None


def _left_out(case: Case, denials: _Denials) -> Opinion | None:
    """Have a search that would come to something denied run here: it leaves that out, as the agent's own would not."""
    for effect in case.effects:
        if effect.sifted and effect.kind in denials.kinds and (entry := _below(effect, denials)):
            rule = (
                f"protected: {entry.text}" if entry in case.policy.protected_paths else f"{denials.key}: {entry.text}"
            )
            message = f"what it names is left out of what is found below `{_shown(effect)}`"
            return Opinion(action=Action.LOCAL, reason="path-left-out", rule=rule, message=message)
    return None


def _below(effect: Effect, denials: _Denials) -> PathEntry | None:
    """Return an entry that denies something that the search would come to."""
    for name in effect.names:
        if entry := denials.denied.meets(name):
            return entry
    folders: dict[str, list[str]] = {}
    for path in effect.found:
        folder, _, name = path.rpartition("/")
        folders.setdefault(folder, []).append(name)
    always, denied = Sieve(denials.always), Sieve(denials.denied)
    for folder, names in folders.items():
        for name in always.caught(folder, names):
            return denials.always.find(f"{folder}/{name}")
        for name in denied.caught(folder, names):
            if not denials.excepted.find(f"{folder}/{name}"):
                return denials.denied.find(f"{folder}/{name}")
    return None


def _named(case: Case, kinds: frozenset[EffectKind] = _PATHS, *, resolved_only: bool = False) -> dict[str, Effect]:
    """Return every name that a path of the call has, each once, with the first effect that has it."""
    found: dict[str, Effect] = {}
    for effect in case.effects:
        if effect.kind in kinds and not effect.sifted:
            if not effect.names:
                raise ValueError("a path without names cannot be judged")
            # The name as written does not say what opens, unless it is the only one: a link may lie anywhere.
            for name in effect.names[1:] or effect.names if resolved_only else effect.names:
                found.setdefault(name, effect)
            # What may be opened by one name may be opened, whatever others the same file has.
            for name in effect.found if effect.wild or not resolved_only else ():
                found.setdefault(name, effect)
    return found


def _met(
    case: Case, entries: Matcher, kinds: frozenset[EffectKind] = _PATHS, *, with_vague: bool = True
) -> tuple[PathEntry, Effect] | None:
    """Return an entry that a pattern of the call could reach, and the effect that has the pattern."""
    for effect in case.effects:
        if effect.wild and effect.kind in kinds and not effect.sifted and (with_vague or not effect.vague):
            for name in effect.names:
                if entry := entries.meets(name):
                    return entry, effect
    return None


def _made_up(case: Case, kinds: frozenset[EffectKind]) -> Opinion | None:
    """Refuse what nobody can tell, if there is a list for that kind of access; what runs may touch anything."""
    kinds = kinds | {EffectKind.EXECUTE} if kinds else kinds
    return next((_unknown(effect) for effect in case.effects if effect.unknown and effect.kind in kinds), None)


def _unknown(effect: Effect) -> Opinion:
    return Opinion(
        action=Action.BLOCK,
        reason="path-unknown",
        message=f"`{_shown(effect)}` is made up at run time: what it would {effect.kind} may be anything",
    )


def _refusal(reason: str, rule: str, effect: Effect, entry: PathEntry | None = None) -> Opinion:
    message = (entry.message if entry else "") or f"may not {effect.kind} `{_shown(effect)}`"
    return Opinion(action=Action.BLOCK, reason=reason, rule=rule, message=message)


def _shown(effect: Effect) -> str:
    return effect.target if len(effect.target) <= _SHOWN else f"{effect.target[:_SHOWN]}…"


@hookimpl
def occasio_register_policy_rules() -> list[PolicyRule]:
    """Return the three rules."""
    return [Denied(), Allowed(), Protected()]


__all__ = ["Allowed", "Denied", "Protected", "occasio_register_policy_rules"]
