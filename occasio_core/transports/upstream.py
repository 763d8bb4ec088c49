"""The way to a model's provider: where it is, what goes along, and which of the headers come back.

Knows HTTP as a client.  It does not know what bodies say.
"""

from __future__ import annotations

import hmac
import io
import ipaddress
import ssl
import urllib.request
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from yarl import URL

from occasio_core.errors import UsageError
from occasio_core.system_hints import system_hint

CONNECT_SECONDS = 30.0
SILENCE_SECONDS = 600.0  # between two reads; a model may think for minutes
MAX_HEADER_BYTES = 65_536

# RFC 9110 section 7.6.1, and what the two connections settle each for itself.
_NOT_PASSED_ON = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_PASSED_BACK = frozenset(
    {"content-type", "request-id", "retry-after", "retry-after-ms", "x-request-id", "x-should-retry"}
)
_PASSED_BACK_PREFIXES = ("anthropic-", "openai-", "x-ratelimit-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """A header in which the agent shows its throw-away token, and what goes upstream in its place."""

    header: str
    shown: str = field(repr=False)
    real: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Piecewise:
    """A body that goes up as it comes in; `length` is how many bytes it will have, if that is known."""

    pieces: AsyncIterator[bytes] = field(repr=False)
    length: int | None


class Upstream:
    """One provider, reached over connections of its own; entered for as long as it is used."""

    def __init__(self, base: str, swaps: Iterable[Swap] = (), trust: ssl.SSLContext | None = None) -> None:
        self.base = base.rstrip("/")
        self._trust = trust or ssl.create_default_context()
        self._swaps = tuple(swaps)
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Make ready.  Certificates are verified; the environment's proxy is used, but never for this machine."""
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=self._trust),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_SECONDS, sock_read=SILENCE_SECONDS),
            skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
            proxy=_proxy_for(URL(self.base)),
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    async def stop(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()

    def request(
        self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes | Piecewise | None
    ) -> AbstractAsyncContextManager[aiohttp.ClientResponse]:
        """Return the answer to the request, its body still to come.  `target` is the path and query as they came."""
        assert self._client is not None, "not started"
        own = [("Accept-Encoding", "identity")]
        if isinstance(body, Piecewise) and body.length is not None:
            own.append(("Content-Length", str(body.length)))
        return self._client.request(
            method,
            URL(self.base + target, encoded=True),
            headers=[*self._passed_on(list(headers)), *own],
            data=body.pieces if isinstance(body, Piecewise) else None if body is None else io.BytesIO(body),
            allow_redirects=False,  # a key must not follow wherever an answer points
        )

    def _passed_on(self, headers: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        listed = ",".join(value for key, value in headers if key.lower() == "connection")
        connection = {name.strip().lower() for name in listed.split(",")}
        for key, value in headers:
            name = key.lower()
            if name in _NOT_PASSED_ON or name in connection:
                continue
            yield key, self._with_real_key(name, value)

    def _with_real_key(self, name: str, value: str) -> str:
        for swap in self._swaps:
            if name == swap.header and hmac.compare_digest(value.encode(), swap.shown.encode()):
                return swap.real
        return value


def passed_back(headers: Mapping[str, str]) -> dict[str, str]:
    """Return those of an answer's headers that the agent gets."""
    return {
        key: value
        for key, value in headers.items()
        if key.lower() in _PASSED_BACK or key.lower().startswith(_PASSED_BACK_PREFIXES)
    }


def trusting(authorities: Iterable[Path]) -> ssl.SSLContext:
    """Return who is believed about certificates: those that the system trusts, and those in these PEM files.

    Raises `UsageError` for a file without a certificate.
    """
    context = ssl.create_default_context()
    for path in authorities:
        try:
            context.load_verify_locations(path)
        except OSError as error:  # `ssl.SSLError` is one
            why = error.strerror if not isinstance(error, ssl.SSLError) and error.strerror else "it has no certificate"
            hint = system_hint(error) or "it is a file of certificates in PEM"
            raise UsageError(f"`{path}` cannot be trusted: {why}", hint=hint) from None
    return context


def checked_base(text: str) -> str:
    """Return the base URL `text`.  Raises `UsageError` if it is none."""
    try:
        url = URL(text)
        port = url.port
    except ValueError:
        raise UsageError(f"`{text}` is not a URL") from None
    if url.scheme not in ("http", "https") or not url.host or port is None or url.query_string or url.fragment:
        raise UsageError(f"`{text}` is not the base URL of a provider", hint="it looks like https://api.example.com")
    return text.rstrip("/")


def is_loopback(host: str | None) -> bool:
    """Return whether `host` is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _proxy_for(url: URL) -> URL | None:
    if is_loopback(url.host) or urllib.request.proxy_bypass(f"{url.host}:{url.port}"):
        return None
    proxy = urllib.request.getproxies().get(url.scheme)
    return URL(proxy) if proxy else None
