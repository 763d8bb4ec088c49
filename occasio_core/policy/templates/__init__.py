"""Policies to begin with, as they are shipped.  Knows files of this package alone."""

from __future__ import annotations

from pathlib import Path

from occasio_core.errors import UsageError
from occasio_core.policy.nodes import nearest

_HERE = Path(__file__).parent
_ALIASES = {"strict-identity-gate": "strict"}  # what it was called elsewhere


def templates() -> tuple[str, ...]:
    """Return the names of the templates, sorted."""
    return tuple(sorted(path.stem for path in _HERE.glob("*.yml")))


def template(name: str) -> bytes:
    """Return the bytes of the template.  Raises `UsageError` for a name that there is none of."""
    known = templates()
    name = _ALIASES.get(name, name)
    if name not in known:
        raise UsageError(f"there is no template `{name}`", hint=nearest(name, known))
    return (_HERE / f"{name}.yml").read_bytes()
