"""What a hook costs: the daemon's answer, the thin program around it, and both inside of a real agent.

One call is a PreToolUse of a shell command that is decided, recorded durably and let through; every call has an id of
its own.  Beside the daemon's answer stands one flush to the same disk, which it waits for.  Beside the thin program
stand an interpreter that does nothing, and `/bin/true`; they take turns, so that a busy machine is as busy for each.  The
real agent is Claude Code of tests/agents, if it is there, with a scripted model: a turn with each hook before every
tool.  `python benchmarks/hooks.py [ROUNDS]`.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure
from occasio_core import daemon, home
from occasio_core.hooks.place import command_line, interpreter
from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Call, Turn
from tests.real_agents import AgentMissing, claude_code, clean_environment, headless, run

TURNS = 20


def payload(number: int, cwd: str) -> bytes:
    """Return what Claude Code tells a hook before it runs a tool."""
    return json.dumps(
        {
            "session_id": "bench",
            "transcript_path": "/t",
            "cwd": cwd,
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": "Bash",
            "tool_input": {"command": f"git status --short | head -n {number}", "description": "look"},
            "tool_use_id": f"toolu_{number:024}",
        }
    ).encode()


def p50s(rounds: int, *works: Callable[[int], object]) -> list[float]:
    """Return the median milliseconds of each, taking turns."""
    took: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for work, times in zip(works, took, strict=True):
            begun = time.perf_counter()
            work(number)
            times.append((time.perf_counter() - begun) * 1000)
    return [statistics.median(times) for times in took]


def answers(place: Path, rounds: int) -> None:
    """Print what the daemon takes to answer, connecting each time."""
    os.chdir(place)  # the address may be longer than a socket's

    def ask(number: int) -> None:
        data = payload(number, str(place))
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(daemon.SOCKET)
            connection.sendall(b"occasio-hook/1 claude-code %d\n" % len(data) + data)
            assert connection.recv(1 << 16) == b"0 0 0\n"

    descriptor = os.open(place / "flushed", os.O_WRONLY | os.O_CREAT)

    def flush(number: int) -> None:
        os.pwrite(descriptor, b"x" * 1000, number * 1000)
        os.fdatasync(descriptor)

    ask(10**6)  # opens the run
    answer, flushed = p50s(rounds, ask, flush)
    os.close(descriptor)
    figure("the daemon's answer to a hook, p50", answer, "ms", "one flush to the disk", answer / flushed, goal=3)
    print(f"daemon's answer                p50 {answer:6.2f} ms   (goal 3)")
    print(f"  one flush to the disk        p50 {flushed:6.2f} ms")


def programs(place: Path, rounds: int) -> None:
    """Print what the thin program takes from its start to its end, and what stands beside it."""
    thin = [interpreter(), "-I", "-S", str(place / "hook.py"), "--home", str(place)]

    def started(command: list[str]) -> Callable[[int], object]:
        return lambda number: subprocess.run(
            command, input=payload(10**7 + number, str(place)), capture_output=True, check=True
        )

    bare = [interpreter(), "-I", "-S", "-c", "pass"]
    whole, nothing, isolated, true = p50s(
        rounds, started(thin), started([sys.executable, "-c", "pass"]), started(bare), started(["/bin/true"])
    )
    figure("the thin program of a hook, p50", whole, "ms", "`python -c pass`", whole / nothing, goal=40)
    print(f"thin program, with the answer  p50 {whole:6.1f} ms   (goal 40), {whole / nothing:.2f}x `python -c pass`")
    print(f"  python -c pass               p50 {nothing:6.1f} ms")
    print(f"  python -I -S -c pass         p50 {isolated:6.1f} ms")
    print(f"  /bin/true                    p50 {true:6.1f} ms")


def agent(place: Path, root: Path) -> None:
    """Print what a turn of the real agent takes with each hook before every tool."""
    try:
        program = claude_code()
    except AgentMissing as missing:
        print(f"real agent: not measured, {missing}")
        return
    commands = {"no hook": "", "/bin/true": "/bin/true"}
    commands["thin program"] = command_line(place / "hook.py", "claude-code", home=place, wait=60)
    took = {name: _turn(program, root, command) for name, command in commands.items()}
    for name, each in took.items():
        print(f"a turn of Claude Code, {name:13}  p50 {each:6.1f} ms")
    whole, true = took["thin program"], took["/bin/true"]
    figure("a turn of Claude Code with our hook before its tool", whole, "ms", "`/bin/true` there", whole / true)


def _turn(program: Path, root: Path, command: str) -> float:
    work = Path(tempfile.mkdtemp(dir=root))
    hooks = {"PreToolUse": [{"matcher": "*", "hooks": [{"type": "command", "command": command}]}]} if command else {}
    turns = [Turn(calls=[Call("Bash", {"command": f"echo {number}"})]) for number in range(TURNS)]
    with ScriptedModel(turns) as model:
        environment: Mapping[str, str] = clean_environment(root / "agent", model.url)
        settings = json.dumps({"hooks": hooks})
        begun = time.perf_counter()
        done = run(headless(program, "go", "--settings", settings), environment=environment, directory=work)
        took = time.perf_counter() - begun
        assert done.returncode == 0, done.stderr
        assert len(model.conversation) == TURNS + 1
    return took * 1000 / TURNS


def main() -> None:
    """Print every number in one run."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as root:
        place = home.prepared(Path(root) / "occasio")
        daemon.start(place)
        try:
            answers(place, rounds)
            programs(place, rounds)
            agent(place, Path(root))
        finally:
            daemon.stop(place)


if __name__ == "__main__":
    main()
