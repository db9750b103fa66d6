"""Bodies, read with a limit and a time-out, whatever their headers say."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from web.doors.refusal import Refusal

SILENT_SECONDS = 20.0  # with nothing of a body coming in
BODY_SECONDS = 60.0  # for the whole body of anything but an upload
MAX_BODY_BYTES = 128_000_000  # of all bodies that are held at once; one address may have half of it
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


async def read(receive: Receive, headers: Headers, limit: int, hold: Callable[[int], None]) -> bytes:
    """A whole body of at most `limit` bytes, for which there is room. Raises Refusal."""
    read = []
    async for part in parts(receive, headers, limit, BODY_SECONDS):
        hold(len(part))
        read.append(part)
    return b"".join(read)


class Room:
    """Counts the bytes of all bodies that are in memory, from their first byte to the end of their answers."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()  # by address

    @contextmanager
    def held(self, address: str) -> Iterator[Callable[[int], None]]:
        """Gives a function that counts some more bytes of one request, or raises Refusal where there is no room."""
        size = 0

        def hold(more: int) -> None:
            nonlocal size
            size += more
            self._held[address] += more
            if self._held.total() > MAX_BODY_BYTES or self._held[address] > MAX_BODY_BYTES // 2:
                raise Refusal(503, "the server is busy: try again in a moment", {"Retry-After": "5"})

        try:
            yield hold
        finally:
            self._held[address] -= size
            if not self._held[address]:
                del self._held[address]


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


def with_length(headers: list[tuple[bytes, bytes]], length: int) -> list[tuple[bytes, bytes]]:
    """The headers with a body's own length in the place of what was said of it."""
    kept = [(name, value) for name, value in headers if name not in (b"content-length", b"transfer-encoding")]
    return [*kept, (b"content-length", str(length).encode("ascii"))]


def too_large(limit: int) -> Refusal:
    """The refusal of a body past its limit."""
    return Refusal(413, f"too large: at most {limit:,} bytes are taken here")
