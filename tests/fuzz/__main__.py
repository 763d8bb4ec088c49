"""Fuzzing for as long as one likes: `python -m tests.fuzz [--seconds N] [TARGET]...`, by default a minute for each target.

With atheris (`pip install atheris`) the code under test says which inputs lead somewhere new; without it changes are
made by chance alone.  What fails is left in `tests/fuzz/found/`; mended, it belongs in the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

FOUND = Path(__file__).with_name("found")


def main() -> int:
    options = argparse.ArgumentParser(description="Fuzz what reads what others wrote.")
    options.add_argument("targets", nargs="*", metavar="TARGET", help="default: all")
    options.add_argument("--seconds", type=int, default=60, help="for each target (default: 60)")
    options.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**31))
    options.add_argument("--in-process", action="store_true", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.in_process:
        guided(given.targets[0], given.seconds, given.seed)
        return 0
    is_guided = importlib.util.find_spec("atheris") is not None
    return max(run(name, given.seconds, given.seed, is_guided) for name in given.targets or names())


def names() -> Sequence[str]:
    from tests.fuzz.targets import TARGETS

    return list(TARGETS)


def run(name: str, seconds: int, seed: int, is_guided: bool) -> int:
    print(
        f"== {name}: {seconds} s, seed {seed}, {'guided by coverage' if is_guided else 'by chance alone'}", flush=True
    )
    if not is_guided:
        return by_chance(name, seconds, seed)
    command = [sys.executable, "-m", "tests.fuzz", "--in-process", "--seconds", str(seconds), "--seed", str(seed), name]
    return int(subprocess.run(command, check=False).returncode != 0)


def by_chance(name: str, seconds: int, seed: int) -> int:
    from tests.fuzz.corpus import changed
    from tests.fuzz.targets import TARGETS

    dice, end, count = random.Random(seed), time.monotonic() + seconds, 0
    while time.monotonic() < end:
        data, count = changed(name, dice), count + 1
        try:
            TARGETS[name](data)
        except Exception:
            print(f"failed: {kept(name, data)}", flush=True)
            raise
    print(f"{count} inputs hold", flush=True)
    return 0


def kept(name: str, data: bytes) -> Path:
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}"
    path.write_bytes(data)
    return path


def guided(name: str, seconds: int, seed: int) -> None:
    import atheris

    with atheris.instrument_imports(
        include=["occasio_verify", "occasio_core", "occasio_shell", "occasio_mcp", "occasio_hooks"]
    ):
        from tests.fuzz.corpus import CORPORA
        from tests.fuzz.targets import TARGETS
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as new:  # what leads somewhere new; what is kept is read, and not written to
        limits = [f"-max_total_time={seconds}", f"-seed={seed}", "-timeout=60", f"-artifact_prefix={FOUND}/{name}-"]
        atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", new, str(CORPORA / name)], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
