"""Requests go to the provider and nowhere else, with what belongs to them and nothing more."""

from __future__ import annotations

import asyncio
import datetime
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from ipaddress import ip_address
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from occasio_core.errors import UsageError
from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Raw
from occasio_core.transports.upstream import Upstream, checked_base, is_loopback, passed_back, trusting


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


@asynccontextmanager
async def secured(directory: Path) -> AsyncIterator[int]:
    """Serve an answer to anything over TLS, with a certificate that is in `server.pem`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(directory))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


async def test_a_certificate_of_an_authority_that_is_named_is_believed(tmp_path: Path) -> None:
    async with secured(tmp_path) as port:
        assert await status_of(Upstream(f"https://127.0.0.1:{port}", trust=trusting([tmp_path / "server.pem"]))) == 200


async def test_the_systems_own_file_of_authorities_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with secured(tmp_path) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        assert await status_of(Upstream(f"https://127.0.0.1:{port}")) == 200


async def test_a_certificate_for_another_name_is_refused_whoever_vouches_for_it(tmp_path: Path) -> None:
    async with secured(tmp_path) as port:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await status_of(Upstream(f"https://localhost:{port}", trust=trusting([tmp_path / "server.pem"])))


@pytest.mark.parametrize("said", [None, "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_a_certificate_is_wrong_use(tmp_path: Path, said: str | None) -> None:
    if said is not None:
        (tmp_path / "ca.pem").write_text(said, encoding="utf-8")
    with pytest.raises(UsageError, match=r"ca\.pem"):
        trusting([tmp_path / "ca.pem"])


async def test_a_provider_behind_tls_is_reached_through_the_environments_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bytes] = []
    ended = asyncio.Event()
    async with secured(tmp_path) as port:

        async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            inner, outer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")

            async def carry(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
                while data := await source.read(1 << 16):
                    target.write(data)
                target.close()
                await target.wait_closed()

            await asyncio.gather(carry(reader, outer), carry(inner, writer), return_exceptions=True)
            ended.set()

        server = await asyncio.start_server(tunnel, "127.0.0.1", 0)
        monkeypatch.setenv("https_proxy", f"http://ada:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}")
        monkeypatch.setattr("occasio_core.transports.upstream.is_loopback", lambda host: False)
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)
        trust = trusting([tmp_path / "server.pem"])
        assert await status_of(Upstream(f"https://127.0.0.1:{port}", trust=trust)) == 200
        await ended.wait()
        server.close()
    (head,) = asked
    assert head.startswith(f"CONNECT 127.0.0.1:{port} ".encode())
    assert b"proxy-authorization: basic" in head.lower()


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
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = directory / "server.pem"
    path.write_bytes(private + certificate.public_bytes(pem))
    return path
