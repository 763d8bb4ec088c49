"""A Sigstore signature is believed only if every service that vouches for it is in the trusted root, and was in force."""

from __future__ import annotations

import copy
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from occasio_verify.errors import SignatureError
from occasio_verify.keyless import SigstoreUnavailable, check_root, check_sigstore, shipped_root
from tests.private_sigstore import GITHUB_ISSUER, PrivateSigstore
from tests.private_sigstore.signed import IDENTITY, Bundle, payload, root, sigstore_bundle, unsigned

STATEMENT = payload(unsigned())
INSTANCES = {"rekor 1": {}, "rekor 1 and a timestamp": {"timestamps": True}, "rekor 2": {"rekor": 2}}


@pytest.fixture(scope="module", params=INSTANCES.values(), ids=INSTANCES)
def sigstore(request: pytest.FixtureRequest) -> Iterator[PrivateSigstore]:
    with PrivateSigstore(**request.param) as instance:
        yield instance


@pytest.fixture(scope="module")
def one() -> Iterator[PrivateSigstore]:
    with PrivateSigstore(timestamps=True) as instance:
        yield instance


@pytest.fixture(scope="module")
def signed(sigstore: PrivateSigstore) -> Bundle:
    return sigstore_bundle(sigstore, STATEMENT)


def refused(bundle: Any, trusted_root: bytes) -> str:
    """Return why a bundle is refused."""
    with pytest.raises(SignatureError) as refusal:
        check_sigstore(bundle, trusted_root)
    assert refusal.value.code == "signature-invalid"
    assert "\n" not in refusal.value.detail
    return refusal.value.detail


def test_a_signature_of_a_workflow_shows_what_and_who_and_when(sigstore: PrivateSigstore, signed: Bundle) -> None:
    certified = check_sigstore(signed, root(sigstore))
    assert (certified.payload_type, certified.payload) == ("application/vnd.in-toto+json", STATEMENT)
    assert (certified.identity, certified.issuer, certified.repository) == (IDENTITY, GITHUB_ISSUER, "octo/agent")
    assert certified.first <= certified.last <= datetime.now(UTC)
    assert certified.entry is None  # it is in no public log


def test_a_signature_of_a_person_is_by_their_address(sigstore: PrivateSigstore) -> None:
    token = sigstore.email_token("ada@local.test")
    certified = check_sigstore(sigstore_bundle(sigstore, STATEMENT, token), root(sigstore))
    assert (certified.identity, certified.issuer, certified.repository) == ("ada@local.test", sigstore.url, None)


def test_the_repository_is_that_of_the_caller_of_a_workflow(one: PrivateSigstore) -> None:
    workflow = "octo/agent/.github/workflows/attest.yml@refs/heads/main"
    token = one.github_token("eve/other", job_workflow_ref=workflow)
    certified = check_sigstore(sigstore_bundle(one, STATEMENT, token), root(one))
    assert (certified.identity, certified.repository) == (IDENTITY, "eve/other")


def test_nothing_is_asked_of_any_service(sigstore: PrivateSigstore, signed: Bundle) -> None:
    before = list(sigstore.requests)
    check_sigstore(signed, root(sigstore))
    assert sigstore.requests == before


def test_another_instance_is_not_believed(signed: Bundle, one: PrivateSigstore) -> None:
    refused(signed, root(one))
    assert shipped_root() is not None
    refused(signed, shipped_root() or b"")


@pytest.mark.parametrize("rogue", ["fulcio", "ct", "set", "checkpoint", "tsa"])
@pytest.mark.parametrize("kind", INSTANCES.values(), ids=INSTANCES)
def test_a_service_that_signs_with_a_key_of_its_own_is_not_believed(kind: dict[str, Any], rogue: str) -> None:
    if rogue == "tsa" and not (kind.get("timestamps") or kind.get("rekor") == 2):
        pytest.skip("nobody asks for a timestamp")
    if rogue == "set" and kind.get("rekor") == 2:
        pytest.skip("this log makes no promises")
    with PrivateSigstore(**kind, rogue=[rogue]) as instance:
        refused(sigstore_bundle(instance, STATEMENT), root(instance))


@pytest.mark.parametrize("seconds", [-3600, 3600])
@pytest.mark.parametrize(("kind", "service"), [({}, "rekor"), ({"timestamps": True}, "tsa"), ({"rekor": 2}, "tsa")])
def test_a_time_at_which_the_certificate_was_not_valid_is_refused(
    kind: dict[str, Any], service: str, seconds: float
) -> None:
    with PrivateSigstore(**kind, skew={service: seconds}) as instance:
        refused(sigstore_bundle(instance, STATEMENT), root(instance))


def test_services_that_were_retired_before_are_not_believed(sigstore: PrivateSigstore, signed: Bundle) -> None:
    refused(signed, json.dumps(sigstore.retired(time.time() - 3600)).encode())
    assert check_sigstore(signed, json.dumps(sigstore.retired(time.time() + 3600)).encode())


@pytest.mark.parametrize("kind", ["tlogs", "ctlogs", "certificateAuthorities"])
def test_each_kind_of_service_must_have_been_in_force(sigstore: PrivateSigstore, signed: Bundle, kind: str) -> None:
    retired = sigstore.trusted_root() | {kind: sigstore.retired(time.time() - 3600)[kind]}
    refused(signed, json.dumps(retired).encode())


