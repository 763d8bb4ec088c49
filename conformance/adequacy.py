"""Says how many faults in the Python verifier the vectors would notice.

Usage: python conformance/adequacy.py [--only FILE]... [--match TEXT]... [--jobs N] [--list]

Makes a *mutant* of `occasio_verify` for each way of weakening one guard, runs the vectors that reach it, and counts the mutants
that fail a vector (*killed*).  Prints those that survive with file, line and what was changed, and the share that was killed.
Exit 0 if that is at least GOAL, 1 if not.  Mutants that no input can tell from the original stand in
equivalent_mutants.json, each with a reason: they are run and printed like all others, and are counted neither as killed nor as
alive.  `--match` runs the mutants whose line, as `--list` prints it, has TEXT in it.  Needs a system with `fork`.
"""

import argparse
import importlib
import json
import multiprocessing
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from adequacy_mutants import Mutant, mutants
from run import VECTORS, Case, differences, load

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parent / "occasio_verify"
EQUIVALENT = HERE / "equivalent_mutants.json"
GOAL = 0.95
SECONDS = (
    5  # of the processor, for one case, and ten times what the original takes; a mutant that needs more runs for ever
)
SLOW = 0.2
MEMORY = 3 << 30  # bytes; the original has no more
# text for people, the command line, the list of names: what they say is no verdict
NOT_MUTATED = {"__init__.py", "__main__.py", "claims.py"}
# what no vector can reach: Sigstore takes a library, and the two-file form has no operation in the protocol; their
# own tests are beside those of the package
NOT_MUTATED |= {"attested.py", "certificate.py", "keyless.py"}

sys.path[:0] = [str(HERE), str(PACKAGE.parent)]
CASES: list[Case] = []
REQUESTS: list[dict[str, Any]] = []
TOOK: list[float] = []
REACHED: dict[tuple[str, int], list[int]] = {}
GOOD: list[int] = []
SOURCES: dict[str, str] = {}


class LateError(BaseException):
    """The time for a mutant is over; no `except Exception` holds it up."""


def main(arguments: list[str]) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="adequacy.py", description="mutate the verifier's guards, run the vectors")
    parser.add_argument("--only", action="append", default=[], metavar="FILE", help="only this file of the package")
    parser.add_argument("--match", action="append", default=[], metavar="TEXT", help="only mutants whose line has this")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes (default 2)")
    parser.add_argument("--list", action="store_true", help="list the mutants and run none")
    options = parser.parse_args(arguments)
    made = [mutant for mutant in all_mutants(options.only) if matches(mutant, options.match)]
    if options.list:
        print("\n".join(map(str, made)))
        return 0
    start = time.monotonic()
    failing = prepare()
    if failing:
        print(f"these fail without any mutant, and were not counted on: {', '.join(failing)}")
    survivors = run_all(made, options.jobs)
    return report(made, survivors, time.monotonic() - start)


def all_mutants(only: list[str]) -> Iterator[Mutant]:
    """Yields the mutants of the package's files."""
    for path in sorted(PACKAGE.glob("*.py")):
        if path.name not in NOT_MUTATED and (not only or path.name in only):
            SOURCES[path.name] = path.read_text(encoding="utf-8")
            yield from mutants(path.name, SOURCES[path.name])


def matches(mutant: Mutant, wanted: list[str]) -> bool:
    """Says whether the caller asked for this mutant."""
    return not wanted or any(text in str(mutant) for text in wanted)


def prepare() -> list[str]:
    """Loads the cases and finds out, in a process of its own, which lines each of them runs; returns those that fail."""
    CASES.extend(load(VECTORS))
    REQUESTS.extend(json.loads(case.request()) for case in CASES)
    importlib.import_module("occasio_verify_client")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        covered: list[set[tuple[str, int]] | None] = pool.apply(trace)
        TOOK.extend(pool.apply(measure))
    # those that take long come last: most mutants are killed before
    order = sorted(range(len(CASES)), key=lambda number: (TOOK[number] > SLOW, number))
    for number in order:
        lines = covered[number]
        if lines is not None:
            GOOD.append(number)
            for place in lines:
                REACHED.setdefault(place, []).append(number)
    return [CASES[number].id for number in order if covered[number] is None]


