"""What is denied is denied however it is spelled; what is not allowed is not; what is protected is not changed."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import (
    Action,
    CallId,
    Case,
    Effect,
    EffectKind,
    PathEntry,
    PathLists,
    Policy,
    SessionId,
    ToolCall,
    frozen,
)
from occasio_core.paths import named
from occasio_core.policy import load_policy
from occasio_paths import Allowed, Denied, Protected, occasio_register_policy_rules

POLICY = Policy(source="user", path=None, text="", sha256="0" * 64)
CALL = ToolCall(
    session=SessionId("s"),
    call=CallId("c"),
    agent="a",
    protocol="p",
    tool="T",
    input=frozen({}),
    input_digest="0" * 64,
    cwd="/work",
)


def entries(*forms):
    return tuple(PathEntry(text=form, forms=(form.removeprefix("!"),)) for form in forms)


def case(policy, *effects):
    return Case(call=CALL, effects=effects, policy=policy)


def read(*names):
    return Effect(EffectKind.READ, names[0], names)


def reasons(policy, *effects):
    opinions = [rule.judge(case(policy, *effects)) for rule in occasio_register_policy_rules()]
    return [opinion.reason for opinion in opinions if opinion]


# deny_paths


def test_a_denied_path_is_refused_and_the_entry_is_told():
    opinion = Denied().judge(case(replace(POLICY, deny_paths=entries("/srv/*/keys")), read("/srv/a/keys/id")))
    assert (opinion.action, opinion.reason, opinion.rule) == (Action.BLOCK, "path-denied", "deny_paths: /srv/*/keys")
    assert opinion.message == "may not read `/srv/a/keys/id`"


@pytest.mark.parametrize("kind", [EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE])
def test_every_kind_of_access_is_denied(kind):
    policy = replace(POLICY, deny_paths=entries("/srv"))
    assert reasons(policy, Effect(kind, "/srv/a", ("/srv/a",))) == ["path-denied"]


@pytest.mark.parametrize("names", [("/srv/a", "/x"), ("/x", "/srv/a"), ("/x", "/y", "/srv/a")])
def test_one_denied_name_is_enough(names):
    assert reasons(replace(POLICY, deny_paths=entries("/srv")), read(*names)) == ["path-denied"]


def test_one_denied_effect_is_enough():
    assert reasons(replace(POLICY, deny_paths=entries("/srv")), read("/x"), read("/srv")) == ["path-denied"]


def test_hosts_and_commands_are_no_paths():
    policy = replace(POLICY, deny_paths=entries("/"), allow_paths=entries("/x"))
    assert reasons(policy, Effect(EffectKind.CONNECT, "/srv"), Effect(EffectKind.EXECUTE, "/srv")) == []


def test_a_long_path_is_not_repeated_in_full():
    opinion = Denied().judge(case(replace(POLICY, deny_paths=entries("/")), read("/" + "x" * 5000)))
    assert len(opinion.message) < 300


@pytest.mark.parametrize("rule", [Denied(), Allowed(), Protected()])
def test_a_path_without_names_is_not_judged(rule):
    policy = replace(POLICY, allow_paths=entries("/"), deny_paths=entries("/x"))
    with pytest.raises(ValueError, match="without names"):
        rule.judge(case(policy, Effect(EffectKind.WRITE, "/a")))


def test_an_exception_opens_what_it_names():
    policy = replace(POLICY, deny_paths=entries("/**/.env.*", "!/**/.env.example"))
    assert reasons(policy, read("/p/.env.example")) == []
    assert reasons(policy, read("/p/.env.local")) == ["path-denied"]


def test_an_exception_does_not_open_what_a_link_leads_to():
    policy = replace(POLICY, deny_paths=entries("/**/.env", "!/**/.env.example"))
    assert reasons(policy, read("/p/.env.example", "/p/.env")) == ["path-denied"]


def test_no_exception_opens_what_is_protected():
    own = entries("/home/.occasio")
    policy = replace(POLICY, deny_paths=(*own, *entries("!/home/.occasio")), protected_paths=own)
    assert reasons(policy, read("/home/.occasio/keys/k")) == ["path-protected"]
    opened = Effect(EffectKind.READ, "x", ("/home/.occ*/k",), wild=True)
    assert reasons(policy, opened) == ["path-protected"]


@pytest.mark.parametrize("kind", [EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE])
def test_a_pattern_is_refused_where_it_could_reach_what_is_denied(kind):
    policy = replace(POLICY, deny_paths=entries("/h/.ssh", "/**/.env"))
    assert reasons(policy, Effect(kind, "x", ("/h/**",), wild=True)) == ["path-denied"]
    assert reasons(policy, Effect(kind, "x", ("/w/.e*",), wild=True)) == ["path-denied"]
    assert reasons(policy, Effect(kind, "x", ("/w/**",), wild=True)) == []


def test_a_name_with_stars_that_is_no_pattern_is_a_name():
    assert reasons(replace(POLICY, deny_paths=entries("/h/.ssh")), Effect(EffectKind.READ, "x", ("/h/**",))) == []


def test_what_was_found_is_judged_like_what_was_named():
    policy = replace(POLICY, deny_paths=entries("/**/.env", "!/w/a/.env"))
    assert reasons(policy, Effect(EffectKind.READ, "x", ("/w/**",), True, ("/w/a", "/w/b/.env"))) == ["path-denied"]
    assert reasons(policy, Effect(EffectKind.READ, "x", ("/w/**",), True, ("/w/a/.env",))) == []
    assert reasons(replace(POLICY, allow_paths=entries("/w")), Effect(EffectKind.READ, "x", ("/w/*",), True, ("/v",)))


@pytest.mark.parametrize("kind", [kind for kind in EffectKind if kind is not EffectKind.CONNECT])
def test_what_is_made_up_at_run_time_is_refused_where_anything_is_denied(kind):
    effect = Effect(kind, "$x", ("/w/$x",), unknown=True)
    assert reasons(POLICY, effect) == []
    assert reasons(replace(POLICY, deny_paths=entries("/srv")), effect) == ["path-unknown"]
    assert reasons(replace(POLICY, allow_paths=entries("/w")), effect) == ["path-unknown"]


def test_a_host_that_is_made_up_at_run_time_is_no_path():
    policy = replace(POLICY, deny_paths=entries("/srv"), allow_paths=entries("/w"))
    assert reasons(policy, Effect(EffectKind.CONNECT, "$HOST", unknown=True)) == []


def test_a_message_of_an_entry_is_what_is_told():
    entry = replace(entries("/srv")[0], message="ask the ops team")
    opinion = Denied().judge(case(replace(POLICY, deny_paths=(entry,)), read("/srv/a")))
    assert (opinion.rule, opinion.message) == ("deny_paths: /srv", "ask the ops team")


# read: and write:

ACCESS = {kind: Effect(kind, "/srv/a", ("/srv/a",)) for kind in (EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE)}


@pytest.mark.parametrize(
    ("key", "refused"),
    [("read", {EffectKind.READ}), ("write", {EffectKind.WRITE, EffectKind.DELETE})],
)
def test_a_list_for_one_kind_of_access_holds_for_that_kind_alone(key, refused):
    policy = replace(POLICY, **{key: PathLists(deny=entries("/srv"))})
    assert {kind for kind, effect in ACCESS.items() if reasons(policy, effect)} == refused
    opinion = Denied().judge(case(policy, ACCESS[min(refused)]))
    assert opinion.rule == f"{key}.deny_paths: /srv"
    policy = replace(POLICY, **{key: PathLists(allow=entries("/work"))})
    assert {kind for kind, effect in ACCESS.items() if reasons(policy, effect) == ["path-not-allowed"]} == refused


def test_a_path_must_be_allowed_by_every_list_that_holds_for_it():
    policy = replace(POLICY, allow_paths=entries("/work"), write=PathLists(allow=entries("/work/out", "/tmp")))
    write = {
        path: reasons(policy, Effect(EffectKind.WRITE, path, (path,))) for path in ("/work/out/a", "/work/a", "/tmp/a")
    }
    assert write == {"/work/out/a": [], "/work/a": ["path-not-allowed"], "/tmp/a": ["path-not-allowed"]}
    assert reasons(policy, read("/work/a")) == []


def test_an_exception_holds_in_its_own_list_alone():
    policy = replace(POLICY, deny_paths=entries("/srv"), write=PathLists(deny=entries("!/srv/a")))
    assert reasons(policy, ACCESS[EffectKind.WRITE]) == ["path-denied"]
    policy = replace(POLICY, write=PathLists(deny=entries("/srv", "!/srv/a")))
    assert reasons(policy, ACCESS[EffectKind.WRITE]) == []


def test_what_is_made_up_is_refused_for_the_kinds_that_have_a_list():
    policy = replace(POLICY, write=PathLists(deny=entries("/srv")))
    made_up = {
        kind: reasons(policy, Effect(kind, "$x", ("/w/$x",), unknown=True))
        for kind in (EffectKind.READ, EffectKind.WRITE, EffectKind.EXECUTE)
    }
    assert made_up == {EffectKind.READ: [], EffectKind.WRITE: ["path-unknown"], EffectKind.EXECUTE: ["path-unknown"]}


# allow_paths


def test_without_allowed_paths_everything_is_allowed():
    assert reasons(POLICY, read("/anything")) == []


def test_what_is_not_allowed_is_refused():
    opinion = Allowed().judge(case(replace(POLICY, allow_paths=entries("/work")), read("/etc/passwd")))
    assert (opinion.action, opinion.reason, opinion.rule) == (Action.BLOCK, "path-not-allowed", "allow_paths")


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        (("/work/a",), True),
        (("/work/link", "/etc/passwd"), False),
        (("/elsewhere/link", "/work/a"), True),
        (("/work/a", "/work/a", "/etc/passwd"), False),
    ],
)
def test_what_counts_is_where_a_path_leads(names, allowed):
    assert reasons(replace(POLICY, allow_paths=entries("/work")), read(*names)) == (
        [] if allowed else ["path-not-allowed"]
    )


def test_deny_beats_allow():
    policy = replace(POLICY, allow_paths=entries("/work"), deny_paths=entries("/work/keys"))
    assert reasons(policy, read("/work/keys/k")) == ["path-denied"]


# protected_paths


@pytest.mark.parametrize(("kind", "refused"), [("read", False), ("write", True), ("delete", True)])
def test_what_is_protected_may_be_read_and_not_changed(kind, refused):
    policy = replace(POLICY, protected_paths=entries("/**/.claude/settings.json"))
    effect = Effect(EffectKind(kind), "x", ("/p/.claude/settings.json",))
    assert reasons(policy, effect) == (["path-protected"] if refused else [])


def test_a_pattern_does_not_change_what_is_protected():
    policy = replace(POLICY, protected_paths=entries("/**/.claude/settings.json"))
    assert reasons(policy, Effect(EffectKind.DELETE, "x", ("/p/.claude/**",), wild=True)) == ["path-protected"]
    assert reasons(policy, Effect(EffectKind.READ, "x", ("/p/.claude/**",), wild=True)) == []


def test_another_policy_is_obeyed_at_once():
    rule = Denied()
    assert rule.judge(case(replace(POLICY, deny_paths=entries("/a")), read("/a"))) is not None
    assert rule.judge(case(replace(POLICY, deny_paths=entries("/b")), read("/a"))) is None
    assert rule.judge(case(replace(POLICY, deny_paths=entries("/b")), read("/b"))) is not None


# Properties

FORMS = st.sampled_from(["/a", "/a/b", "/**/b", "/a/*", "/**/*c", "/a/**/c", "/"])
PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))
EFFECTS = st.lists(
    st.builds(
        lambda kind, names: Effect(kind, names[0], tuple(names)),
        st.sampled_from([EffectKind.READ, EffectKind.WRITE, EffectKind.DELETE]),
        st.lists(PATHS, min_size=1, max_size=3),
    ),
    max_size=3,
)


@settings(max_examples=300, deadline=None)
@given(st.lists(FORMS | FORMS.map("!{}".format), max_size=4), st.lists(FORMS, max_size=2), FORMS, EFFECTS)
def test_another_denied_path_never_permits_more(denied, allowed, added, effects):
    before = replace(POLICY, deny_paths=entries(*denied), allow_paths=entries(*allowed))
    after = replace(before, deny_paths=(*before.deny_paths, *entries(added)))
    assert set(reasons(before, *effects)) <= set(reasons(after, *effects))


@settings(max_examples=200, deadline=None)
@given(st.lists(FORMS | FORMS.map("!{}".format), max_size=5), EFFECTS, st.randoms())
def test_the_order_of_the_entries_does_not_matter(denied, effects, random):
    shuffled = list(denied)
    random.shuffle(shuffled)
    policies = [replace(POLICY, deny_paths=entries(*forms)) for forms in (denied, shuffled)]
    assert reasons(policies[0], *effects) == reasons(policies[1], *effects)


@settings(max_examples=200, deadline=None)
@given(st.lists(FORMS, max_size=4), EFFECTS, EFFECTS)
def test_another_effect_never_makes_a_call_more_acceptable(denied, effects, more):
    policy = replace(POLICY, deny_paths=entries(*denied), allow_paths=entries("/a"))
    assert set(reasons(policy, *effects)) <= set(reasons(policy, *effects, *more))


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in `work` with links into `keys`, which the policy denies through a link of its own."""
    for name in ("work/sub", "keys"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "keys/id").write_text("secret", encoding="utf-8")
    (tmp_path / "work/open").write_text("open", encoding="utf-8")
    (tmp_path / "to-keys").symlink_to("keys")
    (tmp_path / "work/link").symlink_to("../keys")
    (tmp_path / "work/sub/file").symlink_to(tmp_path / "to-keys/id")
    (tmp_path / "policy.yml").write_text("deny_paths: [../to-keys]\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path / "work"))
    return tmp_path


STEPS = st.lists(st.sampled_from(["..", ".", "", "sub", "link", "keys", "work", "to-keys", "../work"]), max_size=5)
ENDS = st.sampled_from(["../keys/id", "link/id", "sub/file", "../to-keys/id", "id", "file", "open", "../work/open"])
STARTS = ["./", "~/", "{top}/work/", "//{top}/work/", "/proc/self/cwd/", "/proc/self/root{top}/work/"]


@pytest.mark.skipif(os.name != "posix", reason="links and /proc as on POSIX")
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(STARTS), STEPS, ENDS)
def test_a_denied_file_is_denied_in_every_spelling_that_opens_it(project, start, steps, end):
    policy = load_policy(project / "policy.yml", project / "home", project / "work")
    written = "/".join([*steps, end])
    spelled = start.format(top=project) + written
    opened = Path(f"{project}/work/{written}")
    effects = named([Effect(EffectKind.READ, spelled)], str(project / "work"))
    if opened.exists() and opened.samefile(project / "keys/id"):
        assert reasons(policy, *effects) == ["path-denied"]
    elif opened.exists() and not {"link", "to-keys", "keys"} & set(steps):
        assert reasons(policy, *effects) == []


