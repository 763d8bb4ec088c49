"""A policy says exactly one thing, or it is refused with line, column and what to do."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from itertools import pairwise

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from occasio_core import Action, PolicyError, ToolPolicy
from occasio_core.policy import check_tools, document, load_policy


@pytest.fixture
def load(tmp_path, monkeypatch):
    """Load a policy from text or bytes, seen from `tmp_path`; the person's home is `tmp_path/person`."""
    monkeypatch.setenv("HOME", str(tmp_path / "person"))
    monkeypatch.delenv("CLAUDE_CONFIG_DIR", raising=False)

    def loaded(text, name="policy.yml"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return load_policy(file, tmp_path / "person/.occasio", tmp_path)

    return loaded


def refused(load, text):
    """Return where, what and what to do, as the error says it."""
    with pytest.raises(PolicyError) as caught:
        load(text)
    place, message = str(caught.value).split("policy.yml:")[1].split(": ", 1)
    assert "\n" not in message
    assert message[0].islower() or message[0] == "`"
    return place, message, caught.value.hint


def entry(policy, text):
    return next(entry for entry in policy.deny_paths if entry.text == text)


# Which file


def test_without_a_file_the_built_in_policy_is_in_force(tmp_path):
    policy = load_policy(None, tmp_path, tmp_path)
    assert (policy.source, policy.path) == ("default", None)
    assert entry(policy, "**/.env").line > 0


def test_the_hash_is_that_of_the_bytes_that_were_parsed(load, tmp_path):
    data = "version: 1\n# ä\n".encode()
    policy = load(data)
    assert (policy.source, policy.path) == ("user", str(tmp_path / "policy.yml"))
    assert policy.sha256 == hashlib.sha256(data).hexdigest() == hashlib.sha256(policy.text.encode()).hexdigest()


def test_the_hash_of_the_built_in_policy_is_that_of_its_text(tmp_path):
    policy = load_policy(None, tmp_path, tmp_path)
    assert policy.sha256 == hashlib.sha256(policy.text.encode()).hexdigest()


def test_the_policy_of_the_home_is_found(tmp_path):
    (tmp_path / "policy.yml").write_text("deny_paths: [/srv]\n", encoding="utf-8")
    assert load_policy(None, tmp_path, tmp_path).source == "user"


@pytest.mark.parametrize("kind", ["missing", "directory", "dangling", "pipe"])
def test_a_named_policy_that_is_no_file_is_refused_and_never_replaced(tmp_path, kind):
    file = tmp_path / "policy.yml"
    if kind == "directory":
        file.mkdir()
    elif kind == "dangling":
        file.symlink_to(tmp_path / "nowhere")
    elif kind == "pipe":
        os.mkfifo(file)
    with pytest.raises(PolicyError, match=r"policy\.yml:1:1: (cannot be read|is not a file)"):
        load_policy(None if kind == "dangling" else file, tmp_path, tmp_path)


# Defaults and how the file adds to them


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "version: 1\n", "deny_paths:\ntools:\n"])
def test_a_file_that_says_nothing_leaves_the_defaults(load, tmp_path, text):
    policy = load(text)
    default = load_policy(None, tmp_path / "person/.occasio", tmp_path)
    assert [entry.forms for entry in policy.deny_paths] == [entry.forms for entry in default.deny_paths]
    assert (policy.tools, policy.allow_paths, policy.version) == (default.tools, (), 1)
    assert policy.block_secrets_in_tool_results
    assert not policy.redact_secrets_in_tool_results


def test_denied_paths_add_to_the_built_in_ones(load):
    policy = load("deny_paths:\n  - /srv/keys\n")
    assert entry(policy, "/srv/keys").line == 2
    assert entry(policy, "~/.ssh").line == 0


def test_the_built_in_policy_denies_what_holds_keys(load, tmp_path):
    forms = {form for entry in load("").deny_paths for form in entry.forms}
    person = tmp_path / "person"
    assert {
        f"{person}/.ssh",
        f"{person}/.aws",
        f"{person}/.gnupg",
        f"{person}/.netrc",
        "/**/.env",
        "/**/id_rsa",
    } <= forms


