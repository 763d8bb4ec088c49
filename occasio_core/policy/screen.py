"""What the policy says of agents that press keys and click: `computer_use:`.

Knows trees, not files, and no agent's actions.
"""

from __future__ import annotations

from collections.abc import Iterator

from occasio_core.model import ComputerUse, ScreenRegion
from occasio_core.policy.document import Node, Scalar, Table
from occasio_core.policy.nodes import check_keys, mapping, optional_text, positive, whole
from occasio_core.policy.rules import hosts, labelled, patterns

KEY = "computer_use"
KEYS = (
    "deny_keyboard_patterns",
    "deny_command_patterns",
    "deny_screen_regions",
    "allow_browser_hosts",
    "max_clicks_per_minute",
)
_SIDES = ("left", "top", "right", "bottom")


def computer_use(table: Table, base: ComputerUse) -> ComputerUse:
    """Return `base` with what `computer_use:` adds.  Raises `PolicyError`."""
    given = mapping(table, KEY)
    check_keys(given, KEYS)
    clicks = positive(given, "max_clicks_per_minute")
    return ComputerUse(
        deny_keyboard_patterns=(*base.deny_keyboard_patterns, *patterns(given, "deny_keyboard_patterns")),
        deny_command_patterns=(*base.deny_command_patterns, *patterns(given, "deny_command_patterns")),
        deny_screen_regions=(*base.deny_screen_regions, *_regions(given)),
        allow_browser_hosts=(*base.allow_browser_hosts, *hosts(given, "allow_browser_hosts")),
        max_clicks_per_minute=base.max_clicks_per_minute if clicks is None else clicks,
    )


def _regions(given: Table) -> Iterator[ScreenRegion]:
    for label, node in labelled(given, "deny_screen_regions"):
        yield _region(label, node)


def _region(label: str, node: Node) -> ScreenRegion:
    if not isinstance(node, Table):
        hint = "write `{left: 0, top: 0, right: 800, bottom: 60}`"
        raise node.place.error(f"{label} is a mapping, not {node.described}", hint)
    check_keys(node, (*_SIDES, "message"))
    left, top, right, bottom = (_side(node, side) for side in _SIDES)
    if left >= right or top >= bottom:
        raise node.place.error(f"the region {label} is empty", "`right` is beyond `left`, `bottom` below `top`")
    message = optional_text(node, "message", "a message")
    return ScreenRegion(
        label=label, left=left, top=top, right=right, bottom=bottom, line=node.place.line, message=message
    )


def _side(node: Table, side: str) -> int:
    match node.members.get(side):
        case None:
            raise node.place.error(f"the region has no {side}", f"add `{side}:`, in pixels")
        case Scalar(kind="int") as given if (pixels := whole(given)) is not None and pixels >= 0:
            return pixels
        case given:
            raise given.place.error(f"{side} is a whole number of pixels, not {given.described}", "write `left: 0`")
