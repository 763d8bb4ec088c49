"""The table of cases through every door: the same decision and the same effect on the agent as the engine says.

A door is a function in `DOORS`: it is told a call as its protocol tells it, and says whether the agent may not run it.
The gateway of MCP has its own test: there a tool is one of a server's, and what the server says of it counts.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path

import pytest

from occasio_core.budget import Budget
from occasio_core.commands import Record
from occasio_core.decide import Ruling
from occasio_core.driver import Driver, Gate
from occasio_core.engine import Engine, engine, supposed
from occasio_core.hooks.decided import Decided
from occasio_core.hooks.door import Door
from occasio_core.hooks.event import HookAnswer
from occasio_core.hooks.guest import GUESTS
from occasio_core.links import all_named
from occasio_core.model import Action, HttpRequest, Policy, RunId
from occasio_core.plugins import Registry
from occasio_core.policy import load_policy
from occasio_core.policy.cases import Trial, cases
from occasio_core.prices import Prices
from occasio_core.scripted.anthropic import message, stream
from occasio_core.scripted.openai import completion, completion_stream, response, response_stream
from occasio_core.scripted.turn import Call, Document, Turn
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_core.trials import Tried, tried
from occasio_core.wires.memory import ANSWERED, REFUSED
from occasio_mcp.calls import name_of
from occasio_mcp.conversation import Conversation
from occasio_mcp.gateway import Gateway
from occasio_mcp.pins import Mode, Pins
from occasio_verify import Json
from tests.occasio_core.case_world import world

# Why a door refuses before, or behind, what the engine says: what no row can hold, and what is no call.
_OF_THE_RECORDER = ("not-recordable", "malformed-input")
TABLES = sorted((Path(__file__).parents[1] / "cases").glob("*.yml"))
EVENTS, DOCUMENT = "text/event-stream", "application/json"

numbers = count()


@dataclass(frozen=True)
class Asked:
    """One call that comes to a door, and the gate behind it."""

    gate: Gate
    registry: Registry
    cwd: Path
    trial: Trial

    @property
    def input(self) -> Document:
        thawed: Document = json.loads(json.dumps(self.trial.input, default=dict))
        return thawed


async def hook(asked: Asked) -> bool:
    """Claude Code's hook."""
    number = next(numbers)
    payload: dict[str, Json] = {
        "hook_event_name": "PreToolUse",
        "session_id": f"s-{number}",
        "cwd": str(asked.cwd),
        "tool_name": asked.trial.tool,
        "tool_input": asked.input,
        "tool_use_id": f"toolu_{number}",
    }
    door = Door(asked.gate, Decided())
    return (await door.answer(asked.registry.hook_dialects["claude-code"].event(payload))).refuses


async def wire(
    name: str, path: str, kind: str, spelled: Callable[[Turn], Iterable[bytes]], asked: Asked, body: bytes = b"{}"
) -> bool:
    """The proxy, by one of its protocols: the call stands in an answer of the model."""
    number = next(numbers)  # a session for each: what one did before is not what the table is about
    call = Call(asked.trial.tool, asked.input, id=f"call_{number}")
    request = HttpRequest(method="POST", path=path, headers={}, body=body)
    exchange = asked.registry.adapters[name].open(RunId(f"run-{number}")).exchange(request, str(asked.cwd))
    driver = Driver(asked.gate, exchange, "p")
    driver.begin(200, kind)
    said = b"".join(spelled(Turn(calls=[call])))
    got = b"".join([piece async for piece in driver.receive(said)] + [piece async for piece in driver.finish()])
    is_withdrawn = REFUSED.encode() in got or ANSWERED.encode() in got
    assert is_withdrawn or got == said, "what is released is what came"
    return is_withdrawn


@dataclass
class InProcess:
    """The gateway's gatekeeper, as a run of its own has it: without the process around it."""

    door: Door

    async def answer(self, event: Mapping[str, Json], /) -> HookAnswer:
        return await self.door.answer(GUESTS.event(json.loads(json.dumps(event))))


