"""Nobody gets data but a page that a link has opened, by our own name and from our own origin, and no agent does."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from occasio_core import Approvals, Json, OccasioError, UsageError
from occasio_dashboard.files import HEADERS
from occasio_dashboard.hub import Hub, News
from occasio_dashboard.server import Desk, Server


@dataclass
class Tables(Desk):
    """A desk that knows a few things, and remembers what it was told."""

    posts: list[tuple[str, Mapping[str, Json]]] = field(default_factory=list)

    async def get(self, what: str, asked: Mapping[str, str], /) -> Json | None:
        match what:
            case "state":
                return {"asked": dict(asked)}
            case "sense/less":
                raise UsageError("that makes no sense", hint="ask for something else")
            case "shut":
                raise OccasioError("that is shut")
            case "broken":
                raise RuntimeError("of a secret")
        return None

    async def post(self, what: str, given: Mapping[str, Json], ends: Any, /) -> Json | None:
        self.posts.append((what, given))
        return {"ends": [list(end) for end in ends]} if what == "approvals/apr_1" else None


class Nobody(Approvals):
    """Approvals of a machine on which every process is the person's own, but for `agents`."""

    agents: str | None = None

    def agent_at(self, client: tuple[str, int], server: tuple[str, int]) -> str | None:
        return type(self).agents


@dataclass
class Place:
    server: Server
    desk: Tables
    hub: Hub
    links: list[str]
    session: aiohttp.ClientSession
    approvals: type[Nobody]

    @property
    def origin(self) -> str:
        return self.server.url.partition("/#")[0]

    async def asked(self, path: str, **more: Any) -> tuple[int, Any]:
        method = "POST" if "json" in more or "data" in more else "GET"
        async with self.session.request(method, self.origin + path, **more) as answer:
            for name, value in HEADERS.items():
                assert answer.headers[name] == value, (path, name)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]
            assert "Set-Cookie" not in answer.headers
            return answer.status, await answer.json() if "json" in answer.content_type else await answer.text()

    async def page(self) -> dict[str, str]:
        """Return the headers of a page that the link has just opened."""
        link = self.server.url.partition("#")[2]
        status, said = await self.asked("/api/open", json={"link": link}, headers={"Origin": self.origin})
        assert status == 200
        return {"Authorization": f"Bearer {said['page']}", "Origin": self.origin}


@pytest.fixture
async def place(tmp_path: Any) -> AsyncIterator[Place]:
    async def nothing() -> News:
        return News()

    class Ours(Nobody):
        pass

    desk, hub, links = Tables(), Hub(nothing), list[str]()
    server = Server(desk, hub, Ours(tmp_path), links.append)
    await server.start(0)
    async with aiohttp.ClientSession() as session:
        yield Place(server, desk, hub, links, session, Ours)
    await server.stop()


async def test_the_link_opens_a_page_once(place: Place) -> None:
    url = place.server.url
    headers = await place.page()
    assert await place.asked("/api/state?a=1", headers=headers) == (200, {"asked": {"a": "1"}})
    again = {"link": url.partition("#")[2]}
    status, said = await place.asked("/api/open", json=again, headers={"Origin": place.origin})
    assert (status, "used already" in said["error"]) == (401, True)
    assert place.links == [place.server.url]
    assert place.server.url != url


@pytest.mark.parametrize("path", ["/api/state", "/api/stream", "/api/rows/1", "/api/approvals/apr_1", "/api/nothing"])
async def test_without_the_secret_of_a_page_there_is_nothing(place: Place, path: str) -> None:
    link = place.server.url.partition("#")[2]
    for authorization in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {link}"}, {"Cookie": link}):
        status, said = await place.asked(path, headers=authorization)
        assert (status, list(said)) == (401, ["error", "hint"])
        status, _ = await place.asked(path, json={}, headers={**authorization, "Origin": place.origin})
        assert status in (401, 405)
    assert place.desk.posts == []


@pytest.mark.parametrize("path", ["/", "/style.css", "/api/state", "/api/open"])
async def test_a_request_to_another_name_is_refused(place: Place, path: str) -> None:
    headers = await place.page()
    port = place.origin.rpartition(":")[2]
    for host in ("example.com", f"example.com:{port}", "127.0.0.1", "127.0.0.1:1", f"[::1]:{port}"):
        assert (await place.asked(path, headers={**headers, "Host": host, "Origin": f"http://{host}"}))[0] == 403


