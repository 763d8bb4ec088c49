"""What rows say of calls is read as it is meant."""

from __future__ import annotations

import pytest

from occasio_detectors.calls import hosts, is_denied, is_secret_place, programs, took_effect, touched
from plugins.detectors.tests.rows import seen


@pytest.mark.parametrize(
    "path",
    [
        "/p/.env",
        "/p/.env.production",
        "/home/ada/.ssh/id_ed25519",
        "/home/ada/.ssh/work",
        "/home/ada/.aws/credentials",
        "/p/certs/server.key",
        "/p/secrets.yaml",
        "/home/ada/.npmrc",
        "/etc/shadow",
        "/home/ada/.config/gcloud/adc.json",
    ],
)
def test_files_that_are_made_for_secrets_are_known(path: str) -> None:
    assert is_secret_place(path)


@pytest.mark.parametrize(
    "path",
    [
        "/p/.env.example",
        "/p/src/environment.py",
        "/home/ada/.ssh/id_ed25519.pub",
        "/home/ada/.ssh/config",
        "/home/ada/.ssh/known_hosts",
        "/p/docs/secrets.md",
        "/p/keyboard.py",
        "/p/monkey",
    ],
)
def test_others_are_not(path: str) -> None:
    assert not is_secret_place(path)


def test_effects_are_told_apart() -> None:
    row = seen(0, effects=["read /a b", "write /c", "read ", "connect x.example", "execute python3 -c"])
    assert list(touched(row, "read")) == ["/a b"]
    assert list(programs(row)) == ["python3"]
    assert list(touched(seen(0, "tool_result", effects=["read /a"]), "read")) == []


def test_hosts_are_compared_without_ports_and_this_machine_is_none() -> None:
    told = [
        "connect https://A.Example:8443/x",
        "connect b.example:22",
        "connect localhost",
        "connect 127.0.0.1",
        "connect [::1]:80",
    ]
    assert list(hosts(seen(0, effects=told))) == ["a.example", "b.example"]
    assert list(hosts(seen(0, effects=["connect http://[broken"]))) == ["http://[broken"]


@pytest.mark.parametrize(
    ("action", "reason", "happened", "denied"),
    [
        ("PASS", "ok", True, False),
        ("LOCAL", "ok", True, False),
        ("BLOCK", "path-denied", False, True),
        ("BLOCK", "path-protected", False, True),
        ("BLOCK", "host-not-allowed", False, True),
        ("BLOCK", "limit-exceeded", False, False),
        ("BLOCK", "rule-failed", False, False),
    ],
)
def test_refusals_by_the_policy_are_told_from_others(action: str, reason: str, happened: bool, denied: bool) -> None:
    row = seen(0, action=action, reason=reason)
    assert (took_effect(row), is_denied(row)) == (happened, denied)
