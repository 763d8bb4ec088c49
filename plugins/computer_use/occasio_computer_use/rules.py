"""What the policy's `computer_use:` refuses: texts, lines, parts of the screen, hosts and haste.

Rules look at the call as it is judged, together with those that were let through before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from occasio_computer_use.gestures import OTHER, Gesture, Point, gestures
from occasio_core import Action, Case, EffectKind, Opinion, linear_pattern

CANONICAL = "computer"
JOINED = "joined_text"  # the member of a judged call that holds the lines, one a line
_MINUTE = 60.0
_SHOWN = 80  # characters of a line in a message

# What nobody types on purpose for an agent, whatever the policy says; each is anchored to the start of a command.
_START = r"(?:^|[;&|(`]|\$\()\s*(?:(?:nohup|exec|command|time|env)\s+)*"
RESERVED = {
    "sudo": _START + r"(?:sudo|su|doas|pkexec)(?:\s|$)",
    "remove-root": _START
    + r"rm\s+(?:-\S+\s+)*-(?:\w*[rR]\w*|-recursive)\s+(?:-\S+\s+)*(?:--\s+)?[\"']?(?:/|~|\$HOME)[\"']?/?\*?(?:\s|$)",
    "make-filesystem": _START + r"mkfs(?:\.\w+)?\s",
    "raw-disk": _START + r"dd\s.*\b(?:if|of)=",
    "fork-bomb": r":\s*\(\s*\)\s*\{.*:\s*\|\s*:.*\}",
}
_RESERVED = {label: linear_pattern(pattern) for label, pattern in RESERVED.items()}


class Keyboard:
    """Refuses what may not be typed."""

    name = "keyboard"
    looks_at = frozenset[EffectKind]()  # at the call alone

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if what is typed fits an entry of `deny_keyboard_patterns`."""
        for entry in case.policy.computer_use.deny_keyboard_patterns if is_computer(case) else ():
            if any(entry.pattern.finds(line) for line in lines_of(case)):
                message = entry.message or f"what is typed fits the pattern `{entry.label}`"
                return _refusal("keyboard-pattern", f"computer_use: deny_keyboard_patterns: {entry.label}", message)
        return None


class Lines:
    """Refuses lines that a terminal would run."""

    name = "commands"
    looks_at = frozenset[EffectKind]()  # at the call alone

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a line is reserved, or fits an entry of `deny_command_patterns`."""
        lines = lines_of(case) if is_computer(case) else ()
        for label, pattern in _RESERVED.items():
            if any(pattern.finds(line) for line in lines):
                return _refusal("reserved-command", f"reserved: {label}", "no agent may type this into a terminal")
        for entry in case.policy.computer_use.deny_command_patterns:
            if any(entry.pattern.finds(line) for line in lines):
                message = entry.message or f"the line fits the pattern `{entry.label}`"
                return _refusal("command-pattern", f"computer_use: deny_command_patterns: {entry.label}", message)
        return None


class Screen:
    """Refuses clicks, drags and scrolls in parts of the screen."""

    name = "screen"
    looks_at = frozenset[EffectKind]()  # at the call alone

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if a point of it is in an entry of `deny_screen_regions`, or may be anywhere."""
        regions = case.policy.computer_use.deny_screen_regions if is_computer(case) else ()
        for point in _touched(case) if regions else ():
            for region in regions:
                if point is None or (region.left <= point[0] < region.right and region.top <= point[1] < region.bottom):
                    where = f"({point[0]}, {point[1]}) is in" if point else "nobody knows whether it is in"
                    message = region.message or f"{where} the region `{region.label}`"
                    return _refusal("screen-region", f"computer_use: deny_screen_regions: {region.label}", message)
        return None


class Clicks:
    """Refuses more clicks than a minute may have."""

    name = "clicks"
    looks_at = frozenset[EffectKind]()  # at the call alone

    def judge(self, case: Case, /) -> Opinion | None:
        """Refuse the call if its clicks and those of the last minute are more than `max_clicks_per_minute`."""
        most = case.policy.computer_use.max_clicks_per_minute
        if most is None or not is_computer(case):
            return None
        recent = [one.call for one in case.earlier if case.at - one.at < _MINUTE]
        clicks = sum(_clicks(gestures(one.tool, one.input)) for one in recent)
        now = _clicks(gestures(case.call.tool, case.call.input))
        if now and clicks + now > most:
            message = f"{clicks + now} clicks in a minute, and the policy allows {most}"
            return _refusal("click-rate", f"computer_use: max_clicks_per_minute: {most}", message)
        return None


def is_computer(case: Case) -> bool:
    """Return whether the call is one of a screen and a keyboard."""
    return case.tool == CANONICAL


def lines_of(case: Case) -> tuple[str, ...]:
    """Return the lines that the call types, with what was typed into them before."""
    joined = case.together.input.get(JOINED)
    return tuple(joined.split("\n")) if isinstance(joined, str) and joined else ()


def _touched(case: Case) -> Iterator[Point | None]:
    """Yield where the call presses; None where it does so at the pointer, and nobody saw where that is."""
    pointer: Point | None = None
    for one in case.earlier:
        for gesture in gestures(one.call.tool, one.call.input):
            pointer = gesture.points[-1] if gesture.points else None if gesture.kind == OTHER else pointer
    for gesture in gestures(case.call.tool, case.call.input):
        if gesture.kind in {"click", "press", "drag", "scroll", OTHER}:
            if gesture.kind == "drag" or not gesture.points:
                yield pointer
            yield from gesture.points
        pointer = gesture.points[-1] if gesture.points else pointer


def _clicks(done: tuple[Gesture, ...]) -> int:
    return sum(gesture.kind in {"click", "press", "drag"} for gesture in done)


def _refusal(reason: str, rule: str, message: str) -> Opinion:
    return Opinion(action=Action.BLOCK, reason=reason, rule=rule, message=message)
