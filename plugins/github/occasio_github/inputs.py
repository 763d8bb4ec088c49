"""What the workflow asked of the Action, checked: each value comes from the environment, and none is believed.

Knows the forms of the inputs and no file.  Values never pass through a shell: the Action hands them over as variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import UsageError

PREFIX = "OCCASIO_ACTION_"
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"

_MOST_CHARACTERS = 1024
_BOOLEANS = {"true": True, "false": False}
_RUN_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}/[A-Za-z0-9._-]{1,100}")
_URL = re.compile(r"https://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+|http://127\.0\.0\.1:\d+[A-Za-z0-9._~/-]*")
_CONCLUSIONS = ("success", "neutral", "failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The Action's inputs.  A path or text that was not given is None."""

    run_id: str | None
    evidence: Path | None
    chain_file: Path | None
    policy_file: Path | None
    sign: bool
    signing_key: str | None = field(repr=False)
    public_key: Path | None
    identity: str | None
    issuer: str
    repository: str | None
    trust_config: Path | None
    trusted_root: Path | None
    expected_policy: str | None
    on_blocked: str
    view_base_url: str | None


def inputs(environment: Mapping[str, str]) -> Inputs:
    """Return the inputs in `environment`.  Raises `UsageError` that names the input and what it may be."""
    return Inputs(
        run_id=_matching(environment, "run-id", _RUN_ID, "the 36 characters of a run's id"),
        evidence=_path(environment, "evidence"),
        chain_file=_path(environment, "chain-file"),
        policy_file=_path(environment, "policy-file"),
        sign=_chosen(environment, "sign", "true", tuple(_BOOLEANS)) == "true",
        signing_key=_text(environment, "signing-key"),
        public_key=_path(environment, "public-key"),
        identity=_line(environment, "identity") or _own_identity(environment),
        issuer=_matching(environment, "issuer", _URL, "an https address") or GITHUB_ISSUER,
        repository=_matching(environment, "repository", _REPOSITORY, "OWNER/NAME")
        or environment.get("GITHUB_REPOSITORY"),
        trust_config=_path(environment, "trust-config"),
        trusted_root=_path(environment, "trusted-root"),
        expected_policy=_matching(environment, "expected-policy", _SHA256, "the SHA-256 of a policy, 64 digits"),
        on_blocked=_chosen(environment, "on-blocked", "success", _CONCLUSIONS),
        view_base_url=_matching(environment, "view-base-url", _URL, "an https address"),
    )


def _own_identity(environment: Mapping[str, str]) -> str | None:
    """Return as whom the workflow that runs now signs: its own file at its own ref, not what a certificate says."""
    server, ref = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_WORKFLOW_REF")
    return f"{server}/{ref}" if server and ref else None


def _text(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(PREFIX + name.upper().replace("-", "_")) or None


def _line(environment: Mapping[str, str], name: str) -> str | None:
    text = _text(environment, name)
    if text is not None and (len(text) > _MOST_CHARACTERS or not text.isprintable()):
        raise UsageError(f"the input `{name}` is not one line of at most {_MOST_CHARACTERS} characters")
    return text


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    text = _line(environment, name)
    if text is not None and text.startswith("-"):
        raise UsageError(f"the input `{name}` begins with a dash", hint="write ./ before the name of the file")
    return Path(text) if text else None


def _matching(environment: Mapping[str, str], name: str, form: re.Pattern[str], what: str) -> str | None:
    return _checked(_line(environment, name), name, lambda text: form.fullmatch(text) is not None, what)


def _chosen(environment: Mapping[str, str], name: str, default: str, choices: tuple[str, ...]) -> str:
    text = _line(environment, name) or default
    return _checked(text, name, lambda chosen: chosen in choices, " or ".join(choices)) or default


def _checked(text: str | None, name: str, holds: Callable[[str], bool], what: str) -> str | None:
    if text is not None and not holds(text):
        raise UsageError(f"the input `{name}` is `{text}`", hint=f"it must be {what}")
    return text
