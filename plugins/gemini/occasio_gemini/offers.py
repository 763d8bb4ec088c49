"""Which of a request's tools the provider runs on its own side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from occasio_core import Json, JsonPath, Offer

# As rows and policies name them; the provider takes either spelling, and new ones go by their own.
_NAMES = {
    "codeExecution": "code_execution",
    "fileSearch": "file_search",
    "googleMaps": "google_maps",
    "googleSearch": "web_search",
    "google_search": "web_search",
    "googleSearchRetrieval": "web_search",
    "google_search_retrieval": "web_search",
    "urlContext": "web_fetch",
    "url_context": "web_fetch",
}
_OF_CLIENTS = frozenset({"functionDeclarations", "function_declarations", "computerUse", "computer_use"})
_OPEN = frozenset({"google_maps", "web_fetch", "web_search"})


def offers_in(path: JsonPath, request: Mapping[str, Json]) -> Iterator[Offer]:
    """Yield what the request at `path` offers the model of the provider's own tools.

    One that stands in an entry with others cannot be taken out alone: then it is as if the model must use it.
    """
    tools = request.get("tools")
    for number, entry in enumerate(tools if isinstance(tools, list) else ()):
        for kind in entry if isinstance(entry, dict) else ():
            if kind not in _OF_CLIENTS:
                name = str(_NAMES.get(kind, kind))
                place = (*path, "tools", number)
                yield Offer(tool=name, places=(place,), is_open=name in _OPEN, is_chosen=len(entry) > 1)