async def mcp(asked: Asked) -> bool:
    """The gateway before a server, which lists the tool with its annotations before it is called."""
    server, tool = server_of(asked.trial.tool)
    pins = Pins(asked.cwd.parent / "pins" / f"{next(numbers)}.json")
    gateway = Gateway(
        server=server, keeper=InProcess(Door(asked.gate, Decided())), pins=pins, mode=Mode.CHANGES, cwd=asked.cwd
    )
    talk = Conversation(gateway)
    listed = {"tools": [{"name": tool, "annotations": dict(asked.trial.annotations)}]}
    await talk.from_client(b'{"jsonrpc":"2.0","id":1,"method":"tools/list"}')
    await talk.from_server(json.dumps({"jsonrpc": "2.0", "id": 1, "result": listed}).encode())
    params = {"name": tool, "arguments": asked.input}
    said = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params}).encode()
    passed = await talk.from_client(said)
    assert passed.to_server in (b"", said), "what is released is what came"
    assert bool(passed.to_server) != bool(passed.to_client), "a call is passed on or answered"
    return not passed.to_server


def server_of(tool: str) -> tuple[str, str]:
    """Return the server and the tool of an agent's name for it; of other tools there is a server that has them."""
    prefix, _, rest = tool.partition("__")
    server, _, name = rest.partition("__")
    return (server, name) if prefix == "mcp" and name else ("files", tool)


def document(spelled: Callable[..., Document], turn: Turn) -> Iterable[bytes]:
    yield json.dumps(spelled(turn, model="m", serial="1")).encode()


def streamed(spelled: Callable[..., Document], cut: Callable[..., Iterable[bytes]], turn: Turn) -> Iterable[bytes]:
    return cut(spelled(turn, model="m", serial="1"), chunk=7, pings=0)


def gemini(turn: Turn, *, model: str, serial: str) -> Document:
    parts = [{"functionCall": {"id": call.id, "name": call.name, "args": call.input}} for call in turn.calls]
    return {"candidates": [{"content": {"role": "model", "parts": parts}, "index": 0, "finishReason": "STOP"}]}


def gemini_stream(whole: Document, chunk: int, pings: int) -> Iterable[bytes]:
    yield b"data: " + json.dumps(whole).encode() + b"\r\n\r\n"


