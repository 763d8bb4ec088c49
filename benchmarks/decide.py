"""What a decision costs: a shell command of 200 characters, a policy of 100 rules, as the engine decides it.

Every command differs, so nothing can be remembered from one to the next.  Both peers judge the same commands by the
same rules: the worst reading, which looks for words and parses nothing, and the usual gate of a few lines, which splits
the command with `shlex` and holds each word against each rule with `fnmatch`.  All rules of the engine are asked, that
for secrets too.  `python benchmarks/decide.py [ROUNDS]`.
"""

from __future__ import annotations

import fnmatch
import shlex
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure, point
from occasio_core import CallId, SessionId, ToolCall, ToolHandler, frozen
from occasio_core.decide import rule_on
from occasio_core.links import all_named as named
from occasio_core.model import PathEntry, Policy
from occasio_core.plugins import Registry, collect, load
from occasio_core.policy import load_policy

RULES = 100
LENGTH = 200
COMMANDS = {
    "one program": "npx eslint --fix --max-warnings 0 src/{n}/index.ts src/{n}/view.ts src/{n}/model.ts tests/{n}.test.ts",
    "a few": "cd packages/{n} && npm run build -- --mode production 2>&1 | tail -n 20 && cat dist/manifest.json | jq .files",
    "ten": "cd src; git status --short | grep -v '^?' | awk '{{print $2}}' | xargs -r npx eslint; "
    'X=$(date +%s); echo "{n} $X" > out.txt; cat pkg.json | jq .a; ls',
}


def policy(home: Path, rules: int = RULES) -> Policy:
    """Return the built-in policy with as many entries as make `rules`."""
    built_in = load_policy(None, home, Path.cwd())
    forms = [
        f"/srv/{n}/secret" if n % 2 else f"/**/private-{n}*.pem"
        for n in range(max(0, rules - len(built_in.deny_paths)))
    ]
    added = tuple(PathEntry(text=form, forms=(form,)) for form in forms)
    return replace(built_in, deny_paths=(*built_in.deny_paths, *added))


def call(command: str) -> ToolCall:
    """Return a call of the shell tool."""
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="bench",
        protocol="none",
        tool="Bash",
        input=frozen({"command": command}),
        input_digest="0" * 64,
        cwd=str(Path.cwd()),
    )


def p50(decide: Callable[[ToolCall], object], calls: list[ToolCall]) -> float:
    """Return the median time of a decision in milliseconds."""
    times = []
    for one in calls:
        start = time.perf_counter()
        decide(one)
        times.append(time.perf_counter() - start)
    return statistics.median(times) * 1e3


def naively(rules: Policy) -> Callable[[ToolCall], object]:
    """Return the peer: each word of the command against each entry, with the standard library."""
    patterns = [form.replace("/**/", "*/") for entry in rules.deny_paths for form in entry.forms]

    def decide(one: ToolCall) -> object:
        words = shlex.split(str(one.input["command"]), comments=False)
        return [word for word in words for pattern in patterns if fnmatch.fnmatch(word, pattern)]

    return decide


def measured(registry: Registry, rules: Policy, rounds: int) -> None:
    """Print one line for each kind of command."""

    def deciding(handler: ToolHandler | None) -> Callable[[ToolCall], object]:
        return lambda one: rule_on(one, rules, handler, registry.rules, named)

    for name, pattern in COMMANDS.items():
        calls = [call(f"{pattern.format(n=n)} # ".ljust(LENGTH, "x")) for n in range(rounds)]
        deciding(registry.by_tool["Bash"])(calls[0])  # loads the grammar
        parsed, guessed = p50(deciding(registry.by_tool["Bash"]), calls), p50(deciding(None), calls)
        naive = p50(naively(rules), calls)
        peer = "`shlex` and `fnmatch`, word by word"
        figure(f"a decision, {RULES} rules, {name}, p50", parsed, "ms", peer, parsed / naive, goal=1.0)
        print(
            f"{name:>12}: {parsed:.2f} ms parsed, p50; {guessed:.2f} ms by words ({parsed / guessed:.2f}x); "
            f"{naive:.2f} ms shlex and fnmatch ({parsed / naive:.2f}x)"
        )


def growing(registry: Registry, home: Path, rounds: int) -> None:
    """Keep what a decision costs with more and more rules."""
    shell = registry.by_tool["Bash"]
    for count in (100, 300, 1000, 3000):
        rules = policy(home, count)
        calls = [call(f"{COMMANDS['a few'].format(n=n)} # ".ljust(LENGTH, "x")) for n in range(rounds)]
        took = p50(lambda one, rules=rules: rule_on(one, rules, shell, registry.rules, named), calls)
        for series, value in (("occasio", took), ("shlex and fnmatch", p50(naively(rules), calls))):
            point("A decision", series, count, value, "rules", "milliseconds, p50")
        print(f"{count:>12} rules: {took:.2f} ms")


def main() -> None:
    """Print what a decision costs."""
    home = Path.home() / ".occasio"
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    registry = collect(load([]), {}, home)
    measured(registry, policy(home), rounds)
    growing(registry, home, rounds)


if __name__ == "__main__":
    main()
