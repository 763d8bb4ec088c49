"""What a policy says of hosts, texts, commands and amounts, and how it is told that it cannot be."""

import pytest

from occasio_core import Action, PolicyError
from occasio_core.policy import load_policy


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "person"))

    def loaded(text):
        file = tmp_path / "policy.yml"
        file.write_text(text, encoding="utf-8")
        return load_policy(file, tmp_path / "person/.occasio", tmp_path)

    return loaded


def added(policy, key, load):
    """Return what the policy adds to the built-in one."""
    return [entry for entry in getattr(policy, key) if entry not in getattr(load(""), key)]


def test_a_message_stands_beside_a_path(load):
    policy = load("deny_paths:\n  - path: /srv/keys\n    message: ask the release team\n  - /srv/plain\n")
    assert [(entry.text, entry.message, entry.line) for entry in policy.deny_paths[-2:]] == [
        ("/srv/keys", "ask the release team", 2),
        ("/srv/plain", "", 4),
    ]


def test_write_and_read_have_lists_of_their_own(load):
    policy = load("write: {deny_paths: [/srv/dist], allow_paths: [/srv]}\nread: {deny_paths: [/srv/logs]}\n")
    assert [entry.text for entry in policy.write.deny][-1] == "/srv/dist"
    assert [entry.text for entry in policy.write.allow] == ["/srv"]
    assert [entry.text for entry in policy.read.deny] == ["/srv/logs"]
    assert all(entry.text != "/srv/dist" for entry in policy.deny_paths)


def test_patterns_and_commands_keep_their_labels_and_messages(load):
    policy = load(
        "deny_patterns:\n  ticket: 'INC-[0-9]{6}'\n  iban: {regex: '[A-Z]{2}[0-9]{20}', message: no accounts}\n"
        "deny_commands:\n  env_dump: {command_regex: '^printenv', message: no environment}\n"
        "identity_approval:\n  ssh: {command_regex: '^ssh ', target_class: production, reason: reaches a server}\n"
    )
    assert [(entry.label, entry.message) for entry in policy.deny_patterns] == [("ticket", ""), ("iban", "no accounts")]
    assert policy.deny_patterns[0].pattern.finds("see INC-123456")
    assert [(entry.label, entry.message) for entry in policy.deny_commands if entry.line] == [
        ("env_dump", "no environment")
    ]
    [asked] = policy.identity_approval
    assert (asked.label, asked.target_class, asked.reason) == ("ssh", "production", "reaches a server")


def test_limits_are_numbers_by_name(load):
    policy = load("limits:\n  max_tool_calls_per_round: 8\n  max_requests_per_run: 100\n")
    assert policy.limits.max_tool_calls_per_round == 8
    assert policy.limits.max_requests_per_run == 100
    assert policy.limits.max_bash_calls_per_run is None


def test_switches_are_off_or_on_as_the_reference_has_them(load):
    policy = load("")
    assert not policy.distill_tool_results
    assert policy.block_requests_over_budget
    assert not policy.entropy_secret_detection
    assert load("distill_tool_results: true\n").distill_tool_results


def test_a_tool_may_be_clipped_and_have_a_reason_of_its_own(load):
    tool = load("tools: {Read: {action: PASS, max_output_tokens: 500, reason: per-tool, executor: native}}").tools[
        "Read"
    ]
    assert (tool.action, tool.max_output_tokens, tool.reason) == (Action.PASS, 500, "per-tool")


def test_the_action_for_other_tools_is_pass_unless_said(load):
    assert load("").default_action is Action.PASS
    assert load("default_action: BLOCK\n").default_action is Action.BLOCK


