"""Puts the Python verifier, `occasio_verify`, under the runner (PROTOCOL.md).

`answer` may also be called in this process; it keeps nothing between two requests.
"""

import json
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import occasio_verify.chain
import occasio_verify.log
from occasio_verify import CompactRange as Tree
from occasio_verify import (
    NotABundleError,
    Report,
    Row,
    Status,
    Trust,
    TrustedKey,
    VerifyError,
    WitnessPolicy,
    canonical,
    check_run_chain,
    coverage,
    leaf_hash,
    load_public_key,
    pae,
    parse_checkpoint,
    parse_extension,
    parse_json,
    parse_note,
    parse_row,
    parse_tlog_proof,
    parse_trust,
    predicate,
    verify_bundle,
    verify_consistency,
    verify_cosignatures,
    verify_inclusion,
    verify_multiproof,
    verify_note,
)
from occasio_verify.cosignature import check_policy, check_witnesses
from occasio_verify.logreport import verify_log
from occasio_verify.proofreport import verify_extension, verify_proof
from occasio_verify.trust import TrustedIdentity

SMALL = 1 << 16  # bytes; a log of this size is read twice, the second time in pieces of a row or two
PIECE = 1 << 10

Request = dict[str, Any]
Answer = dict[str, Any]


def answer(request: Request) -> Answer:
    """Returns the answer to a request."""
    operation = OPERATIONS.get(request["op"])
    if operation is None:
        return {"id": request["id"], "ok": False, "code": "unsupported-op"}
    try:
        return {"id": request["id"], "ok": True, **operation(request)}
    except VerifyError as error:
        return {"id": request["id"], "ok": False, "code": error.code, "exit": 2}
    except FaultError as fault:
        return {"id": request["id"], "ok": False, **fault.answer}


