"""What becomes of tools that a request offers the model and that the provider would run: only the request can be held.

Knows offers and rules.  It does not know where offers stand in a request.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from occasio_core.decide import OFF, TOOLS, Naming, Ruling, refusal, rule_on
from occasio_core.guess import OPEN_WORLD
from occasio_core.interfaces import PolicyRule
from occasio_core.model import Action, Decision, Effect, EffectKind, Policy, Reason, ToolCall
from occasio_core.urls import effects_of_url
from occasio_core.wires.offers import Offered
from occasio_verify import Json

_AS_IT_IS = (Action.PASS, Action.TRANSFORM)  # what comes of it cannot be shaped; it is written down when it is told


@dataclass(frozen=True, slots=True)
class _Goes:
    """Knows of an offer that it goes where its URLs are, or anywhere if it is open and has none; and nothing more."""

    name: str = "occasio.offers"
    tools: Mapping[str, str] = field(default_factory=dict)

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        urls = call.input.get("urls", ())
        assert isinstance(urls, tuple)
        if not urls and call.annotations["openWorldHint"]:
            return (Effect(EffectKind.CONNECT, OPEN_WORLD),)
        return [effect for url in urls for effect in effects_of_url(str(url))]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        return {}


class Offers:
    """Judges offers, which come with each request of a run.  For several threads at once."""

    def __init__(self, rules: Mapping[str, PolicyRule], naming: Naming) -> None:
        self._rules = rules
        self._naming = naming
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str, str]] = set()

    def refused(self, offered: Offered, policy: Policy) -> Ruling | None:
        """Return the refusal of what is offered; None if the provider may run it.

        A person cannot be asked about a call that nobody hears of before it has run, and none can be run here.
        """
        ruling = rule_on(offered.call, policy, _GOES, self._rules, self._naming, can_ask=offered.asks_first)
        if ruling.decision.action is Action.BLOCK:
            return ruling
        single = None if offered.asks_first or policy.preset == OFF else _refused_tool(offered.call.tool, policy)
        if single is None:
            return None
        opinion = refusal("tool-denied", "no single tool of a server can be held that the provider asks", single)
        reasons = (Reason(by=TOOLS, opinion=opinion), *ruling.decision.reasons)
        return replace(ruling, decision=Decision(action=Action.BLOCK, reasons=reasons))

    def is_new(self, offered: Offered, policy: Policy) -> bool:
        """Return whether nothing was said of it yet under this policy."""
        key = offered.call.tool, offered.call.input_digest, policy.sha256
        with self._lock:
            is_new = key not in self._seen
            self._seen.add(key)
        return is_new


_GOES = _Goes()


def _refused_tool(server: str, policy: Policy) -> str | None:
    """Return the entry of a single tool of a server of MCP that may not be used as it is."""
    entries = policy.tools.items() if server.startswith("mcp__") else ()
    return next(
        (
            f"tools: {name}"
            for name, entry in entries
            if name.startswith(f"{server}__") and entry.action not in _AS_IT_IS
        ),
        None,
    )