def test_the_home_of_occasio_is_denied_and_protected_in_every_policy(load, tmp_path):
    policy = load("deny_paths: []\n")
    own = str(tmp_path / "person/.occasio")
    assert own in policy.deny_paths[0].forms
    assert policy.deny_paths[0].text in {entry.text for entry in policy.protected_paths}


def test_settings_of_agents_are_protected_in_every_policy(load, tmp_path):
    forms = {form for entry in load("").protected_paths for form in entry.forms}
    assert {
        "/**/.claude/settings.json",
        "/**/.claude/settings.local.json",
        "/**/.codex/hooks.json",
        "/etc/claude-code",
        str(tmp_path / "person/.claude.json"),
    } <= forms


def test_settings_of_a_moved_claude_directory_are_protected(load, monkeypatch):
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", "/srv/claude")
    forms = {form for entry in load("").protected_paths for form in entry.forms}
    assert "/srv/claude/settings.json" in forms


def test_what_yaml_says_is_what_the_policy_says(load, tmp_path):
    policy = load("deny_paths: [~/one, './two # three']\ndeny_patterns: {issue: '#[0-9]+ \\d'}  # a comment\n")
    own = [entry.text for entry in policy.deny_paths if entry.line]
    assert own == ["~/one", "./two # three"]
    assert policy.deny_patterns[0].pattern.finds("see #12 3")
    assert not policy.deny_patterns[0].pattern.finds("see #12")


def test_a_file_of_the_project_is_no_policy(tmp_path, monkeypatch):
    before = load_policy(None, tmp_path / "home", tmp_path)
    for name in ("policy.yml", ".occasio/policy.yml", ".occasio/rules.json", "rules.json", "occasio.yml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("version: 1\ndeny_paths: ['!~/.ssh']\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    after = load_policy(None, tmp_path / "home", tmp_path)
    assert (after.source, after.sha256, after.deny_paths) == ("default", before.sha256, before.deny_paths)


def test_tools_are_read(load):
    policy = load('tools:\n  Bash: {action: BLOCK, message: "use Read"}\n  Read: {action: LOCAL}\n')
    assert policy.tools == {
        "Bash": ToolPolicy(action=Action.BLOCK, message="use Read"),
        "Read": ToolPolicy(action=Action.LOCAL),
    }


def test_a_transform_is_read(load):
    policy = load("tools: {Read: {action: TRANSFORM, transform: redact-secrets}}")
    assert policy.tools["Read"].transform == "redact-secrets"


def test_switches_are_read(load):
    policy = load("block_secrets_in_tool_results: false\nredact_secrets_in_tool_results: true\n")
    assert (policy.block_secrets_in_tool_results, policy.redact_secrets_in_tool_results) == (False, True)


def test_plugins_are_read_with_their_settings(load):
    policy = load("plugins:\n  acme:\n  other: {deep: [1, {a: true}], text: '1', none: ~, half: 0.5}\n")
    assert policy.plugins["acme"] == {}
    assert policy.plugins["other"] == {"deep": (1, {"a": True}), "text": "1", "none": None, "half": 0.5}


def test_plugins_are_read_from_a_list_of_names(load):
    assert dict(load("plugins: [acme, other]").plugins) == {"acme": {}, "other": {}}


def test_settings_of_plugins_cannot_be_changed(load):
    deep = load("plugins: {acme: {a: {b: 1}}}").plugins["acme"]["a"]
    assert isinstance(deep, Mapping)
    with pytest.raises(TypeError):
        deep["b"] = 2


# Entries


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("/srv/keys", ["/srv/keys"]),
        ("/srv/keys/", ["/srv/keys"]),
        ("/srv/keys/**", ["/srv/keys"]),
        ("/srv//./x/../keys", ["/srv/keys"]),
        ("~/.x", ["{person}/.x"]),
        ("~", ["{person}"]),
        (".", ["{here}"]),
        ("./keys", ["{here}/keys"]),
        ("../keys", ["{above}/keys"]),
        ("src/keys", ["{here}/src/keys"]),
        ("src/*.py", ["{here}/src/*.py"]),
        ("*/keys", ["{here}/*/keys"]),
        ("keys", ["/**/keys"]),
        ("keys/", ["/**/keys"]),
        ("*.pem", ["/**/*.pem"]),
        ("**/keys", ["/**/keys"]),
        ("**/**/a/**/**/b/**", ["/**/a/**/b"]),
        ("/srv/*/keys/?", ["/srv/*/keys/?"]),
        ("/", ["/"]),
        ("**", ["/"]),
        ("/**", ["/"]),
    ],
)
def test_an_entry_stands_for_these_absolute_forms(load, tmp_path, text, forms):
    expected = [form.format(person=tmp_path / "person", here=tmp_path, above=tmp_path.parent) for form in forms]
    assert list(entry(load(f'deny_paths: ["{text}"]'), text).forms) == expected