Ask = Callable[[Asked], Awaitable[bool]]
_MESSAGES = partial(wire, "anthropic.messages", "/v1/messages", body=b'{"messages":[]}')
_CHAT = partial(wire, "openai.chat", "/v1/chat/completions", body=b'{"messages":[]}')
_RESPONSES = partial(wire, "openai.responses", "/v1/responses")
_GEMINI = partial(wire, "gemini.generate", "/v1beta/models/m:generateContent", body=b'{"contents":[]}')
DOORS: Mapping[str, Ask] = {
    "hook": hook,
    "messages": lambda asked: _MESSAGES(DOCUMENT, partial(document, message), asked),
    "messages-stream": lambda asked: _MESSAGES(EVENTS, partial(streamed, message, stream), asked),
    "chat": lambda asked: _CHAT(DOCUMENT, partial(document, completion), asked),
    "chat-stream": lambda asked: _CHAT(EVENTS, partial(streamed, completion, completion_stream), asked),
    "responses": lambda asked: _RESPONSES(DOCUMENT, partial(document, response), asked),
    "responses-stream": lambda asked: _RESPONSES(EVENTS, partial(streamed, response, response_stream), asked),
    "gemini": lambda asked: _GEMINI(DOCUMENT, partial(document, gemini), asked),
    "gemini-stream": lambda asked: _GEMINI(EVENTS, partial(streamed, gemini, gemini_stream), asked),
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The project in which all of them are tried."""
    with world(tmp_path_factory.mktemp("world")) as here:
        yield here


@dataclass(frozen=True)
class Tables:
    """What the engine says of each case, asked once for all doors."""

    ruled: Engine
    tried: Mapping[str, list[Tried]]
    registries: dict[int, Registry] = field(default_factory=dict)

    def registry(self, policy: Policy) -> Registry:
        """Return the plugins as that policy, which is kept in `tried`, sets them up."""
        if id(policy) not in self.registries:
            self.registries[id(policy)] = self.ruled.under(policy).registry
        return self.registries[id(policy)]


@pytest.fixture(scope="module")
def tables(project: Path) -> Tables:
    home = project.parent / ".occasio"

    def rulings(table: Path) -> list[Tried]:
        read = cases(table.read_bytes(), table.name, cwd=str(project), home=str(project.parent))
        return [each for each in tried(read, table, None, home, project) if each.trial.tool]  # no call has no name

    return Tables(engine(load_policy(None, home, project), home), {table.stem: rulings(table) for table in TABLES})


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("table", [table.stem for table in TABLES])
async def test_every_door_decides_every_case_as_the_engine_does(
    table: str, door: str, tables: Tables, project: Path
) -> None:
    # what a server of MCP says of its tools is told to no other door
    told = [each for each in tables.tried[table] if not each.trial.annotations]
    assert [
        line for each in told if (line := await differs(each.trial, each.ruling, DOORS[door], tables, project))
    ] == []


@pytest.mark.parametrize("table", [table.stem for table in TABLES])
async def test_the_gateway_of_mcp_decides_every_case_as_the_engine_does(
    table: str, tables: Tables, project: Path
) -> None:
    wrong = []
    for each in tables.tried[table]:
        trial, policy = each.trial, each.ruling.case.policy
        named = name_of(*server_of(trial.tool))
        ruled = tables.ruled.under(policy, policy.preset, policy.hardened).rule(
            supposed(named, trial.input, project, annotations=trial.annotations)
        )
        if named == trial.tool:
            assert expected_of(ruled) == expected_of(each.ruling)
        if is_of_paths(each.ruling) and not trial.tool.startswith("computer."):
            # what is spelled key by key is no path to a tool that nobody knows; any other path is one in every input
            assert ruled.decision.action is Action.BLOCK, trial.place
        wrong.append(await differs(trial, ruled, mcp, tables, project))
    assert [line for line in wrong if line] == []


def is_of_paths(ruling: Ruling) -> bool:
    """Return whether it refuses for what is read or written."""
    return ruling.decision.action is Action.BLOCK and ruling.decision.first.reason.startswith("path-")


async def differs(trial: Trial, ruling: Ruling, ask: Ask, tables: Tables, project: Path) -> str:
    """Return how the door's decision, or what comes of it, is another than `ruling`; empty if it is the same."""
    rows: list[Mapping[str, Json]] = []
    policy = ruling.case.policy
    registry = tables.registry(policy)
    gate = gate_of(registry, policy, rows)
    try:
        refuses = await ask(Asked(gate, registry, project, trial))
    finally:
        gate.close()
    expected = expected_of(ruling)
    said = (rows[0]["action"], rows[0]["reason"])
    if expected[0] == "BLOCK" and said[1] in _OF_THE_RECORDER:
        said = (said[0], expected[1])
    if said == expected and refuses == (expected[0] == "BLOCK" or ruling.runner is not None):
        return ""
    return f"{trial.place.line}: {said}, refused: {refuses}; the engine says {expected}"


def expected_of(ruling: Ruling) -> tuple[Json, Json]:
    decision = ruling.decision
    if decision.action is Action.ASK:
        return "BLOCK", "approval-unavailable"  # nobody can be asked here
    return decision.action.value, decision.first.reason


def gate_of(registry: Registry, policy: Policy, rows: list[Mapping[str, Json]]) -> Gate:
    session = Session(
        policy=policy,
        rules=registry.rules,
        handlers=registry.by_tool,
        shaper=Shaper(registry.secret_scanners, registry.transforms),
        naming=all_named,
        budget=Budget(Prices(as_of="2026-01-01", models={}), None),
    )

    def append(record: Record) -> None:
        if record.kind == "tool_call":
            rows.append(record.members)

    return Gate(session, append)