@pytest.mark.parametrize(
    ("text", "name", "network", "below", "port"),
    [
        ("example.com", "example.com", "", False, None),
        ("Example.COM.", "example.com", "", False, None),
        ("*.example.com", "example.com", "", True, None),
        ("bücher.example", "xn--bcher-kva.example", "", False, None),
        ("example.com:8443", "example.com", "", False, 8443),
        ("10.0.0.0/8", "", "10.0.0.0/8", False, None),
        ("192.0.2.7", "", "192.0.2.7/32", False, None),
        ("192.0.2.7:22", "", "192.0.2.7/32", False, 22),
        ("2001:db8::/32", "", "2001:db8::/32", False, None),
        ("[2001:db8::1]:22", "", "2001:db8::1/128", False, 22),
        ("localhost", "localhost", "", False, None),
        ("*", "", "", False, None),
    ],
)
def test_a_host_is_a_name_or_a_block_of_addresses(load, text, name, network, below, port):
    [entry] = load(f"deny_hosts: ['{text}']").deny_hosts[-1:]
    assert (entry.text, entry.name, entry.network, entry.below, entry.port) == (text, name, network, below, port)


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("deny_hosts: ['https://example.com/x']", "1:14", "`https://example.com/x` is a URL"),
        ("deny_hosts: ['exa mple.com']", "1:14", "is not a host"),
        ("deny_hosts: ['a.*.com']", "1:14", "is not a host"),
        ("deny_hosts: ['256.1.1.1']", "1:14", "is not an address"),
        ("deny_hosts: ['example.com:99999']", "1:14", "99999 is not a port"),
        ("deny_hosts: [{hosst: a}]", "1:15", "the key `hosst` is not known"),
        ("deny_hosts: [{message: a}]", "1:14", "an entry of deny_hosts has no host"),
        ("deny_paths: [{path: 1}]", "1:21", "a path is a text"),
        ("write: {deny_path: [/srv]}", "1:9", "the key `deny_path` is not known"),
        ("write: [/srv]", "1:8", "write is a mapping"),
        ("deny_patterns: {t: '(?=a)b'}", "1:20", "invalid perl operator"),
        ("deny_patterns: {t: 'a*'}", "1:20", "fits an empty text"),
        ("deny_patterns: {'a b': x}", "1:17", "`a b` is no label"),
        ("deny_patterns: {t: {message: m}}", "1:20", "deny_patterns: t has no regex"),
        ("deny_commands: {t: [a]}", "1:20", "t is a mapping, not a list"),
        ("deny_commands: {t: {message: m}}", "1:20", "t has no command_regex"),
        ("identity_approval: {t: {command_regex: a, target_class: moon}}", "1:57", "`moon` is not known"),
        ("identity_approval: {t: {command_regex: a, actor_type: human}}", "1:55", "`human` is not known"),
        ("limits: {max_tool_calls: 1}", "1:10", "the key `max_tool_calls` is not known"),
        ("limits: {max_tool_calls_per_round: -1}", "1:36", "max_tool_calls_per_round is `-1`"),
        ("limits: {max_tool_calls_per_round: many}", "1:36", "is a whole number, not `many`"),
        ("limits: {max_tool_calls_per_round: 0x10}", "1:36", "is a whole number, not `0x10`"),
    ],
)
def test_what_could_not_be_obeyed_is_refused_with_its_place(load, text, place, message):
    with pytest.raises(PolicyError) as caught:
        load(text)
    assert f"policy.yml:{place}: " in str(caught.value)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_computers_may_not_be_used_for_is_read(load):
    said = load(
        "computer_use:\n  deny_keyboard_patterns: {word: swordfish}\n"
        "  deny_screen_regions: {bar: {left: 0, top: 0, right: 9, bottom: 4, message: never}}\n"
        "  allow_browser_hosts: [docs.example]\n  max_clicks_per_minute: 7\n"
    ).computer_use
    (region,) = said.deny_screen_regions
    assert (region.label, region.left, region.top, region.right, region.bottom) == ("bar", 0, 0, 9, 4)
    assert (region.message, region.line) == ("never", 3)
    assert [entry.label for entry in said.deny_keyboard_patterns] == ["word"]
    assert [entry.name for entry in said.allow_browser_hosts] == ["docs.example"]
    assert said.max_clicks_per_minute == 7


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("max_clicks: 1", "max_clicks"),
        ("max_clicks_per_minute: 0", "max_clicks_per_minute"),
        ("deny_keyboard_patterns: {x: '('}", "1:"),
        ("deny_screen_regions: {x: 1}", "x is a mapping"),
        ("deny_screen_regions: {x: {left: 0, top: 0, right: 9}}", "the region has no bottom"),
        ("deny_screen_regions: {x: {left: 0, top: 0, right: 0, bottom: 9}}", "the region x is empty"),
        ("deny_screen_regions: {x: {left: -1, top: 0, right: 9, bottom: 9}}", "left is a whole number of pixels"),
        ("deny_screen_regions: {x: {left: 0.5, top: 0, right: 9, bottom: 9}}", "left is a whole number of pixels"),
        ("deny_screen_regions: {x: {left: 0, top: 0, right: 9, bottom: 9, colour: 1}}", "colour"),
        ("allow_browser_hosts: ['https://x.example/']", "is a URL"),
    ],
)
def test_what_computers_may_not_be_used_for_is_read_strictly(load, said, message):
    with pytest.raises(PolicyError, match=r"policy.yml:1:") as error:
        load(f"computer_use: {{{said}}}")
    assert message in str(error.value)
