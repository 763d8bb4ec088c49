"""What the detectors find in work of many kinds, how often they are wrong, and what a pass over a long log takes.

`python benchmarks/detectors.py [--quick] [--held-out] [--rows N] [--seed N]`.  Every log is made through the real gate and the real writer, by a made-up clock
(`detector_profiles.py`): benign work of 30 days, and attacks, each of which must be seen by its detector within one window (15 minutes)
of its beginning.  Findings are counted as LOW/MEDIUM/HIGH.  The pass is measured beside a loader that reads everything again for each
window, as the Node implementation's does.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.detector_attacks import ATTACKS as SINGLE
from benchmarks.detector_attacks import CANARY
from benchmarks.detector_attacks import HELD_OUT as SINGLE_HELD_OUT
from benchmarks.detector_held_out import HELD_OUT
from benchmarks.detector_profiles import ATTACKS, BENIGN, Profile, recorded
from benchmarks.figures import figure
from occasio_core.detection.finding import Detection
from occasio_core.detection.recorded import Recording
from occasio_core.detection.watcher import Found, Watcher
from occasio_core.plugins import collect, load

WINDOW = 900.0
SEVERITIES = ("low", "medium", "high")
QUICK = {
    "developer",
    "job at night",
    "denied-heavy (seed)",
    "bursty (seed)",
    "secret-heavy (seed)",
    "unseen input (seed)",
}


def watcher() -> Watcher:
    return Watcher(collect(load([]), {}, Path("/nowhere")).detectors, Detection(options=CANARY))


def found_in(path: Path) -> list[Found]:
    looked, recording = watcher(), Recording(path)
    found = [one for row in recording.read() for one in looked.observe(row)]
    assert recording.damage is None, recording.damage
    return found


def counted(found: list[Found]) -> str:
    counts = Counter(one.finding.severity.value for one in found)
    return "/".join(str(counts[severity]) for severity in SEVERITIES)


def by_detector(found: list[Found]) -> str:
    names = sorted({one.detector for one in found})
    each = (f"{name.partition('.')[2]} {counted([one for one in found if one.detector == name])}" for name in names)
    return ", ".join(each)


def benign(profiles: list[Profile], seed: int) -> tuple[int, Counter[str]]:
    """Print what is found in benign work; return how many calls there were, and findings by severity."""
    calls, findings = 0, Counter[str]()
    print(f"{'benign work':<32} {'calls':>7} {'low/med/high':>13}  per 10,000 calls   by detector")
    for profile in profiles:
        with tempfile.TemporaryDirectory() as place:
            path, made, _ = recorded(profile, Path(place), seed)
            found = found_in(path)
        calls += made
        findings += Counter(one.finding.severity.value for one in found)
        rate = 10_000 * len(found) / made
        print(f"{profile.name:<32} {made:>7,} {counted(found):>13}  {rate:>16.1f}   {by_detector(found)}", flush=True)
    return calls, findings


def attacked(profiles: list[Profile], seed: int) -> int:
    """Print what is found in attacks; return how many are seen in their first window."""
    seen = 0
    print(f"\n{'attack':<32} {'seen after':>10}  {'worst':<7} before it  detector")
    for profile in profiles:
        with tempfile.TemporaryDirectory() as place:
            path, _, began = recorded(profile, Path(place), seed)
            found = found_in(path)
        assert began is not None
        hits = [one for one in found if one.detector == profile.expects and began <= one.at <= began + WINDOW]
        before = counted([one for one in found if one.at < began])
        worst = max((one.finding.severity for one in hits), key=lambda each: each.rank, default=None)
        after = f"{hits[0].at - began:.0f} s" if hits else "NOT SEEN"
        print(f"{profile.name:<32} {after:>10}  {(worst or '-').upper():<7} {before:>9}  {profile.expects}", flush=True)
        seen += bool(hits)
    return seen


# Scale


def made(rows: int, path: Path) -> None:
    from tests.samples import interleaved

    with path.open("wb") as file:
        for line in interleaved(rows):
            file.write(line + b"\n")


def child(path: Path) -> None:
    """Look at a log; print seconds of wall time and of CPU, peak MiB, and the longest that one row of the last thousand took, in microseconds."""
    looked, recording, last = watcher(), Recording(path), []
    begun, spent = time.perf_counter(), time.process_time()
    for row in recording.read():
        before = time.perf_counter()
        looked.observe(row)
        last.append(time.perf_counter() - before)
        if len(last) > 1000:
            last = last[500:]
    took, spent = time.perf_counter() - begun, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(took, spent, peak, 1e6 * sorted(last)[len(last) // 2], recording.rows)


def naive(path: Path) -> float:
    """The peer: read everything, sort it into the window and what was before; once, as for each new window."""
    begun = time.perf_counter()
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    newest = max(row["ts"] for row in rows)
    window = [row for row in rows if row["ts"][:13] == newest[:13]]
    Counter(row.get("action") for row in window)
    return time.perf_counter() - begun


def scale(rows: int) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "log.jsonl"
        made(rows, path)
        done = subprocess.run([sys.executable, __file__, "--child", str(path)], capture_output=True, check=True)
        took, spent, peak, row, read = map(float, done.stdout.split())
        again = naive(path)
    assert read == rows
    print(
        f"\none pass over {rows:,} rows, verified: {took:.1f} s, CPU {spent:.1f} s, {rows / took:,.0f} rows/s, peak {peak:.0f} MiB"
    )
    print(
        f"a further row: {row:.0f} us (median); a loader that reads all again: {again:.2f} s for each window, {1e6 * again / row:,.0f} x"
    )
    figure("detectors: one pass over a log", 1e6 * spent / rows, "s of CPU for 10^6 rows", goal=30)
    figure("detectors: a further row", row, "us", goal=1000)
    faster = 1e6 * again / row
    figure("detectors: the same, in turn", faster, "x", "loader that reads all again", faster, is_more_better=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="a few profiles, and a short log")
    options.add_argument("--held-out", action="store_true", help="the profiles that were written last, alone")
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.child:
        child(given.child)
        return
    profiles = [*HELD_OUT, *SINGLE_HELD_OUT] if given.held_out else [*BENIGN, *ATTACKS, *SINGLE]
    if given.quick:
        profiles = [profile for profile in profiles if profile.name in QUICK]
    attacks = [profile for profile in profiles if profile.expects]
    calls, findings = benign([profile for profile in profiles if not profile.expects], given.seed)
    false = {severity: 10_000 * findings[severity] / calls for severity in SEVERITIES}
    told = ", ".join(f"{rate:.2f} {severity}" for severity, rate in false.items())
    print(f"all benign work: {calls:,} calls; false alarms per 10,000 calls: {told}")
    seen = attacked(attacks, given.seed)
    print(f"attacks seen in their first window: {seen} of {len(attacks)}")
    figure("detectors: HIGH on benign work of 30 days", findings["high"], "findings", goal=0)
    figure("detectors: attacks seen in the first window", seen / len(attacks), "of all", goal=1, is_more_better=True)
    if not given.held_out:
        scale(20_000 if given.quick else given.rows)


if __name__ == "__main__":
    main()
