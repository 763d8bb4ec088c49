"""From a Sigma rule to an SQL condition, by pySigma and its SQLite backend.

Two things are put between: the names of others' logs become ours, and a value for a field with several values is
compared with each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sigma.backends.sqlite.sqlite import sqliteBackend
from sigma.collection import SigmaCollection
from sigma.rule import SigmaDetection, SigmaDetectionItem, SigmaRule
from sigma.types import SigmaRegularExpression, SigmaString, SpecialChars

from occasio_core import UsageError
from occasio_sigma.rules import is_list, mapped

_TABLE = "rows"
_END = "\n"


def condition_of(rule: SigmaRule, check: Callable[[str], None]) -> str:
    """Return the condition of a rule.  `check` raises for a field that rows do not have."""
    for detection in rule.detection.detections.values():
        for item in _items(detection):
            if item.field is None:
                raise UsageError(f"`{rule.title}`: words without a field cannot be looked for", hint="name a field")
            item.field = mapped(rule.logsource.category, item.field)
            check(item.field)
            if is_list(item.field):
                item.value = [_of_an_element(one) if isinstance(one, SigmaString) else one for one in item.value]
                if any(isinstance(value, SigmaRegularExpression) for value in item.value):
                    raise UsageError(f"`{rule.title}`: `{item.field}` has several values: |re cannot be used with it")
    backend = sqliteBackend()  # type: ignore[no-untyped-call]
    queries = backend.convert(SigmaCollection([rule]))
    prefix = "SELECT * FROM logs WHERE "
    if len(queries) != 1 or not str(queries[0]).startswith(prefix):
        raise UsageError(f"`{rule.title}`: more than one condition", hint="write a rule for each")
    return str(queries[0]).removeprefix(prefix)


def _items(detection: SigmaDetection) -> Iterator[SigmaDetectionItem]:
    for item in detection.detection_items:
        if isinstance(item, SigmaDetection):
            yield from _items(item)
        else:
            yield item


def _of_an_element(value: SigmaString) -> SigmaString:
    """Return a value as it is compared with the lines of a list: whole ones, unless it begins or ends with a `*`."""
    pieces: list[str | SpecialChars] = list(value.s)  # type: ignore[arg-type]  # there are no placeholders here
    if not pieces or pieces[0] is not SpecialChars.WILDCARD_MULTI:
        pieces = [SpecialChars.WILDCARD_MULTI, _END, *pieces]
    if pieces[-1] is not SpecialChars.WILDCARD_MULTI:
        pieces = [*pieces, _END, SpecialChars.WILDCARD_MULTI]
    changed = SigmaString()
    changed.s = list(_joined(pieces))
    return changed


def _joined(pieces: list[str | SpecialChars]) -> Iterator[str | SpecialChars]:
    """Yield the pieces with neighbouring texts in one."""
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            yield text
        text = ""
        yield piece
    if text:
        yield text