def test_an_entry_stands_for_where_it_leads_too(load, tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    policy = load("deny_paths: [./link, './link/*/x']")
    assert entry(policy, "./link").forms == (f"{tmp_path}/link", f"{tmp_path}/real")
    assert entry(policy, "./link/*/x").forms == (f"{tmp_path}/link/*/x", f"{tmp_path}/real/*/x")


def test_an_exception_has_the_forms_of_what_it_takes_out(load):
    assert entry(load('deny_paths: ["!**/.env.ci"]'), "!**/.env.ci").forms == ("/**/.env.ci",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty path"),
        ("!", "an empty path"),
        (" a", "a space at the beginning"),
        ("$HOME/x", "variables are not expanded"),
        ("${X}/x", "variables are not expanded"),
        ("~ada/x", "homes of others"),
        ("a\\\\b", "a backslash"),
        ("**/*.{pem,key}", "brackets and braces"),
        ("/srv/[ab]*", "brackets and braces"),
        ("/srv/a**", "stands alone"),
        ("/srv/***", "stands alone"),
        ("/srv/*/../x", "behind a wildcard"),
        ("**/../x", "behind a wildcard"),
        ("a\\0b", "cannot be seen"),
        ("a\\nb", "cannot be seen"),
    ],
)
def test_an_entry_that_cannot_mean_what_it_says_is_refused(load, text, message):
    place, told, _ = refused(load, f'version: 1\ndeny_paths:\n  - "{text}"\n')
    assert (place, message in told) == ("3:5", True), told


def test_a_bare_name_is_not_allowed_everywhere_by_accident(load):
    assert refused(load, "allow_paths: [src]") == (
        "1:15",
        "`src` would allow that name everywhere",
        "write `./src`, or `**/src` if it is meant",
    )


def test_an_exception_does_not_belong_to_allowed_paths(load):
    assert "exceptions belong to deny_paths" in refused(load, 'allow_paths: ["!/srv"]')[1]


