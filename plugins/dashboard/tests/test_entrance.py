"""A link opens one page, a page is known by its secret, and requests of other sites are known by what they say."""

from __future__ import annotations

import pytest

from occasio_dashboard.entrance import MAX_PAGES, Entrance, Whence

PORT = 3001
HOST, ORIGIN = "127.0.0.1:3001", "http://127.0.0.1:3001"


def whence(hosts: list[str] | None = None, origins: list[str] | None = None, sites: list[str] | None = None) -> Whence:
    return Whence([HOST] if hosts is None else hosts, origins or [], sites or [])


def test_a_link_opens_one_page_and_is_used_up() -> None:
    entrance = Entrance()
    link = entrance.link
    page = entrance.opened(link)
    assert page is not None
    assert entrance.is_open([f"Bearer {page}"])
    assert entrance.opened(link) is None
    assert entrance.link != link
    assert entrance.opened(entrance.link) not in (None, page)


@pytest.mark.parametrize("link", ["", "x", "é\udce9", "x" * 100_000])
def test_another_link_opens_nothing(link: str) -> None:
    entrance = Entrance()
    before = entrance.link
    assert entrance.opened(link) is None
    assert entrance.link == before


def test_a_page_is_known_by_its_secret_alone() -> None:
    entrance = Entrance()
    page = entrance.opened(entrance.link)
    for shown in ([], [""], [str(page)], [f"bearer {page}"], [f"Bearer {page} "], [f"Bearer {entrance.link}"]):
        assert not entrance.is_open(shown), shown
    assert not entrance.is_open([f"Bearer {page}", f"Bearer {page}"])
    assert not entrance.is_open(["Bearer é\udce9"])


def test_the_page_that_was_opened_first_gives_way() -> None:
    entrance = Entrance()
    pages = [entrance.opened(entrance.link) for _ in range(MAX_PAGES + 1)]
    assert [entrance.is_open([f"Bearer {page}"]) for page in pages] == [False] + [True] * MAX_PAGES


@pytest.mark.parametrize("host", ["127.0.0.1:3001", "localhost:3001", "LOCALHOST:3001"])
def test_our_own_page_is_ours(host: str) -> None:
    assert whence([host], [f"http://{host}"], ["same-origin"]).is_ours(PORT, changes=True)
    assert whence([host], sites=["none"]).is_ours(PORT, changes=False)
    assert whence([host]).is_ours(PORT, changes=False)


@pytest.mark.parametrize(
    "hosts", [[], ["example.com:3001"], ["127.0.0.1"], ["127.0.0.1:3002"], ["[::1]:3001"], [HOST, HOST], [f"{HOST}."]]
)
def test_a_name_that_somebody_led_here_is_not_ours(hosts: list[str]) -> None:
    assert not whence(hosts).is_ours(PORT, changes=False)


@pytest.mark.parametrize(
    "origins",
    [["http://example.com"], ["null"], ["http://127.0.0.1:3002"], ["https://127.0.0.1:3001"], [ORIGIN, ORIGIN], [""]],
)
def test_a_page_of_another_origin_is_not_ours(origins: list[str]) -> None:
    assert not whence(origins=origins).is_ours(PORT, changes=False)


def test_localhost_and_its_address_are_two_origins() -> None:
    assert not whence(["localhost:3001"], [ORIGIN]).is_ours(PORT, changes=False)


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
def test_what_the_browser_says_comes_from_elsewhere_is_not_ours(site: str) -> None:
    assert not whence(sites=[site]).is_ours(PORT, changes=False)


def test_what_changes_something_has_to_say_where_it_comes_from() -> None:
    assert not whence().is_ours(PORT, changes=True)
