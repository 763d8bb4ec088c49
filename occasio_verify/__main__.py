"""`python -m occasio_verify`: check a bundle or a log, and say what that proves.

Exit codes are those of SPEC section 13: 0 VERIFIED, 1 FAILED, 2 wrong use or not a bundle, 3 INTACT.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from occasio_verify.bundle import verify_bundle
from occasio_verify.document import MAX_BUNDLE_BYTES
from occasio_verify.errors import NotABundleError, VerifyError
from occasio_verify.keyless import GITHUB_ISSUER, MAX_ROOT_BYTES, check_root, shipped_root
from occasio_verify.logreport import verify_log
from occasio_verify.note import MAX_NOTE_BYTES
from occasio_verify.proofreport import verify_extension, verify_proof
from occasio_verify.report import Exit, Report
from occasio_verify.rows import MAX_ROW_BYTES
from occasio_verify.signature import MAX_KEY_BYTES, load_public_key
from occasio_verify.tlogproof import MAX_PROOF_BYTES
from occasio_verify.trust import MAX_TRUST_BYTES, Trust, TrustedIdentity, TrustedKey, parse_trust

_EPILOG = """\
exit codes: 0 VERIFIED (or INTACT with --integrity-only), 1 FAILED, 2 wrong use or not a bundle,
3 INTACT: whole and consistent, but not authenticated.  SPEC.md section 13."""


_FEWEST_COLUMNS = 40
_T = TypeVar("_T")
_INTERRUPTED = 130  # what shells give to a command that ^C ended


class UsageError(Exception):
    """The command cannot be carried out as it was given."""

    def __init__(self, message: str, hint: str = "occasio_verify --help shows the usage") -> None:
        super().__init__(message)
        self.hint = hint


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; stdout has the report, stderr one line if there is none."""
    try:
        options = _options(arguments)
        report = _verify(options)
    except UsageError as error:
        return _refuse(f"{error}", error.hint)
    except OSError as error:
        return _refuse(f"{error.filename or 'file'}: {error.strerror or error}", "name a file that can be read")
    except NotABundleError as error:
        wanted = "the .occasio.json file that `occasio bundle` wrote, or with --attestation what `occasio attest` wrote"
        return _refuse(f"{options.bundle or options.attestation}: {error}", f"give {wanted}")
    except MemoryError:
        return _refuse("there is too little memory for this file", "a bundle may need 2 GB, a log 64 MB")
    except KeyboardInterrupt:
        return _INTERRUPTED
    return _print(report, options)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if not unknown:
        return options
    from difflib import get_close_matches  # only for this: it is slow to import

    flags = [flag for action in parser._actions for flag in action.option_strings]
    near = get_close_matches(unknown[0].partition("=")[0], flags, n=1)
    hint = {"hint": f"did you mean {near[0]}?"} if near else {}
    raise UsageError(f"unknown argument `{unknown[0]}`", **hint)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m occasio_verify",
        description="Check an Occasio bundle, or a log, offline.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("bundle", nargs="?", type=Path, help="the bundle, RUN.occasio.json; with --proof the row")
    parser.add_argument(
        "--key", action="append", default=[], type=Path, metavar="FILE", help="the signer's public key, PEM"
    )
    parser.add_argument("--identity", metavar="ID", help="the signer's identity in a certificate; needs --issuer")
    parser.add_argument("--issuer", metavar="URL", help="who must have vouched for the identity")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="the repository whose workflow signed, for GitHub")
    parser.add_argument(
        "--trusted-root",
        type=Path,
        metavar="FILE",
        help="trusted_root.json of a Sigstore instance (default: the public one, as shipped)",
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="accepted keys and identities (default: trust.json in Occasio's home)",
    )
    parser.add_argument("--integrity-only", action="store_true", help="exit 0 for INTACT too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--log", type=Path, metavar="FILE", help="check a log instead of a bundle")
    parser.add_argument("--attestation", type=Path, metavar="FILE", help="check an attestation beside its signature")
    parser.add_argument(
        "--bundle",
        dest="signed",
        type=Path,
        metavar="FILE",
        help="its signature (default: FILE with .sigstore.json or .dsse.json for .json)",
    )
    parser.add_argument("--chain", type=Path, metavar="FILE", help="the log that the attestation speaks of")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="a checkpoint that the log must extend")
    parser.add_argument("--proof", type=Path, metavar="FILE", help="check that a row is in its log by this .tlog-proof")
    parser.add_argument(
        "--consistency", type=Path, metavar="FILE", help="check by this proof that a log extends --checkpoint"
    )
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="processes that check a log (default 1)")
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 1 to 256")
    return int(text)


