"""Seals a run as a person would, by Occasio's own commands, in a home that holds nothing but what sealing needs.

The log and the policies may come from a job that ran an agent: they are data here.  Neither a policy's plugins nor
keys nor a trust file are taken from there.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from occasio_core import Json, MalformedError, OccasioError, UsageError, canonical, parse_json
from occasio_github.inputs import Inputs

_OCCASIO = (sys.executable, "-m", "occasio_core")
_MOST_BYTES = 100 << 20
_MOST_OF_A_POLICY = 4 << 20
_ID_TOKEN = "ACTIONS_ID_TOKEN_REQUEST_URL"  # noqa: S105 - a name


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where what was made stands."""

    bundle: Path
    attestation: Path
    report: Path
    rekor_entry: str | None


def seal(asked: Inputs, home: Path, out: Path, environment: Mapping[str, str]) -> Evidence:
    """Write bundle, attestation and the verifier's report into `out`.

    The log is checked before anything is signed, and the bundle is verified as the inputs say, by nothing that was
    found in it.  Raises `OccasioError` if there is no bundle; whether it verifies is for the report to say.
    """
    if asked.sign and _ID_TOKEN not in environment:
        raise UsageError(
            "there is no identity to sign as", hint="give this job `permissions: id-token: write`, or say `sign: false`"
        )
    source = asked.evidence or Path.home() / ".occasio"
    log = asked.chain_file or source / "pipeline-events.jsonl"
    _prepare(home, source, asked)
    ours = {**environment, "OCCASIO_HOME": str(home)}
    bundle = out / "run.occasio.json"
    _run(_bundle_command(asked, log, bundle), ours)
    asked = _with_own_key(asked, home, ours)
    found = _document(bundle)
    attestation = out / "run.attestation.json"
    attestation.write_bytes(canonical(found["attestation"]) + b"\n")
    report = out / "report.json"
    report.write_bytes(_verified(_verify_command(asked, bundle), ours))
    return Evidence(bundle=bundle, attestation=attestation, report=report, rekor_entry=rekor_entry(found))


def _prepare(home: Path, source: Path, asked: Inputs) -> None:
    """Make the home: the policies that the log may name, each under its own digest, and the key that signs."""
    kept = home / "policies"
    kept.mkdir(mode=0o700, parents=True, exist_ok=True)
    home.chmod(0o700)
    given = [asked.policy_file] if asked.policy_file else []
    for path in [*given, *filter(_is_plain, sorted((source / "policies").glob("*.yml")))]:
        data = path.read_bytes()
        (kept / f"{hashlib.sha256(data).hexdigest()}.yml").write_bytes(data)
    if asked.signing_key is not None:
        keys = home / "keys"
        keys.mkdir(mode=0o700, exist_ok=True)
        file = os.open(keys / "default.pem", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(file, "w", encoding="utf-8") as written:
            written.write(asked.signing_key.strip() + "\n")


def _is_plain(path: Path) -> bool:
    """Whether it is a file of a policy's size: no link to something else of this machine, no pipe that never ends."""
    found = path.lstat()
    return stat.S_ISREG(found.st_mode) and found.st_size <= _MOST_OF_A_POLICY


def _bundle_command(asked: Inputs, log: Path, bundle: Path) -> list[str]:
    command = [*_OCCASIO, "bundle", "--log", str(log), "--out", str(bundle)]
    command += ["--run", asked.run_id] if asked.run_id else []
    command += ["--sign"] if asked.sign else []
    command += ["--trust-config", str(asked.trust_config)] if asked.sign and asked.trust_config else []
    command += ["--key", "default"] if asked.signing_key else []
    return command if asked.sign or asked.signing_key else [*command, "--no-sign"]


def _with_own_key(asked: Inputs, home: Path, environment: Mapping[str, str]) -> Inputs:
    """Name the public half of the workflow's own key, where no other was named to verify with."""
    if asked.signing_key is None or asked.public_key is not None:
        return asked
    path = home / "signer.pub"
    path.unlink(missing_ok=True)
    _run([*_OCCASIO, "key", "export", "default", "--out", str(path)], environment)
    return replace(asked, public_key=path)


def _verify_command(asked: Inputs, bundle: Path) -> list[str]:
    command = [*_OCCASIO, "verify", str(bundle), "--json"]
    command += ["--key", str(asked.public_key)] if asked.public_key else []
    if not asked.sign:
        return command
    if asked.identity is None:
        raise UsageError("there is no identity to expect", hint="give the input `identity`: as whom the workflow signs")
    command += ["--identity", asked.identity, "--issuer", asked.issuer]
    command += ["--repository", asked.repository] if asked.repository else []
    return command + (["--trusted-root", str(asked.trusted_root)] if asked.trusted_root else [])


def _run(command: Sequence[str], environment: Mapping[str, str]) -> None:
    done = subprocess.run(command, env=dict(environment), capture_output=True, check=False)
    if done.returncode != 0:
        said = _printable(done.stderr).splitlines() or ["no reason was given"]
        message = [line for line in said if not line.startswith("hint: ")]
        hint = [line.removeprefix("hint: ") for line in said if line.startswith("hint: ")]
        raise OccasioError(message[-1].removeprefix("occasio: "), hint=" ".join(hint))


def _verified(command: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """Return the verifier's report, whatever its verdict.  Raises `OccasioError` if there is none."""
    done = subprocess.run(command, env=dict(environment), capture_output=True, check=False)
    if not done.stdout:
        raise OccasioError(_printable(done.stderr) or "the verifier made no report")
    return done.stdout


def _printable(said: bytes) -> str:
    """Return what a command said, with nothing in it that a runner would take for a command of its own."""
    text = said.decode("utf-8", "replace").replace("##[", "# #[").replace("::", ": :")
    return "".join(
        character if character.isprintable() or character == "\n" else "\ufffd" for character in text
    ).strip()


def _document(path: Path) -> dict[str, Json]:
    return document(path.read_bytes(), str(path))


def document(data: bytes, name: str) -> dict[str, Json]:
    """Return the JSON object in `data`.  Raises `OccasioError`."""
    try:
        value = parse_json(data, max_bytes=_MOST_BYTES)
    except MalformedError as error:
        raise OccasioError(f"`{name}` is not to be read: {error}") from None
    if not isinstance(value, dict):
        raise OccasioError(f"`{name}` is no JSON object")
    return value


def rekor_entry(bundle: Mapping[str, Json]) -> str | None:
    """Return where people look up the entry of the transparency log, if the bundle has one."""
    inner: Json = bundle.get("sigstore_bundle")
    for name in ("verificationMaterial", "tlogEntries"):
        inner = inner.get(name) if isinstance(inner, dict) else None
    entry = inner[0] if isinstance(inner, list) and inner else None
    index = str(entry.get("logIndex")) if isinstance(entry, dict) else ""
    return f"https://search.sigstore.dev/?logIndex={index}" if index.isascii() and index.isdigit() else None
