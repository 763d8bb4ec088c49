"""What a search in the agent's place costs beside the programs that agents search with, over the same tree of files.

The tree is made up: FILES Python files of some kilobytes in folders, a few of which the policy denies.  Three searches: for what is
nowhere, for what is in some files, and for names alone.  The peers are `grep -r` and ripgrep: the one that Claude Code carries, or the
system's.  Then what it costs to decide on a search that is left to the agent, above OTHERS files that git ignores: once by a first look, then
with folders remembered.  `python benchmarks/search.py [FILES]`.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core import Action, CallId, Permit, SessionId, ToolCall, frozen
from occasio_core.decide import rule_on
from occasio_core.interfaces import RunningToolHandler
from occasio_core.links import all_named
from occasio_core.model import Policy
from occasio_core.permit import permit
from occasio_core.plugins import Registry, collect, load
from occasio_core.policy import load_policy

FILES = 2000
OTHERS = 50_000
ROUNDS = 5
CARRIED = Path(__file__).parent.parent / "tests" / "agents" / "node_modules" / "@anthropic-ai"
SEARCHES = {
    "text that is nowhere": ("Grep", {"pattern": "nowhere_to_be_found"}, ["nowhere_to_be_found"]),
    "text in one of ten": ("Grep", {"pattern": r"needle_\d+", "output_mode": "content"}, ["-n", "needle_[0-9]+"]),
    "names": ("Glob", {"pattern": "*.py"}, []),
}


def grown(root: Path, files: int) -> None:
    """Make the tree."""
    body = "".join(f"def function_{line}(value: int) -> int:\n    return value + {line}\n" for line in range(50))
    for number in range(files):
        path = root / f"package_{number % 40}" / f"module_{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(body + (f"needle_{number}\n" if number % 10 == 0 else ""), encoding="utf-8")
    for number in range(5):
        (root / f"package_{number}" / ".env").write_text("needle_0\n", encoding="utf-8")


def grown_with_others(root: Path, files: int) -> None:
    """Make a tree of a few files, and below it a great many that others made."""
    grown(root, 100)
    for path in root.glob("*/.env"):
        path.unlink()
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("node_modules/\n", encoding="utf-8")
    for number in range(files):
        path = root / "node_modules" / f"package_{number // 50}" / ("lib" if number % 2 else "dist") / f"{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def call(tool: str, arguments: dict[str, str], root: Path) -> ToolCall:
    """Return a call of a tool of Claude Code."""
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="bench",
        protocol="none",
        tool=tool,
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd=str(root),
    )


def here(registry: Registry, policy: Policy, one: ToolCall) -> Callable[[], object]:
    """Return what decides on a call and carries it out, each file asked about."""
    handler = registry.by_tool[one.tool]
    assert isinstance(handler, RunningToolHandler)

    def carried_out() -> object:
        ruling = rule_on(one, policy, handler, registry.policy_rules, all_named)
        return handler.run(one, permit(ruling, registry.policy_rules, all_named))

    return carried_out


def decided(registry: Registry, policy: Policy, one: ToolCall) -> Callable[[], object]:
    """Return what decides on a call that is left to the agent."""
    handler = registry.by_tool[one.tool]

    def decide() -> object:
        ruling = rule_on(one, policy, handler, registry.policy_rules, all_named)
        assert ruling.decision.action is Action.PASS
        return ruling

    return decide


def alone(registry: Registry, one: ToolCall) -> Callable[[], object]:
    """Return what carries a call out with nobody asked: what the questions cost is the difference."""
    handler = registry.by_tool[one.tool]
    assert isinstance(handler, RunningToolHandler)
    anything: Permit = lambda effect: True  # noqa: E731
    return lambda: handler.run(one, anything)


def program(command: list[str], executable: str, root: Path) -> Callable[[], object]:
    """Return what runs a peer."""
    return lambda: subprocess.run(command, executable=executable, cwd=root, capture_output=True, check=False)


def p50(work: Callable[[], object]) -> float:
    """Return the median time in milliseconds, after a first try that counts for nothing."""
    times = []
    for _ in range(ROUNDS + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:]) * 1000


def first_and_p50(work: Callable[[], object]) -> str:
    """Return how long the first time took, and the median of others."""
    start = time.perf_counter()
    work()
    first = (time.perf_counter() - start) * 1000
    return f"{first:.1f} {p50(work):.1f}"


def peers(tool: str, words: list[str], root: Path) -> dict[str, Callable[[], object]]:
    """Return the programs that are there."""
    carried = sorted(CARRIED.glob("claude-code-*/claude"))
    ripgrep = str(carried[0]) if carried else shutil.which("rg")
    names = tool == "Glob"
    found = {}
    if ripgrep:
        flags = ["--files", "--glob=*.py"] if names else ["--hidden", *words]
        found["ripgrep"] = program(["rg", "--no-config", *flags, str(root)], ripgrep, root)
    if grep := shutil.which("find" if names else "grep"):
        flags = [str(root), "-name", "*.py"] if names else ["-rE", *words, str(root)]
        found["find" if names else "grep -r"] = program([grep, *flags], grep, root)
    return found


def main() -> None:
    """Print a line for each search."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else FILES
    with tempfile.TemporaryDirectory() as name:
        root, home = Path(name).resolve() / "tree", Path(name) / "home"
        large = Path(name).resolve() / "large"
        root.mkdir()
        large.mkdir()
        grown_with_others(large, OTHERS)
        grown(root, files)
        policy = load_policy(None, home, root)
        registry = collect(load([]), policy.plugins, home)
        print(f"{files} files, {len(policy.deny_paths)} entries in deny_paths, p50 of {ROUNDS}, ms (ratio to here)")
        for title, (tool, arguments, words) in SEARCHES.items():
            one = call(tool, arguments, root)
            own = p50(here(registry, policy, one))
            others = {"nobody asked": alone(registry, one), **peers(tool, words, root)}
            timed = {peer: p50(work) for peer, work in others.items()}
            for peer, ms in timed.items():
                figure(f"a search here, {title}, {files:,} files, beside {peer}", own, "ms", peer, own / ms)
            told = "  ".join(f"{peer} {ms:.1f} ({own / ms:.1f}x)" for peer, ms in timed.items())
            print(f"{title:22} here {own:.1f}  {told}")
        print(f"a decision above {OTHERS} files that git ignores, ms, the first and the p50 of {ROUNDS}")
        for title, (tool, arguments, _) in SEARCHES.items():
            one = call(tool, arguments, large)
            fresh = collect(load([]), policy.plugins, home)
            print(f"{title:22} {first_and_p50(decided(fresh, policy, one))}")


if __name__ == "__main__":
    main()
