"""The file of each project's baseline in Occasio's home: written whole, read strictly, dropped.

A baseline is what a person chose to call usual; it is no evidence, and no decision rests on it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from pathlib import Path

from occasio_core import home as places
from occasio_core.errors import OccasioError
from occasio_core.views.habits import KINDS, Baseline
from occasio_verify import Json, MalformedError, canonical, parse_json

FOLDER = "baseline"
_SCHEMA = 1
_FILE = re.compile(r"[0-9a-f]{16}\.json")


def baseline_path(place: Path, project: str) -> Path:
    """Return where the baseline of the project is: the first 16 hexadecimal digits of the SHA-256 of its directory."""
    named = project.lower() if os.name == "nt" else project
    return place / FOLDER / f"{hashlib.sha256(named.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}.json"


def keep(place: Path, baseline: Baseline) -> Path:
    """Write the baseline in place of the one before, for its owner alone; return where.

    Raises `OccasioError` where the home cannot be used, `OSError` where the file cannot be written.
    """
    from occasio_core.files import write_whole

    path = baseline_path(places.prepared(place), baseline.project)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    said: dict[str, Json] = {
        "schema_version": _SCHEMA,
        "project": baseline.project,
        "learned_at": baseline.learned_at,
        "runs": dict(baseline.calls),
        "seen": {kind: dict(names) for kind, names in baseline.seen.items()},
    }
    write_whole(path, canonical(said) + b"\n", 0o600)
    return path


def kept(place: Path, project: str) -> Baseline | None:
    """Return the baseline of the project, None where there is none.  Raises `OccasioError` for a file that is none."""
    path = baseline_path(place, project)
    try:
        said = parse_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except MalformedError as error:
        raise _broken(path) from error
    try:
        return _read(said, project)
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(path) from error


def drop(place: Path, project: str) -> bool:
    """Drop the baseline of the project; return whether there was one.  Raises `OSError`."""
    path = baseline_path(place, project)
    if not path.exists():
        return False
    path.unlink()
    return True


def drop_all(place: Path) -> list[Path]:
    """Drop every baseline, and nothing else that is in their folder; return which.  Raises `OSError`."""
    folder = place / FOLDER
    found = sorted(path for path in folder.iterdir() if _FILE.fullmatch(path.name)) if folder.is_dir() else []
    for path in found:
        path.unlink()
    return found


def _read(said: Json, project: str) -> Baseline:
    if not isinstance(said, Mapping) or said["schema_version"] != _SCHEMA or said["project"] != project:
        raise ValueError("not a baseline of this project")
    learned_at, seen = said["learned_at"], said["seen"]
    if not isinstance(learned_at, str) or not isinstance(seen, Mapping):
        raise TypeError("not a baseline")
    return Baseline(
        project=project,
        learned_at=learned_at,
        calls=_numbers(said["runs"]),
        seen={kind: _numbers(seen[kind]) for kind in KINDS},
    )


def _numbers(said: Json) -> dict[str, int]:
    if not isinstance(said, Mapping):
        raise TypeError("not numbers by name")
    found = {name: number for name, number in said.items() if type(number) is int and number >= 0}
    if len(found) != len(said):
        raise ValueError("a number is none")
    return found


def _broken(path: Path) -> OccasioError:
    return OccasioError(f"`{path}` is not a baseline of this project", hint="occasio baseline learn writes it anew")
