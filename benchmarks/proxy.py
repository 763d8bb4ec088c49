"""What a request costs on its way through Occasio, beside two pass-throughs and no proxy at all, in one run.

`python benchmarks/proxy.py [--requests N] [--load N] [--streams N]`.  Linux; Node is left out where there is none.

- `none`: straight to the provider.  `aiohttp`: a pass-through on the HTTP library that Occasio stands on.  `node`: one
  on Node's own http module.  `occasio`: `occasio run` as a person starts it, default policy, rows durable.
- Requests of 80 KB, with a history of tool results, go to all in turn; answers are streams of 200 events at once, or a
  message without tools.  Times are medians of what a proxy adds to the same request without one.
- CPU is of the proxy's process, all its threads; the pass-throughs parse, scan and record nothing.
- Memory is what the process holds (RSS) before, while and after many streams are open, twice.
- At last requests are counted: every answer must come whole, and every request must have its row in the log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.figures import figure, point

HERE = Path(__file__).parent
PROXIES = HERE / "proxies"
SHOW_URL = "import os, sys; print(os.environ['ANTHROPIC_BASE_URL'], flush=True); sys.stdin.read()"
STREAM = "/v1/messages?events=200&pace=0"
SLOW = "/v1/messages?events=60&pace=0.05"
DOCUMENT = "/v1/messages?beta=true"
LAST_EVENT = b'"message_stop"}\n\n'


@dataclass(frozen=True)
class Target:
    """Where requests go: an address, a path before the request's own, and the process, if one stands in between."""

    name: str
    url: str
    pid: int | None

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname and parts.port
        return parts.hostname, parts.port

    def request(self, path: str, body: bytes) -> bytes:
        parts = urlsplit(self.url)
        head = f"POST {parts.path}{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
        return f"{head}x-api-key: none\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    def cpu(self) -> float:
        """Return the seconds of CPU time that the process has taken."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text(encoding="ascii").split()[0]) for task in tasks) / 1e9

    def memory(self) -> float:
        """Return MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def request_body(*, streams: bool, size: int = 80_000) -> bytes:
    """Return a request of a session that has read some files."""
    source = random.Random(80)
    words = ["the", "order", "of", "a", "cart", "is", "kept", "until", "its", "payment", "has", "been", "seen"]

    def text(length: int) -> str:
        said = ""
        while len(said) < length:
            said += source.choice(words) + source.choice([" ", " ", " ", "\n", "(", ")", ": ", "_"])
        return said

    tools = [
        {"name": name, "description": text(800), "input_schema": {"type": "object", "properties": {}}}
        for name in ("Read", "Write", "Edit", "Bash", "Grep", "Glob", "WebFetch", "TodoWrite")
    ]
    messages: list[object] = [{"role": "user", "content": [{"type": "text", "text": "Find out why the test fails."}]}]
    document = {
        "model": "m",
        "max_tokens": 32_000,
        "stream": streams,
        "system": text(12_000),
        "tools": tools,
        "messages": messages,
    }
    while len(json.dumps(document)) < size:
        call = f"toolu_{len(messages):024}"
        used = {"type": "tool_use", "id": call, "name": "Read", "input": {"file_path": f"/src/{len(messages)}.py"}}
        messages.append({"role": "assistant", "content": [{"type": "text", "text": text(150)}, used]})
        result = {"type": "tool_result", "tool_use_id": call, "content": [{"type": "text", "text": text(4000)}]}
        messages.append({"role": "user", "content": [result]})
    return json.dumps(document).encode()


@contextmanager
def started(name: str, command: list[str], environment: Mapping[str, str] | None = None) -> Iterator[Target]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
    assert process.stdin and process.stdout
    try:
        yield Target(name, process.stdout.readline().decode().strip(), process.pid)
    finally:
        process.stdin.close()  # what ends Occasio's agent, and so its run
        if name != "occasio":
            process.terminate()
        process.wait()