# What is refused


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("deny_path: [a]", "1:1", "the key `deny_path` is not known", "did you mean `deny_paths`?"),
        ("version: 1\nzzz: 1", "2:1", "the key `zzz` is not known", "known are version"),
        ("version: 2", "1:10", "version 2 of the policy language is not known", "write `version: 1`"),
        ("version: '1'", "1:10", "version is a number, not a text", "write `version: 1`"),
        ("version: 1.0", "1:10", "version is a number", "write `version: 1`"),
        ("version:", "1:9", "version is a number, not nothing", "write `version: 1`"),
        ("a: 1\na: 2", "2:1", "the key `a` is there already, on line 1", "keep one of them"),
        ("tools:\n  Read: {action: PASS}\n  Read: {action: BLOCK}", "3:3", "is there already, on line 2", ""),
        ("deny_paths: /srv", "1:13", "deny_paths is a list, not a text", "begin each entry with `- `"),
        ("deny_paths: {a: b}", "1:13", "deny_paths is a list, not a mapping", ""),
        ("deny_paths: [[a]]", "1:14", "an entry of deny_paths is a text, not a list", ""),
        ("deny_paths: [no]", "1:14", "YAML reads `no` as a boolean", "put it in quotes"),
        ("deny_paths: [0755]", "1:14", "YAML reads `0755` as a number", "put it in quotes"),
        ("deny_paths: [2026-01-02]", "1:14", "as a date", "put it in quotes"),
        ("deny_paths: [~]", "1:14", "as nothing", "put it in quotes"),
        ("deny_paths:\n  -\n", "2:4", "as nothing", ""),
        ("deny_paths:\n  - **/.env\n", "2:6", "not YAML", 'put quotes around it: "**/.env"'),
        ("deny_paths: [*.pem, a]", "1:15", "not YAML", 'put quotes around it: "*.pem"'),
        ("deny_paths:\n  - !**/.env\n", "2:5", "tags are not part", 'put quotes around it: "!**/.env"'),
        ("tools: [Read]", "1:8", "tools is a mapping, not a list", ""),
        ("tools: {Read: BLOCK}", "1:15", "tools: Read is a mapping, not a text", "write `Read: {action: BLOCK}`"),
        ("tools: {Read: }", "1:15", "tools: Read is a mapping, not nothing", ""),
        ("tools: {Read: {}}", "1:15", "tools: Read has no action", "add `action: BLOCK`"),
        ("tools: {Read: {action: block}}", "1:24", "`block` is not an action", "did you mean `BLOCK`?"),
        ("tools: {Read: {action: TRANSFORM}}", "1:15", "does not say which transform", "redact-secrets"),
        ("tools: {R: {action: PASS, transform: redact-secrets}}", "1:38", "a transform with the action PASS", ""),
        ("tools: {R: {action: PASS, executor: docker}}", "1:37", "`docker` is not known", "native"),
        (
            "tools: {R: {action: PASS, classifier: read}}",
            "1:27",
            "a tool's handler says itself",
            "take `classifier` out",
        ),
        ("tools: {R: {action: PASS, max_output_tokens: 0}}", "1:46", "max_output_tokens is `0`", "above zero"),
        ("tools: {R: {action: PASS, max_output_tokens: 1.5}}", "1:46", "is a whole number, not `1.5`", ""),
        ("tools: {R: {action: BLOCK, reason: Not A Code}}", "1:36", "`Not A Code` is no reason code", "a-z 0-9"),
        ("tools: {R: {action: LOCAL, otherwise: LOCAL}}", "1:39", "otherwise cannot be LOCAL", "PASS, ASK or BLOCK"),
        ("tools: {R: {action: PASS, otherwise: ASK}}", "1:38", "otherwise of the action PASS", "only LOCAL"),
        ("default_action: LOCAL", "1:17", "default_action cannot be LOCAL", "PASS, ASK or BLOCK"),
        ("tools: {R: {actoin: PASS}}", "1:13", "the key `actoin` is not known", "did you mean `action`?"),
        ("tools: {no: {action: PASS}}", "1:9", "a key is a text, not a boolean", "put it in quotes"),
        ("plugins: acme", "1:10", "plugins is a mapping, not a text", ""),
        ("plugins: {acme: 1}", "1:17", "the settings of acme are a mapping, not a number", ""),
        ("plugins: {acme: {mode: 0755}}", "1:24", "can be read in two ways", "put it in quotes"),
        ("plugins: {acme: {at: 12:30:45}}", "1:22", "can be read in two ways", "put it in quotes"),
        ("plugins: {acme: {n: 9007199254740993}}", "1:21", "can be read in two ways", "put it in quotes"),
        ("plugins: {acme: {n: .inf}}", "1:21", "can be read in two ways", "put it in quotes"),
        ("plugins: [acme, acme]", "1:17", "the plugin acme is named twice", ""),
        ("plugins: [occasio]", "1:11", "are always loaded", ""),
        ("block_secrets_in_tool_results: 'true'", "1:32", "is true or false, not a text", "without quotes"),
        ("block_secrets_in_tool_results:", "1:31", "is true or false, not nothing", ""),
        ("- a", "1:1", "a policy is a mapping of keys, not a list", "begin with `version: 1`"),
        ("hello", "1:1", "a policy is a mapping of keys, not a text", ""),
        ("version: 1\n---\nversion: 1\n", "2:1", "a second document", ""),
        ("version: &x 1", "1:10", "anchors and aliases", ""),
        ("a: {<<: 1}", "1:5", "a key is a text, not a merge key", ""),
        ("version: !!int '1'", "1:10", "tags are not part of a policy", ""),
        ("tools:\n\tRead: 1\n", "2:1", "a tab at the beginning of a line", "indent with spaces"),
        ("version: 1\ntools:\n  \tRead: 1\n", "3:3", "a tab at the beginning of a line", ""),
        ("version: [1\n", "2:1", "not YAML", ""),
        ('"a\\nb": 1', "1:1", r"the key `a\nb` is not known", ""),
        ("a: b: c", "1:5", "not YAML", ""),
        ("? [a]\n: b\n", "1:3", "a key is a text, not a list", ""),
        ("[" * 20 + "]" * 20, "1:17", "nested more than 16 deep", ""),
        (b"version: 1\n# \xff\n", "2:3", "not UTF-8", "save it as UTF-8"),
        (b"\xef\xbb\xbfversion: 1", "1:1", "U+FEFF cannot be seen", "take it out"),
        (b"version: 1\n# x\xe2\x80\xa8deny_paths: []", "2:4", "U+2028 cannot be seen", ""),
        (b"version: 1\x00", "1:11", "U+0000 cannot be seen", ""),
        ("version: 1\n# \u202e\n", "2:3", "U+202E cannot be seen", ""),
    ],
)
def test_what_has_no_single_meaning_is_refused_with_its_place(load, text, place, message, hint):
    found_place, found_message, found_hint = refused(load, text)
    assert (found_place, message in found_message, hint in found_hint) == (place, True, True), (
        found_message,
        found_hint,
    )


