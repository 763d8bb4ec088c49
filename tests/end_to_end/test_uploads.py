"""curl sends batches and files through the proxy of a run: what no result may hold does not leave, and answers are held."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from occasio_core.scripted.model import ScriptedModel
from occasio_core.scripted.turn import Raw
from tests.end_to_end.place import Place, prepared
from tests.real_agents import Finished

SECRET = "AKIA" + "IOSFODNN7EXAMPLE"
CURL = shutil.which("curl")

pytestmark = pytest.mark.skipif(CURL is None, reason="curl is not installed")


def provider(body: bytes = b'{"id": "file_1"}') -> ScriptedModel:
    """Return a provider that keeps files and batches, and has one answer for all of them."""
    return ScriptedModel(elsewhere=Raw(pieces=[body], headers={"content-type": "application/octet-stream"}))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return prepared(tmp_path)


def curled(
    place: Place, model: ScriptedModel, path: str, *arguments: str, variable: str = "ANTHROPIC_BASE_URL"
) -> Finished:
    """Return how curl ended under `occasio run`, which knows the one provider by `variable`."""
    script = f'exec curl -sS -w "\n%{{http_code}}" "$@" "${variable}{path}"'
    command = ("run", "--agent", "curl", "--", "sh", "-c", script, "curl", *arguments)
    return place.occasio(*command, **{variable: f"{model.url}{'/v1' if variable.startswith('OPENAI') else ''}"})


def status(done: Finished) -> str:
    return done.stdout.rpartition("\n")[2]


def rows(place: Place, kind: str) -> list[Mapping[str, Any]]:
    return [row.fields for row in place.rows() if row.kind == kind]


def result(text: str) -> dict[str, Any]:
    used = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "a"}}
    told = {"type": "tool_result", "tool_use_id": "toolu_1", "content": text}
    messages = [{"role": "assistant", "content": [used]}, {"role": "user", "content": [told]}]
    return {"model": "claude-sonnet-4-5", "max_tokens": 10, "messages": messages}


def test_a_file_goes_byte_for_byte(place: Place) -> None:
    with provider() as model:
        done = curled(place, model, "/v1/files", "-F", f"file=@{place.work}/notes.txt")
        (request,) = model.requests
    assert (status(done), b"\r\n\r\ntea at four\n\r\n" in request.body) == ("200", True), done.stderr


@pytest.mark.parametrize("variable", ["ANTHROPIC_BASE_URL", "OPENAI_BASE_URL"])
@pytest.mark.parametrize("content", [f"key = {SECRET}\n".encode(), b"\x1f\x8b\x08\x00binary"], ids=["secret", "binary"])
def test_a_file_with_a_secret_or_that_cannot_be_read_does_not_leave(
    place: Place, content: bytes, variable: str
) -> None:
    (place.work / "file").write_bytes(content)
    path = "/v1/files" if variable.startswith("ANTHROPIC") else "/files"
    with provider() as model:
        done = curled(
            place, model, path, "-F", "purpose=user_data", "-F", f"file=@{place.work}/file", variable=variable
        )
        assert model.requests == []
    assert status(done) == ("402" if variable.startswith("ANTHROPIC") else "400"), done
    (finding,) = rows(place, "finding")
    assert finding["detector"] == "occasio.uploads"
    assert SECRET not in place.log.read_text(encoding="utf-8") + done.stdout


def test_of_a_batch_each_request_goes_as_it_would_alone(place: Place) -> None:
    batch = {"requests": [{"custom_id": str(at), "params": result(text)} for at, text in enumerate(("tea", SECRET))]}
    with provider() as model:
        done = curled(place, model, "/v1/messages/batches", "--json", json.dumps(batch))
        (request,) = model.requests
    assert status(done) == "200", done
    contents = [one["params"]["messages"][1]["content"][0]["content"] for one in request.json["requests"]]
    assert contents[0] == "tea"
    assert "withheld by Occasio" in contents[1]
    assert [row["result_kind"] for row in rows(place, "tool_result")] == ["pass", "withheld"]
    assert [row["complete"] for row in rows(place, "request")] == [False, False]


def test_of_an_uploaded_batch_each_request_goes_as_it_would_alone(place: Place) -> None:
    asked = {"model": "gpt-5", "messages": [{"role": "user", "content": f"keep {SECRET} to yourself"}]}
    line = {"custom_id": "1", "method": "POST", "url": "/v1/chat/completions", "body": asked}
    (place.work / "batch.jsonl").write_text(f"{json.dumps(line)}\n" * 2, encoding="utf-8")
    form = ("-F", "purpose=batch", "-F", f"file=@{place.work}/batch.jsonl")
    with provider() as model:
        done = curled(place, model, "/files", *form, variable="OPENAI_BASE_URL")
        (request,) = model.requests
    assert status(done) == "200", done
    assert (SECRET.encode() in request.body, request.body.count(b"to yourself")) == (False, 2)
    assert request.body.count(b'"custom_id": "1"') == 2


def test_the_calls_in_a_batchs_answers_are_decided_when_they_are_fetched(place: Place) -> None:
    calls = [
        {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": f"{place.work}/notes.txt"}},
        {
            "type": "tool_use",
            "id": "toolu_2",
            "name": "Read",
            "input": {"file_path": f"{place.work}/private/plans.txt"},
        },
    ]
    lines = [
        {"custom_id": "1", "result": {"type": "succeeded", "message": {"type": "message", "content": [call]}}}
        for call in calls
    ]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    with provider(body) as model:
        done = curled(place, model, "/v1/messages/batches/msgbatch_1/results")
    first, second, code = done.stdout.rstrip("\n").split("\n")[0], done.stdout.split("\n")[1], status(done)
    assert (code, first) == ("200", json.dumps(lines[0])), done
    assert ("occasio_refused__Read" in second, "plans.txt" in second) == (True, False)
    assert [row["action"] for row in rows(place, "tool_call")] == ["PASS", "BLOCK"]
