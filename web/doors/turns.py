"""Turns: of one address so many requests are worked on at once, the next wait in line; nobody else waits with them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from starlette.types import Message, Send

# A page or its configuration takes Gradio some 30 ms of the event loop, an event with a long conversation half a
# second of a thread: what others wait for at most is this many of them.
AT_ONCE = 2
# By kind of route. Streams are no work, and uploads, sign-ins and MCP's tools have bounds of their own.
LINES = {
    **dict.fromkeys(("page", "info", "asset", "original"), "pages"),
    **dict.fromkeys(("event", "join", "call", "cancel"), "events"),
}


@dataclass(slots=True)
class _Line:
    places: asyncio.Semaphore
    there: int = 0  # those whose turn it is and those who wait


class Turns:
    """Used on the event loop only."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._lines: dict[tuple[str, str], _Line] = {}

    @asynccontextmanager
    async def turn(self, kind: str, address: str, send: Send) -> AsyncIterator[Send]:
        """Wait for a turn. It ends when the answer begins: how long a client takes to read it is its own matter."""
        if kind not in LINES:
            yield send
            return
        place = LINES[kind], address
        line = self._lines.setdefault(place, _Line(asyncio.Semaphore(self._at_once)))
        line.there += 1
        held = False

        def end() -> None:
            nonlocal held
            if held:
                held = False
                line.places.release()

        async def sent(message: Message) -> None:
            end()
            await send(message)

        try:
            await line.places.acquire()
            held = True
            yield sent
        finally:
            end()
            line.there -= 1
            if not line.there:
                self._lines.pop(place, None)
