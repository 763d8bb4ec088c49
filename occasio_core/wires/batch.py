"""A request that holds other requests: each is judged as if it were sent alone, and stands where it stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from occasio_core.errors import AgentProtocolError
from occasio_core.wires.body import RequestBody
from occasio_core.wires.splice import JsonPath, spans

MAX_REQUESTS = 10_000  # of one batch


class Batch(RequestBody):
    """A JSON body with requests at some places; `read` makes the body of each from its bytes."""

    def __init__(
        self, body: bytes, places: Callable[[RequestBody], Iterable[JsonPath]], read: Callable[[bytes], RequestBody]
    ) -> None:
        super().__init__(body)
        text, paths = body.decode("utf-8"), list(places(self))
        if len(paths) > MAX_REQUESTS:
            raise AgentProtocolError(f"the batch has more than {MAX_REQUESTS} requests")
        self._read = {path: read(text[start:end].encode()) for path, (start, end) in spans(text, paths).items()}
        self.parts = list(self._read.values())

    @property
    def output_limit(self) -> int | None:
        """None: each part has its own."""
        return None

    def outgoing(self) -> bytes:
        """Return the body, its requests as they go."""
        for path, part in self._read.items():
            self.edit(path, part.outgoing().decode("utf-8"))
        return super().outgoing()


class Texts(RequestBody):
    """A request of which nothing is known but that every text in it is told."""

    def __init__(self, body: bytes) -> None:
        super().__init__(body)
        self.note_told([((name,), value) for name, value in self.document.items()])

    @property
    def output_limit(self) -> int | None:
        """None: what it may cost is not known."""
        return None

    def skip(self, container: object, name: str) -> bool:
        """Return no: any string may be read."""
        return False


class Fetch(RequestBody):
    """A request that only fetches what was asked for before; it should have no body."""

    def __init__(self, body: bytes) -> None:
        super().__init__(b"{}")
        self._came = body

    @property
    def output_limit(self) -> int | None:
        """None: what is fetched was paid for when it was asked for."""
        return None

    def outgoing(self) -> bytes:
        """Return the body as it came."""
        return self._came
