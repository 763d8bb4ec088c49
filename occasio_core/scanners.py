"""Which scanners look at a text under a policy: those of the plugins, less what it leaves off, and its own patterns.

And the rule that scans what a call would send to a host.  What becomes of secrets in results is in `redact`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from occasio_core.interfaces import SecretScanner
from occasio_core.model import Action, Case, Effect, EffectKind, Opinion, Policy, Secret, TextPattern
from occasio_core.redact import scan_texts
from occasio_verify import Json

ENTROPY = "secrets.entropy"
PATTERNS = "policy.deny_patterns"

# Nothing may stand between the name and the port, path or end: `localhost:80@host` is another host.
_THIS_MACHINE = re.compile(
    r"(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]*)?(?:/.*)?", re.DOTALL
)


class DeniedPatterns:
    """Finds what `deny_patterns` of a policy names."""

    name = "deny_patterns"

    def __init__(self, patterns: Iterable[TextPattern]) -> None:
        self._patterns = tuple(patterns)

    def scan(self, text: str, /) -> Iterator[Secret]:
        """Yield every match of every pattern, under the pattern's label."""
        for entry in self._patterns:
            for start, end in entry.pattern.spans(text):
                yield Secret(label=entry.label, start=start, end=end)


def scanners_of(policy: Policy, scanners: Mapping[str, SecretScanner]) -> Mapping[str, SecretScanner]:
    """Return the scanners that `policy` wants, by name.

    Scanning by entropy is off unless `entropy_secret_detection` asks for it: it finds what no format tells, and at
    times what is no secret.
    """
    wanted = {name: one for name, one in scanners.items() if name != ENTROPY or policy.entropy_secret_detection}
    if policy.deny_patterns:
        wanted[PATTERNS] = DeniedPatterns(policy.deny_patterns)
    return MappingProxyType(wanted)


class SecretsInInput:
    """Refuses calls that would send a secret to another machine, while either switch keeps secrets from the model.

    A call cannot be redacted, for the agent runs what it asked for.  A scanner that fails refuses the call.
    """

    name = "secrets-in-input"
    looks_at = frozenset({EffectKind.CONNECT})

    def __init__(self, scanners: Mapping[str, SecretScanner]) -> None:
        self._scanners = scanners

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if its input holds a secret and it connects to another machine."""
        policy = case.policy
        if not (policy.block_secrets_in_tool_results or policy.redact_secrets_in_tool_results):
            return None
        target = next((effect for effect in case.effects if _leaves(effect)), None)
        if target is None:
            return None
        labels: set[str] = set()
        for spans in scan_texts(tuple(_strings(case.together.input)), scanners_of(policy, self._scanners)):
            if spans is None:
                return _refusal("the input could not be scanned for secrets")
            labels |= {span.label for span in spans}
        return _refusal(f"the input holds secrets ({', '.join(sorted(labels))})") if labels else None


def _leaves(effect: Effect) -> bool:
    if effect.kind is not EffectKind.CONNECT:
        return False
    return effect.unknown or effect.wild or not _THIS_MACHINE.fullmatch(effect.target.lower())


def _strings(value: Json) -> Iterator[str]:
    match value:
        case str():
            yield value
        case Mapping():
            for name, member in value.items():
                yield name
                if isinstance(member, str):
                    yield f'"{name}": {json.dumps(member, ensure_ascii=False)}'  # at times the name alone tells
                yield from _strings(member)
        case list() | tuple():
            for item in value:
                yield from _strings(item)


def _refusal(what: str) -> Opinion:
    return Opinion(
        action=Action.BLOCK,
        reason="secret-in-input",
        rule="block_secrets_in_tool_results",
        message=f"{what} and would go to another machine",
    )
