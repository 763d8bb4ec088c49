"""Check Runs over a fake API on loopback, and the files that a runner reads."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from occasio_core import OccasioError, UsageError
from occasio_github import api
from tests.fake_github import CHECK_RUN_URL, FakeGitHub

SHA = "a" * 40


def environment(url: str = "", **more: str) -> dict[str, str]:
    return {
        "GITHUB_REPOSITORY": "octo/agent",
        "GITHUB_SHA": SHA,
        "GITHUB_API_URL": url,
        "OCCASIO_ACTION_GITHUB_TOKEN": "t0ken",
    } | more


def check(details_url: str | None = None) -> api.CheckRun:
    return api.CheckRun(
        head_sha=SHA, conclusion="neutral", title="a title", summary="a summary", details_url=details_url
    )


def test_a_check_run_is_created_whole_and_done() -> None:
    with FakeGitHub() as github:
        assert api.create_check_run(api.job(environment(github.url)), check("https://view.test/")) == CHECK_RUN_URL
    ((path, headers, body),) = github.requests
    assert path == "/repos/octo/agent/check-runs"
    assert headers["Authorization"] == "Bearer t0ken"
    assert body == {
        "name": "Occasio Attested",
        "head_sha": SHA,
        "status": "completed",
        "conclusion": "neutral",
        "output": {"title": "a title", "summary": "a summary"},
        "details_url": "https://view.test/",
    }


@pytest.mark.parametrize("status", [401, 403, 404, 422, 500])
def test_a_refusal_is_told_by_its_status_and_without_the_token(status: int) -> None:
    with FakeGitHub(status, b"t0ken") as github, pytest.raises(OccasioError, match=f"status {status}") as refusal:
        api.create_check_run(api.job(environment(github.url)), check())
    assert "t0ken" not in str(refusal.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_follows_no_redirect(status: int) -> None:
    with (
        FakeGitHub() as other,
        FakeGitHub(status, b"", location=f"{other.url}/elsewhere") as github,
        pytest.raises(OccasioError, match=f"status {status}"),
    ):
        api.create_check_run(api.job(environment(github.url)), check())
    assert other.requests == []


@pytest.mark.parametrize("answer", [b"", b"no JSON", b"[]", b'{"html_url": 5}', b'{"html_url": "a\\nb"}'])
def test_an_answer_that_is_none_is_an_error(answer: bytes) -> None:
    with FakeGitHub(201, answer) as github, pytest.raises(OccasioError):
        api.create_check_run(api.job(environment(github.url)), check())


def test_who_does_not_answer_is_told() -> None:
    with FakeGitHub() as github:
        url = github.url
    with pytest.raises(OccasioError, match="did not answer"):
        api.create_check_run(api.job(environment(url)), check())


def test_without_a_token_nothing_is_sent() -> None:
    with FakeGitHub() as github, pytest.raises(OccasioError, match="no token"):
        api.create_check_run(api.job(environment(github.url, OCCASIO_ACTION_GITHUB_TOKEN="")), check())
    assert github.requests == []


def test_the_token_goes_nowhere_in_the_clear() -> None:
    with pytest.raises(UsageError, match="https"):
        api.create_check_run(api.job(environment("http://api.github.test")), check())


def test_of_a_pull_request_the_head_is_its_own_commit_and_not_the_merge(tmp_path: Path) -> None:
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"head": {"sha": "b" * 40}}}), encoding="utf-8")
    assert api.job(environment(GITHUB_EVENT_PATH=str(event))).head_sha == "b" * 40
    event.write_text(json.dumps({"inputs": None}), encoding="utf-8")
    assert api.job(environment(GITHUB_EVENT_PATH=str(event))).head_sha == SHA


@pytest.mark.parametrize(
    "wrong", [{"GITHUB_SHA": "main"}, {"GITHUB_SHA": ""}, {"GITHUB_REPOSITORY": "octo/agent/../x"}]
)
def test_outside_of_a_job_there_is_no_commit_to_check(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no job"):
        api.job(environment(**wrong))


def test_an_output_cannot_set_another(tmp_path: Path) -> None:
    file = tmp_path / "output"
    api.put_out({"GITHUB_OUTPUT": str(file)}, {"bundle-path": "x\nEOF\nverdict=VERIFIED"})
    first, *_, last = file.read_text(encoding="utf-8").splitlines()
    assert re.fullmatch(r"bundle-path<<end-[0-9a-f]{32}", first)
    assert last == first.removeprefix("bundle-path<<")


def test_a_summary_is_added_to_what_is_there(tmp_path: Path) -> None:
    file = tmp_path / "summary"
    for text in ("one\n", "two\n"):
        api.put_summary({"GITHUB_STEP_SUMMARY": str(file)}, text)
    assert file.read_text(encoding="utf-8") == "one\ntwo\n"


def test_where_no_runner_reads_nothing_is_written() -> None:
    api.put_out({}, {"a": "b"})
    api.put_summary({}, "x")
