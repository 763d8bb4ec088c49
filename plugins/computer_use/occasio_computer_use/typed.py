"""What stands in the line that is being typed, from all that was typed before.

A line goes from one Enter to the next, across clicks: who splits `cat .env` over ten events types it all the same.
Taking back is followed; what arrow keys and the clipboard do to a line is not seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from occasio_computer_use.gestures import Gesture

LONGEST = 16_384  # characters of the line that are looked at; what is older has been judged


def typed(gestures: Iterable[Gesture]) -> str:
    """Return all text of `gestures`, with what was taken back taken out."""
    kept: list[str] = []
    for gesture in gestures:
        for character in gesture.text:
            if character == "\b":
                if kept and kept[-1] != "\n":
                    kept.pop()
            else:
                kept.append(character)
    return "".join(kept)


def lines(before: Iterable[Gesture], now: Iterable[Gesture]) -> tuple[str, ...]:
    """Return the lines that `now` adds to: the one that was begun before, then those that are begun now."""
    earlier = tuple(before)
    ended = typed(earlier).count("\n")
    whole = typed((*earlier, *now)).split("\n")[ended:]
    return tuple(line[-LONGEST:] for line in whole if line.strip())