# searches


def searches(folder, *found):
    pattern = f"{folder}/**"
    return Effect(EffectKind.READ, pattern, (pattern,), wild=True, found=found, sifted=True)


@pytest.mark.parametrize(
    "effect",
    [searches("/srv", "/srv/a", "/srv/.env"), searches("/srv"), searches("/", "/etc/x")],
    ids=["there", "below", "far"],
)
def test_a_search_that_would_come_to_something_denied_is_run_here(effect):
    opinion = Denied().judge(case(replace(POLICY, deny_paths=entries("/**/.env", "/srv/keys")), effect))
    assert (opinion.action, opinion.reason) == (Action.LOCAL, "path-left-out")
    assert opinion.rule in {"deny_paths: /**/.env", "deny_paths: /srv/keys"}


@pytest.mark.parametrize("effect", [searches("/work", "/work/a"), searches("/srv/app", "/srv/app/env")])
def test_a_search_that_comes_to_nothing_denied_is_left_alone(effect):
    assert reasons(replace(POLICY, deny_paths=entries("/**/.env", "/srv/keys")), effect) == []


def test_an_exception_holds_for_what_a_search_comes_to():
    policy = replace(POLICY, deny_paths=entries("/**/.env*", "!/**/.env.example"))
    assert reasons(policy, searches("/work", "/work/.env.example")) == []
    assert reasons(policy, searches("/work", "/work/.env")) == ["path-left-out"]


