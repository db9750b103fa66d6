"""Bodies, read with a limit and a time-out, whatever their headers say."""

import asyncio
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from web.doors.refusal import Refusal

SILENT_SECONDS = 20.0  # with nothing of a body coming in
BODY_SECONDS = 60.0  # for the whole body of anything but an upload
UPLOAD_SECONDS = 1800.0  # for the whole of an upload


async def parts(receive: Receive, headers: Headers, limit: int, seconds: float) -> AsyncIterator[bytes]:
    """A body piece by piece. Raises Refusal when it is too large or does not come; ends when its sender is gone."""
    declared = headers.get("content-length", "")
    if declared.isdecimal() and len(declared) < 20 and int(declared) > limit:
        raise too_large(limit)
    loop = asyncio.get_running_loop()
    end, size = loop.time() + seconds, 0
    while True:
        try:
            message = await asyncio.wait_for(receive(), min(SILENT_SECONDS, max(end - loop.time(), 0.01)))
        except TimeoutError as error:
            raise Refusal(408, "the request did not come to its end in time", {"Connection": "close"}) from error
        if message["type"] == "http.disconnect":
            raise Gone
        size += len(message.get("body", b""))
        if size > limit:
            raise too_large(limit)
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


class Gone(Exception):  # noqa: N818 - reads as a state
    """Whoever sent the request has left before its end."""


async def read(receive: Receive, headers: Headers, limit: int) -> bytes:
    """A whole body of at most `limit` bytes. Raises Refusal."""
    return b"".join([part async for part in parts(receive, headers, limit, BODY_SECONDS)])


def replay(body: bytes, receive: Receive) -> Receive:
    """A body that was read, handed on once more; after it, what `receive` has to say."""
    given = False

    async def received() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received


def too_large(limit: int) -> Refusal:
    """The refusal of a body past its limit."""
    return Refusal(413, f"too large: at most {limit:,} bytes are taken here")