class FaultError(Exception):
    """A refusal that a report tells, as the answer's members."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def parse(request: Request) -> Answer:
    """Reads strict JSON."""
    limit = {"max_bytes": request["max_bytes"]} if "max_bytes" in request else {}
    parse_json(bytes.fromhex(request["json"]), **limit)
    return {}


def canonical_form(request: Request) -> Answer:
    """Writes the canonical form."""
    return {"canonical": canonical(parse_json(bytes.fromhex(request["json"]))).hex()}


def row(request: Request) -> Answer:
    """Reads a row line."""
    return {"hash": parse_row(bytes.fromhex(request["line"])).hash}


def log(request: Request) -> Answer:
    """Walks a log, beside a checkpoint if there is one; whole, and if it is small, in pieces that are joined."""
    checkpoint = bytes.fromhex(request["checkpoint"]) if "checkpoint" in request else None
    trust = Trust(logs=tuple(request.get("vkeys", ())), witnesses=witnesses(request))
    file = bytes.fromhex(request["file"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        path.write_bytes(file)
        with limits(open_runs=request.get("open_runs")):
            report = verify_log(path, checkpoint, trust)
            if len(file) < SMALL:
                with limits(chunk_bytes=PIECE):
                    assert found(verify_log(path, checkpoint, trust)) == found(report)
    for check in report.checks:
        if check.status is Status.FAIL:
            line = re.match(r"line (\d+)", check.detail)
            raise FaultError({"code": check.code, "line": int(line[1]) if line else None})
    claims = {claim.name: claim.value for claim in report.claims}
    return {"rows": claims["rows"], "last_hash": claims["last hash"], "verdict": report.verdict.value}


def found(report: Report) -> list[tuple[str, str]]:
    """Returns what a report on a log says, but for what SPEC 6.3 leaves open: a run that has ended may be forgotten."""
    return [(check.name, check.code.replace("run-end", "run-seq")) for check in report.checks]


@contextmanager
def limits(*, open_runs: int | None = None, chunk_bytes: int | None = None) -> Iterator[None]:
    """Sets the limit of open runs, or the size of the pieces that a log is read in, for a while."""
    chain, pieces = occasio_verify.chain, occasio_verify.log
    usual = chain.MAX_OPEN_RUNS, pieces.CHUNK_BYTES
    chain.MAX_OPEN_RUNS, pieces.CHUNK_BYTES = open_runs or usual[0], chunk_bytes or usual[1]
    try:
        yield
    finally:
        chain.MAX_OPEN_RUNS, pieces.CHUNK_BYTES = usual


def run_chain(request: Request) -> Answer:
    """Checks rows, then the run."""
    check_run_chain(rows_of(request), request["run_id"])
    return {}


def rows_of(request: Request) -> list[Row]:
    """Returns the rows of an array, each checked."""
    values = parse_json(bytes.fromhex(request["rows"]), integers_only=True)
    assert isinstance(values, list)
    return [parse_row(canonical(value)) for value in values]


def merkle_root(request: Request) -> Answer:
    """Computes a root."""
    tree = Tree()
    for leaf in request["leaves"]:
        tree.append(leaf_hash(bytes.fromhex(leaf)))
    return {"root": tree.root().hex()}


def inclusion(request: Request) -> Answer:
    """Verifies an inclusion proof."""
    leaf, proof, root = leaf_hash(bytes.fromhex(request["leaf"])), hashes(request), bytes.fromhex(request["root"])
    verify_inclusion(request["index"], request["size"], leaf, proof, root)
    return {}


def consistency(request: Request) -> Answer:
    """Verifies a consistency proof."""
    roots = bytes.fromhex(request["old_root"]), bytes.fromhex(request["new_root"])
    verify_consistency(request["old_size"], request["new_size"], hashes(request), *roots)
    return {}


def multiproof(request: Request) -> Answer:
    """Verifies a proof for several leaves."""
    leaves = [leaf_hash(bytes.fromhex(leaf)) for _, leaf in request["leaves"]]
    places = [index for index, _ in request["leaves"]]
    verify_multiproof(places, leaves, request["size"], hashes(request), bytes.fromhex(request["root"]))
    return {}


def hashes(request: Request) -> list[bytes]:
    """Returns the hashes of a proof."""
    return [bytes.fromhex(node) for node in request["proof"]]


def checkpoint(request: Request) -> Answer:
    """Reads a checkpoint and verifies its signatures."""
    note = parse_note(bytes.fromhex(request["note"]))
    tree = parse_checkpoint(note.text)
    verified = verify_note(note, request["vkeys"])
    found = {"origin": tree.origin, "size": tree.size, "root": tree.root.hex(), "verified": list(verified)}
    if "witnesses" not in request:
        return found
    check_witnesses(note, witnesses(request))
    witnessed = verify_cosignatures(note, request["witnesses"])
    return {**found, "witnessed": [[one.name, one.time] for one in witnessed]}


def witnesses(request: Request) -> WitnessPolicy | None:
    """Returns how many of which witnesses are asked for."""
    if "threshold" not in request:
        return None
    policy = WitnessPolicy(request["threshold"], tuple(request["witnesses"]))
    check_policy(policy)
    return policy


def tlog_proof(request: Request) -> Answer:
    """Checks a row by its proof."""
    trust = Trust(logs=tuple(request["vkeys"]), witnesses=witnesses(request))
    file = bytes.fromhex(request["file"])
    report = passed(verify_proof(file, bytes.fromhex(request["row"]), trust))
    return {"index": parse_tlog_proof(file).index, **summary(report)}


def extension(request: Request) -> Answer:
    """Checks that a log goes on from an older checkpoint."""
    trust = Trust(logs=tuple(request["vkeys"]), witnesses=witnesses(request))
    file = bytes.fromhex(request["file"])
    report = passed(verify_extension(bytes.fromhex(request["old"]), file, trust))
    return {"old_size": parse_extension(file).old_size, **summary(report)}


def passed(report: Report) -> Report:
    """Returns the report, or raises its first failure."""
    for check in report.checks:
        if check.status is Status.FAIL:
            raise FaultError({"code": check.code})
    return report


def summary(report: Report) -> Answer:
    """Returns the size of the tree that the report speaks of, the verdict, and what was not checked."""
    size = next(claim.value for claim in report.claims if claim.name == "rows")
    return {"size": size, "verdict": report.verdict.value, "not_checked": with_status(report, Status.NOT_CHECKED)}


def pre_authentication_encoding(request: Request) -> Answer:
    """Encodes what is signed."""
    payload_type = bytes.fromhex(request["payload_type"]).decode()
    return {"pae": pae(payload_type, bytes.fromhex(request["payload"])).hex()}


def predicate_of(request: Request) -> Answer:
    """Computes a predicate."""
    return {"predicate": canonical(predicate([one.fields for one in rows_of(request)])).hex()}


def coverage_of(request: Request) -> Answer:
    """Says which calls have gaps."""
    found = coverage([one.fields for one in rows_of(request)])
    return {"calls": found.calls, "gaps": [[gap.kind.value, gap.call_id] for gap in found.gaps]}


def signature(request: Request) -> Answer:
    """Verifies a signature."""
    key = load_public_key(bytes.fromhex(request["spki"]))
    if not key.verify(bytes.fromhex(request["signature"]), bytes.fromhex(request["message"])):
        raise FaultError({"code": "signature-invalid"})
    return {}


def key(request: Request) -> Answer:
    """Reads a key file."""
    return {"hint": load_public_key(bytes.fromhex(request["file"])).key_hint}


def trust(request: Request) -> Answer:
    """Reads a trust file."""
    file = bytes.fromhex(request["file"])
    trusted = parse_trust(file)
    keys, identities = [one.name for one in trusted.keys], [one.name for one in trusted.identities]
    logs = [one["name"] for one in json.loads(file)["logs"]]  # `Trust` keeps a log's vkey alone
    assert len(logs) == len(trusted.logs)
    found = {"keys": keys, "identities": identities, "logs": logs}
    return found if trusted.witnesses is None else {**found, "threshold": trusted.witnesses.threshold}


def bundle(request: Request) -> Answer:
    """Verifies a bundle."""
    keys = tuple(TrustedKey(path, load_public_key(Path(path).read_bytes())) for path in request["keys"])
    identities = (TrustedIdentity("named", *request["identity"]),) if "identity" in request else ()
    logs = tuple(request.get("vkeys", ()))
    trusted = Trust(keys=keys, identities=identities, logs=logs, named=request["named"], witnesses=witnesses(request))
    try:
        report = verify_bundle(Path(request["path"]).read_bytes(), trusted)
    except NotABundleError as error:
        raise FaultError({"code": error.code, "exit": 2}) from None
    code = report.exit_code(integrity_only=request.get("integrity_only", False))
    failed, not_checked = (with_status(report, status) for status in (Status.FAIL, Status.NOT_CHECKED))
    return {"verdict": report.verdict.value, "exit": int(code), "failed": failed, "not_checked": not_checked}


def with_status(report: Report, status: Status) -> list[list[str]]:
    """Returns name and code of the checks that ended so."""
    return [[check.name, check.code] for check in report.checks if check.status is status]


OPERATIONS: dict[str, Callable[[Request], Answer]] = {
    "parse": parse,
    "canonical": canonical_form,
    "row": row,
    "log": log,
    "run-chain": run_chain,
    "merkle-root": merkle_root,
    "inclusion": inclusion,
    "consistency": consistency,
    "multiproof": multiproof,
    "checkpoint": checkpoint,
    "tlog-proof": tlog_proof,
    "extension": extension,
    "pae": pre_authentication_encoding,
    "predicate": predicate_of,
    "coverage": coverage_of,
    "signature": signature,
    "key": key,
    "trust": trust,
    "bundle": bundle,
}


def main() -> None:
    """Answers until the input ends."""
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
