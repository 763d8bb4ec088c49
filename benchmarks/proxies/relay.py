"""A pass-through on aiohttp, what Occasio's proxy stands on: `python relay.py UPSTREAM`; prints its URL."""

from __future__ import annotations

import asyncio
import sys

import aiohttp
from aiohttp import web

BODY_LIMIT = 64 << 20


async def main(upstream: str) -> None:
    async def relay(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        async with client.request(
            request.method, upstream + str(request.rel_url), headers=headers, data=body
        ) as answer:
            response = web.StreamResponse(status=answer.status)
            response.headers["Content-Type"] = answer.headers["Content-Type"]
            await response.prepare(request)
            async for data in answer.content.iter_any():
                await response.write(data)
            return response

    application = web.Application(client_max_size=BODY_LIMIT)
    application.router.add_route("*", "/{path:.*}", relay)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as client:
        print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
