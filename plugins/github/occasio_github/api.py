"""GitHub as a job sees it: the files that it reads after each step, and Check Runs over its API.

Knows addresses, files and status codes; nothing of evidence.
"""

from __future__ import annotations

import json
import re
import secrets
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from occasio_core import Json, OccasioError, UsageError

NAME = "Occasio Attested"

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_SECONDS = 30
_MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRun:
    """A Check Run that is done, as `POST /repos/{owner}/{repo}/check-runs` takes it."""

    head_sha: str
    conclusion: str
    title: str
    summary: str
    details_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What GitHub tells a job of itself."""

    api: str
    repository: str
    head_sha: str
    token: str | None = field(repr=False)


def job(environment: Mapping[str, str]) -> Job:
    """Return what the environment of a job says.

    Of a pull request the head is its own last commit: `GITHUB_SHA` is a merge that no reviewer sees.  Raises
    `UsageError` outside of a job.
    """
    repository = environment.get("GITHUB_REPOSITORY", "")
    sha = _head_of_pull_request(environment) or environment.get("GITHUB_SHA", "")
    if not (_REPOSITORY.fullmatch(repository) and _COMMIT.fullmatch(sha)):
        raise UsageError(
            "this is no job of GitHub Actions", hint="GITHUB_REPOSITORY and GITHUB_SHA say which commit is checked"
        )
    api = environment.get("GITHUB_API_URL") or "https://api.github.com"
    return Job(
        api=api, repository=repository, head_sha=sha, token=environment.get("OCCASIO_ACTION_GITHUB_TOKEN") or None
    )


def _head_of_pull_request(environment: Mapping[str, str]) -> str | None:
    path = environment.get("GITHUB_EVENT_PATH")
    if not path or not Path(path).is_file():
        return None
    try:
        event: Json = json.loads(Path(path).read_text(encoding="utf-8"))
    except ValueError as error:
        raise OccasioError("GITHUB_EVENT_PATH is not to be read") from error
    for name in ("pull_request", "head", "sha"):
        event = event.get(name) if isinstance(event, dict) else None
    return event if isinstance(event, str) else None


def create_check_run(here: Job, check: CheckRun) -> str:
    """Create the Check Run and return where people see it.

    Raises `OccasioError` with GitHub's status, and no more of what it said.
    """
    if here.token is None:
        raise OccasioError(
            "no token was given", hint="pass `github-token`, and give the job `permissions: checks: write`"
        )
    output = {"title": check.title, "summary": check.summary}
    body: dict[str, Json] = {
        "name": NAME,
        "head_sha": check.head_sha,
        "status": "completed",
        "conclusion": check.conclusion,
        "output": {**output},
    }
    if check.details_url:
        body["details_url"] = check.details_url
    answer = _posted(f"{here.api}/repos/{here.repository}/check-runs", here.token, json.dumps(body).encode())
    url = answer.get("html_url") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not url.isprintable():
        raise OccasioError("GitHub's answer has no `html_url`")
    return url


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes where it was meant to go, and nowhere else."""

    def redirect_request(self, *_: object) -> None:
        return None


def _posted(url: str, token: str, body: bytes) -> Json:
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise UsageError("GITHUB_API_URL is not an https address")
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/vnd.github+json",
        "Content-Type": "application/json",
        "X-GitHub-Api-Version": "2022-11-28",
        "User-Agent": "occasio",
    }
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - looked at above
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_SECONDS) as response:
            answer: Json = json.loads(response.read(_MOST_BYTES))
            return answer
    except urllib.error.HTTPError as error:
        hint = (
            "the job needs `permissions: checks: write`; a pull request from a fork cannot have it"
            if error.code in {401, 403, 404}
            else ""
        )
        with error:
            raise OccasioError(f"GitHub refused the Check Run: status {error.code}", hint=hint) from None
    except (OSError, ValueError) as error:
        raise OccasioError(f"GitHub did not answer: {type(error).__name__}") from None


def put_out(environment: Mapping[str, str], outputs: Mapping[str, str]) -> None:
    """Set outputs of the step.  The end of each value is a word that nobody could have written into it."""
    path = environment.get("GITHUB_OUTPUT")
    if not path:
        return
    with Path(path).open("a", encoding="utf-8") as file:
        for name, value in outputs.items():
            end = f"end-{secrets.token_hex(16)}"
            file.write(f"{name}<<{end}\n{value}\n{end}\n")


def put_summary(environment: Mapping[str, str], markdown: str) -> None:
    """Add to the job's summary."""
    path = environment.get("GITHUB_STEP_SUMMARY")
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(markdown)