def _verify(options: argparse.Namespace) -> Report:
    asked = [name for name in ("log", "proof", "consistency", "attestation") if getattr(options, name) is not None]
    if asked == ["proof"] and options.bundle is None:
        raise UsageError("--proof needs the row that it is for", "give the row's line as a file: ROW --proof FILE")
    if len(asked) > 1 or (options.bundle is None) != (asked not in ([], ["proof"])):
        raise UsageError("give a bundle, or --log FILE, or --attestation FILE, and one of them only")
    if options.attestation is None and (options.signed or options.chain):
        raise UsageError("--bundle and --chain go with --attestation")
    named = options.key or options.identity or options.issuer or options.repository or options.trusted_root
    if asked not in ([], ["attestation"]) and named:
        raise UsageError("a log has no signer; --key, --identity and what goes with it are for a bundle")
    if asked != ["log"] and (options.jobs != 1 or (options.checkpoint is not None and asked != ["consistency"])):
        raise UsageError("--checkpoint and --jobs go with --log")
    checks = {
        "log": _verify_log,
        "proof": _verify_proof,
        "consistency": _verify_consistency,
        "attestation": _verify_attestation,
    }
    if asked:
        return checks[asked[0]](options)
    return verify_bundle(_bytes(options.bundle, MAX_BUNDLE_BYTES), _trust(options))


def _verify_attestation(options: argparse.Namespace) -> Report:
    from occasio_verify.attested import verify_attestation  # only for this

    trust = _trust(options)
    signed = options.signed or _beside(options.attestation)
    data = _bytes(options.attestation, MAX_BUNDLE_BYTES)
    return verify_attestation(data, None if signed is None else _bytes(signed, MAX_BUNDLE_BYTES), options.chain, trust)


def _beside(attestation: Path) -> Path | None:
    """Return the file with the signature that `occasio attest` writes beside an attestation, if there is one."""
    stem = attestation.name.removesuffix(".json")
    usual = (attestation.with_name(f"{stem}{suffix}") for suffix in (".sigstore.json", ".dsse.json"))
    return next((path for path in usual if path.exists()), None)


def _verify_log(options: argparse.Namespace) -> Report:
    trust = _trust(options)
    if options.log.exists() and not (options.log.is_file() or options.log.is_dir()):  # a directory has its own message
        raise UsageError(f"{options.log}: not a regular file", "a log is read in pieces: give the file itself")
    if options.checkpoint is None:
        return verify_log(options.log, None, trust, jobs=options.jobs)
    return _read(
        options.checkpoint, MAX_NOTE_BYTES, lambda note: verify_log(options.log, note, trust, jobs=options.jobs)
    )


def _verify_proof(options: argparse.Namespace) -> Report:
    line, trust = _bytes(options.bundle, MAX_ROW_BYTES + 1).removesuffix(b"\n"), _trust(options)
    return _read(options.proof, MAX_PROOF_BYTES, lambda proof: verify_proof(proof, line, trust))


