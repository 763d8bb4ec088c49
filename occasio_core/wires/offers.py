"""Tools that a request has the provider run on its own side: they can be taken out of it, and not be held later."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from occasio_core.freeze import frozen
from occasio_core.model import CallId, ToolCall
from occasio_core.wires.origin import Origin
from occasio_core.wires.splice import JsonPath
from occasio_verify import Json, canonical

OFFERED = "offered:"  # how the ids of rows about them begin


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One such tool, and the elements of the request's lists that offer it.

    `urls` are where it goes, as far as the request says; `is_open` that it goes elsewhere too if there are none.
    `is_chosen` says that the model must use it, `asks_first` that the provider asks before each call.
    """

    tool: str
    places: tuple[JsonPath, ...]
    urls: tuple[str, ...] = ()
    is_open: bool = False
    is_chosen: bool = False
    asks_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer as rules judge it: a call that says nothing but where it would go."""

    call: ToolCall
    is_chosen: bool
    asks_first: bool


def offered(offer: Offer, origin: Origin) -> Offered:
    """Return `offer` as it is judged."""
    given: Mapping[str, Json] = {"urls": list(offer.urls)} if offer.urls else {}
    hints: dict[str, Json] = {"readOnlyHint": True, "openWorldHint": offer.is_open}
    call = ToolCall(
        session=origin.session,
        call=CallId(OFFERED + offer.tool),
        agent=origin.agent,
        protocol=origin.protocol,
        tool=offer.tool,
        input=frozen(given),
        input_digest=hashlib.sha256(canonical(given)).hexdigest(),
        cwd=origin.cwd,
        annotations=frozen(hints),
    )
    return Offered(call=call, is_chosen=offer.is_chosen, asks_first=offer.asks_first)
