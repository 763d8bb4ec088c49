"""A gate for the tests of the driver and of the doors: it knows one tool, denies one name, and keeps rows in a list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from occasio_core.budget import Budget
from occasio_core.commands import Record
from occasio_core.driver import Gate
from occasio_core.errors import LedgerError
from occasio_core.interfaces import Permit
from occasio_core.model import Action, Case, Effect, EffectKind, Opinion, Policy, Secret, ToolCall
from occasio_core.prices import Price, Prices
from occasio_core.session import Session
from occasio_core.shape import Shaper
from occasio_verify import Json

POLICY = Policy(source="user", path="/policy.yml", text="version: 1\n", sha256="0" * 64)
SECRET = "hunter2"
PRICES = Prices(
    as_of="2026-01-01",
    models={"m": Price(input=1_000_000, output=2_000_000, cache_write=1_000_000, cache_read=1_000_000)},
)


@dataclass
class Rows:
    """What was appended; `fails` names the kind that cannot be, as on a full disk."""

    fails: str = ""
    records: list[Record] = field(default_factory=list)

    def append(self, record: Record) -> None:
        if record.kind == self.fails:
            raise LedgerError("no space left on device")
        self.records.append(record)

    @property
    def kinds(self) -> list[str]:
        return [record.kind for record in self.records]

    def of(self, kind: str) -> list[Mapping[str, Json]]:
        return [record.members for record in self.records if record.kind == kind]


@dataclass(frozen=True)
class Denies:
    name: str = "denies"

    def judge(self, case: Case, /) -> Opinion | None:
        if any("denied" in effect.target for effect in case.effects):
            return Opinion(action=Action.BLOCK, reason="path-denied", rule="deny_paths: denied")
        return None


@dataclass(frozen=True)
class Reads:
    name: str = "reads"
    tools: Mapping[str, str] = field(default_factory=lambda: {"Read": "read_file"})

    def effects(self, call: ToolCall, /) -> Sequence[Effect]:
        return [Effect(EffectKind.READ, str(call.input["file_path"]))]

    def normalised(self, call: ToolCall, /) -> Mapping[str, Json]:
        return {"path": call.input["file_path"]}


@dataclass(frozen=True)
class RunsReads(Reads):
    """Runs the tool; a path with `fails` in it makes it raise."""

    def run(self, call: ToolCall, permit: Permit, /) -> tuple[str, bool]:
        path = str(call.input["file_path"])
        if "fails" in path:
            raise OSError(f"{path} holds {SECRET}")
        return f"contents of {path}", False


@dataclass(frozen=True)
class FindsSecret:
    name: str = "secret"

    def scan(self, text: str, /) -> Iterable[Secret]:
        if (start := text.find(SECRET)) >= 0:
            yield Secret(label="word", start=start, end=start + len(SECRET))


def named(effects: Iterable[Effect], cwd: str, policy: Policy) -> tuple[Effect, ...]:
    return tuple(replace(effect, names=(f"{cwd}/{effect.target}",)) for effect in effects)


def session(
    policy: Policy = POLICY, handler: Reads | None = None, budget: int | None = None, *, can_ask: bool = False
) -> Session:
    known = handler or Reads()
    return Session(
        policy=policy,
        rules={"denies": Denies()},
        handlers=dict.fromkeys(known.tools, known),
        shaper=Shaper({"secret": FindsSecret()}),
        naming=named,
        budget=Budget(PRICES, budget),
        can_ask=can_ask,
    )


def gate(rows: Rows, policy: Policy = POLICY, handler: Reads | None = None, budget: int | None = None) -> Gate:
    return Gate(session(policy, handler, budget), rows.append)
