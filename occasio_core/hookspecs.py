"""What a plugin can add to Occasio.

Every hook is called once, at start-up, with the plugin's own settings, and returns what the plugin adds.  No hook is
called while an agent waits: from then on Occasio talks to the returned objects through `occasio_core.interfaces`.

Rules that hold for every hook: results are collected from all plugins, never first-result-wins; wrappers are refused,
so that no plugin can change what another returns; names are unique within a kind, and a second one stops the start-up;
order never matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pluggy

from occasio_verify import Json

if TYPE_CHECKING:
    import click

    from occasio_core.detection.protocols import Detector, Sink
    from occasio_core.interfaces import (
        Adapter,
        HookDialect,
        KeylessSigner,
        PolicyRule,
        SecretScanner,
        Signer,
        ToolHandler,
        Transform,
    )

PROJECT = "occasio"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def occasio_register_adapters(settings: Mapping[str, Json]) -> Iterable[Adapter]:
    """Return the providers' protocols that this plugin speaks."""
    return ()


@hookspec
def occasio_register_tool_handlers(settings: Mapping[str, Json]) -> Iterable[ToolHandler]:
    """Return handlers for the tools that this plugin understands."""
    return ()


@hookspec
def occasio_register_policy_rules(settings: Mapping[str, Json]) -> Iterable[PolicyRule]:
    """Return the rules that this plugin judges calls by."""
    return ()


@hookspec
def occasio_register_secret_scanners(settings: Mapping[str, Json]) -> Iterable[SecretScanner]:
    """Return scanners for the secrets that this plugin recognises."""
    return ()


@hookspec
def occasio_register_transforms(settings: Mapping[str, Json]) -> Iterable[Transform]:
    """Return what shapes results, under the names that the policy's `transform:` may say."""
    return ()


@hookspec
def occasio_register_detectors(settings: Mapping[str, Json]) -> Iterable[Detector]:
    """Return what watches the log."""
    return ()


@hookspec
def occasio_register_sinks(settings: Mapping[str, Json], wanted: Mapping[str, Mapping[str, Json]]) -> Iterable[Sink]:
    """Return what findings are handed to: those of this plugin's sinks that `wanted` names, told what it says of each.

    `wanted` is `sinks:` of the policy, by the sinks' own names; names of other plugins' sinks are among them.
    """
    return ()


@hookspec
def occasio_register_signers(settings: Mapping[str, Json], home: Path) -> Iterable[Signer]:
    """Return the keys that this plugin can sign with; key files live below `home`."""
    return ()


@hookspec
def occasio_register_keyless_signers(settings: Mapping[str, Json]) -> Iterable[KeylessSigner]:
    """Return what signs Statements by an identity instead of a key."""
    return ()


@hookspec
def occasio_register_commands(home: Path) -> Iterable[click.Command]:
    """Return commands to add to the `occasio` command line."""
    return ()


@hookspec
def occasio_register_hook_dialects(settings: Mapping[str, Json]) -> Iterable[HookDialect]:
    """Return the agents whose hooks this plugin speaks with; each name is an agent's, as rows say it."""
    return ()
