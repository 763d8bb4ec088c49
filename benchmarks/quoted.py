"""How often the lines of a denied file, taken as fingerprints, would withhold what is another file's; and which forms of it they would know.

Not built in: the measurement that says what it would cost.  In each tree, three files at random are denied, and hundreds of others, of the tree
and of the other trees, are looked at as results: each that has a fingerprint in it would be withheld for nothing.  `rare` leaves out the
lines that any other file of the tree has too.  Then three denied files of a project's usual kind are quoted in several forms.
`python benchmarks/quoted.py [ROOT]...` (default: the standard library, the installed packages, this repository).
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
import sysconfig
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

FILES = 2500  # of a tree
TRIALS = 25  # in each
RESULTS = 100  # of the tree itself, in each trial
FOREIGN = 20  # of each other tree
LARGEST = 400_000
_ENDINGS = {
    ".py",
    ".js",
    ".ts",
    ".mjs",
    ".cjs",
    ".md",
    ".json",
    ".h",
    ".c",
    ".txt",
    ".toml",
    ".yml",
    ".yaml",
    ".sh",
    ".cfg",
    ".ini",
    ".rst",
    ".html",
    ".css",
    ".xml",
}
_SKIPPED = {".git", ".venv", "__pycache__"}
_ASSIGNMENT = re.compile(r"^(?:export\s+)?[\w.\"'-]+\s*[:=]\s*[\"']?(.+?)[\"']?[,;]*$")
_PREFIX = re.compile(r"^(?:[\w./-]+:)?\s*\d+\s*[\t:→|-]\s*|^[+\-> ] ?")
_BREAK = re.compile(r"\n|\r|\\n|\\r")

ENVIRONMENTS = {
    "three lines": "DATABASE_URL=postgres://orders:hN8s2kQp@db.internal.example:5432/orders\n"
    "BILLING_HOST=billing.internal.example\nADMIN_PIN=4711\n",
    "short values": "DB_HOST=db1\nDB_USER=orders\nDB_PASS=tea4two\n",
    "notes": "the merger is announced on the ninth\nnobody outside of legal may know before\nask Ada\n",
}


def entropy(text: str) -> float:
    """Return the bits that a character of the text carries, by its own counts."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def assigned(line: str) -> bool:
    """Return whether it gives something a value of twelve characters or more that is no words."""
    found = _ASSIGNMENT.match(line)
    return found is not None and len(found[1]) >= 12 and " " not in found[1] and entropy(found[1]) >= 3.0


def long(line: str) -> bool:
    """Return whether it is long and says something."""
    return len(line) >= 24 and len(set(line)) >= 10 and sum(map(str.isalnum, line)) >= 12


RULES: dict[str, tuple[Callable[[str], bool], int]] = {
    "any line of four characters": (lambda line: len(line) >= 4, 1),
    "eight of them": (lambda line: len(line) >= 4, 8),
    "a long line": (long, 1),
    "an assignment": (assigned, 1),
    "either": (lambda line: long(line) or assigned(line), 1),
    "three of either": (lambda line: long(line) or assigned(line), 3),
}
FORMS: dict[str, Callable[[str], str]] = {
    "whole": lambda text: text,
    "one line": lambda text: text.splitlines()[0],
    "numbered": lambda text: "".join(f"{at:6}\t{line}\n" for at, line in enumerate(text.splitlines(), 1)),
    "found": lambda text: "".join(f"a/.env:{at}:{line}\n" for at, line in enumerate(text.splitlines(), 1)),
    "diff": lambda text: "".join(f"+{line}\n" for line in text.splitlines()),
    "JSON": lambda text: json.dumps({"content": text}),
    "reversed": lambda text: text[::-1],
}


def files(root: Path) -> list[Path]:
    """Return texts below the root, at most so many."""
    found = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in _ENDINGS and not _SKIPPED & set(path.relative_to(root).parts) and path.is_file()
    ]
    small = [path for path in found if 0 < path.stat().st_size < LARGEST]
    return random.sample(small, FILES) if len(small) > FILES else small


def lines(path: Path) -> frozenset[str]:
    """Return the lines of a file, without what stands around them; none of what is no text."""
    try:
        return frozenset(line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    except (UnicodeDecodeError, OSError):
        return frozenset()


def seen(text: str) -> Iterator[str]:
    """Yield the lines of a result, also as they are behind numbers, names of files, marks and escapes."""
    for piece in _BREAK.split(text):
        for line in (piece, piece.replace('\\"', '"').replace("\\\\", "\\"), _PREFIX.sub("", piece, count=1)):
            yield line.strip()
            yield line.rpartition('": "')[2].strip()


def false_alarms(roots: list[Path]) -> None:
    """Print how many of a thousand results each rule would withhold for nothing."""
    trees = {root: files(root) for root in roots}
    content = {path: lines(path) for tree in trees.values() for path in tree}
    counts = {root: Counter(line for path in tree for line in content[path]) for root, tree in trees.items()}
    wrong: Counter[tuple[str, str]] = Counter()
    results = 0
    for root, tree in trees.items():
        for _ in range(TRIALS):
            denied = random.sample(tree, 3)
            own = frozenset().union(*(content[path] for path in denied))
            shared = {line for line in own if counts[root][line] > sum(line in content[path] for path in denied)}
            others = [path for path in tree if path not in denied]
            sample = random.sample(others, min(RESULTS, len(others)))
            sample += [path for other in roots if other != root for path in random.sample(trees[other], FOREIGN)]
            results += len(sample)
            for rule, (fits, least) in RULES.items():
                for which, lines_of in (("all", own), ("rare", own - shared)):
                    prints = {line for line in lines_of if fits(line)}
                    wrong[rule, which] += sum(len(prints & content[path]) >= least for path in sample)
    print(f"withheld for nothing, of 1,000 results ({results} looked at in {len(roots)} trees):")
    for rule in RULES:
        print(
            f"  {rule:28} {1000 * wrong[rule, 'all'] / results:8.2f}   rare: {1000 * wrong[rule, 'rare'] / results:6.2f}"
        )


def forms() -> None:
    """Print which forms of a denied file are known by one line that is long or assigned."""
    fits = RULES["either"][0]
    for name, text in ENVIRONMENTS.items():
        prints = {line for line in text.splitlines() if fits(line)}
        known = [form for form, write in FORMS.items() if prints & set(seen(write(text)))]
        print(f"  {name}: {len(prints)} of 3 lines are fingerprints; known as {', '.join(known) or 'nothing'}")


if __name__ == "__main__":
    random.seed(7)
    given = [Path(name) for name in sys.argv[1:]]
    here = Path(__file__).parents[1]
    false_alarms(given or [Path(sysconfig.get_path("stdlib")), Path(sysconfig.get_path("purelib")), here])
    forms()
