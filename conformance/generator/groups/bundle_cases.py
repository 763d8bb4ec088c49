"""How cases about whole bundles are written down; PROTOCOL.md, `bundle`."""

from typing import Any

from generator import bundles, notes
from generator.bundles import Bundle
from generator.cases import BundleCase, Case, Json, Kind, identifier
from generator.keys import LOG

UNSIGNED: list[Json] = [["statement", "unsigned"], ["signature", "unsigned"], ["signer", "unsigned"]]
NO_SIGSTORE: list[Json] = [["signature", "sigstore-unsupported"], ["signer", "sigstore-unsupported"]]
NOT_HELD: list[Json] = [["signature", "signer-unknown"], ["signer", "signer-unknown"]]
BEHIND_FORMAT: list[Json] = [
    [check, "earlier-failure"]
    for check in (
        "manifest",
        "rows",
        "run-chain",
        "log-position",
        "predicate",
        "policy",
        "statement",
        "signature",
        "signer",
    )
]
HOME = notes.vkey(LOG, "home")


def verified(name: str, clause: str, why: str, bundle: Bundle | bytes, **given: Any) -> BundleCase:
    """Returns the case of a bundle that is VERIFIED."""
    expect: dict[str, Json] = {"ok": True, "verdict": "VERIFIED", "exit": 0, "failed": [], "not_checked": []}
    return case(name, clause, "honest", why, bundle, expect, **given)


def intact(
    name: str,
    clause: str,
    why: str,
    bundle: Bundle | bytes,
    not_checked: list[Json] | None,
    *,
    kind: Kind = "honest",
    **given: Any,
) -> BundleCase:
    """Returns the case of a bundle that is INTACT and no more; `not_checked` is None where SPEC leaves it open."""
    code = 0 if given.get("integrity_only") else 3
    expect: dict[str, Json] = {"ok": True, "verdict": "INTACT", "exit": code, "failed": []}
    if not_checked is not None:
        expect["not_checked"] = not_checked
    return case(name, clause, kind, why, bundle, expect, **given)


def failed(
    name: str,
    clause: str,
    why: str,
    bundle: Bundle | bytes,
    check: str,
    code: str,
    *more: tuple[str, str],
    not_checked: list[Json] | None = None,
    **given: Any,
) -> BundleCase:
    """Returns the case of a bundle that fails first at `check`, or at one of `more`."""
    first: list[Json] = [check, code]
    either: list[Json] = [first, *(list(pair) for pair in more)]
    expect: dict[str, Json] = {"ok": True, "verdict": "FAILED", "exit": 1, "first_failed": either if more else first}
    if not_checked is not None:
        expect["not_checked"] = not_checked
    return case(name, clause, "hostile", why, bundle, expect, **given)


def following(
    name: str,
    clause: str,
    why: str,
    bundle: Bundle | bytes,
    fails: list[Json],
    not_checked: list[Json],
    **given: Any,
) -> BundleCase:
    """Returns the case of a bundle of which exactly these checks fail and exactly these are not made."""
    expect: dict[str, Json] = {"ok": True, "failed": fails, "not_checked": not_checked}
    expect |= {"verdict": "FAILED", "exit": 1} if fails else {"verdict": "INTACT", "exit": 3}
    return case(name, clause, "hostile", why, bundle, expect, **given)


def rejected(name: str, clause: str, why: str, bundle: Bundle | bytes, code: str, **given: Any) -> BundleCase:
    """Returns the case of a file of which no report is made."""
    return case(name, clause, "hostile", why, bundle, {"ok": False, "code": code, "exit": 2}, **given)


def case(
    name: str,
    clause: str,
    kind: Kind,
    why: str,
    bundle: Bundle | bytes,
    expect: dict[str, Json],
    *,
    keys: tuple[str, ...] = (),
    named: bool = True,
    identity: bool = False,
    **more: Json,
) -> BundleCase:
    """Returns a case about a bundle; `keys` are names in `vectors/keys`, `identity` says that one was named."""
    paths = [f"../../keys/{key}.pub" for key in keys]
    is_named = named and (bool(keys) or identity)
    request: dict[str, Json] = {"path": "bundle.occasio.json", "keys": paths, "named": is_named, **more}
    if identity:
        request["identity"] = ["somebody@example.org", "https://issuer.example"]
    file = bundle if isinstance(bundle, bytes) else bundles.file(bundle)
    made = Case(
        id=identifier(f"bundle-{name}"), clause=clause, kind=kind, why=why, op="bundle", input=request, expect=expect
    )
    return BundleCase(case=made, file=file)