def test_a_policy_that_is_too_big_is_refused_before_it_is_parsed(load):
    assert "at most 1048576 bytes" in refused(load, "#" * (1 << 20) + "\n")[1]


def test_an_alias_bomb_is_refused_at_its_first_anchor(load):
    bomb = "a: &a [x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdef"))
    assert refused(load, bomb)[0] == "1:4"


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from("ab:-[]{}\"'*&!#?|> \n\t,~1%@`") | st.characters(codec="utf-8"), max_size=40))
def test_whatever_the_text_only_policy_errors_come_out(load, text):
    try:
        load(text)
    except PolicyError as error:
        assert "\n" not in str(error)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=40))
def test_whatever_the_bytes_only_policy_errors_come_out(load, data):
    try:
        load(data)
    except PolicyError as error:
        assert "\n" not in str(error)


def test_without_the_c_parser_the_same_is_read_and_refused(monkeypatch):
    monkeypatch.setattr(document.__globals__["yaml"], "parse", _pure_parse(yaml.parse))
    assert document(b"deny_paths: [a]\n", "policy.yml").members["deny_paths"].items[0].text == "a"
    with pytest.raises(PolicyError, match=r"policy\.yml:2:5: tags"):
        document(b"deny_paths:\n  - !**/.env\n", "policy.yml")
    with pytest.raises(PolicyError, match=r"policy\.yml:2:\d+: not YAML"):
        document(b"deny_paths:\n  - **/.env\n", "policy.yml")


def _pure_parse(parse):
    return lambda text, Loader: parse(text, Loader=yaml.SafeLoader)


# Tools that must be run


class Handler:
    """Knows Read."""

    name = "reads"
    tools = {"Read": "read_file"}  # noqa: RUF012

    def effects(self, call, /):
        return ()

    def normalised(self, call, /):
        return {}


class Runner(Handler):
    """Runs Read."""

    def run(self, call, permit, /):
        return "", False


@pytest.mark.parametrize("name", ["Read", "read_file"])
def test_a_tool_that_can_be_run_may_be_local(load, name):
    check_tools(load(f"tools: {{{name}: {{action: LOCAL}}}}"), [Runner()])


def test_a_tool_that_cannot_be_run_may_not_be_local(load):
    policy = load("version: 1\ntools:\n  Read: {action: LOCAL}\n")
    with pytest.raises(PolicyError, match=r"policy\.yml:3:3: tools: Read: no plugin can run this tool locally"):
        check_tools(policy, [Handler()])


def test_tools_that_are_not_local_need_no_handler(load):
    check_tools(load("tools: {Odd: {action: BLOCK}}"), [])


def test_a_transform_that_no_plugin_has_is_refused_at_its_place(load):
    policy = load("tools: {R: {action: TRANSFORM, transform: distil-output}}")
    with pytest.raises(PolicyError, match=r"policy\.yml:1:43: the transform `distil-output` is not known") as caught:
        check_tools(policy, [], ["distill-output"])
    assert "distill-output" in caught.value.hint


@pytest.mark.parametrize("transform", ["redact-secrets", "shorten"])
def test_a_transform_of_a_plugin_and_our_own_may_be_named(load, transform):
    check_tools(load(f"tools: {{R: {{action: TRANSFORM, transform: {transform}}}}}"), [], ["shorten"])