class Line:
    """One connection, asked again and again."""

    def __init__(self, target: Target) -> None:
        self._socket = socket.create_connection(target.address)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> tuple[float, float, bytes]:
        """Return the seconds until the first byte of the body, until the last, and what came."""
        start = time.perf_counter()
        self._socket.sendall(request)
        data, first = b"", 0.0
        while not is_whole(data):
            piece = self._socket.recv(1 << 16)
            if not piece:
                raise ConnectionError(data[:200])
            data += piece
            if not first and not data.endswith(b"\r\n\r\n"):
                first = time.perf_counter() - start
        return first, time.perf_counter() - start, data


def is_whole(answer: bytes) -> bool:
    head, found, body = answer.partition(b"\r\n\r\n")
    if not found:
        return False
    if b"chunked" in head.lower():
        return answer.endswith(b"0\r\n\r\n")
    return len(body) >= int(head.lower().partition(b"content-length:")[2].split()[0])


def content(answer: bytes) -> bytes:
    """Return an answer's body."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"chunked" not in head.lower():
        return body
    data = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        data, body = data + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return data


def times(targets: list[Target], requests: int) -> None:
    for title, path, streams in (
        ("a stream of 200 events", STREAM, True),
        ("a message without tools", DOCUMENT, False),
    ):
        body = request_body(streams=streams)
        lines = {target.name: Line(target) for target in targets}
        asked = {target.name: target.request(path, body) for target in targets}
        seen: dict[str, list[tuple[float, float]]] = {target.name: [] for target in targets}
        answers = {name: content(lines[name].ask(asked[name])[2]) for name in lines for _ in range(10)}
        assert len(set(answers.values())) == 1, "a proxy changed the answer"
        before = {target.name: target.cpu() for target in targets if target.pid}
        for _ in range(requests):
            for name, line in lines.items():
                seen[name].append(line.ask(asked[name])[:2])
        cpu = {target.name: (target.cpu() - before[target.name]) / requests for target in targets if target.pid}
        print(f"\n{title}, {len(body):,} bytes asked, {len(answers['none']):,} answered, {requests} times")
        print(f"{'':>9} {'first byte added':>17} {'whole added':>12} {'CPU ms':>8}   CPU beside node, aiohttp")
        for name, took in seen.items():
            added = [
                statistics.median(mine[part] - none[part] for mine, none in zip(took, seen["none"], strict=True)) * 1e3
                for part in (0, 1)
            ]
            beside = [
                f"{cpu[name] / cpu[other]:.2f} x" for other in ("node", "aiohttp") if other in cpu and name in cpu
            ]
            spent = f"{cpu[name] * 1e3:>8.2f}" if name in cpu else ""
            if name == "occasio":
                told(title, added, cpu)
            print(f"{name:>9} {added[0]:>14.2f} ms {added[1]:>9.2f} ms {spent}   {', '.join(beside)}", flush=True)


def told(title: str, added: list[float], cpu: Mapping[str, float]) -> None:
    """Keep what the proxy adds to an answer."""
    part, goal = (0, 5.0) if "stream" in title else (1, 1.0)
    figure(f"{title}: {('time to the first byte', 'until it is whole')[part]}, added", added[part], "ms", goal=goal)
    for other in ("node", "aiohttp"):
        if other in cpu:
            ratio, goal = cpu["occasio"] / cpu[other], 1.0 if other == "node" else None
            beside = f"a pass-through on {other}"
            figure(f"{title}: CPU beside {other}", cpu["occasio"] * 1e3, "ms", beside, ratio, goal=goal, of_ratio=True)


async def one(target: Target, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(*target.address)
    writer.write(request)
    data = b""
    while not is_whole(data):
        piece = await reader.read(1 << 16)
        if not piece:
            raise ConnectionError(data[:200])
        data += piece
    writer.close()
    return data


async def many(target: Target, request: bytes, streams: int) -> tuple[float, int]:
    """Return the most MiB that the process held while so many streams were open, and how many came whole."""
    tasks = [asyncio.create_task(one(target, request)) for _ in range(streams)]
    most = 0.0
    while not all(task.done() for task in tasks):
        most = max(most, target.memory())
        await asyncio.sleep(0.1)
    return most, sum(LAST_EVENT in content(task.result()) for task in tasks)


def memory(targets: list[Target], streams: int) -> None:
    print(f"\nmemory, {streams} streams at once, each of 60 events, 50 ms between two; twice")
    body = request_body(streams=True)
    for target in targets:
        if target.pid is None:
            continue
        before = target.memory()
        for few in (1, streams // 8 or 1, streams // 2 or 1):
            held, _ = asyncio.run(many(target, target.request(SLOW, body), few))
            point("Memory with streams open", target.name, few, held, "streams at once", "MiB")
        (first, whole), (second, again) = (asyncio.run(many(target, target.request(SLOW, body), streams)) for _ in "12")
        point("Memory with streams open", target.name, streams, second, "streams at once", "MiB")
        if target.name == "occasio":
            ratio = second / first
            what, flat = f"memory with {streams} streams at once, again", {"goal": 1.1, "of_ratio": True}
            figure(what, second, "MiB", "the first time", ratio, **flat)
        print(
            f"{target.name:>9} {before:.0f} MiB, then {first:.0f}, then {second:.0f}; {whole + again} of {2 * streams} whole",
            flush=True,
        )


def load(target: Target, requests: int, home: Path, connections: int = 16) -> None:
    """Ask as often as possible; print how many answers came whole, and how many requests the log has."""

    def rows() -> int:
        return (home / "pipeline-events.jsonl").read_bytes().count(b'"kind":"request"')

    before = rows()
    request = target.request(STREAM, request_body(streams=True))

    async def ask_all() -> int:
        left, whole = iter(range(requests)), 0

        async def worker() -> None:
            nonlocal whole
            for _ in left:
                answer = await one(target, request)
                whole += LAST_EVENT in content(answer)

        await asyncio.gather(*(worker() for _ in range(connections)))
        return whole

    start = time.perf_counter()
    whole = asyncio.run(ask_all())
    took = time.perf_counter() - start
    deadline = time.perf_counter() + 10  # an answer's row comes right behind its end
    while rows() < before + requests and time.perf_counter() < deadline:
        time.sleep(0.1)
    lost = 2 * requests - whole - (rows() - before)
    figure(f"lost of {requests:,} answers and as many rows, {connections} at a time", lost, "", goal=0)
    print(
        f"\nload: {whole} of {requests} answers whole, {rows() - before} rows of requests, {requests / took:.0f} a second"
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--requests", type=int, default=300)
    options.add_argument("--streams", type=int, default=200)
    options.add_argument("--load", type=int, default=2000)
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        started("none", [sys.executable, str(PROXIES / "upstream.py")]) as none,
    ):
        targets = [Target("none", none.url, None)]
        home = Path(directory)
        environment = {**os.environ, "OCCASIO_HOME": directory, "ANTHROPIC_API_KEY": "none"}
        ours = [
            sys.executable,
            "-m",
            "occasio_core",
            "run",
            "--upstream",
            none.url,
            "--",
            sys.executable,
            "-c",
            SHOW_URL,
        ]
        commands = {"aiohttp": [sys.executable, str(PROXIES / "relay.py"), none.url], "occasio": ours}
        if node := shutil.which("node"):
            commands["node"] = [node, str(PROXIES / "relay.mjs"), none.url]
        open_ = [started(name, command, environment) for name, command in commands.items()]
        try:
            targets += [each.__enter__() for each in open_]
            times(targets, given.requests)
            memory(targets, given.streams)
            load(next(target for target in targets if target.name == "occasio"), given.load, home)
        finally:
            for each in open_:
                each.__exit__(None, None, None)


if __name__ == "__main__":
    main()