def test_a_search_below_what_is_denied_is_refused_as_any_other_reading():
    policy = replace(POLICY, deny_paths=entries("/srv"))
    assert reasons(policy, read("/srv/a"), searches("/srv/a")) == ["path-denied"]


def test_what_is_denied_for_writing_alone_is_found():
    policy = replace(POLICY, write=PathLists(deny=entries("/**/.env")))
    assert reasons(policy, searches("/work", "/work/.env")) == []


def test_where_something_is_allowed_a_search_is_judged_by_where_it_begins():
    policy = replace(POLICY, allow_paths=entries("/work"))
    assert reasons(policy, read("/work"), searches("/work", "/work/a")) == []


# folders that are filled by names which nobody told


def fills(folder):
    pattern = f"{folder}/**"
    return Effect(EffectKind.WRITE, pattern, (pattern,), wild=True, vague=True)


def test_what_is_protected_is_not_filled_over():
    policy = replace(POLICY, protected_paths=entries("**/.claude/settings.json", "/home/ada/.claude.json"))
    for folder in ("/work/.claude", "/home/ada", "/"):
        assert reasons(policy, fills(folder)) == (["path-protected"]), folder
    for folder in ("/work", "/work/.claude/commands", "/tmp"):
        assert reasons(policy, fills(folder)) == [], folder


def test_a_list_of_denials_holds_for_the_folder_that_is_filled_and_not_for_all_it_could_hold():
    policy = replace(POLICY, deny_paths=entries("/home/ada/.ssh", "/**/.env"))
    assert reasons(policy, fills("/home/ada/.ssh")) == ["path-denied"]
    assert reasons(policy, fills("/home/ada/.ssh/keys")) == ["path-denied"]
    assert reasons(policy, fills("/home/ada")) == []


# hard links


def test_another_name_of_a_file_is_denied_and_need_not_be_allowed():
    effect = Effect(EffectKind.READ, "/work/plain", ("/work/plain",), found=("/work/.env",))
    assert reasons(replace(POLICY, deny_paths=entries("/**/.env")), effect) == ["path-denied"]
    assert reasons(replace(POLICY, allow_paths=entries("/work/plain")), effect) == []
