"""An agent that writes down which calls it was given, whatever becomes of it: a program for `occasio run`.

`python -S agent.py FILE THREADS [TURNS]`.  Each thread talks to the Messages API at ANTHROPIC_BASE_URL: it asks, writes the id
of each call into FILE the moment it gets it, sends a result for each, and asks again, TURNS times or until nobody answers.
Standard library only, so that it starts fast.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

TOOLS = [{"name": "Read", "description": "reads", "input_schema": {"type": "object"}}]
FORGETS_AFTER = 6  # messages


def main() -> None:
    descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    turns = int(sys.argv[3]) if len(sys.argv) > 3 else 1 << 30
    threads = [threading.Thread(target=talk, args=(descriptor, number, turns)) for number in range(int(sys.argv[2]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def talk(descriptor: int, number: int, turns: int) -> None:
    messages: list[Any] = []
    url = urlsplit(os.environ["ANTHROPIC_BASE_URL"])
    try:
        connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=60)
        for _ in range(turns):
            messages = messages[-FORGETS_AFTER:] or [{"role": "user", "content": f"go {number}"}]
            calls = list(asked(connection, url.path, messages, descriptor))
            messages += answered(calls)
    except (OSError, http.client.HTTPException, ValueError):
        return  # the proxy is gone


def asked(connection: http.client.HTTPConnection, path: str, messages: list[Any], descriptor: int) -> Iterator[Any]:
    body = {"model": "scripted", "max_tokens": 99, "stream": True, "tools": TOOLS, "messages": messages}
    headers = {"content-type": "application/json", "x-api-key": os.environ.get("ANTHROPIC_API_KEY", "")}
    connection.request("POST", f"{path}/v1/messages", json.dumps(body), headers)
    response = connection.getresponse()
    if response.status != 200:
        os.write(descriptor, b"error " + b" ".join(response.read().split()) + b"\n")
        raise OSError(response.status)
    for line in response:
        if line.startswith(b"data: "):
            event = json.loads(line[6:])
            if event["type"] == "content_block_start" and event["content_block"]["type"] == "tool_use":
                os.write(descriptor, f"got {event['content_block']['id']}\n".encode())
                yield event["content_block"]


def answered(calls: list[Any]) -> list[Any]:
    results = [
        {"type": "tool_result", "tool_use_id": call["id"], "content": f"result of {call['id']}"} for call in calls
    ]
    return [
        {"role": "assistant", "content": [{**call, "input": {"file_path": "notes.txt"}} for call in calls]},
        {"role": "user", "content": results},
    ]


if __name__ == "__main__":
    main()