def trace() -> list[set[tuple[str, int]] | None]:
    """Returns for each case the lines that it runs, None if it fails."""
    answer = importlib.import_module("occasio_verify_client").answer
    covered: list[set[tuple[str, int]] | None] = []
    shared: set[tuple[str, int]] = set()
    for case, request in zip(CASES, REQUESTS, strict=True):
        lines: set[tuple[CodeType, int]] = set()
        slow = case.group == "long-log"
        if not (slow and shared):
            sys.settrace(tracer(lines))
        try:
            got = answer(request)
        finally:
            sys.settrace(None)
        run = shared if slow and shared else {(Path(code.co_filename).name, line) for code, line in lines}
        if slow and not shared:  # they are slow to trace: what one of them calls stands for all
            shared = run = {
                (Path(code.co_filename).name, line) for code in {c for c, _ in lines} for line in code_lines(code)
            }
        covered.append(None if differences(case.expect, got) else run)
    return covered


def measure() -> list[float]:
    """Returns for each case how many seconds of the processor it takes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    answer = importlib.import_module("occasio_verify_client").answer
    took = []
    for request in REQUESTS:
        start = time.process_time()
        answer(request)
        took.append(time.process_time() - start)
    return took


def tracer(lines: set[tuple[CodeType, int]]) -> Any:
    """Returns a trace function that adds the verifier's lines that run to `lines`."""

    def line(frame: FrameType, _: str, __: object) -> Any:
        lines.add((frame.f_code, frame.f_lineno))
        return line

    def call(frame: FrameType, event: str, argument: object) -> Any:
        return line(frame, event, argument) if frame.f_code.co_filename.startswith(str(PACKAGE)) else None

    return call


def code_lines(code: CodeType) -> set[int]:
    """Returns the lines of a function."""
    return {line for _, _, line in code.co_lines() if line}


def run_all(made: list[Mutant], jobs: int) -> list[Mutant]:
    """Returns the mutants that survive, in order; each is run in a process of its own."""
    survivors = []
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        for number, killed in enumerate(pool.imap(survives_not, made), start=1):
            if not killed:
                survivors.append(made[number - 1])
            if number % 50 == 0:
                print(f"{number} of {len(made)} mutants, {len(survivors)} survive", file=sys.stderr, flush=True)
    return survivors


def survives_not(mutant: Mutant) -> bool:
    """Says whether a vector notices the mutant, by another answer, an exception or no end."""
    numbers = GOOD if mutant.on_import else reaching(mutant)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGPROF, stop)
    try:
        mutant.install(PACKAGE / mutant.file, SOURCES[mutant.file])
        answer = importlib.import_module("occasio_verify_client").answer
        return any(notices(number, answer) for number in numbers)
    except BaseException:
        return True
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def notices(number: int, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> bool:
    """Says whether a case has another answer than it must have; raises what the mutant raises, or `LateError`."""
    signal.setitimer(signal.ITIMER_PROF, SECONDS + 10 * TOOK[number])
    return bool(differences(CASES[number].expect, answer(REQUESTS[number])))


def reaching(mutant: Mutant) -> list[int]:
    """Returns the numbers of the cases that run the mutated lines: those likely to notice first, those that take long last."""
    found = {number for line in mutant.lines for number in REACHED.get((mutant.file, line), ())}
    likely = {number for line in mutant.focus for number in REACHED.get((mutant.file, line), ())}
    places = {number: (number not in likely, place) for place, number in enumerate(GOOD)}
    return sorted(found & places.keys(), key=places.__getitem__)


def stop(_: int, __: FrameType | None) -> None:
    """Ends a mutant that takes too long."""
    raise LateError


def report(made: list[Mutant], survivors: list[Mutant], seconds: float) -> int:
    """Prints survivors and shares; returns the exit code."""
    reasons = {entry["mutant"]: entry["reason"] for entry in json.loads(EQUIVALENT.read_text(encoding="utf-8"))}
    excused = {mutant.name for mutant in survivors} & reasons.keys()
    stale = reasons.keys() & ({mutant.name for mutant in made} - {mutant.name for mutant in survivors})
    alive = [mutant for mutant in survivors if mutant.name not in excused]
    for mutant in alive:
        print(f"survives: {mutant}")
    for mutant in survivors:
        if mutant.name in excused:
            print(f"equivalent: {mutant}: {reasons[mutant.name]}")
    for name in sorted(stale):
        print(f"listed as equivalent, and does not survive: {name}")
    total, living = Counter(mutant.file for mutant in made), Counter(mutant.file for mutant in survivors)
    for file, count in total.items():
        print(f"{file}: {count - living[file]} of {count} killed")
    killed, counted = len(made) - len(survivors), len(made) - len(excused)
    share = killed / counted if counted else 1
    print(f"{len(made)} mutants: {killed} killed, {len(alive)} alive, {len(excused)} equivalent, in {seconds:.0f} s")
    print(f"{killed} of {counted} that are not equivalent are killed ({share:.1%}), {killed / len(made):.1%} of all")
    return 0 if share >= GOAL and not stale else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
