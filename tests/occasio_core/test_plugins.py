"""Plugins come from where the policy says, add what they say, and stop the start-up when anything is unclear."""

from __future__ import annotations

import sys
from pathlib import Path
from textwrap import dedent

import click
import pytest

from occasio_core import PluginError, hookimpl
from occasio_core.plugins import Origin, Plugins, collect, commands, load

ACME = Origin(distribution="acme", version="1.2")
BUILT_IN = {path.parent.name for path in (Path(__file__).parents[2] / "plugins").glob("*/pyproject.toml")}


class Named:
    """Has a name."""

    def __init__(self, name="n"):
        self.name = name


class Rule(Named):
    """Has no opinion."""

    def judge(self, case, /):
        return None


class Scanner(Named):
    """Finds nothing."""

    def scan(self, text, /):
        return ()


class Handler(Named):
    """Claims tools."""

    def __init__(self, name="h", tools=None):
        super().__init__(name)
        self.tools = {"Odd": "odd"} if tools is None else tools

    def effects(self, call, /):
        return ()

    def normalised(self, call, /):
        return {}


class Signer(Named):
    """Signs nothing."""

    def sign(self, data, /):
        raise NotImplementedError


class Detects(Named):
    """Finds nothing."""

    options = ()

    def open(self, settings, /):
        raise NotImplementedError


class Sink(Named):
    """Hands nothing on."""

    def write(self, row, /):
        raise NotImplementedError


def adds(hook, *added):
    """Return a plugin that adds `added` through `hook`."""
    implementation = {
        "rules": ("occasio_register_policy_rules", lambda self: list(added)),
        "scanners": ("occasio_register_secret_scanners", lambda self: iter(added)),
        "handlers": ("occasio_register_tool_handlers", lambda self: tuple(added)),
        "signers": ("occasio_register_signers", lambda self: list(added)),
        "detectors": ("occasio_register_detectors", lambda self: list(added)),
        "sinks": ("occasio_register_sinks", lambda self: list(added)),
        "keyless signers": ("occasio_register_keyless_signers", lambda self: list(added)),
        "commands": ("occasio_register_commands", lambda self: list(added)),
    }[hook]
    return type("Adds", (), {implementation[0]: hookimpl(implementation[1])})()


def loaded(**plugins):
    manager = Plugins()
    for name, plugin in plugins.items():
        manager.add(plugin, name, ACME)
    return manager


def collected(settings=None, **plugins):
    return collect(loaded(**plugins), settings or {}, Path("/home"))


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution with one module that is a plugin, for the time of a test."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def installed(distribution, module, source, plugin_name=None, group="occasio"):
        (tmp_path / f"{module}.py").write_text(dedent(source), encoding="utf-8")
        info = tmp_path / f"{distribution.replace('-', '_')}-3.1.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 3.1\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[{group}]\n{plugin_name or module} = {module}\n", encoding="utf-8")
        monkeypatch.delitem(sys.modules, module, raising=False)

    yield installed
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))]:
        del sys.modules[name]


RULE_SOURCE = """
    from occasio_core import hookimpl

    class Rule:
        name = "r"

        def judge(self, case, /):
            return None

    @hookimpl
    def occasio_register_policy_rules():
        return [Rule()]
"""


# Where plugins come from


def test_the_built_in_plugins_load_and_say_which_version_they_are():
    registry = collect(load([]), {}, Path("/home"))
    assert {name for name, _ in registry.versions} == BUILT_IN
    assert {
        "commands.deny",
        "commands.identity",
        "computer_use.clicks",
        "computer_use.commands",
        "computer_use.keyboard",
        "computer_use.screen",
        "hosts.browser",
        "hosts.deny",
        "hosts.allow",
        "paths.deny",
        "paths.allow",
        "paths.protected",
    } == set(registry.policy_rules)
    assert registry.by_tool["Read"] is registry.tool_handlers["files.read"]


def test_an_installed_plugin_that_is_not_named_is_not_even_imported(install):
    install("acme-rules", "acme_rules", RULE_SOURCE)
    load([])
    assert "acme_rules" not in sys.modules


