"""The question that a runner asks about each file, whether its call may touch that file too, for many files at once.

Most of the answer is the same for every file, and most of the rest for every file of one folder: what a rule promises
of itself (`NarrowRule`, `FolderRule`) is asked once for all of them.  A rule that promises nothing is asked about each.

Knows rulings and rules.  It does not know files: names are filled in by a function that the caller brings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from occasio_core.decide import OFF, Naming, Ruling, decide
from occasio_core.interfaces import FolderRule, NarrowRule, PolicyRule
from occasio_core.model import Action, Case, Effect, EffectKind
from occasio_core.paths import comparable

_LONGEST = 4096  # characters of a folder; what is longer is asked about in full

_Told = Callable[[str], bool]


def permit(ruling: Ruling, rules: Mapping[str, PolicyRule], naming: Naming) -> CallPermit:
    """Return what the runner of `ruling` asks about each file: may this call touch that file too?"""
    return CallPermit(ruling, rules, naming)


class CallPermit:
    """Answers for one call; a `FolderPermit`.  `refused` counts the files and folders that it said no to."""

    def __init__(self, ruling: Ruling, rules: Mapping[str, PolicyRule], naming: Naming) -> None:
        self._ruling = ruling
        self._rules = rules
        self._naming = naming
        self.refused = 0

    def __call__(self, effect: Effect, /) -> bool:
        """Return whether the call may touch what `effect` says, whatever the name turns out to mean."""
        return self.counted(self._lets_named(effect))

    def counted(self, permitted: bool) -> bool:
        """Return `permitted`, which was said of one file or folder."""
        self.refused += not permitted
        return permitted

    def _lets_named(self, effect: Effect) -> bool:
        case = self._ruling.case
        try:
            opened = self._naming((effect,), case.call.cwd, case.policy)
        except ValueError:  # what has no name cannot be allowed
            return False
        return self.lets(self._rules, opened)

    def within(self, folder: str, /) -> _Within:
        """Return what tells of the entries of `folder` whether they may be read."""
        case = self._ruling.case
        try:
            (named,) = self._naming((Effect(EffectKind.READ, folder),), case.call.cwd, case.policy)
        except ValueError:  # asked about an entry, it refuses
            return _Within(self, folder, ())
        return _Within(self, folder, named.names if folder == folder.strip() else ())

    def lets(self, rules: Mapping[str, PolicyRule], effects: tuple[Effect, ...]) -> bool:
        """Return whether `rules` and the policy's table of tools let the call touch `effects`, which have names."""
        case = replace(self._ruling.case, effects=effects)
        return decide(case, rules, self._ruling.runner, can_ask=True, can_run=True).action is not Action.BLOCK

    def tellers(self, names: tuple[str, ...]) -> list[_Told]:
        """Return what the rules that judge by folders say of the entries of the folder of these names."""
        case = replace(self._ruling.case, effects=())
        return [_teller(rule, case, names) for rule in self.sorted.by_folder]

    @cached_property
    def sorted(self) -> _Sorted:
        """The rules by what they promise."""
        if self._ruling.case.policy.preset == OFF:  # what is lifted depends on all that was said
            return _Sorted(each=self._rules)
        by_folder = {name: rule for name, rule in self._rules.items() if isinstance(rule, FolderRule)}
        others = {name: rule for name, rule in self._rules.items() if name not in by_folder}
        once = {name: rule for name, rule in others.items() if _is_blind(rule)}
        each = {name: rule for name, rule in others.items() if name not in once}
        return _Sorted(once=once, by_folder=list(by_folder.values()), each=each)

    @cached_property
    def lets_any(self) -> bool:
        """Whether what does not depend on the file lets any be read."""
        return self.lets(self.sorted.once, ())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sorted:
    """The rules that are asked once for a call, once for a folder, and about each file."""

    once: Mapping[str, PolicyRule] = field(default_factory=dict)
    by_folder: Sequence[FolderRule] = ()
    each: Mapping[str, PolicyRule]


class _Within:
    """Answers for the entries of one folder, which goes by `names`; without names it asks about each in full."""

    def __init__(self, permit: CallPermit, folder: str, names: tuple[str, ...]) -> None:
        self._permit = permit
        self._folder = folder.rstrip("/")
        self._names = tuple(name.rstrip("/") for name in names) if len(folder) <= _LONGEST else ()
        self._tellers = permit.tellers(tuple(name or "/" for name in self._names)) if self._names else []
        self._each = permit.sorted.each

    def __call__(self, name: str, /) -> bool:
        """Return whether the entry of that name may be read; it must be no link, and have no other name."""
        path = f"{self._folder}/{name}"
        if not self._names or not _is_plain(name):
            return self._permit(Effect(EffectKind.READ, path))
        return self._permit.counted(self._lets(path, comparable(name)))

    def _lets(self, path: str, told: str) -> bool:
        if not (self._permit.lets_any and self._is_told(told)):
            return False
        if not self._each:
            return True
        names = tuple(f"{one}/{told}" for one in self._names)
        return self._permit.lets(self._each, (Effect(EffectKind.READ, path, names=names),))

    def within(self, name: str, /) -> _Within:
        """Return the answers for the folder of that name, which must be no link."""
        path = f"{self._folder}/{name}"
        if not self._names or not _is_plain(name):
            return self._permit.within(path)
        return _Within(self._permit, path, tuple(f"{one}/{comparable(name)}" for one in self._names))

    def _is_told(self, name: str) -> bool:
        try:
            for tell in self._tellers:
                if tell(name) is not True:
                    return False
        except Exception:  # noqa: BLE001 - a broken rule must not open the gate
            return False
        return True


def _teller(rule: FolderRule, case: Case, names: tuple[str, ...]) -> _Told:
    try:
        return rule.within(case, names)
    except Exception:  # noqa: BLE001 - a broken rule must not open the gate
        return lambda name: False


def _is_blind(rule: PolicyRule) -> bool:
    """Return whether the rule does not look at what is read."""
    return isinstance(rule, NarrowRule) and EffectKind.READ not in rule.looks_at


def _is_plain(name: str) -> bool:
    """Return whether what is called so in a folder goes by no other reading of its path."""
    return name == name.strip() and name not in {"", ".", ".."} and "/" not in name and "\0" not in name
