"""Loading plugins: from Occasio itself and from the distributions that a policy names, and from no others.

Knows entry points and hooks.  Hooks are asked here once, at start-up; afterwards only what they returned is used.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

import pluggy

from occasio_core import hookspecs
from occasio_core.detection.protocols import Detector, Sink
from occasio_core.errors import PluginError
from occasio_core.interfaces import (
    Adapter,
    HookDialect,
    KeylessSigner,
    PolicyRule,
    RunningToolHandler,
    SecretScanner,
    Signer,
    ToolHandler,
    Transform,
)
from occasio_core.redact import REDACT
from occasio_core.scanners import SecretsInInput
from occasio_verify import Json

if TYPE_CHECKING:
    import click

BUILT_IN = "occasio"

_T = TypeVar("_T")
_N = TypeVar("_N", Sink, Transform)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The distribution that a plugin came from."""

    distribution: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """Everything that the loaded plugins add, by kind and then by `plugin.name`; what a person names by its own name.

    `by_tool` has the handler of each tool, by the agents' name of it; `versions` each plugin's name and version.
    """

    adapters: Mapping[str, Adapter]
    tool_handlers: Mapping[str, ToolHandler]
    policy_rules: Mapping[str, PolicyRule]
    secret_scanners: Mapping[str, SecretScanner]
    transforms: Mapping[str, Transform]
    signers: Mapping[str, Signer]
    keyless_signers: Mapping[str, KeylessSigner]
    hook_dialects: Mapping[str, HookDialect]
    detectors: Mapping[str, Detector]
    sinks: Mapping[str, Sink]
    commands: Mapping[str, click.Command]
    by_tool: Mapping[str, ToolHandler]
    versions: tuple[tuple[str, str], ...]

    @property
    def rules(self) -> Mapping[str, PolicyRule]:
        """Return every rule that judges a call: those of the plugins, and the core's own."""
        own = SecretsInInput(self.secret_scanners)
        return MappingProxyType({**self.policy_rules, f"{BUILT_IN}.{own.name}": own})

    @property
    def runnable(self) -> frozenset[str]:
        """Return the canonical names of the tools that can be run instead of the agent."""
        runners = (handler for handler in self.tool_handlers.values() if isinstance(handler, RunningToolHandler))
        return frozenset(name for runner in runners for name in runner.tools.values())


class Plugins(pluggy.PluginManager):
    """The plugins that were loaded, and where each came from."""

    def __init__(self) -> None:
        super().__init__(hookspecs.PROJECT)
        self.add_hookspecs(hookspecs)
        self.origins: dict[str, Origin] = {}

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return the options of a hook.  Raises `PluginError` for a wrapper."""
        opts = super().parse_hookimpl_opts(plugin, name)
        if opts and (opts.get("wrapper") or opts.get("hookwrapper")):
            raise PluginError(f"`{name}` is a wrapper; a plugin may not change what another returns")
        return opts

    def add(self, plugin: object, name: str, origin: Origin) -> None:
        """Add one plugin.  Raises `PluginError` when its name is taken or its hooks are not Occasio's."""
        if name in self.origins:
            taken = self.origins[name].distribution
            raise PluginError(f"the plugin name `{name}` of {origin.distribution} is taken by {taken}")
        try:
            self.register(plugin, name)
            self.check_pending()
        except (ValueError, pluggy.PluginValidationError) as error:
            line = " ".join(str(error).split())
            raise PluginError(f"plugin `{name}` of {origin.distribution} cannot be registered: {line}") from error
        self.origins[name] = origin

    def ask(self, hook: str, **given: Mapping[str, object]) -> Iterator[tuple[str, object]]:
        """Yield what each plugin adds through `hook`, with the plugin's name.

        `given` has for each argument of the hook what each plugin gets for it.  Raises `PluginError` when a hook fails
        or returns no list.
        """
        for name in sorted(self.origins):
            plugin = self.get_plugin(name)
            others = self.get_plugins() - {plugin}
            arguments = {argument: values.get(name) for argument, values in given.items()}
            try:
                answers = self.subset_hook_caller(hook, others)(**arguments)
                added = [one for answer in answers for one in answer]
            except Exception as error:  # whatever the plugin raised
                told, hint = f"{type(error).__name__}: {error}", getattr(error, "hint", "")
                raise PluginError(f"plugin `{name}` failed in {hook}: {told}", hint=str(hint)) from error
            yield from ((name, one) for one in added)


def load(distributions: Iterable[str]) -> Plugins:
    """Return the plugins of Occasio itself and of each distribution named.

    Raises `PluginError` when one is not installed, has no plugin, cannot be imported or cannot be registered.
    """
    plugins = Plugins()
    for distribution in (BUILT_IN, *distributions):
        for entry, origin in _entry_points(distribution):
            plugins.add(_imported(entry, origin), entry.name, origin)
    return plugins