def test_a_named_plugin_is_loaded(install):
    install("acme-rules", "acme_rules", RULE_SOURCE)
    registry = collect(load(["acme-rules"]), {}, Path("/home"))
    assert "acme_rules.r" in registry.policy_rules
    assert ("acme_rules", "3.1") in registry.versions


@pytest.mark.parametrize("name", ["no-such-plugin-anywhere", "", "a/b"])
def test_a_distribution_that_is_not_installed_stops_the_start_up(name):
    with pytest.raises(PluginError, match="is not installed"):
        load([name])


def test_a_distribution_without_a_plugin_stops_the_start_up(install):
    install("acme-rules", "acme_rules", RULE_SOURCE, group="other")
    with pytest.raises(PluginError, match="`acme-rules` has no plugin"):
        load(["acme-rules"])


def test_a_plugin_that_cannot_be_imported_stops_the_start_up(install):
    install("acme-rules", "acme_rules", "raise RuntimeError('broken')")
    with pytest.raises(PluginError, match="`acme_rules` of acme-rules cannot be imported: RuntimeError: broken"):
        load(["acme-rules"])


def test_a_taken_name_stops_the_start_up(install):
    install("acme-rules", "acme_rules", RULE_SOURCE, plugin_name="files")
    with pytest.raises(PluginError, match="`files` of acme-rules is taken by occasio"):
        load(["acme-rules"])


def test_one_distribution_named_twice_stops_the_start_up(install):
    install("acme-rules", "acme_rules", RULE_SOURCE)
    with pytest.raises(PluginError, match="is taken by acme-rules"):
        load(["acme-rules", "Acme_Rules"])


# What plugins may be


@pytest.mark.parametrize("option", ["wrapper", "hookwrapper"])
def test_a_wrapper_stops_the_start_up(option):
    class Wraps:
        @hookimpl(**{option: True})
        def occasio_register_policy_rules(self):
            yield

    with pytest.raises(PluginError, match="`occasio_register_policy_rules` is a wrapper"):
        loaded(bad=Wraps())


def test_a_hook_that_does_not_exist_stops_the_start_up():
    class Misspelt:
        @hookimpl
        def occasio_register_policy_rule(self):
            return []

    with pytest.raises(PluginError, match="`bad` of acme cannot be registered: unknown hook"):
        loaded(bad=Misspelt())


def test_a_hook_with_an_argument_that_does_not_exist_stops_the_start_up():
    class Curious:
        @hookimpl
        def occasio_register_policy_rules(self, policy):
            return []

    with pytest.raises(PluginError, match="cannot be registered"):
        loaded(bad=Curious())


def test_a_hook_that_fails_stops_the_start_up():
    class Fails:
        @hookimpl
        def occasio_register_policy_rules(self):
            raise RuntimeError("broken")

    with pytest.raises(PluginError, match="`bad` failed in occasio_register_policy_rules: RuntimeError: broken"):
        collected(bad=Fails())


def test_a_hook_that_returns_no_list_stops_the_start_up():
    class One:
        @hookimpl
        def occasio_register_policy_rules(self):
            return Rule()

    with pytest.raises(PluginError, match="`bad` failed in occasio_register_policy_rules: TypeError"):
        collected(bad=One())


@pytest.mark.parametrize(
    ("hook", "added", "kind"),
    [
        ("rules", object(), "PolicyRule"),
        ("rules", Scanner(), "PolicyRule"),
        ("rules", Rule, "PolicyRule"),
        ("scanners", Rule(), "SecretScanner"),
        ("handlers", Rule(), "ToolHandler"),
        ("signers", Rule(), "Signer"),
        ("keyless signers", Signer("s"), "KeylessSigner"),
        ("commands", Rule(), "command"),
    ],
)
def test_a_wrong_thing_stops_the_start_up(hook, added, kind):
    with pytest.raises(PluginError, match=f"`bad` returned .*, which is no {kind}"):
        collected(bad=adds(hook, added))


