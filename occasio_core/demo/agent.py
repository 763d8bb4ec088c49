"""A scripted coding agent: a real client of the Messages API that reads files and runs whatever it is told.

    ANTHROPIC_BASE_URL=… ANTHROPIC_API_KEY=… python -m occasio_core.demo.agent "what to do"

It has no guard of its own: what it does not read, it was kept from reading.  Knows nothing of Occasio.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Document = dict[str, Any]  # a parsed JSON object

MAX_TURNS = 20
_SECONDS = 60  # for a command
_ARGUMENTS = {"Read": "file_path", "Bash": "command", "PowerShell": "command"}
_TOOLS = [
    {
        "name": name,
        "description": f"{name}, as elsewhere.",
        "input_schema": {"type": "object", "properties": {given: {"type": "string"}}, "required": [given]},
    }
    for name, given in _ARGUMENTS.items()
]


def main() -> int:
    """Work on the task in the arguments until the model asks for nothing more; return 0 if it came to an end."""
    history: list[Document] = [{"role": "user", "content": " ".join(sys.argv[1:])}]
    for _ in range(MAX_TURNS):
        content = list(_asked(history))
        for block in content:
            if block["type"] == "text":
                _say(f"model: {block['text']}")
        history.append({"role": "assistant", "content": content})
        results = [_result(block) for block in content if block["type"] == "tool_use"]
        if not results:
            return 0
        history.append({"role": "user", "content": results})
    return 1


def _asked(history: list[Document]) -> Iterator[Document]:
    """Yield the content blocks of the model's answer, each when it is complete."""
    body = {"model": "scripted", "max_tokens": 1024, "stream": True, "tools": _TOOLS, "messages": history}
    request = urllib.request.Request(  # noqa: S310 - the address is that of whoever started this
        f"{os.environ['ANTHROPIC_BASE_URL']}/v1/messages",
        data=json.dumps(body).encode(),
        headers={
            "content-type": "application/json",
            "user-agent": "demo-agent/1",
            "x-api-key": os.environ["ANTHROPIC_API_KEY"],
        },
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        yield from _blocks(json.loads(line[5:]) for line in answer if line.startswith(b"data:"))


def _blocks(events: Iterator[Document]) -> Iterator[Document]:
    block: Document = {}
    said = ""
    for event in events:
        match event:
            case {"type": "content_block_start", "content_block": block}:
                said = ""
            case {"type": "content_block_delta", "delta": {"text": piece} | {"partial_json": piece}}:
                said += piece
            case {"type": "content_block_stop"}:
                is_call = block["type"] == "tool_use"
                yield {**block, "input": json.loads(said or "{}")} if is_call else {**block, "text": said}


def _result(call: Document) -> Document:
    answer = {"type": "tool_result", "tool_use_id": call["id"]}
    match call["name"]:
        case "Read":
            return answer | _read(Path(call["input"]["file_path"]))
        case "Bash":
            return answer | _run(call["input"]["command"])
        case "PowerShell":  # of which it knows one command, and needs no program for that
            return answer | _read(Path(call["input"]["command"].removeprefix("Get-Content ")))
        case name:
            _say(f"agent: was given a call of {name}; it has no such tool")
            return {**answer, "content": f"no such tool: {name}", "is_error": True}


def _read(path: Path) -> Document:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        return {"content": f"{path}: {error.strerror}", "is_error": True}
    _say(f"agent: read {path.name}, {len(text)} characters")
    return {"content": text}


def _run(command: str) -> Document:
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=_SECONDS,
        check=False,
    )
    _say(f"agent: ran a command of {len(command)} characters")
    return {"content": done.stdout.decode("utf-8", "replace"), "is_error": done.returncode != 0}


def _say(text: str) -> None:
    print(f"   {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
