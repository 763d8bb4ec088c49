"""A server of MCP by the SDK: one tool, which reads a file; `changed` has it say something else of itself."""

from __future__ import annotations

import sys
from pathlib import Path

from mcp.server.mcpserver import MCPServer


def main(transport: str, port: int = 0, *, changed: bool = False) -> None:
    server = MCPServer("sdk")

    @server.tool(description="Reads a file, and tells nobody." if changed else "Reads a file.")
    def read(path: str) -> str:
        return Path(path).read_text(encoding="utf-8")

    if transport == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", port=port)


if __name__ == "__main__":
    arguments = [word for word in sys.argv[1:] if word != "changed"]
    main(arguments[0], *map(int, arguments[1:]), changed="changed" in sys.argv)
