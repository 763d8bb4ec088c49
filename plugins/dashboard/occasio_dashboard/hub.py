"""The stream of what is new: looked for a few times a second, and handed to every page that listens.

Knows Server-Sent Events and asyncio.  It does not know where news come from, nor HTTP.  A page that reads too slowly
loses news and is told so: it then asks for everything anew, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from occasio_core import Json

LOOK_SECONDS = 0.2
KEEP_ALIVE_SECONDS = 15.0
MAX_WAITING = 64  # events for a page that does not read
MAX_ROWS = 200  # of one event, and of one page of a list

_KEEP_ALIVE = b": still here\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What came since the last look: rows, the newest last, and the state of everything where it changed.

    `skipped` rows came before these, too many to tell of.  `is_anew` says that nothing told before holds any more.
    """

    rows: Sequence[Json] = ()
    skipped: int = 0
    state: Json = None
    is_anew: bool = False


class Hub:
    """Where pages listen."""

    def __init__(self, look: Callable[[], Awaitable[News]]) -> None:
        self._look = look
        self._listeners: set[_Listener] = set()
        self._is_closed = False

    @property
    def listeners(self) -> int:
        """Return how many pages listen."""
        return len(self._listeners)

    async def serve(self) -> None:
        """Look for news until closed; whatever goes wrong with a look ends this, and the streams of all pages."""
        try:
            while not self._is_closed:
                self.tell(await self._look())
                await asyncio.sleep(LOOK_SECONDS)
        finally:
            self.close()

    def tell(self, news: News) -> None:
        """Hand the news to every page that listens."""
        events = list(_events(news))
        for listener in self._listeners if events else ():
            listener.put(events)

    def close(self) -> None:
        """End the streams of all pages."""
        self._is_closed = True
        for listener in self._listeners:
            listener.wake.set()

    async def listen(self) -> AsyncGenerator[bytes]:
        """Yield events for one page, until the hub is closed or the page goes away.

        The first says that it has begun: what comes into the log from then on will be told.
        """
        listener = _Listener()
        self._listeners.add(listener)
        try:
            yield event("begun", {})
            while not self._is_closed:
                try:
                    async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                        await listener.wake.wait()
                except TimeoutError:
                    yield _KEEP_ALIVE
                    continue
                if data := listener.taken():
                    yield data
        finally:
            self._listeners.discard(listener)


@dataclass(slots=True, eq=False)
class _Listener:
    """What one page has still to read."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    events: deque[bytes] = field(default_factory=deque)

    def put(self, events: Sequence[bytes]) -> None:
        self.events.extend(events)
        if len(self.events) > MAX_WAITING:
            self.events = deque([event("lost", {})])
        self.wake.set()

    def taken(self) -> bytes:
        data = b"".join(self.events)
        self.events.clear()
        self.wake.clear()
        return data


def _events(news: News) -> Sequence[bytes]:
    events = [event("lost", {})] if news.is_anew else []
    if news.rows:
        events.append(event("rows", {"rows": list(news.rows), "skipped": news.skipped}))
    if news.state is not None:
        events.append(event("state", news.state))
    return events


def event(name: str, data: Json) -> bytes:
    """Return an event of a text/event-stream; JSON in ASCII has no line end."""
    return f"event: {name}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n".encode()
