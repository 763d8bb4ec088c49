"""How far the log can be believed: what a reader found, in one line for every surface.  Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from occasio_verify import Json

CHECKPOINT_NONE = "none"
CHECKPOINT_EXTENDED = "extended"
CHECKPOINT_CUT = "log-truncated"
CHECKPOINT_DIFFERS = "checkpoint-root"
CHECKPOINT_UNCHECKED = "not-compared"
CHECKPOINT_UNREADABLE = "unreadable"

_LOST = {
    CHECKPOINT_CUT: "the log was cut: it has fewer rows than its last checkpoint saw",
    CHECKPOINT_DIFFERS: "the log does not extend its last checkpoint: rows were changed",
    CHECKPOINT_UNREADABLE: "the last checkpoint of the log cannot be read",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a checkpoint saw: how many rows, and the root of the tree over them (SPEC section 7.2)."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """The first line that is rejected: nothing from there on is read.

    `line` counts from 1, `code` is the verifier's.
    """

    line: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is known of the log: `rows` and `size` (bytes) hold and are what surfaces show.

    `exists` says whether there is a log at all.  `checkpoint` is the last one kept, None if there is none, and
    `compared` what came of comparing it with the log: one of the codes above.  `at` is the time of the last row.
    """

    exists: bool
    rows: int = 0
    size: int = 0
    last_hash: str = ""
    at: int | None = None
    damage: Damage | None = None
    checkpoint: Seen | None = None
    compared: str = CHECKPOINT_NONE

    @property
    def is_sound(self) -> bool:
        """Return whether nothing is wrong with the log, as far as reading on from what was read before tells."""
        return self.damage is None and self.compared not in _LOST

    @property
    def warning(self) -> str:
        """Return what is wrong with the log, in one line; empty if nothing is."""
        if self.damage is not None:
            return (
                f"the log is damaged at line {self.damage.line} ({self.damage.code}): "
                f"what follows is of the {self.rows:,} rows before it"
            )
        return _LOST.get(self.compared, "")

    def as_json(self) -> dict[str, Json]:
        """Return it for programs."""
        damage: Json = None
        if self.damage is not None:
            damage = {"line": self.damage.line, "code": self.damage.code, "detail": self.damage.detail}
        tree = self.checkpoint
        return {
            "exists": self.exists,
            "sound": self.is_sound,
            "rows": self.rows,
            "bytes": self.size,
            "last_hash": self.last_hash or None,
            "damage": damage,
            "checkpoint": None if tree is None else {"size": tree.size, "root": tree.root.hex()},
            "checkpoint_compared": self.compared,
        }
