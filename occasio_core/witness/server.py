"""The witness on HTTP: `POST /add-checkpoint`, and its key at `GET /`.

Anybody may ask; what is cosigned depends on the log's signature alone.  Knows HTTP, not logs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from occasio_core.errors import OccasioError
from occasio_core.witness.desk import TEXT_TYPE, Answer, Desk
from occasio_verify import MAX_PROOF_BYTES

DESK: web.AppKey[Desk] = web.AppKey("desk", Desk)


def application(desk: Desk) -> web.Application:
    """Return the application that answers for `desk`."""
    made = web.Application(client_max_size=MAX_PROOF_BYTES)
    made[DESK] = desk
    made.router.add_post("/add-checkpoint", _add_checkpoint)
    made.router.add_get("/", _key)
    return made


async def serve(desk: Desk, host: str, port: int, ready: Callable[[str], object]) -> None:
    """Answer at `host` and `port` (0: any that is free) until cancelled; `ready` is told the URL.

    Raises `OSError` if the address cannot be used.
    """
    runner = web.AppRunner(application(desk), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        at = runner.addresses[0]
        ready(f"http://{f'[{at[0]}]' if ':' in at[0] else at[0]}:{at[1]}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


async def _add_checkpoint(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    body = await request.read()
    try:
        answer = await asyncio.to_thread(desk.add_checkpoint, body)
    except (OccasioError, OSError) as error:  # nothing is cosigned that could not be remembered
        answer = Answer(503, f"the witness cannot remember: {error}\n".encode())
    return _response(answer)


async def _key(request: web.Request) -> web.Response:
    return _response(Answer(200, f"{request.app[DESK].vkey()}\n".encode(), TEXT_TYPE))


def _response(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, body=answer.body, headers={"Content-Type": answer.content_type})
