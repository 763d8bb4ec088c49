"""A policy, the plugins that it needs and the rules, put together: what would be decided for a call.

Nothing is run, written or sent here; of the disk no more than names is looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from occasio_core.decide import SHELL, Ruling, rule_on
from occasio_core.freeze import frozen
from occasio_core.links import all_named
from occasio_core.model import CallId, Earlier, Policy, SessionId, ToolCall
from occasio_core.plugins import BUILT_IN, Registry, collect, load
from occasio_core.policy import check_detectors, check_sinks, check_tools
from occasio_core.policy.preset import laid_over
from occasio_verify import Json, MalformedError, canonical

_SUPPOSED = "supposed"  # what a call that nobody made has for its session and its id


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything that a decision is made of.  `home` is Occasio's directory; `policy` has the presets laid over it."""

    policy: Policy
    registry: Registry
    home: Path

    def rule(self, call: ToolCall, earlier: Sequence[Earlier] = (), at: float = 0.0) -> Ruling:
        """Return what would be decided for `call`, on which effects, and every opinion on it.

        `earlier` are calls of the same handler that would have been let through before `at`.
        """
        handlers = self.registry.by_tool
        return rule_on(
            call,
            self.policy,
            handlers.get(call.tool),
            self.registry.rules,
            all_named,
            can_ask=True,
            shell=handlers.get(SHELL),
            earlier=earlier,
            at=at,
        )

    def under(self, policy: Policy, preset: str | None = None, hardened: bool = False) -> Engine:
        """Return the same engine under another policy; plugins are asked anew only if it tells them something else.

        Raises `PolicyError` and `PluginError` as `engine` does.
        """
        if (policy.plugins, policy.sinks) != (self.policy.plugins, self.policy.sinks):
            return engine(policy, self.home, preset, hardened)
        return replace(self, policy=prepared(policy, self.registry, preset, hardened))


def engine(policy: Policy, home: Path, preset: str | None = None, hardened: bool = False) -> Engine:
    """Return the engine for `policy`, with the plugins of Occasio and those that the policy names.

    Raises `PolicyError` for what no plugin can do, `PluginError` for a plugin that cannot be loaded.
    """
    registry = collect(load(sorted(set(policy.plugins) - {BUILT_IN})), policy.plugins, home, policy.sinks)
    return Engine(policy=prepared(policy, registry, preset, hardened), registry=registry, home=home)


def prepared(policy: Policy, registry: Registry, preset: str | None = None, hardened: bool = False) -> Policy:
    """Return `policy` as it governs a run.  Raises `PolicyError` for what no plugin can do."""
    check_tools(policy, registry.tool_handlers.values(), registry.transforms)
    check_detectors(policy, registry.detectors)
    check_sinks(policy, registry.sinks)
    return laid_over(policy, preset, hardened, registry.runnable)


def supposed(
    tool: str,
    given: Mapping[str, Json],
    cwd: Path,
    agent: str = "occasio",
    annotations: Mapping[str, Json] = MappingProxyType({}),
) -> ToolCall:
    """Return a call as an agent would make it that works in `cwd`; an input that no agent can send is its problem."""
    problem = ""
    try:
        form = canonical(given)
    except MalformedError as error:
        form = repr(given).encode("utf-8", "backslashreplace")
        problem = f"input is not JSON with one reading ({error.code})"
    return ToolCall(
        session=SessionId(_SUPPOSED),
        call=CallId(_SUPPOSED),
        agent=agent,
        protocol="internal",
        tool=tool,
        input=frozen({}) if problem else frozen(given),
        input_digest=hashlib.sha256(form).hexdigest(),
        cwd=str(cwd),
        problem=problem,
        annotations=annotations,
    )