@pytest.mark.parametrize("name", ["", None, 1])
def test_a_thing_without_a_name_stops_the_start_up(name):
    with pytest.raises(PluginError, match="without a name"):
        collected(bad=adds("rules", Rule(name)))


def test_two_things_of_one_name_stop_the_start_up():
    with pytest.raises(PluginError, match="`bad` returned two PolicyRules with the name `r`"):
        collected(bad=adds("rules", Rule("r"), Rule("r")))


def test_two_plugins_may_use_one_name():
    registry = collected(a=adds("rules", Rule("r")), b=adds("rules", Rule("r")))
    assert set(registry.policy_rules) == {"a.r", "b.r"}


def test_two_claims_on_one_tool_stop_the_start_up():
    with pytest.raises(PluginError, match=r"a\.h and b\.h both claim the tool `Odd`"):
        collected(a=adds("handlers", Handler()), b=adds("handlers", Handler()))


@pytest.mark.parametrize("tools", [["Odd"], {"Odd": None}, "Odd", {1: "odd"}])
def test_tools_that_are_no_mapping_of_names_stop_the_start_up(tools):
    with pytest.raises(PluginError, match=r"the tools of a\.h are no mapping"):
        collected(a=adds("handlers", Handler(tools=tools)))


def test_two_commands_of_one_name_stop_the_start_up():
    with pytest.raises(PluginError, match="two plugins add the command `key`"):
        collected(a=adds("commands", click.Command("key")), b=adds("commands", click.Command("key")))


def test_commands_are_found_by_their_own_name():
    command = click.Command("key")
    assert dict(commands(loaded(a=adds("commands", command)), Path("/home"))) == {"key": command}


# What plugins get


def test_each_plugin_sees_the_settings_of_its_own_distribution_only():
    seen = {}

    class Spy:
        def __init__(self, name):
            self.name = name

        @hookimpl
        def occasio_register_policy_rules(self, settings):
            seen[self.name] = settings
            return []

    manager = Plugins()
    manager.add(Spy("a"), "a", ACME)
    manager.add(Spy("b"), "b", Origin(distribution="other", version="1"))
    collect(manager, {"acme": {"k": 1}}, Path("/home"))
    assert seen == {"a": {"k": 1}, "b": {}}


def test_signers_get_the_home():
    seen = []

    class Spy:
        @hookimpl
        def occasio_register_signers(self, home):
            seen.append(home)
            return [Signer()]

    collected(a=Spy())
    assert seen == [Path("/home")]


def test_the_order_in_which_plugins_are_named_does_not_matter():
    plugins = {name: adds("rules", Rule(name)) for name in "abc"}
    forwards, backwards = collected(**plugins), collected(**dict(reversed(plugins.items())))
    assert list(forwards.policy_rules) == list(backwards.policy_rules)


# Detectors and sinks


def test_detectors_go_by_their_full_names_and_sinks_by_their_own():
    detector, sink = Detects("d"), Sink("s")
    registry = collected(a=adds("detectors", detector), b=adds("sinks", sink))
    assert dict(registry.detectors) == {"a.d": detector}
    assert dict(registry.sinks) == {"s": sink}


def test_two_sinks_of_one_name_stop_the_start_up():
    with pytest.raises(PluginError, match=r"the name of the sink b\.s is taken"):
        collected(a=adds("sinks", Sink("s")), b=adds("sinks", Sink("s")))


def test_what_is_no_detector_and_no_sink_stops_the_start_up():
    with pytest.raises(PluginError, match="is no Detector"):
        collected(a=adds("detectors", Named()))
    with pytest.raises(PluginError, match="is no Sink"):
        collected(a=adds("sinks", Named()))


def test_a_plugin_is_told_what_the_policy_says_of_sinks():
    class Asks:
        @hookimpl
        def occasio_register_sinks(self, settings, wanted):
            return [Sink(name) for name in wanted]

    registry = collect(loaded(a=Asks()), {}, Path("/home"), {"mine": {"url": "x"}})
    assert list(registry.sinks) == ["mine"]