@pytest.mark.parametrize("path", ["/", "/main.js", "/api/state"])
async def test_a_page_of_another_origin_is_refused(place: Place, path: str) -> None:
    headers = await place.page()
    for more in ({"Origin": "http://example.com"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:5173"}):
        assert (await place.asked(path, headers=headers | more))[0] == 403
    for site in ("cross-site", "same-site"):
        assert (await place.asked(path, headers=headers | {"Sec-Fetch-Site": site}))[0] == 403


async def test_what_changes_something_says_where_it_comes_from(place: Place) -> None:
    headers = await place.page()
    del headers["Origin"]
    link = place.server.url.partition("#")[2]
    assert (await place.asked("/api/approvals/apr_1", json={}, headers=headers))[0] == 403
    assert (await place.asked("/api/open", json={"link": link}))[0] == 403
    assert place.desk.posts == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"])
async def test_other_methods_do_nothing(place: Place, method: str) -> None:
    headers = await place.page()
    async with place.session.request(method, f"{place.origin}/api/approvals/apr_1", headers=headers) as answer:
        assert answer.status in (403, 404, 405)
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
    assert place.desk.posts == []


async def test_an_answer_is_handed_over_with_both_ends_of_its_connection(place: Place) -> None:
    headers = await place.page()
    status, said = await place.asked("/api/approvals/apr_1", json={"answer": "deny"}, headers=headers)
    assert status == 200
    assert place.desk.posts == [("approvals/apr_1", {"answer": "deny"})]
    (client, _), (server, port) = said["ends"]
    assert (client, server, port) == ("127.0.0.1", "127.0.0.1", int(place.origin.rpartition(":")[2]))


async def test_an_agents_process_gets_nothing_and_uses_up_no_link(place: Place) -> None:
    headers = await place.page()
    url = place.server.url
    place.approvals.agents = "run-1"
    status, said = await place.asked("/api/state", headers=headers)
    assert (status, "process of the agent of run run-1" in said["error"]) == (403, True)
    assert (await place.asked("/api/approvals/apr_1", json={}, headers=headers))[0] == 403
    link = {"link": url.partition("#")[2]}
    assert (await place.asked("/api/open", json=link, headers={"Origin": place.origin}))[0] == 403
    assert place.server.url == url
    assert place.desk.posts == []


async def test_what_goes_wrong_is_told_in_one_way_and_without_a_traceback(place: Place) -> None:
    headers = await place.page()
    told = {path: await place.asked(f"/api/{path}", headers=headers) for path in ("sense/less", "shut", "broken", "x")}
    assert told["sense/less"] == (409, {"error": "that makes no sense", "hint": "ask for something else"})
    assert told["shut"] == (422, {"error": "that is shut", "hint": ""})
    assert told["broken"] == (500, {"error": "occasio failed with RuntimeError", "hint": ""})
    assert told["x"][0] == 404


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"a":1,"a":2}', "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"{}", "application/x-www-form-urlencoded", 415),
        (b'{"a":"' + b"x" * 100_000 + b'"}', "application/json", 413),
    ],
)
async def test_a_body_that_is_no_object_is_refused(place: Place, body: bytes, kind: str, status: int) -> None:
    headers = await place.page() | {"Content-Type": kind}
    assert (await place.asked("/api/approvals/apr_1", data=body, headers=headers))[0] == status
    assert place.desk.posts == []


@pytest.mark.parametrize(
    "path", ["/../pyproject.toml", "/%2e%2e/files.py", "/files.py", "/page/main.js", "/uPlot.LICENSE", "/x"]
)
async def test_files_are_found_by_their_names_alone(place: Place, path: str) -> None:
    assert (await place.asked(path))[0] == 404
    status, text = await place.asked("/")
    assert (status, "<!doctype html>" in text) == (200, True)


async def test_the_stream_begins_at_once_and_tells_news(place: Place) -> None:
    headers = await place.page()
    async with place.session.get(f"{place.origin}/api/stream", headers=headers) as answer:
        assert answer.content_type == "text/event-stream"
        assert answer.headers["Content-Security-Policy"] == HEADERS["Content-Security-Policy"]
        assert await answer.content.readuntil(b"\n\n") == b"event: begun\ndata: {}\n\n"
        while place.hub.listeners == 0:  # noqa: ASYNC110
            await asyncio.sleep(0)
        place.hub.tell(News(rows=[{"seq": 1}]))
        event = await answer.content.readuntil(b"\n\n")
        assert json.loads(event.partition(b"data: ")[2]) == {"rows": [{"seq": 1}], "skipped": 0}
    while place.hub.listeners:  # noqa: ASYNC110
        await asyncio.sleep(0.01)  # until the server has seen that the page is gone


async def test_a_port_that_is_taken_is_said_in_one_line(place: Place, tmp_path: Any) -> None:
    port = int(place.origin.rpartition(":")[2])
    other = Server(place.desk, place.hub, Nobody(tmp_path), print)
    with pytest.raises(OccasioError, match=f"cannot listen on 127.0.0.1:{port}: ") as told:
        await other.start(port)
    assert told.value.hint == "--port 0 takes a free port"


async def test_only_this_machine_reaches_it(place: Place) -> None:
    port = int(place.origin.rpartition(":")[2])
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", port), 1):
        pass
