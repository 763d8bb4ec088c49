"""Each template is a policy as it stands, and each pattern in it finds what it is there for and leaves the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from occasio_core import Action, Policy
from occasio_core.engine import Engine, engine, supposed
from occasio_core.policy import load_policy
from occasio_core.policy.describe import statements
from occasio_core.policy.difference import differences, rules_of
from occasio_core.policy.document import document
from occasio_core.policy.schema import NAME, schema_error
from occasio_core.policy.templates import template, templates

HOME = Path("/srv/person/.occasio")
HERE = Path("/srv/project")


def policy(name: str, tmp_path: Path) -> Policy:
    file = tmp_path / "policy.yml"
    file.write_bytes(template(name))
    return load_policy(file, HOME, HERE)


def finds(name: str, tmp_path: Path, key: str, label: str, text: str) -> bool:
    """Return whether the pattern under `label` finds anything in `text`."""
    entries = {entry.label: entry.pattern for entry in getattr(policy(name, tmp_path), key)}
    return entries[label].finds(text)


def jwt() -> str:
    return ".".join(["ey" + "JhbGciOiJIUzI1NiJ9", "ey" + "JzdWIiOiIxMjM0In0", "c2lnbmF0dXJl"])


def test_the_templates_are_these() -> None:
    assert templates() == ("dev-default", "finance", "strict")


@pytest.mark.parametrize("name", templates())
def test_a_template_is_a_policy(name: str, tmp_path: Path) -> None:
    assert policy(name, tmp_path).source == "user"
    assert schema_error(document(template(name), name)) is None


@pytest.mark.parametrize("name", templates())
def test_editors_find_the_schema_that_stands_beside_it(name: str) -> None:
    assert template(name).decode().splitlines()[0] == f"# yaml-language-server: $schema={NAME}"


@pytest.mark.parametrize("name", templates())
def test_a_template_governs_as_it_stands(name: str, tmp_path: Path) -> None:
    governing = engine(policy(name, tmp_path), HOME)
    assert governing.rule(supposed("Bash", {"command": "git status"}, HERE)).decision.action is Action.PASS
    assert governing.rule(supposed("Read", {"file_path": "README.md"}, HERE)).decision.action is Action.PASS
    assert governing.rule(supposed("Read", {"file_path": ".env"}, HERE)).decision.action is Action.BLOCK


def test_dev_default_decides_as_no_policy_at_all(tmp_path: Path) -> None:
    own, below = policy("dev-default", tmp_path), load_policy(None, HOME, HERE)
    assert differences(rules_of(statements(below)), rules_of(statements(own))) == ()
    assert own.protected_paths == below.protected_paths


def test_what_dev_default_offers_to_be_uncommented_is_a_policy_too(tmp_path: Path) -> None:
    lines = template("dev-default").decode().split("\n")
    text = "\n".join(line.replace("  # - ", "  - ") for line in lines)
    (tmp_path / "p.yml").write_text(text, encoding="utf-8")
    own = load_policy(tmp_path / "p.yml", HOME, HERE)
    assert [entry.text for entry in own.deny_paths][-1] == "!**/.env.test"
    assert [entry.text for entry in own.allow_paths] == ["~/projects"]


COMMANDS = {
    "env_dump": (
        ["env", "printenv", "printenv HOME", "ls; env", "sudo printenv", "cat x | env", "/usr/bin/env", "env | sort"],
        ["env FOO=1 make", "cat environment.txt", "python -m venv env", "ls env/bin", "source env/bin/activate"],
    ),
    "shell_env_dump": (
        ["set", "declare -p", "export -p", "cd x && set", "typeset -x", "set | grep x", "declare -px"],
        ["set -e", "set -euo pipefail", "export PATH=x", "declare -a list", "git config --set x", "npm set x y"],
    ),
    "cred_discovery": (
        [
            "find / -name '*secret*'",
            "git grep -i password",
            "git log -p -S API_KEY",
            "locate id_rsa",
            "fd credentials ~",
        ],
        [
            "find . -name '*.py'",
            "git log --oneline",
            "git grep main",
            "ls secret",
            "git checkout fix-password",
            "cat find",
        ],
    ),
    "production_ssh": (
        ["ssh host", "scp a host:b", "sudo ssh host", "ls && ssh -i key host ls", "/usr/bin/ssh host", "sftp host"],
        ["cat ssh.md", "git config core.sshCommand x", "ls ~/ssh ", "ssh-keygen -t ed25519", "echo ssh host"],
    ),
    "rsync_remote": (
        ["rsync -a x ada@host:/y", "rsync -a host:/y .", "rsync rsync://h/x ."],
        ["rsync -a src/ build/", "rsync --delete a b"],
    ),
    "ssh_via_library": (["python -c 'import paramiko'", "fabric deploy"], ["python -c 'import os'", "ls fabrics"]),
    "cloud_control_plane": (
        ["aws s3 ls", "az login", "gcloud auth list", "cd x; aws sts get-caller-identity"],
        ["ls aws", "pip install boto3", "cat az.md", "make aws"],
    ),
    "cluster_control_plane": (["kubectl get pods", "terraform apply", "helm ls"], ["ls terraform ", "cat helm.md"]),
    "cloud_http_control": (
        ["curl http://169.254.169.254/latest", "curl https://management.azure.com/x", "curl https://s3.amazonaws.com"],
        ["curl https://example.com", "curl http://169.254.1.1"],
    ),
    "privileged_service_control": (
        [
            "sudo ls",
            "systemctl restart x",
            "ls && su - ada",
            "doas sh",
            "pkexec x",
            "service x stop",
            "/usr/bin/sudo x",
        ],
        ["cat sudoers.md", "npm run superb", "python sum.py", "ls service"],
    ),
    "git_push": (
        ["git push", "git -C x push origin main", "git push --force", "cd x && git push"],
        ["git status", "git pull", "git log | cat push", "git stash"],
    ),
}


@pytest.mark.parametrize("label", sorted(COMMANDS))
def test_a_pattern_of_strict_finds_the_commands_it_is_for(label: str, tmp_path: Path) -> None:
    key = "deny_commands" if label in {"env_dump", "shell_env_dump", "cred_discovery"} else "identity_approval"
    meant, others = COMMANDS[label]
    assert [text for text in meant if not finds("strict", tmp_path, key, label, text)] == []
    assert [text for text in others if finds("strict", tmp_path, key, label, text)] == []


def test_every_command_pattern_of_strict_is_tried(tmp_path: Path) -> None:
    own = policy("strict", tmp_path)
    assert {entry.label for entry in (*own.deny_commands, *own.identity_approval) if entry.line} == set(COMMANDS)


TEXTS = {
    ("strict", "example_api_key"): (
        ["api_key = " + "a1B2" * 5, '"apiKey": "' + "Zz9-" * 5 + '"', "STRIPE_API_KEY=" + "q7" * 10],
        ["api_key = os.environ['API_KEY']", "the api key is short", "api_key: x"],
    ),
    ("strict", "generic_pk"): (
        [
            "PRIVATE_KEY=" + "0x" + "ab" * 32,
            "MNEMONIC: '" + "word " * 2 + "abandon'",
            'SEED_PHRASE="' + "abandonable" + '"',
        ],
        ["PRIVATE_KEY", "private key", "MNEMONIC=", "PRIVATE_KEY_PATH=/x/y/zzzzzz"],
    ),
    ("strict", "internal-jwt"): ([jwt(), f"Bearer {jwt()}"], ["eyJ", "eyJhbGciOiJIUzI1NiJ9", "a.b.c"]),
    ("finance", "jwt"): ([jwt(), f'"token": "{jwt()}"'], ["eyJ", "eyJhbGciOiJIUzI1NiJ9", "a.b.c"]),
    ("finance", "iban"): (
        [
            "DE89" + "3704" + "0044" + "0532" + "0130" + "00",
            "GB82 WEST 1234 5698 7654 32",
            "NO93 8601 1117 947",
            "to FR1420041010050500013M02606.",
        ],
        ["DE89", "AB12 CD", "0xDE893704", "Version A123 of the text"],
    ),
    ("finance", "swift-bic"): (
        ["BIC: DEUTDEFF", "swift code: CHASUS33XXX", '"bic": "MARKDEFF"', "SWIFT=BARCGB22"],
        ["FUNCTION", "REQUIRED", "DEUTDEFF", "swift code review", "the BIC is missing"],
    ),
    ("finance", "ssn-us"): (["078-05-1120", "SSN 123-45-6789."], ["078-051-120", "1234-56-78901", "2024-01-02"]),
    ("finance", "card"): (
        ["4111 1111 1111 1111", "4111-1111-1111-1111", "5500000000000004", "378282246310005", "2223003122003222"],
        ["1234 5678 9012 3456", "4111 1111", "41111111111111112222", "0x4111111111111111ff"],
    ),
    ("finance", "internal-ticket"): (
        ["INC0012345", "see CHG-1234567", "RITM0098765"],
        ["INC123", "INCLUDE", "XINC0012345", "CHG-12"],
    ),
}


@pytest.mark.parametrize(("name", "label"), sorted(TEXTS))
def test_a_pattern_finds_the_texts_it_is_for(name: str, label: str, tmp_path: Path) -> None:
    meant, others = TEXTS[name, label]
    assert [text for text in meant if not finds(name, tmp_path, "deny_patterns", label, text)] == []
    assert [text for text in others if finds(name, tmp_path, "deny_patterns", label, text)] == []


@pytest.mark.parametrize("name", templates())
def test_every_text_pattern_is_tried(name: str, tmp_path: Path) -> None:
    assert {label for of, label in TEXTS if of == name} == {
        entry.label for entry in policy(name, tmp_path).deny_patterns
    }


def test_commands_that_finance_asks_for_are_found(tmp_path: Path) -> None:
    assert finds("finance", tmp_path, "identity_approval", "production_database", "psql -h db")
    assert not finds("finance", tmp_path, "identity_approval", "production_database", "ls psql")
    assert finds("finance", tmp_path, "identity_approval", "production_ssh", "ssh host")


@pytest.fixture
def strict(tmp_path: Path) -> Engine:
    """The engine under the template `strict`."""
    return engine(policy("strict", tmp_path), HOME)


def test_strict_names_every_tool_that_it_lets_pass_by_a_name_that_exists(strict: Engine) -> None:
    canonical = {name for handler in strict.registry.tool_handlers.values() for name in handler.tools.values()}
    assert set(strict.policy.tools) - canonical == set()