def test_services_that_came_later_are_not_believed(one: PrivateSigstore) -> None:
    trusted = json.loads(root(one).replace(b'"start": "20', b'"start": "29'))
    refused(sigstore_bundle(one, STATEMENT), json.dumps(trusted).encode())


def leaves(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if parts is None:
        yield place
        return
    for name, part in parts:
        yield from leaves(part, (*place, name))


def changed(bundle: Bundle, place: tuple[str | int, ...], change: Callable[[Any], Any]) -> Bundle:
    copied = copy.deepcopy(bundle)
    part: Any = copied
    for name in place[:-1]:
        part = part[name]
    part[place[-1]] = change(part[place[-1]])
    return copied


def other(value: Any) -> Any:
    if not isinstance(value, str):
        return None
    if value.isdecimal():
        return str(int(value) + 1)
    middle = len(value) // 2
    return value[:middle] + ("A" if value[middle] != "A" else "B") + value[middle + 1 :]


# Rekor 2 signs no index but that of the proof; nothing of this is used or shown
_UNSIGNED = {("verificationMaterial", "tlogEntries", 0, "logIndex")}
# hints: the log's id, of which four bytes choose the key, and the name before a checkpoint's signature
_ENTRY = ("verificationMaterial", "tlogEntries", 0)
_HINTS = {(*_ENTRY, "logId", "keyId"), (*_ENTRY, "inclusionProof", "checkpoint", "envelope")}


def test_a_change_anywhere_is_noticed(sigstore: PrivateSigstore, signed: Bundle) -> None:
    free = (_UNSIGNED if sigstore.rekor == 2 else set()) | _HINTS
    noticed = [place for place in leaves(signed) if _is_noticed(changed(signed, place, other), root(sigstore))]
    assert set(leaves(signed)) - set(noticed) <= free


@pytest.mark.parametrize("line", [0, 1, 2, 4])
def test_a_change_of_the_checkpoint_is_noticed(sigstore: PrivateSigstore, signed: Bundle, line: int) -> None:
    def changed_line(envelope: str) -> str:
        lines = envelope.split("\n")
        lines[line] = f"1{lines[line]}" if line < 2 else other(lines[line])
        return "\n".join(lines)

    refused(changed(signed, (*_ENTRY, "inclusionProof", "checkpoint", "envelope"), changed_line), root(sigstore))


def _is_noticed(bundle: Bundle, trusted_root: bytes) -> bool:
    try:
        check_sigstore(bundle, trusted_root)
    except SignatureError:
        return True
    return False


def test_a_part_left_out_is_noticed(sigstore: PrivateSigstore, signed: Bundle) -> None:
    entry = signed["verificationMaterial"]["tlogEntries"][0]
    for name in entry:
        less = copy.deepcopy(signed)
        del less["verificationMaterial"]["tlogEntries"][0][name]
        if name in {"inclusionPromise", "integratedTime"} and sigstore.timestamps:
            assert check_sigstore(less, root(sigstore))  # then the timestamp is the signed time
        else:
            refused(less, root(sigstore))


@pytest.mark.parametrize(
    "bundle",
    [None, {}, [], {"mediaType": "x"}, {"dsseEnvelope": {}}, {"verificationMaterial": {"publicKey": {"hint": "x"}}}],
    ids=str,
)
def test_what_is_no_such_bundle_is_refused(bundle: Any) -> None:
    refused(bundle, shipped_root() or b"")


@pytest.mark.parametrize(
    "trusted", [b"", b"{}", b"[]", b"{", b'{"mediaType":"application/vnd.dev.sigstore.trustedroot"}']
)
def test_what_is_no_trusted_root_makes_nobody_believed(one: PrivateSigstore, trusted: bytes) -> None:
    refused(sigstore_bundle(one, STATEMENT), trusted)


@pytest.mark.parametrize(
    "error", [ValueError("a\nb"), OverflowError(), KeyError("x"), SystemExit(0), BaseException("panic")]
)
def test_whatever_the_library_raises_is_no_yes(
    one: PrivateSigstore, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    bundle = sigstore_bundle(one, STATEMENT)

    def failing(*_: object) -> None:
        raise error

    monkeypatch.setattr("sigstore.verify.Verifier.verify_dsse", failing)
    refused(bundle, root(one))


def test_without_the_extra_it_is_said_that_nothing_was_checked(
    one: PrivateSigstore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sigstore.verify", None)
    with pytest.raises(SigstoreUnavailable):
        check_sigstore({}, root(one))


def test_the_root_that_is_shipped_is_the_public_one() -> None:
    shipped = json.loads(shipped_root() or b"")
    assert "https://rekor.sigstore.dev" in {log["baseUrl"] for log in shipped["tlogs"]}
    check_root(shipped_root() or b"")


def test_what_is_shipped_is_part_of_what_the_library_ships() -> None:
    from importlib.resources import files

    theirs = (
        files("sigstore") / "_store" / "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev" / "trusted_root.json"
    ).read_text()
    keys = {log["publicKey"]["rawBytes"] for kind in ("tlogs", "ctlogs") for log in json.loads(theirs)[kind]}
    ours = json.loads(shipped_root() or b"")
    assert {log["publicKey"]["rawBytes"] for kind in ("tlogs", "ctlogs") for log in ours[kind]} <= keys
