"""A server of MCP that writes down which calls it got, before it answers: `python -S mcp_server.py FILE`."""

from __future__ import annotations

import json
import os
import sys
from typing import Any


def main() -> None:
    descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for line in sys.stdin.buffer:
        said = json.loads(line)
        match said.get("method"):
            case "tools/call":
                text = said["params"]["arguments"]["text"]
                os.write(descriptor, f"{text}\n".encode())
                answer(said["id"], {"content": [{"type": "text", "text": text}]})
            case "tools/list":
                answer(said["id"], {"tools": [{"name": "echo", "inputSchema": {"type": "object"}}]})
            case "initialize":
                info = {"name": "faulty", "version": "1"}
                answer(said["id"], {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": info})


def asked(number: Any, method: str, **parameters: Any) -> bytes:
    """Return a request of a client, for the tests."""
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}).encode() + b"\n"


def answer(number: Any, result: Any) -> None:
    os.write(1, json.dumps({"jsonrpc": "2.0", "id": number, "result": result}).encode() + b"\n")


if __name__ == "__main__":
    main()