def _verify_consistency(options: argparse.Namespace) -> Report:
    if options.checkpoint is None:
        raise UsageError("--consistency needs the checkpoint that you kept", "give it with --checkpoint FILE")
    old, trust = _bytes(options.checkpoint, MAX_NOTE_BYTES), _trust(options)
    return _read(options.consistency, MAX_PROOF_BYTES, lambda data: verify_extension(old, data, trust))


def _trust(options: argparse.Namespace) -> Trust:
    if (options.identity is None) != (options.issuer is None):
        raise UsageError("--identity and --issuer go together")
    accepted = dataclasses.replace(_accepted(options), trusted_root=_trusted_root(options))
    keys = tuple(TrustedKey(str(path), _read(path, MAX_KEY_BYTES, load_public_key)) for path in options.key)
    identities = _identities(options)
    if not keys and not identities:
        return accepted
    return dataclasses.replace(accepted, keys=keys, identities=identities, named=True)


def _identities(options: argparse.Namespace) -> tuple[TrustedIdentity, ...]:
    repository = options.repository
    if options.identity is None:
        if repository is not None:
            raise UsageError("--repository goes with --identity and --issuer")
        return ()
    if repository is None and options.issuer == GITHUB_ISSUER:
        hint = "--repository OWNER/NAME: a workflow may be called from every repository"
        raise UsageError("an identity of GitHub is not enough to know a signer by", hint)
    return (TrustedIdentity(options.identity, options.identity, options.issuer, repository),)


def _trusted_root(options: argparse.Namespace) -> bytes | None:
    if options.trusted_root is None:
        return shipped_root() if options.log is None else None
    return _read(options.trusted_root, MAX_ROOT_BYTES, _checked_root)


def _checked_root(data: bytes) -> bytes:
    check_root(data)
    return data


def _accepted(options: argparse.Namespace) -> Trust:
    path = options.trust or _usual_trust_file()
    return Trust() if path is None else _read(path, MAX_TRUST_BYTES, parse_trust)


def _usual_trust_file() -> Path | None:
    try:
        path = Path(os.environ.get("OCCASIO_HOME") or Path.home() / ".occasio") / "trust.json"
    except RuntimeError:  # somebody without a home directory has accepted nobody
        return None
    return path if path.exists() else None


def _read(path: Path, limit: int, read: Callable[[bytes], _T]) -> _T:
    try:
        return read(_bytes(path, limit))
    except VerifyError as error:
        raise UsageError(f"{path}: {error}", "mend that file, or leave it out") from None


def _bytes(path: Path, limit: int) -> bytes:
    """Return the file's bytes, one more than `limit` at the most, so that what is too large is seen without being
    read."""
    with path.open("rb") as file:
        try:
            return file.read(limit + 1)
        except OSError as error:  # it does not know the name
            raise OSError(error.errno, error.strerror, str(path)) from None


def _print(report: Report, options: argparse.Namespace) -> int:
    """Print the report and return the exit code, which stands even if the reader did not wait for the end."""
    if sys.stdout is None:
        return _refuse("there is no standard output", "open it, or ask for the exit code with >/dev/null")
    if options.json:
        text = json.dumps(report.to_json(integrity_only=options.integrity_only), indent=2, ensure_ascii=True)
    else:
        text = report.to_text(_columns())
    try:
        sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
        sys.stdout.buffer.flush()
    except OSError as error:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # or Python tries again at its end, and complains
        if not isinstance(error, BrokenPipeError):
            return _refuse(f"standard output: {error.strerror}", "write the report elsewhere")
    return int(report.exit_code(integrity_only=options.integrity_only))


def _columns() -> int:
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, _FEWEST_COLUMNS)
    except OSError:
        return 80


def _refuse(message: str, hint: str) -> int:
    shown = "".join(character if character.isprintable() else "?" for character in message)
    if sys.stderr is not None:
        sys.stderr.write(f"occasio_verify: {shown}\nhint: {hint}\n")
    return int(Exit.USAGE)


if __name__ == "__main__":
    sys.exit(main())
