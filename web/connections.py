"""Connections of clients that are slow, silent or too many: each has a time to ask in, and there are only so many.

uvicorn by itself waits without end for a request's headers and takes connections until there are no descriptors left.
"""

import asyncio
import logging
import resource
from contextlib import suppress
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS = 15.0  # from a connection, or from a request's first byte, to the end of its headers
TAIL_SECONDS = 30.0  # for the rest of a body that was refused already
TAKE_SECONDS = 60.0  # for a client to take what waits to be sent
MOST = 1_000  # connections
CLOSED_SHARE = 20  # one in so many makes room at once: looking for them takes a millisecond
BACKLOG = 100  # connections that are taken in one go, before any of them is counted
HEAD_BYTES = 32_000  # a request's line and headers
HEAD_LINES = 100  # a browser sends some 20, a proxy adds some; each takes h11 10 µs
# h11 takes some 20 µs for each piece of a body that comes in pieces, and a piece may be of one byte.
FREE_PIECES = 100
PIECE_BYTES = 500  # on average, past the free ones; clients that send in pieces send 1,000 and more
WANTED_FILES = 4_096  # descriptors; connections take at most half of them

logger = logging.getLogger("web.connections")


def most_connections() -> int:
    """How many connections are held at once: the descriptors' limit is raised to `WANTED_FILES` where it may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < WANTED_FILES:
        wanted = WANTED_FILES if hard == resource.RLIM_INFINITY else min(hard, WANTED_FILES)
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    return MOST if soft == resource.RLIM_INFINITY else max(16, min(MOST, soft // 2 - BACKLOG))


class Frugal(h11.Connection):
    """h11's connection, which takes no more lines of a head and no more pieces of a body than honest clients send."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, HEAD_BYTES)
        self._pieces = self._bytes = 0

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        """As h11's. Raises RemoteProtocolError, which is answered with 400."""
        if self.their_state is h11.IDLE:
            self._pieces = self._bytes = 0
            _check_head(self.trailing_data[0])
        event = super().next_event()
        if isinstance(event, h11.Data):
            self._pieces += event.chunk_start
            self._bytes += len(event.data)
            if self._pieces > FREE_PIECES + self._bytes // PIECE_BYTES:
                raise h11.RemoteProtocolError("a body in too many pieces")
        return event


def _check_head(data: bytes) -> None:
    ends = [end for end in (data.find(b"\n\r\n"), data.find(b"\n\n")) if end >= 0]
    end = min(ends, default=len(data))
    if end > HEAD_BYTES or data.count(b"\n", 0, end) > HEAD_LINES:
        raise h11.RemoteProtocolError("a head of too many bytes or lines")


class Patient(H11Protocol):
    """uvicorn's protocol with an end to its patience."""

    most = MOST

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = Frugal()
        self.since = self.loop.time()
        self._deadline: asyncio.TimerHandle | None = None
        self._untaken: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether no request of this connection is being answered."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def sends(self) -> bool:
        """Whether the body of its request is still to come, or a part of it."""
        return self.conn.their_state is h11.SEND_BODY

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, in the place of those that have waited longest where there are too many."""
        super().connection_made(transport)
        self.since = self.loop.time()
        if len(self.connections) > self.most:
            others = [one for one in self.connections if isinstance(one, Patient) and one is not self]
            waiting = [one for one in others if one.waits] or [one for one in others if one.sends]
            longest = sorted(waiting, key=lambda one: one.since)[: max(1, self.most // CLOSED_SHARE)]
            logger.warning("more than %d connections: those that have waited longest are closed", self.most)
            for one in longest or [self]:
                one.drop()
        self._until(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._until(None)
        if self._untaken is not None:
            self._untaken.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came; a request that has begun must come to the end of its headers in time."""
        try:
            super().data_received(data)
        except h11.LocalProtocolError:  # no HTTP any more, after it was answered
            self.drop()
            return
        if not self.waits:
            self._until(None)  # while it is answered, the doors look at the time
        elif self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._until(HEAD_SECONDS, again=False)
        elif self.conn.their_state is not h11.SEND_BODY and self.cycle is not None:
            self._until(None)

    def on_response_complete(self) -> None:
        """After an answer: the rest of a body that was refused may come, but not for ever."""
        super().on_response_complete()
        self.since = self.loop.time()
        if self.waits and self.conn.their_state is h11.SEND_BODY:
            self._until(TAIL_SECONDS)

    def pause_writing(self) -> None:
        """The client does not take what is sent: it has some time to begin."""
        super().pause_writing()
        self._untaken = self.loop.call_later(TAKE_SECONDS, self.drop)

    def resume_writing(self) -> None:
        """It takes again."""
        super().resume_writing()
        if self._untaken is not None:
            self._untaken.cancel()
            self._untaken = None

    def drop(self) -> None:
        """Close the connection at once."""
        self.connections.discard(self)
        if self.transport is not None:
            self.transport.abort()

    def _until(self, seconds: float | None, *, again: bool = True) -> None:
        if self._deadline is not None:
            if seconds is not None and not again:
                return
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self.drop)
