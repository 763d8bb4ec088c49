"""The command that lists what is loaded: plugins."""

from __future__ import annotations

from collections.abc import Mapping

import click

from occasio_core.cli.output import printed
from occasio_core.plugins import Registry

_KINDS = {
    "adapters": "adapter",
    "tool_handlers": "tools",
    "policy_rules": "rule",
    "secret_scanners": "scanner",
    "signers": "signer",
    "keyless_signers": "keyless signer",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins(as_json: bool) -> None:
    """List the plugins that a run would load, and what each adds."""
    from occasio_core import home, policy
    from occasio_core.plugins import BUILT_IN, collect, load

    place = home.home()
    loaded = policy.load_policy(None, place)
    found = load(sorted(name for name in loaded.plugins if name != BUILT_IN))
    registry = collect(found, loaded.plugins, place)
    added = {name: _added(registry, name) for name, _ in registry.versions}
    if as_json:
        printed(
            [
                {"name": name, "version": version, "from": found.origins[name].distribution, "adds": added[name]}
                for name, version in registry.versions
            ]
        )
        return
    for name, version in registry.versions:
        click.echo(f"{name}  {version}  from {found.origins[name].distribution}")
        for kind, names in added[name].items():
            click.echo(f"  {kind}: {', '.join(names)}")


def _added(registry: Registry, plugin: str) -> dict[str, list[str]]:
    """Return the names of what the plugin adds, by kind; of tools the agents' names."""
    added = {}
    for attribute, kind in _KINDS.items():
        of_kind: Mapping[str, object] = getattr(registry, attribute)
        names = [name.partition(".")[2] for name in of_kind if name.partition(".")[0] == plugin]
        if kind == "tools":
            names = [tool for tool, handler in registry.by_tool.items() if _is_from(plugin, handler, registry)]
        if names:
            added[kind] = sorted(names)
    return added


def _is_from(plugin: str, handler: object, registry: Registry) -> bool:
    return any(other is handler and name.partition(".")[0] == plugin for name, other in registry.tool_handlers.items())
