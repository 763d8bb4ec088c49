"""One job for the Claude Agent SDK, run in the SDK's own environment: prints what the agent says in the end."""

from __future__ import annotations

import asyncio
import sys


async def job(prompt: str) -> int:
    from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query

    code = 1
    async for message in query(prompt=prompt, options=ClaudeAgentOptions(permission_mode="bypassPermissions")):
        if isinstance(message, ResultMessage):
            print(message.result)
            code = 1 if message.is_error else 0
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(job(sys.argv[1])))
