"""An agent that asks and then does not read: a program for `occasio run`.

`python -S slow_reader.py DIRECTORY`.  It asks for one answer of the Messages API, leaves `asked` in the directory, reads nothing
until there is a `go`, then reads all and leaves its length in `read`.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit


def main() -> None:
    directory = Path(sys.argv[1])
    url = urlsplit(os.environ["ANTHROPIC_BASE_URL"])
    connection = http.client.HTTPConnection(url.hostname or "", url.port)
    tools = [{"name": "Read", "description": "reads", "input_schema": {"type": "object"}}]
    said = [{"role": "user", "content": "go"}]
    body = {"model": "scripted", "max_tokens": 99, "stream": True, "tools": tools, "messages": said}
    connection.request("POST", f"{url.path}/v1/messages", json.dumps(body), {"content-type": "application/json"})
    (directory / "asked").touch()
    while not (directory / "go").exists():
        time.sleep(0.01)
    size, response = 0, connection.getresponse()
    while piece := response.read(1 << 20):
        size += len(piece)
    (directory / "read").write_text(str(size), encoding="utf-8")


if __name__ == "__main__":
    main()