def collect(
    plugins: Plugins,
    settings: Mapping[str, Mapping[str, Json]],
    home: Path,
    sinks: Mapping[str, Mapping[str, Json]] = MappingProxyType({}),
) -> Registry:
    """Ask every plugin what it adds, each with the settings of its own distribution and nobody else's.

    `sinks` is what the policy says of sinks, by their own names.  Raises `PluginError` for a wrong type, a name that is
    used twice, or two claims on one tool.
    """
    homes, wanted = dict.fromkeys(plugins.origins, home), dict.fromkeys(plugins.origins, sinks)
    own = {name: settings.get(origin.distribution, MappingProxyType({})) for name, origin in plugins.origins.items()}

    def asked(kind: type[_T], hook: str, **given: Mapping[str, object]) -> Mapping[str, _T]:
        return _unique(kind, plugins.ask(f"occasio_register_{hook}", settings=own, **given))

    handlers = asked(ToolHandler, "tool_handlers")
    scanners = asked(SecretScanner, "secret_scanners")
    return Registry(
        adapters=asked(Adapter, "adapters"),
        tool_handlers=handlers,
        policy_rules=asked(PolicyRule, "policy_rules"),
        secret_scanners=scanners,
        transforms=_by_own_name(asked(Transform, "transforms"), "transform", taken={REDACT}),
        signers=asked(Signer, "signers", home=homes),
        keyless_signers=asked(KeylessSigner, "keyless_signers"),
        hook_dialects=_by_agent(asked(HookDialect, "hook_dialects")),
        detectors=asked(Detector, "detectors"),
        sinks=_by_own_name(asked(Sink, "sinks", wanted=wanted), "sink"),
        commands=commands(plugins, home),
        by_tool=_by_tool(handlers),
        versions=tuple((name, origin.version) for name, origin in sorted(plugins.origins.items())),
    )


def commands(plugins: Plugins, home: Path) -> Mapping[str, click.Command]:
    """Return the commands that plugins add, by name.  Raises `PluginError` as `collect` does."""
    import click  # the server of a run has no need of it

    found: dict[str, click.Command] = {}
    for plugin, added in plugins.ask("occasio_register_commands", home=dict.fromkeys(plugins.origins, home)):
        if not isinstance(added, click.Command) or not added.name:
            raise PluginError(f"plugin `{plugin}` returned {_described(added)}, which is no command with a name")
        if added.name in found:
            raise PluginError(f"two plugins add the command `{added.name}`; the second is `{plugin}`")
        found[added.name] = added
    return MappingProxyType(found)


def _entry_points(distribution: str) -> Iterator[tuple[importlib.metadata.EntryPoint, Origin]]:
    try:
        found = importlib.metadata.distribution(distribution)
    except (importlib.metadata.PackageNotFoundError, ValueError) as error:
        hint = f"install it, or take `{distribution}` out of `plugins:` in the policy"
        raise PluginError(f"the plugin distribution `{distribution}` is not installed", hint=hint) from error
    entries = found.entry_points.select(group=hookspecs.PROJECT)
    if not entries:
        raise PluginError(f"the distribution `{distribution}` has no plugin for Occasio")
    origin = Origin(distribution=distribution, version=found.version)
    return ((entry, origin) for entry in sorted(entries))


def _imported(entry: importlib.metadata.EntryPoint, origin: Origin) -> object:
    try:
        return entry.load()
    except Exception as error:  # whatever the plugin's own import raised
        told = f"{type(error).__name__}: {error}"
        raise PluginError(f"plugin `{entry.name}` of {origin.distribution} cannot be imported: {told}") from error


def _unique(kind: type[_T], added: Iterable[tuple[str, object]]) -> Mapping[str, _T]:
    by_name: dict[str, _T] = {}
    for plugin, one in added:
        # A class has all the methods of its instances, and would fail only when it is called.
        if isinstance(one, type) or not isinstance(one, kind):
            raise PluginError(f"plugin `{plugin}` returned {_described(one)}, which is no {kind.__name__}")
        own_name = getattr(one, "name", None)
        if not isinstance(own_name, str) or not own_name:
            raise PluginError(f"plugin `{plugin}` returned {_described(one)} without a name")
        name = f"{plugin}.{own_name}"
        if name in by_name:
            raise PluginError(f"plugin `{plugin}` returned two {kind.__name__}s with the name `{own_name}`")
        by_name[name] = one
    return MappingProxyType(by_name)


def _by_own_name(added: Mapping[str, _N], kind: str, taken: Collection[str] = ()) -> Mapping[str, _N]:
    named: dict[str, _N] = {}
    for full, one in added.items():
        if one.name in taken or named.setdefault(one.name, one) is not one:
            raise PluginError(f"the name of the {kind} {full} is taken")
    return MappingProxyType(named)


def _by_agent(dialects: Mapping[str, HookDialect]) -> Mapping[str, HookDialect]:
    named: dict[str, HookDialect] = {}
    for full, dialect in dialects.items():
        if named.setdefault(dialect.name, dialect) is not dialect:
            raise PluginError(f"{full} speaks with the hooks of an agent that another plugin speaks with")
    return MappingProxyType(named)


def _by_tool(handlers: Mapping[str, ToolHandler]) -> Mapping[str, ToolHandler]:
    claimed: dict[str, str] = {}
    for name, handler in handlers.items():
        tools: object = handler.tools
        if not isinstance(tools, Mapping) or not all(isinstance(text, str) for pair in tools.items() for text in pair):
            raise PluginError(f"the tools of {name} are no mapping of the agent's names to canonical ones")
        for tool in tools:
            if claimed.setdefault(tool, name) != name:
                raise PluginError(f"{claimed[tool]} and {name} both claim the tool `{tool}`")
    return MappingProxyType({tool: handlers[name] for tool, name in claimed.items()})


def _described(one: object) -> str:
    return f"the class {one.__name__}" if isinstance(one, type) else f"an object of {type(one).__name__}"
