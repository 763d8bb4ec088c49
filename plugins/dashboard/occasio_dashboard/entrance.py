"""Who is let in: the link that opens one page, the secret that this page then shows, and where requests come from.

Pure: knows no sockets and no clock.  What a link is exchanged for lives in the page's memory of one tab; it is no
cookie, for browsers send those to every port of this machine.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

MAX_PAGES = 32  # open at a time; the one opened first gives way

_SCHEME = "Bearer "
_OWN_SITE = ("same-origin", "none")  # Sec-Fetch-Site: our own page, or the person's address bar


class Entrance:
    """The keys of one dashboard."""

    def __init__(self) -> None:
        self._link = secrets.token_urlsafe(32)
        self._pages: list[str] = []

    @property
    def link(self) -> str:
        """The secret of the link that opens the next page."""
        return self._link

    def opened(self, link: str) -> str | None:
        """Return the secret of a new page for that of the link, None for any other; the link is used up by it."""
        if not _same(link, self._link):
            return None
        self._link = secrets.token_urlsafe(32)
        page = secrets.token_urlsafe(32)
        self._pages = [*self._pages[1 - MAX_PAGES :], page]
        return page

    def is_open(self, authorizations: Sequence[str]) -> bool:
        """Return whether the Authorization headers of a request are one, and hold the secret of an open page."""
        if len(authorizations) != 1 or not authorizations[0].startswith(_SCHEME):
            return False
        shown = authorizations[0].removeprefix(_SCHEME)
        return any([_same(shown, page) for page in self._pages])  # noqa: C419 - all are compared, whichever fits


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a request says that it comes from: its headers of these names, each as often as it was sent."""

    hosts: Sequence[str]
    origins: Sequence[str]
    sites: Sequence[str]

    def is_ours(self, port: int, *, changes: bool) -> bool:
        """Return whether the request came to this server by its own name, and from its own page.

        DNS may lead any name here, so `Host` must be ours; a page of another origin cannot forge `Origin`.  What
        `changes` something has to say where it comes from.
        """
        known = (f"127.0.0.1:{port}", f"localhost:{port}")
        if len(self.hosts) != 1 or (host := self.hosts[0].lower()) not in known:
            return False
        if any(site not in _OWN_SITE for site in self.sites):
            return False
        if self.origins:
            return [origin.lower() for origin in self.origins] == [f"http://{host}"]
        return not changes


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogateescape"), other.encode())
