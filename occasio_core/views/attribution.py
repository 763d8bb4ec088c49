"""Where the tokens of a run came from: results of tools, what the model itself wrote, the provider's cache, the rest.

What results weigh is estimated by their bytes, and each counts once, though every later request sends it again; tokens
sent, cached and received are the provider's own numbers.  The rest is everything else: instructions, tools, prompts,
and what was sent again without being cached.  Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from occasio_core.reading.counters import BYTES_OF_A_TOKEN
from occasio_core.views.calls import crossing_of, number, tokens_in
from occasio_core.views.exchanges import Exchange


@dataclass(slots=True)
class Attribution:
    """Tokens by where they came from: `tools` by canonical name, as they first went up; `prevented` by what did it."""

    sent: int = 0
    cached: int = 0
    received: int = 0
    tools: Counter[str] = field(default_factory=Counter)
    prevented: Counter[str] = field(default_factory=Counter)

    @property
    def from_tools(self) -> int:
        """Return the tokens of results, each counted once."""
        return sum(self.tools.values())

    @property
    def uncached(self) -> int:
        """Return the tokens sent that the provider's cache did not have."""
        return self.sent - self.cached

    @property
    def rest(self) -> int:
        """Return the tokens sent that are neither cached nor of a new result: at least 0, as results are estimated."""
        return max(0, self.uncached - self.from_tools)


def attribution(found: Iterable[Exchange]) -> Attribution:
    """Return where the tokens of these exchanges came from."""
    told = Attribution()
    for one in found:
        for outcome in one.results:
            crossing = crossing_of(outcome.result)
            told.tools[outcome.tool or "?"] += (crossing.reentered or 0) // BYTES_OF_A_TOKEN
            if crossing.why:
                told.prevented[crossing.why] += crossing.prevented // BYTES_OF_A_TOKEN
        if one.request is not None:
            told.sent += tokens_in(one.request)
            told.cached += number(one.request, "cache_read_tokens")
            told.received += number(one.request, "output_tokens")
    return told
