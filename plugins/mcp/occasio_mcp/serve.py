"""`occasio mcp serve`: Occasio's own tools for any MCP client, by the official SDK.

The SDK speaks the protocol; each call goes through the gate, which carries it out.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, cast

from occasio_core import Gatekeeper, HookAnswer, Json, OccasioError, SessionId, UsageError, open_gatekeeper, told_call
from occasio_mcp.calls import CLIENT_OF, MCP, agent_of
from occasio_mcp.tools import OFFERED, call_of_ours

if TYPE_CHECKING:
    import mcp.types as types
    from mcp.server.context import ServerRequestContext
    from mcp.server.lowlevel import Server

INSTALL = "pip install 'occasio[mcp]'"


async def serve(cwd: Path) -> None:
    """Serve a client on standard input and output until it goes.  Raises `UsageError` without the SDK."""
    _check_sdk()
    from mcp.server.stdio import stdio_server

    async with open_gatekeeper(door=MCP, agent="occasio", cwd=cwd) as keeper, stdio_server() as (reads, writes):
        server = server_of(keeper, cwd)
        await server.run(reads, writes, server.create_initialization_options())


def server_of(keeper: Gatekeeper, cwd: Path) -> Server[dict[str, object]]:
    """Return the server, to be run over any transport of the SDK."""
    import mcp.types as types
    from mcp.server.lowlevel import Server

    session = SessionId(f"mcp-{uuid.uuid4()}")

    async def tools(
        context: ServerRequestContext[dict[str, object]], asked: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(tools=_tools())

    async def call(
        context: ServerRequestContext[dict[str, object]], asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        meta = cast("dict[str, Json]", dict(context.meta or {}))
        given = cast("dict[str, Json]", asked.arguments or {})
        made = call_of_ours(asked.name, given, meta, session=session, agent=_agent(context, meta), cwd=str(cwd))
        try:
            return _result(await keeper.answer(told_call(made)))
        except OccasioError as error:
            return _result(HookAnswer(refuses=True, text=f"Occasio lets nothing through: {error}"))

    return Server("occasio", on_list_tools=tools, on_call_tool=call)


def _tools() -> list[types.Tool]:
    import mcp.types as types

    reads = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
    return [
        types.Tool(name=name, description=one.description, input_schema=dict(one.schema), annotations=reads)
        for name, one in OFFERED.items()
    ]


def _result(answer: HookAnswer) -> types.CallToolResult:
    """Return what came of the call; what was not carried out was refused, whatever else was said."""
    import mcp.types as types

    text = answer.given if answer.given is not None else answer.text or "Occasio did not carry this out."
    is_error = answer.given is None or answer.failed
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=is_error)


def _agent(context: ServerRequestContext[dict[str, object]], meta: dict[str, Json]) -> str:
    told = context.session.client_params
    return agent_of({"name": told.client_info.name} if told is not None else meta.get(CLIENT_OF))


def _check_sdk() -> None:
    try:
        import mcp.server.lowlevel  # noqa: F401
    except ImportError:
        raise UsageError("serving needs the SDK of MCP", hint=INSTALL) from None
