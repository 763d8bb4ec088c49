"""What one row says, in the words that every surface uses: the target of a call, what became of a result.

Pure: knows the members of rows (SPEC section 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from occasio_verify import Json, Row

_TARGETS = ("path", "pattern", "url", "query", "host")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What of a tool's result went to the model, in bytes of its canonical form.

    `reentered` is None where the row does not say.  `why` says what held the rest back: `withheld` and the reason, the
    names of what shaped it, empty for a result that went as it was.
    """

    produced: int
    reentered: int | None
    why: str

    @property
    def prevented(self) -> int:
        """Return how many bytes did not go; none where that is not known, or where what went is longer."""
        return 0 if self.reentered is None else max(0, self.produced - self.reentered)


def target_of(call: Mapping[str, Json]) -> str:
    """Return what a call is about, from its row: a path, a pattern or the like, else what it touches first.

    Of a command that is the program, and the first thing that this touches.
    """
    inputs = call.get("tool_inputs")
    named = inputs if isinstance(inputs, Mapping) else {}
    for name in _TARGETS:
        if isinstance(value := named.get(name), str) and value:
            return value
    effects = call.get("effects")
    touched = [str(effect).partition(" ") for effect in effects] if isinstance(effects, list | tuple) else []
    if len(touched) > 1 and touched[0][0] == "execute":
        return f"{touched[0][2]} {touched[1][2]}"
    return touched[0][2] if touched else ""


def crossing_of(result: Row) -> Crossing:
    """Return what of the result of a `tool_result` row went to the model."""
    produced, kind = number(result, "size"), result.fields.get("result_kind")
    if kind in ("pass", "local"):
        return Crossing(produced=produced, reentered=produced, why="")
    given = result.fields.get("returned_size")
    reentered = given if isinstance(given, int) else None
    shaped = result.fields.get("shaped_by")
    why = "+".join(map(str, shaped)) if isinstance(shaped, list | tuple) and shaped else "changed"
    return Crossing(produced=produced, reentered=reentered, why=_withheld(result) if kind == "withheld" else why)


def number(row: Row, member: str) -> int:
    """Return a member that is a number; 0 where it is none."""
    value = row.fields.get(member)
    return value if type(value) is int else 0


def text(row: Row, member: str) -> str:
    """Return a member that is a text; empty where it is none."""
    value = row.fields.get(member)
    return value if isinstance(value, str) else ""


def tokens_in(request: Row) -> int:
    """Return all tokens that went to the model with a request, those among them that its cache had."""
    return sum(number(request, f"{name}_tokens") for name in ("input", "cache_read", "cache_write"))


def _withheld(result: Row) -> str:
    labels = result.fields.get("secret_labels")
    if labels == ["unscanned"] or labels == ("unscanned",):
        return "withheld (not scanned)"
    return "withheld (secrets)" if labels else "withheld (limit)"
