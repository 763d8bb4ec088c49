"""What a patch would touch: the file headers of Codex's format and of unified diffs.

Every line that some reader may take for a header counts, wherever it stands: a file too many is judged rather than one
too few.  Knows text only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from occasio_core.model import Effect, EffectKind

_HEADER = re.compile(r"[ \t]*\*\*\*[ \t]+(?P<verb>Add File|Update File|Delete File|Move to):[ \t]*(?P<path>.*)")
_DIFF = re.compile(r"(?P<side>---|\+\+\+|rename from|rename to|copy from|copy to)[ \t]+(?P<path>[^\t]+)(?:\t.*)?")
_KINDS = {
    "Add File": (EffectKind.WRITE,),
    "Update File": (EffectKind.READ, EffectKind.WRITE),
    "Delete File": (EffectKind.DELETE,),
    "Move to": (EffectKind.WRITE,),
    "---": (EffectKind.READ, EffectKind.WRITE),
    "+++": (EffectKind.READ, EffectKind.WRITE),
    "rename from": (EffectKind.READ, EffectKind.DELETE),
    "rename to": (EffectKind.WRITE,),
    "copy from": (EffectKind.READ,),
    "copy to": (EffectKind.WRITE,),
}
_PREFIX = re.compile(r"[abciow]/")  # that git puts before a path, and `patch -p1` takes away
_NO_FILE = "/dev/null"


def effects_of_patch(text: str) -> tuple[Effect, ...]:
    """Return a read, write or delete of every file that `text` would change; nothing for what is no patch.

    What is moved is deleted where it was.
    """
    return tuple(dict.fromkeys(_effects(text)))


def _effects(text: str) -> Iterator[Effect]:
    before = ""
    for line in text.splitlines():
        if header := _HEADER.fullmatch(line):
            path = header["path"].strip()
            if header["verb"] == "Move to" and before:
                yield Effect(EffectKind.DELETE, before)
            elif header["verb"] == "Update File":
                before = path
            yield from (Effect(kind, path) for kind in _KINDS[header["verb"]] if path)
        elif diff := _DIFF.fullmatch(line.rstrip()):
            path = diff["path"].strip().strip('"')
            spellings = dict.fromkeys((path, _PREFIX.sub("", path, count=1)))
            yield from (Effect(kind, one) for one in spellings if one != _NO_FILE for kind in _KINDS[diff["side"]])
