"""Which scanners look at a text under a policy: those of the plugins, less what it leaves off, and its own patterns.

Knows scanners and two keys of the policy.  It does not know what is done about what they find.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from occasio_core.interfaces import SecretScanner
from occasio_core.model import Policy, Secret, TextPattern

ENTROPY = "secrets.entropy"
PATTERNS = "policy.deny_patterns"


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
