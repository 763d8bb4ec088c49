"""`python -m occasio_verify`: check a bundle or a log, and say what that proves.

Exit codes are those of SPEC section 13: 0 VERIFIED, 1 FAILED, 2 wrong use or not a bundle, 3 INTACT.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from occasio_verify.bundle import MAX_BUNDLE_BYTES, verify_bundle
from occasio_verify.errors import NotABundleError, VerifyError
from occasio_verify.logreport import verify_log
from occasio_verify.report import Exit, Report
from occasio_verify.signature import load_public_key
from occasio_verify.trust import MAX_TRUST_BYTES, Trust, TrustedIdentity, TrustedKey, parse_trust

_EPILOG = """\
exit codes: 0 VERIFIED (or INTACT with --integrity-only), 1 FAILED, 2 wrong use or not a bundle,
3 INTACT: whole and consistent, but not authenticated.  SPEC.md section 13."""


class UsageError(Exception):
    """The command cannot be carried out as it was given."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; stdout has the report, stderr one line if there is none."""
    try:
        options = _parser().parse_args(arguments)
        report = _verify(options)
    except UsageError as error:
        return _refuse(f"{error}", "occasio_verify --help shows the usage")
    except OSError as error:
        return _refuse(f"{error.filename or 'file'}: {error.strerror or error}", "name a file that can be read")
    except NotABundleError as error:
        return _refuse(f"{options.bundle}: {error}", "give the .occasio.json file that `occasio bundle` wrote")
    except VerifyError as error:
        return _refuse(str(error), "mend or leave out the file that the line names")
    _print(report, options)
    return int(report.exit_code(integrity_only=options.integrity_only))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m occasio_verify",
        description="Check an Occasio bundle, or a log, offline.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("bundle", nargs="?", type=Path, help="the bundle, RUN.occasio.json")
    parser.add_argument(
        "--key", action="append", default=[], type=Path, metavar="FILE", help="the signer's public key, PEM"
    )
    parser.add_argument("--identity", metavar="ID", help="the signer's identity in a certificate; needs --issuer")
    parser.add_argument("--issuer", metavar="URL", help="who must have vouched for the identity")
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="accepted keys and identities (default: trust.json in Occasio's home)",
    )
    parser.add_argument("--integrity-only", action="store_true", help="exit 0 for INTACT too")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument("--log", type=Path, metavar="FILE", help="check a log instead of a bundle")
    parser.add_argument("--checkpoint", type=Path, metavar="FILE", help="a checkpoint that the log must extend")
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="processes that check a log (default 1)")
    return parser


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"`{text}` is not a number from 1 to 256")
    return int(text)


def _verify(options: argparse.Namespace) -> Report:
    if (options.bundle is None) == (options.log is None):
        raise UsageError("give a bundle, or --log FILE, and not both")
    if options.log is not None:
        if options.key or options.identity or options.issuer:
            raise UsageError("a log has no signer; --key, --identity and --issuer go with a bundle")
        checkpoint = None if options.checkpoint is None else _bytes(options.checkpoint, MAX_TRUST_BYTES)
        return verify_log(options.log, checkpoint, _trust(options), jobs=options.jobs)
    if options.checkpoint is not None or options.jobs != 1:
        raise UsageError("--checkpoint and --jobs go with --log")
    return verify_bundle(_bytes(options.bundle, MAX_BUNDLE_BYTES), _trust(options))


def _trust(options: argparse.Namespace) -> Trust:
    if (options.identity is None) != (options.issuer is None):
        raise UsageError("--identity and --issuer go together")
    accepted = _accepted(options)
    keys = tuple(TrustedKey(str(path), load_public_key(_bytes(path, MAX_TRUST_BYTES))) for path in options.key)
    identities = (
        () if options.identity is None else (TrustedIdentity(options.identity, options.identity, options.issuer),)
    )
    if not keys and not identities:
        return accepted
    return dataclasses.replace(accepted, keys=keys, identities=identities, named=True)


def _accepted(options: argparse.Namespace) -> Trust:
    path = options.trust
    if path is None:
        path = Path(os.environ.get("OCCASIO_HOME") or Path.home() / ".occasio") / "trust.json"
        if not path.exists():
            return Trust()
    return parse_trust(_bytes(path, MAX_TRUST_BYTES))


def _bytes(path: Path, limit: int) -> bytes:
    """Return the file's bytes, one more than `limit` at the most, so that what is too large is seen without being
    read."""
    with path.open("rb") as file:
        return file.read(limit + 1)


def _print(report: Report, options: argparse.Namespace) -> None:
    if options.json:
        text = json.dumps(report.to_json(integrity_only=options.integrity_only), indent=2, ensure_ascii=True)
    else:
        text = report.to_text()
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def _refuse(message: str, hint: str) -> int:
    shown = "".join(character if character.isprintable() else "?" for character in message)
    sys.stderr.write(f"occasio_verify: {shown}\nhint: {hint}\n")
    return int(Exit.USAGE)


if __name__ == "__main__":
    sys.exit(main())
