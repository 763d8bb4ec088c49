"""All services behind one address, and the two files that clients are given: where to sign, and whom to believe."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.serialization import Encoding

from tests.private_sigstore.certificates import Fulcio, instant, spki
from tests.private_sigstore.logs import HOST_1, HOST_2, Rekor1, Rekor2, base64_of
from tests.private_sigstore.timestamps import TimestampAuthority
from tests.private_sigstore.tokens import IdentityProvider, Refused

_DAY = 86400


class PrivateSigstore:
    """One instance.  `rekor` is the log that clients are told to use; the second one needs the timestamp authority.

    `rogue` may name `fulcio`, `ct`, `set`, `checkpoint` and `tsa`; `skew` may set the clocks of `oidc`, `fulcio`, `ct`, `rekor` and
    `tsa`, or that of `all`; `start` is when its keys came into force.
    """

    def __init__(
        self,
        rekor: int = 1,
        *,
        timestamps: bool | None = None,
        rogue: Iterable[str] = (),
        skew: Mapping[str, float] | None = None,
        start: float | None = None,
    ) -> None:
        self.rekor, self.timestamps = rekor, rekor == 2 if timestamps is None else timestamps
        self._skew, self._start = dict(skew or {}), start or time.time() - 400 * _DAY
        self._end: float | None = None
        wrong = frozenset(rogue)
        self.requests: list[str] = []
        self._request_token = secrets.token_hex(8)
        self._identities = IdentityProvider(lambda: self.clock("oidc"))
        self._fulcio = Fulcio(self.clock, self._start, wrong)
        self._rekor1, self._rekor2 = Rekor1(self.clock, wrong), Rekor2(self.clock, wrong)
        self._tsa = TimestampAuthority(self.clock, self._start, wrong)

    def clock(self, service: str) -> float:
        return time.time() + self._skew.get(service, self._skew.get("all", 0))

    def email_token(self, email: str = "ada@local.test") -> str:
        return self._identities.token(self.url, {"sub": "1", "email": email, "email_verified": True})

    def github_token(self, repository: str = "octo/agent", **claims: object) -> str:
        return self._identities.github(repository, claims)

    def github_environment(self) -> dict[str, str]:
        """Return what a job with `id-token: write` finds in its environment."""
        return {
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self._request_token,
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/github-token?api-version=2.0",
        }

    def trusted_root(self, ct_key: Any = None) -> dict[str, Any]:
        p256, ed25519 = "PKIX_ECDSA_P256_SHA_256", "PKIX_ED25519"
        return {
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [
                self._log(f"https://{HOST_1}", self._rekor1.key, p256, self._rekor1.log_id),
                self._log(f"https://{HOST_2}", self._rekor2.key, ed25519, self._rekor2.log_id),
            ],
            "certificateAuthorities": [
                self._authority("https://fulcio.local.test", [self._fulcio.intermediate, self._fulcio.root])
            ],
            "ctlogs": [self._log("https://ct.local.test", ct_key or self._fulcio.ct_key, p256)],
            "timestampAuthorities": [self._authority("https://tsa.local.test", [self._tsa.leaf, self._tsa.root])],
        }

    def client_trust_config(self) -> dict[str, Any]:
        """Return the file for clients that sign; `--trust-config` takes it."""
        signing = {
            "mediaType": "application/vnd.dev.sigstore.signingconfig.v0.2+json",
            "caUrls": self._service(),
            "oidcUrls": self._service(),
            "rekorTlogUrls": self._service(version=self.rekor),
            "tsaUrls": self._service("/api/v1/timestamp") if self.timestamps else [],
            "rekorTlogConfig": {"selector": "ANY"},
            "tsaConfig": {"selector": "ANY"},
        }
        kind = "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json"
        believed = self.trusted_root(self._fulcio.signing_ct_key)
        return {"mediaType": kind, "trustedRoot": believed, "signingConfig": signing}

    def _service(self, path: str = "", version: int = 1) -> list[dict[str, Any]]:
        start = {"start": _rfc3339(self._start)}
        return [{"url": self.url + path, "majorApiVersion": version, "operator": "local.test", "validFor": start}]

    def retired(self, at: float) -> dict[str, Any]:
        """Return the trusted root in which every service was retired at that time."""
        self._end = at
        try:
            return self.trusted_root()
        finally:
            self._end = None

    def _window(self) -> dict[str, str]:
        window = {"start": _rfc3339(self._start)}
        return window if self._end is None else window | {"end": _rfc3339(self._end)}

    def _log(self, url: str, key: Any, details: str, log_id: bytes | None = None) -> dict[str, Any]:
        public = {"rawBytes": base64_of(spki(key)), "keyDetails": details, "validFor": self._window()}
        key_id = base64_of(log_id or hashlib.sha256(spki(key)).digest())
        return {"baseUrl": url, "hashAlgorithm": "SHA2_256", "publicKey": public, "logId": {"keyId": key_id}}

    def _authority(self, url: str, chain: list[Any]) -> dict[str, Any]:
        certificates = [{"rawBytes": base64_of(each.public_bytes(Encoding.DER))} for each in chain]
        return {
            "subject": {"organization": "local.test", "commonName": "sigstore"},
            "uri": url,
            "certChain": {"certificates": certificates},
            "validFor": self._window(),
        }

    def get(self, path: str, authorization: str | None) -> tuple[int, bytes]:
        place = urlsplit(path)
        if place.path == "/.well-known/openid-configuration":
            found = {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/auth",
                "token_endpoint": f"{self.url}/token",
            }
            return 200, json.dumps(found).encode()
        if place.path == "/github-token":
            if authorization != f"bearer {self._request_token}":
                return 403, b'{"message":"bad request token"}'
            audience = parse_qs(place.query)["audience"][0]
            return 200, json.dumps({"value": self.github_token(aud=audience)}).encode()
        return 404, b'{"message":"not found"}'

    def post(self, path: str, body: bytes, authorization: str | None) -> tuple[int, bytes]:
        try:
            if path == "/api/v1/timestamp":
                return 201, self._tsa.answer(body)
            answer = self._answer(path, json.loads(body), authorization)
        except (Refused, KeyError, ValueError) as error:
            answer = {"code": 400, "message": f"{type(error).__name__}: {error}"}
            return 400, json.dumps(answer).encode()
        return (404, b"{}") if answer is None else (201, json.dumps(answer).encode())

    def _answer(self, path: str, request: dict[str, Any], authorization: str | None) -> dict[str, Any] | None:
        match path:
            case "/api/v2/signingCert":
                token = (authorization or "").removeprefix("Bearer ") or request["credentials"]["oidcIdentityToken"]
                return self._fulcio.answer(request, self._identities.checked(token, self.url))
            case "/api/v1/log/entries":
                return self._rekor1.answer(request)
            case "/api/v2/log/entries":
                return self._rekor2.answer(request)
        return None

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(sigstore: PrivateSigstore) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # one write for each answer: two of them cost 40 ms (Nagle and delayed acknowledgement)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
            pass

        def do_GET(self) -> None:
            sigstore.requests.append(f"GET {urlsplit(self.path).path}")
            self._answer(*sigstore.get(self.path, self.headers.get("Authorization")))

        def do_POST(self) -> None:
            sigstore.requests.append(f"POST {self.path}")
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self._answer(*sigstore.post(self.path, body, self.headers.get("Authorization")))

        def _answer(self, status: int, body: bytes) -> None:
            timestamp = body[:1] == b"\x30"
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply" if timestamp else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _rfc3339(seconds: float) -> str:
    return instant(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")
