"""Rules in Sigma's format, read and turned into conditions over the table of rows.

What a rule may say is Sigma's own (https://sigmahq.io/sigma-specification/), but for correlations.  Rules for
`product: occasio` use the names of `fields.py`; those for processes, files and connections of Linux and macOS are run
over what agents would have done, by the names that they use.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from occasio_core import UsageError
from occasio_sigma.fields import COLUMNS, LISTS

if TYPE_CHECKING:
    from sigma.rule import SigmaRule

MOST_BYTES = 1 << 20  # of a file of rules

# what rules for others' logs call things, by category
MAPPED = {
    "process_creation": {"CommandLine": "command", "Image": "images", "ParentImage": "agent"},
    "file_event": {"TargetFilename": "writes"},
    "file_change": {"TargetFilename": "writes"},
    "file_delete": {"TargetFilename": "deletes"},
    "file_access": {"FileName": "reads", "TargetFilename": "reads"},
    "network_connection": {"DestinationHostname": "connects", "DestinationIp": "connects", "Image": "images"},
    "dns_query": {"QueryName": "connects"},
}
_PRODUCTS = (None, "linux", "macos")
_LEVELS = {"informational": "info", "low": "low", "medium": "medium", "high": "high", "critical": "high"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: who it is, how much it matters (`info` to `high`), and the SQL condition under which it fires."""

    id: str
    title: str
    level: str
    tags: tuple[str, ...]
    condition: str
    origin: str


def shipped() -> list[Rule]:
    """Return the rules that come with Occasio.  Raises `UsageError` without the extra `sigma`."""
    folder = files("occasio_sigma") / "rules"
    found = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".yml"))
    return [rule for name in found for rule in _rules((folder / name).read_text(encoding="utf-8"), name)]


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of a file, or of all `.yml` files below a folder.

    Raises `UsageError` for a rule that cannot be run over these rows, and without the extra `sigma`.
    """
    if path.is_dir():
        return [rule for file in sorted(path.rglob("*.yml")) for rule in read_rules(file)]
    data = path.read_bytes()[: MOST_BYTES + 1]
    if len(data) > MOST_BYTES:
        raise UsageError(f"{path}: a file of rules has at most {MOST_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None
    return _rules(text, str(path))


def _rules(text: str, origin: str) -> list[Rule]:
    try:
        from sigma.collection import SigmaCollection
        from sigma.exceptions import SigmaError
        from sigma.rule import SigmaRule
    except ImportError:
        raise UsageError("rules in Sigma's format need an extra", hint="pip install 'occasio[sigma]'") from None
    import yaml

    try:
        collection = SigmaCollection.from_yaml(text)
        found = list(collection.rules)
        for rule in found:
            if not isinstance(rule, SigmaRule):
                raise UsageError(f"{origin}: correlations are not supported", hint="write it as a rule for single rows")
        return [_rule(rule, origin) for rule in found if isinstance(rule, SigmaRule)]
    except (SigmaError, yaml.YAMLError, AttributeError, TypeError, ValueError) as error:
        # pySigma raises what Python raises for a document that is no rule
        raise UsageError(f"{origin}: {_line(error)}", hint="https://sigmahq.io/docs/basics/rules.html") from None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _rule(rule: SigmaRule, origin: str) -> Rule:
    from occasio_sigma.conversion import condition_of

    _check_source(rule, origin)
    level = "medium" if rule.level is None else rule.level.name.lower()
    return Rule(
        id=str(rule.id or ""),
        title=" ".join(rule.title.split()),
        level=_LEVELS[level],
        tags=tuple(str(tag) for tag in rule.tags),
        condition=condition_of(rule, lambda name: _check_field(name, origin)),
        origin=origin,
    )


def _check_source(rule: SigmaRule, origin: str) -> None:
    source = rule.logsource
    if source.product == "occasio" or (source.category in MAPPED and source.product in _PRODUCTS):
        return
    told = ", ".join(f"{name}: {value}" for name, value in _parts(source) if value)
    raise UsageError(
        f"{origin}: `{told}` is not a log that is here",
        hint=f"product: occasio, or a category of {', '.join(sorted(MAPPED))} for linux or macos",
    )


def _parts(source: object) -> Iterator[tuple[str, str | None]]:
    for name in ("category", "product", "service"):
        yield name, getattr(source, name)


def _check_field(name: str, origin: str) -> None:
    if name in COLUMNS:
        return
    near = get_close_matches(name, COLUMNS, n=1)
    hint = f"did you mean `{near[0]}`?" if near else "occasio sigma fields lists those that there are"
    raise UsageError(f"{origin}: rows have no field `{name}`", hint=hint)


def is_list(name: str) -> bool:
    """Return whether a field has several values."""
    return name in LISTS


def mapped(category: str | None, name: str) -> str:
    """Return what rows call the field `name` of a category."""
    return MAPPED.get(category or "", {}).get(name, name)


def of_levels(rules: Sequence[Rule], least: str) -> list[Rule]:
    """Return the rules that matter as much as `least`."""
    order = ["info", "low", "medium", "high"]
    return [rule for rule in rules if order.index(rule.level) >= order.index(least)]
