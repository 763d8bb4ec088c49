"""Requests go to the provider and nowhere else, with what belongs to them and nothing more."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from occasio_core.errors import UsageError
from occasio_core.transports.upstream import Upstream, checked_base, is_loopback, passed_back
from tests.script import Raw
from tests.scripted_model import ScriptedModel


async def status_of(upstream: Upstream, target: str = "/v1/models") -> int:
    await upstream.start()
    try:
        async with upstream.request("GET", target, [], None) as answer:
            await answer.read()
            return answer.status
    finally:
        await upstream.stop()


@pytest.mark.parametrize("text", ["https://api.example.com", "http://127.0.0.1:8080/base/", "http://[::1]:1/x"])
def test_the_base_url_of_a_provider_is_taken(text: str) -> None:
    assert checked_base(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text",
    ["", "api.example.com", "ftp://h", "http://", "http://h:port", "http://h:99999", "https://h/?q=1", "https://h/#f"],
)
def test_what_is_no_base_url_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not"):
        checked_base(text)


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("a.b", False),
        (None, False),
    ],
)
def test_this_machine_is_known_by_its_names(host: str | None, is_here: bool) -> None:
    assert is_loopback(host) is is_here


def test_only_what_the_agent_needs_comes_back() -> None:
    headers = {
        "Content-Type": "text/event-stream",
        "Retry-After": "1",
        "X-Should-Retry": "true",
        "Request-Id": "r",
        "Anthropic-RateLimit-Requests-Limit": "9",
        "Location": "https://elsewhere.example",
        "Set-Cookie": "a=b",
        "Content-Encoding": "gzip",
        "Content-Length": "3",
        "Access-Control-Allow-Origin": "*",
    }
    assert list(passed_back(headers)) == list(headers)[:5]


async def test_a_redirection_is_not_followed() -> None:
    moved = Raw(pieces=[b""], status=302, headers={"location": "/v1/models"})
    with ScriptedModel([moved], needs_tools=False) as model:
        upstream = Upstream(model.url)
        await upstream.start()
        async with upstream.request("POST", "/v1/messages", [], b"{}") as answer:
            assert answer.status == 302
        await upstream.stop()
        assert len(model.requests) == 1


async def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedModel() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        await status_of(Upstream("http://provider.invalid"))
        assert [request.path for request in proxy.requests] == ["http://provider.invalid/v1/models"]


async def test_the_environments_proxy_is_not_used_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedModel() as proxy, ScriptedModel() as model:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("all_proxy", proxy.url)
        assert await status_of(Upstream(model.url)) == 200
        assert proxy.requests == []


async def test_a_provider_that_needs_no_proxy_is_asked_directly(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedModel() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "provider.invalid")
        with pytest.raises(aiohttp.ClientConnectionError):
            await status_of(Upstream("http://provider.invalid"))
        assert proxy.requests == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))

    async def ignore(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(ignore, "127.0.0.1", 0, ssl=context)
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await status_of(Upstream(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
    server.close()
    await server.wait_closed()


def _self_signed(directory: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = directory / "server.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path
