"""How many secrets are found, and how often there is an alarm without one.

`python plugins/secrets/tests/measure.py [--tuned | --all] [--missed] [--tree DIRECTORY]` fills the templates of
`corpus` and scans them.  Every template is in one half or the other, by its hash: one is for tuning, the other, which is
what is measured by default, is not looked at.  `--tree` counts the alarms in real files instead.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import forge

from occasio_core import Secret, SecretScanner
from occasio_secrets import Entropy, occasio_register_secret_scanners

_SEEDS = ("a", "b", "c")


def is_tuned(*lines: str) -> bool:
    """Return whether a template belongs to the half that the plugin is tuned on."""
    return hashlib.sha256("\n".join(lines).encode()).digest()[0] % 2 == 0


def scanners(*, with_entropy: bool = False) -> list[SecretScanner]:
    """Return the scanners, without entropy if it is not asked for."""
    found = occasio_register_secret_scanners()
    return [one for one in found if with_entropy or not isinstance(one, Entropy)]


def found(text: str, using: list[SecretScanner]) -> list[Secret]:
    """Return all that the scanners find."""
    return [secret for scanner in using for secret in scanner.scan(text)]


def is_kept(sample: forge.Sample, using: list[SecretScanner]) -> bool:
    """Return whether nothing of the secret would be left but what everybody knows of its form."""
    start = sample.text.index(sample.secret)
    covered: set[int] = set()
    for secret in found(sample.text, using):
        covered.update(range(secret.start, secret.end))
    return all(place in covered for place in range(start, start + len(sample.secret)))


def samples(half: str) -> Iterator[tuple[str, forge.Sample]]:
    """Yield every sample of a half, with the kind that it is counted under."""

    def wanted(*lines: str) -> bool:
        return half == "all" or is_tuned(*lines) == (half == "tuned")

    for line in forge.lines("providers"):
        for context in forge.lines("contexts"):
            if wanted(line, context):
                yield "providers' keys", forge.provider(line, context)
    for kind, name, make in (("by name", "assignments", forge.assignment), ("benign", "benign", forge.benign)):
        for line in forge.lines(name):
            if wanted(line):
                yield from ((kind, make(line, seed)) for seed in _SEEDS)


def spellings(half: str) -> Iterator[tuple[str, str]]:
    """Yield texts in which a key is spelled in another way, with the way."""
    for line in forge.lines("providers"):
        for way in forge.lines("encodings"):
            if half == "all" or is_tuned(line, way) == (half == "tuned"):
                yield way, forge.spelled(way, f'API_KEY="{forge.provider(line, "@@").secret}"')


def measured(half: str, *, with_entropy: bool = False) -> tuple[Counter[str], Counter[str], list[forge.Sample]]:
    """Return how many samples of each kind there are, how many were judged rightly, and the others."""
    using = scanners(with_entropy=with_entropy)
    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    wrong = []
    for kind, sample in samples(half):
        total[kind] += 1
        if is_kept(sample, using) if sample.secret else not found(sample.text, using):
            right[kind] += 1
        else:
            wrong.append(sample)
    return total, right, wrong


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--entropy", action="store_true")
    parser.add_argument("--tree", type=Path)
    given = parser.parse_args()
    if given.tree:
        return in_tree(given.tree, scanners(with_entropy=given.entropy), shown=given.missed)
    half = "tuned" if given.tuned else "all" if given.all else "unseen"
    total, right, wrong = measured(half, with_entropy=given.entropy)
    alarms = total["benign"] - right["benign"]
    hits = sum(right.values()) - right["benign"]
    for kind in ("providers' keys", "by name"):
        print(f"{half} half, {kind}: {right[kind]} of {total[kind]} found ({right[kind] / total[kind]:.1%})")
    print(f"{half} half, benign lines: {alarms} of {total['benign']} with an alarm ({alarms / total['benign']:.2%})")
    print(f"{half} half: precision {hits / (hits + alarms):.1%}, one alarm counted for each line that has one")
    ways: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for way, text in spellings(half):
        ways[way] += 1
        seen[way] += bool(found(text, scanners(with_entropy=given.entropy)))
    for way, count in ways.items():
        print(f"{half} half, spelled as {way}: {seen[way]} of {count} ({seen[way] / count:.1%})")
    if given.missed:
        print(*(f"{'missed' if one.secret else 'alarm '}: {one.label} {one.text!r}"[:300] for one in wrong), sep="\n")
    return None


def in_tree(top: Path, using: list[SecretScanner], *, shown: bool) -> None:
    """Print how many alarms there are in the text files below `top`."""
    size, labels = 0, Counter[str]()
    for path in sorted(top.rglob("*")):
        if path.is_file() and not path.is_symlink():
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            size += len(text)
            for secret in found(text, using):
                labels[secret.label] += 1
                if shown:
                    print(f"{path}:{text.count(chr(10), 0, secret.start) + 1}: {secret.label}")
    count = sum(labels.values())
    print(f"{top}: {count} alarms in {size / 1e6:.1f} MB ({count / max(size / 1e6, 1e-6):.2f} per MB) {dict(labels)}")


if __name__ == "__main__":
    main()
