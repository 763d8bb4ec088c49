"""A call that runs here may open what no rule refuses, whether it asks about one file or about a whole folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import (
    Action,
    CallId,
    Effect,
    EffectKind,
    Opinion,
    PathEntry,
    PathLists,
    Policy,
    SessionId,
    ToolCall,
    ToolPolicy,
    frozen,
)
from occasio_core.decide import rule_on
from occasio_core.interfaces import FolderRule, NarrowRule
from occasio_core.links import all_named as named
from occasio_core.permit import permit
from occasio_core.plugins import collect, load

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)
BLOCKED = Opinion(action=Action.BLOCK, reason="r")


def call(cwd="/work", **arguments):
    return ToolCall(
        session=SessionId("s"),
        call=CallId("c"),
        agent="a",
        protocol="p",
        tool="Read",
        input=frozen(arguments),
        input_digest="0" * 64,
        cwd=str(cwd),
    )


class Runs:
    """Runs Read, as often as it is able to."""

    name = "reads"
    tools = {"Read": "read_file"}  # noqa: RUF012

    def __init__(self):
        self.asked = []

    def effects(self, call, /):
        return [Effect(EffectKind.READ, call.input["file_path"])]

    def normalised(self, call, /):
        return {}

    def can_run(self, call, /):
        self.asked.append(call)
        return True

    def run(self, call, permit, /):
        return "", False


@dataclass
class Judges:
    """Says what it is told to of the effects that fit."""

    opinion: object = BLOCKED
    fits: object = lambda effect: True
    name: str = "judges"

    def judge(self, case, /):
        return self.opinion if any(self.fits(effect) for effect in case.effects) else None


def denies(path):
    return Judges(fits=lambda effect: str(path) in effect.names)


def made(rules, cwd="/work", action=Action.LOCAL, **policy):
    policy = replace(POLICY, tools={"Read": ToolPolicy(action=action)}, **policy)
    ruling = rule_on(call(cwd, file_path="a"), policy, Runs(), {}, named)
    return permit(ruling, rules, named)


def read(path):
    return Effect(EffectKind.READ, str(path))


def test_a_runner_may_open_what_no_rule_refuses_and_nothing_else(tmp_path):
    may = made({"p.d": denies(tmp_path / "denied")})
    opened = [str(tmp_path / "a"), str(tmp_path / "denied"), "a\0b"]
    assert [may(read(path)) for path in opened] == [True, False, False]


def test_while_a_call_runs_its_handler_is_not_asked_again_whether_it_can():
    handler = Runs()
    ruling = rule_on(
        call(file_path="a"), POLICY, handler, {"p.l": Judges(replace(BLOCKED, action=Action.LOCAL))}, named
    )
    asked = len(handler.asked)
    assert permit(ruling, {}, named)(read("b"))
    assert len(handler.asked) == asked


def test_a_rule_that_promises_nothing_is_asked_about_each_file_by_all_its_names(tmp_path):
    seen = []
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    may = made({"p.j": Judges(fits=lambda effect: seen.append(effect) or effect.target.endswith("b"))})
    entries = may.within(str(tmp_path / "link"))
    assert [entries("a"), entries("b")] == [True, False]
    at = os.path.realpath(tmp_path)
    assert [effect.names for effect in seen] == [(f"{tmp_path}/link/{name}", f"{at}/real/{name}") for name in "ab"]
    assert {effect.kind for effect in seen} == {EffectKind.READ}


class Narrow(Judges):
    looks_at = frozenset({EffectKind.EXECUTE})


def test_a_rule_that_does_not_look_at_what_is_read_is_not_asked_about_it(tmp_path):
    entries = made({"p.n": Narrow()}).within(str(tmp_path))
    assert entries("a")


def test_a_rule_that_does_not_look_at_what_is_read_may_still_refuse_the_call(tmp_path):
    class Always(Narrow):
        def judge(self, case, /):
            return BLOCKED

    assert not made({"p.n": Always()}).within(str(tmp_path))("a")


def test_a_rule_that_looks_at_what_is_read_among_other_things_is_asked(tmp_path):
    class Wide(Judges):
        looks_at = frozenset(EffectKind)

    assert not made({"p.w": Wide()}).within(str(tmp_path))("a")


def test_what_the_table_of_tools_refuses_is_not_opened(tmp_path):
    may = made({}, action=Action.LOCAL)
    assert may.within(str(tmp_path))("a")
    may = made({}, action=Action.BLOCK)
    assert not may.within(str(tmp_path))("a")


class ByFolder:
    """Judges whole folders."""

    name = "by-folder"

    def __init__(self, tell):
        self.tell = tell
        self.asked = []

    def judge(self, case, /):
        raise AssertionError("asked about one")

    def within(self, case, folders, /):
        self.asked.append((case.effects, folders))
        return self.tell


def test_a_rule_that_judges_folders_is_asked_about_each_folder_once(tmp_path):
    rule = ByFolder(lambda name: name != "b")
    entries = made({"p.f": rule}).within(str(tmp_path))
    inner = entries.within("c")
    assert [entries("a"), entries("b"), inner("a"), inner("b")] == [True, False, True, False]
    assert rule.asked == [((), (str(tmp_path),)), ((), (f"{tmp_path}/c",))]


def fail(*_):
    raise RuntimeError("broken")


@pytest.mark.parametrize("tell", [fail, lambda name: 1, lambda name: None, None])
def test_a_broken_rule_opens_no_gate(tmp_path, tell):
    assert not made({"p.f": ByFolder(tell)}).within(str(tmp_path))("a")


def test_what_is_refused_is_counted_once_however_it_was_asked(tmp_path):
    may = made({"p.f": ByFolder(lambda name: name != "b")})
    may.lets = lambda rules, effects: rules is not may._rules  # asked about one, it says no
    entries = may.within(str(tmp_path))
    assert [entries("a"), entries("b"), entries("c "), may(read("d"))] == [True, False, False, False]
    assert may.refused == 3


def test_a_rule_that_cannot_judge_a_folder_opens_nothing_in_it(tmp_path):
    rule = ByFolder(lambda name: True)
    rule.within = fail
    assert not made({"p.f": rule}).within(str(tmp_path))("a")


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\0b", "b ", "\tb"])
def test_a_name_that_may_be_read_otherwise_is_asked_about_in_full(tmp_path, name):
    rule = ByFolder(lambda name: True)
    entries = made({"p.f": rule}).within(str(tmp_path))
    assert not entries(name)  # asked about one, the rule fails
    assert not entries.within(name)("a") or entries.within(name)._names


@pytest.mark.parametrize("folder", ["a\0b", "relative", "/x" * 9000])
def test_a_folder_that_cannot_be_named_opens_nothing(folder):
    assert not made({}, cwd="").within(folder)("a")


def test_under_a_preset_that_lifts_rules_all_are_asked_together(tmp_path):
    rules = {"p.j": Judges(), "p.f": ByFolder(lambda name: False)}
    rules["p.f"].judge = lambda case: None
    may = made(rules, preset="off")
    assert may.within(str(tmp_path))("a") is may(read(tmp_path / "a")) is True


# what the built-in rules promise of themselves

NAMES = st.sampled_from(["a", ".env", "x.pem", "b", "secret", "é", "a b", "c ", "Folder"])
FORMS = st.sampled_from(
    ["{}/a", "{}", "/", "/**/.env", "/**/*.pem", "{}/b/*", "/**/a/**/b", "{}/b", "/**/s*t", "{}/*/x.pem", "/**/Folder"]
)
ENTRIES = st.lists(st.tuples(st.booleans(), FORMS), max_size=4)


@pytest.fixture(scope="module")
def registry(tmp_path_factory):
    return collect(load([]), {}, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    at = tmp_path_factory.mktemp("tree").resolve()
    (at / "b" / "a").mkdir(parents=True)
    (at / "link").symlink_to("b")
    return at


def entries_of(listed, root):
    forms = [(negated, form.format(root)) for negated, form in listed]
    return tuple(PathEntry(text=f"{'!' * negated}{form}", forms=(form,)) for negated, form in forms)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deny=ENTRIES,
    allow=ENTRIES,
    read_deny=ENTRIES,
    read_allow=ENTRIES,
    write_deny=ENTRIES,
    folder=st.sampled_from(["", "b", "b/a", "link", "link/a", "missing", "missing/.env"]),
    inner=st.none() | NAMES,
    name=NAMES,
)
def test_a_folder_and_its_files_get_the_same_answers(
    registry, root, deny, allow, read_deny, read_allow, write_deny, folder, inner, name
):
    rules = {**registry.policy_rules}
    may = made(
        rules,
        cwd=root,
        deny_paths=entries_of(deny, root),
        allow_paths=entries_of([(False, form) for _, form in allow], root),
        read=PathLists(
            deny=entries_of(read_deny, root), allow=entries_of([(False, form) for _, form in read_allow], root)
        ),
        write=PathLists(deny=entries_of(write_deny, root)),
        protected_paths=entries_of(deny, root)[:1],
    )
    path = os.path.normpath(root / folder)
    entries = may.within(path)
    if inner:
        entries, path = entries.within(inner), f"{path}/{inner}"
    assert entries(name) == may(read(f"{path}/{name}"))


def test_no_built_in_rule_is_asked_about_each_file(registry):
    assert registry.policy_rules
    slow = [
        name
        for name, rule in registry.policy_rules.items()
        if not isinstance(rule, FolderRule)
        and not (isinstance(rule, NarrowRule) and EffectKind.READ not in rule.looks_at)
    ]
    assert slow == []
