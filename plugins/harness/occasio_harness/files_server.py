"""A server of the Model Context Protocol that reads files of one folder, and guards nothing.

    python -m occasio_harness.files_server FOLDER

Speaks JSON-RPC by lines on standard input and output, as much of it as agents ask for.  Knows nothing of Occasio.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Document = dict[str, Any]  # a parsed JSON object

TOOL = "read_text"
_VERSION = "2025-06-18"
_TOOL = {
    "name": TOOL,
    "description": "Read a file of the folder.",
    "inputSchema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    "annotations": {"readOnlyHint": True},
}
_NO_METHOD = -32601


def main() -> None:
    """Answer until standard input ends."""
    folder = Path(sys.argv[1])
    for line in sys.stdin:
        answer = answered(folder, json.loads(line))
        if answer is not None:
            print(json.dumps(answer), flush=True)


def answered(folder: Path, asked: Document) -> Document | None:
    """Return the answer to a message; a notification has none."""
    if "id" not in asked:
        return None
    own = {"jsonrpc": "2.0", "id": asked["id"]}
    match asked.get("method"), asked.get("params") or {}:
        case "initialize", params:
            version = params.get("protocolVersion", _VERSION)
            about = {"name": "files", "version": "1"}
            return {**own, "result": {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": about}}
        case "ping", _:
            return {**own, "result": {}}
        case "tools/list", _:
            return {**own, "result": {"tools": [_TOOL]}}
        case "tools/call", params:
            return {**own, "result": _read(folder / str(params.get("arguments", {}).get("path")))}
        case method, _:
            return {**own, "error": {"code": _NO_METHOD, "message": f"no such method: {method}"}}


def _read(path: Path) -> Document:
    try:
        text, failed = path.read_text(encoding="utf-8"), False
    except OSError as error:
        text, failed = f"{path}: {error.strerror}", True
    return {"content": [{"type": "text", "text": text}], "isError": failed}


if __name__ == "__main__":
    main()
