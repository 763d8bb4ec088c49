"""Runs the conformance vectors against an implementation, over the protocol of PROTOCOL.md.

Usage: python conformance/run.py [--only GLOB]... [--skip-op OP]... [--verbose] -- COMMAND...

Prints every case that fails with what was expected and what came, a line for each group, and last `N passed, N failed`.
Exit 0 if all passed, 1 if one failed, 2 for wrong use.
"""

import argparse
import atexit
import hashlib
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

VECTORS = Path(__file__).resolve().parent / "vectors"
SECONDS = 20.0
SHOWN = 300  # characters of an answer that are printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case as it stands in the vectors, and where."""

    group: str
    id: str
    clause: str
    kind: str
    why: str
    op: str
    input: dict[str, Any]
    expect: dict[str, Any]
    folder: Path

    def request(self) -> bytes:
        """Returns the line that the client is sent."""
        spelled = {name: resolved(name, value, self.folder) for name, value in self.input.items()}
        return json.dumps({"id": self.id, "op": self.op, **spelled}, separators=(",", ":")).encode() + b"\n"


class ClientError(Exception):
    """The client did not answer as the protocol says; the message says what it did."""


class Client:
    """A client process that is started when it is first asked, and again after it has failed."""

    def __init__(self, command: list[str], seconds: float = SECONDS) -> None:
        self._command = command
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, case: Case) -> dict[str, Any]:
        """Returns the answer to a case; raises ClientError, and forgets the process, if there is none."""
        try:
            return checked(self._exchange(case.request()), case.id)
        except ClientError:
            self.close(kill=True)
            raise

    def _exchange(self, line: bytes) -> bytes:
        process = self._process = self._process or self._started()
        assert process.stdin and process.stdout
        late = threading.Event()

        def give_up() -> None:
            late.set()
            process.kill()  # what ends a write or a read that hangs

        watch = threading.Timer(self._seconds, give_up)
        watch.start()
        try:
            process.stdin.write(line)
            process.stdin.flush()
            answer = process.stdout.readline()
        except OSError:
            answer = b""
        finally:
            watch.cancel()
        if late.is_set():
            raise ClientError(f"no answer in {self._seconds:g} s")
        if not answer.endswith(b"\n"):
            raise ClientError(f"the client ended with status {process.wait()}")
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self, *, kill: bool = False) -> None:
        """Ends the process, by the end of its input or at once."""
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        try:
            process.communicate(timeout=self._seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def checked(line: bytes, case_id: str) -> dict[str, Any]:
    """Returns the answer on a line; raises ClientError if it is none, or none to this case."""
    try:
        answer = json.loads(line)
    except ValueError:
        raise ClientError(f"not a line of JSON: {line[:80]!r}") from None
    if not isinstance(answer, dict) or not isinstance(answer.get("ok"), bool):
        raise ClientError("an answer without `ok`")
    if answer.get("id") != case_id:
        raise ClientError(f"an answer to `{answer.get('id')}`")
    return answer


def resolved(name: str, value: Any, folder: Path) -> Any:
    """Returns an input as a client sees it: everything spelled out, paths absolute."""
    match name, value:
        case "path", {"repeat": parts}:
            return str(spelled_out(parts))
        case _, {"repeat": parts}:
            return "".join(piece * times for piece, times in parts)
        case _, {"file": path, "then": behind}:
            return (folder / path).read_bytes().hex() + str(resolved(name, behind, folder))
        case "path", str():
            return str((folder / value).resolve())
        case "keys", list():
            return [resolved("path", path, folder) for path in value]
        case _:
            return value


def spelled_out(parts: list[tuple[str, int]]) -> Path:
    """Returns a file with these bytes, which is there until the runner ends."""
    path = folder_of_files() / hashlib.sha256(json.dumps(parts).encode()).hexdigest()
    if not path.exists():
        with path.open("wb") as file:
            for piece, times in parts:
                file.write(bytes.fromhex(piece) * times)
    return path


@cache
def folder_of_files() -> Path:
    """Returns a folder that is removed when the runner ends."""
    folder = tempfile.TemporaryDirectory(prefix="conformance-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def load(vectors: Path) -> Iterator[Case]:
    """Yields all cases, groups first, then bundles."""
    for path in sorted(vectors.glob("*.json")):
        group = json.loads(path.read_bytes())
        for case in group["cases"]:
            yield Case(group=group["group"], folder=path.parent, **case)
    for path in sorted(vectors.glob("bundles/*/expect.json")):
        yield Case(group="bundle", folder=path.parent, **json.loads(path.read_bytes()))


def chosen(cases: Iterable[Case], only: list[str], skipped: list[str]) -> list[Case]:
    """Returns the cases whose id or group fits a glob, without those of the operations to skip."""
    return [case for case in cases if case.op not in skipped and (not only or fits(case, only))]


def fits(case: Case, globs: list[str]) -> bool:
    """Says whether the id or the group of a case fits a glob."""
    return any(fnmatchcase(name, glob) for glob in globs for name in (case.id, case.group))


def differences(expect: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """Returns a line for every member of the answer that is not as expected."""
    return [
        f"{name}: expected {shown(wanted)}, got {shown(compared(name, answer))}"
        for name, wanted in expect.items()
        if not agrees(name, wanted, compared(name, answer))
    ]


def compared(name: str, answer: dict[str, Any]) -> Any:
    """Returns what an expected member is compared with."""
    if name != "first_failed":
        return answer.get(name)
    failed = answer.get("failed")
    return failed[0] if isinstance(failed, list) and failed else None


def agrees(name: str, wanted: Any, got: Any) -> bool:
    """Says whether a member is as expected, or, of a code, one of several that are."""
    if name == "code" and isinstance(wanted, list):
        return got in wanted
    if name == "first_failed" and isinstance(wanted[0], list):
        return got in wanted
    # 1 is not true, and "1" is not 1
    return json.dumps(got, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def shown(value: Any) -> str:
    """Returns a value as JSON, cut to what a terminal bears."""
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text)} characters)"


def report(case: Case, lines: list[str]) -> str:
    """Returns what is printed of a case that failed."""
    head = f"FAILED {case.id} ({case.kind}, SPEC {case.clause})\n  why: {case.why}"
    return "\n".join([head, *(f"  {line}" for line in lines)])


def run(cases: Iterable[Case], client: Client, *, verbose: bool = False) -> dict[str, list[bool]]:
    """Returns the outcomes of the cases by group, and prints those that failed, or all."""
    outcomes: dict[str, list[bool]] = {}
    for case in cases:
        try:
            lines = differences(case.expect, client.ask(case))
        except ClientError as error:
            lines = [str(error)]
        if lines:
            print(report(case, lines), flush=True)
        elif verbose:
            print(f"passed {case.id}", flush=True)
        outcomes.setdefault(case.group, []).append(not lines)
    client.close()
    return outcomes


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="run.py", description="run the conformance vectors against a client")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="only these ids or groups")
    parser.add_argument("--skip-op", action="append", default=[], metavar="OP", help="leave an operation out")
    parser.add_argument("--vectors", type=Path, default=VECTORS, help="another folder of vectors")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="time for one answer")
    parser.add_argument("--verbose", action="store_true", help="print the cases that passed, too")
    parser.add_argument("command", nargs="+", metavar="COMMAND", help="the client, behind --")
    options = parser.parse_args(arguments)
    cases = chosen(load(options.vectors), options.only, options.skip_op)
    if not cases:
        parser.error("no case fits: see --only and --skip-op")
    outcomes = run(cases, Client(options.command, options.seconds), verbose=options.verbose)
    for group, passed in outcomes.items():
        print(f"{group}: {sum(passed)} of {len(passed)}")
    total = [one for passed in outcomes.values() for one in passed]
    print(f"{sum(total)} passed, {len(total) - sum(total)} failed")
    return 0 if all(total) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
