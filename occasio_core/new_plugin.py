"""A new plugin from the template: a distribution of its own, with a rule and tests that pass.

Knows the template's files, which are package data.  What a plugin can add is said in docs/plugins.md.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

from occasio_core.errors import UsageError
from occasio_core.version import __version__

_TEMPLATE = "plugin_template"
_SUFFIX = ".tmpl"  # so that no tool takes a template for a program
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_PLACES = {"gitignore": ".gitignore"}  # what would act inside of Occasio's own repository


def new_plugin(name: str, parent: Path, taken: frozenset[str]) -> Path:
    """Write the plugin `name` into a folder of `parent`, and return the folder.  `taken` are names that others have.

    Raises `UsageError` for a name that no plugin can have, and for a folder that is there already.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"`{name}` is no name for a plugin", hint="lower-case letters, digits and single underscores")
    if name in taken:
        raise UsageError(f"there is a plugin `{name}` already", hint="occasio plugins lists the names that are taken")
    distribution, package = f"occasio-{name.replace('_', '-')}", f"occasio_{name}"
    folder = parent / distribution
    if folder.exists():
        raise UsageError(f"{folder} is there already", hint="choose another name, or --out another folder")
    values = {"@NAME@": name, "@DISTRIBUTION@": distribution, "@PACKAGE@": package, "@VERSION@": __version__}
    for place, text in _template().items():
        path = folder / _PLACES.get(place, place).replace("package/", f"{package}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_filled(text, values), encoding="utf-8")
    return folder


def _template() -> dict[str, str]:
    """Return the text of each file of the template, by its place."""
    found = {}
    root = files("occasio_core") / _TEMPLATE
    for folder in ("", "package", "tests"):
        for entry in (root / folder if folder else root).iterdir():
            if entry.name.endswith(_SUFFIX):
                place = f"{folder}/{entry.name}" if folder else entry.name
                found[place.removesuffix(_SUFFIX)] = entry.read_text(encoding="utf-8")
    return found


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(name, value)
    return text
