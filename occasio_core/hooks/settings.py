"""Why an agent's edited settings must not come into force: they would switch its hooks off, or lead it past the proxy.

Agents read their settings anew in the middle of a session, whoever wrote them.  Knows the ways around that `bypass`
knows, and which files our hooks stood in when the run began.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from occasio_core.bypass import SWITCHED_OFF, BypassError, ways_around
from occasio_core.errors import OccasioError
from occasio_core.hooks.event import HookEvent
from occasio_core.hooks.install import Target, status


class Settings:
    """The settings of one run's agent.

    `base_urls` are the variables that lead the agent to the proxy; empty without one: its provider is then its own.
    """

    def __init__(self, targets: Iterable[Target], base_urls: Sequence[str] = ()) -> None:
        self._base_urls = base_urls
        self._ours = {target.path.resolve(): target for target in targets if _has_hooks(target)}

    def objection(self, event: HookEvent) -> str:
        """Return why the edit must not come into force, empty if it may."""
        if not event.file:
            return ""
        path = Path(event.file)
        try:
            ways = ways_around(path, self._base_urls)
        except BypassError as error:
            return str(error)
        if not self._base_urls:
            ways = [way for way in ways if way == SWITCHED_OFF]
        if ways:
            return f"`{path}` sets {', '.join(ways)}: the agent would not go through the gate"
        target = self._ours.get(path.resolve())
        if target is not None and not _has_hooks(target):
            return f"`{path}` has Occasio's hooks no more; they hold until the session ends"
        return ""


def _has_hooks(target: Target) -> bool:
    with suppress(OccasioError):  # of what cannot be read nobody knows
        return bool(status(target).events)
    return False
