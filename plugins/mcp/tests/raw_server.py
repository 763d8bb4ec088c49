"""A server of MCP that does what the name of the tool says, standard library only: honest, hostile, or dead."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    for line in sys.stdin.buffer:
        said = json.loads(line)
        if said.get("method") == "tools/call":
            called(said["id"], said["params"]["name"], said["params"].get("arguments", {}))
        elif "id" in said and "method" in said:
            answered(said["id"], {"serverInfo": {"name": "raw"}, "tools": [{"name": "echo", "inputSchema": {}}]})
    sys.stderr.write("the server has read everything\n")


def called(number: Any, name: str, given: dict[str, Any]) -> None:
    match name:
        case "die":
            os._exit(7)
        case "half":
            raw(b'{"jsonrpc":"2.0","id":')
            os._exit(0)
        case "hostile":
            for bad in (b"Listening on stdio", b"\xff\xfe", b"[]", b'{"jsonrpc":"2.0","id":1,"id":2,"result":{}}'):
                raw(bad + b"\n")
            answered(987, {"content": []})
        case "huge":
            answered(number, {"content": [{"type": "text", "text": "x" * given["size"]}]})
            number = "late"
        case "environment":
            answered(number, {"content": [{"type": "text", "text": json.dumps(dict(os.environ))}]})
            return
    if name != "hang":
        answered(number, {"content": [{"type": "text", "text": f"{name} {given.get('text', '')}"}]})


def answered(number: Any, result: Any) -> None:
    raw(json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode() + b"\n")


def raw(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
