"""The commands around plugins: plugins lists what is loaded, plugins new begins one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

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


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List the plugins that a run would load, and what each adds."""
    if context.invoked_subcommand is None:
        _list(as_json)


@plugins.command()
@click.argument("name")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Where its folder is made (default: here)."
)
def new(name: str, out: Path | None) -> None:
    """Begin a plugin of your own: a folder with a rule, its tests and everything that packs it."""
    from occasio_core import home
    from occasio_core.new_plugin import new_plugin
    from occasio_core.plugins import collect, load

    taken = frozenset(name for name, _ in collect(load([]), {}, home.home()).versions)
    folder = new_plugin(name, out or Path(), taken)
    click.echo(f"wrote {folder}: a rule, its tests and a README")
    click.echo(f"next: python -m pip install --editable {folder} pytest && python -m pytest {folder}")
    click.echo(f"      then name `{folder.name}` under `plugins:` in policy.yml; until then it never runs")


def _list(as_json: bool) -> None:
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
