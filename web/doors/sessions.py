"""Gradio's sessions, made small: what a session keeps is the values of its states, and no copy of the page.

Gradio keeps a copy of every component's configuration with each session, for deep links, which are not offered:
170 KB for each call of an endpoint, and up to 10,000 of them.
"""

import time
from copy import copy
from typing import Any

from gradio.state_holder import SessionState, StateHolder

from web.doors.refusal import Refusal
from web.doors.visitor import KEY, Visitor

KEPT_SECONDS = 300.0  # a result that nobody fetches, the states of a page that was closed
MAX_SESSIONS = 2_000
MAX_WAITING_SESSION = 50  # questions in the queue; a page asks one at a time, a program as many as it has threads
MAX_WAITING_BYTES = 256_000_000  # of all requests in the queue; one carries its conversation
SWEEP_SECONDS = 5.0


class LeanSession(SessionState):  # type: ignore[misc]
    """A session without the copy of the page."""

    def __init__(self, blocks: Any) -> None:
        # As Gradio's own, but for `config_values`, which stay empty.
        self.blocks_config = copy(blocks.default_config)
        self.config_values: dict[int, Any] = {}
        self.state_data: dict[int, Any] = {}
        self._state_ttl: dict[int, Any] = {}
        self.is_closed = False
        self.STATE_TTL_WHEN_CLOSED = 3600

    def __setitem__(self, key: int, value: Any) -> None:
        super().__setitem__(key, value)
        self.config_values.clear()

    def _update_config(self, key: int) -> None:
        """Nothing is kept."""

    def _update_value_in_config(self, key: int, value: Any) -> None:
        """Nothing is kept."""


class LeanSessions(StateHolder):  # type: ignore[misc]
    """Sessions by their names."""

    def __getitem__(self, session_id: str) -> SessionState:
        with self.lock:
            if session_id not in self.session_data:
                self.session_data[session_id] = LeanSession(self.blocks)
        return super().__getitem__(session_id)

    def forget(self, session_id: str) -> None:
        """Let go of a session."""
        with self.lock:
            self.session_data.pop(session_id, None)
            self.time_last_used.pop(session_id, None)


class Keeper:
    """Bounds what Gradio keeps for its callers: waiting questions, results that nobody fetched, sessions."""

    def __init__(self, blocks: Any, app: Any) -> None:
        self._queue = blocks._queue
        self._app = app
        self._sessions = LeanSessions()
        self._sessions.set_blocks(blocks)
        self._sessions.capacity = 2 * MAX_SESSIONS  # `sweep` chooses better than Gradio, which drops the oldest
        app.state_holder = self._sessions
        self._seen: dict[str, float] = {}
        self._open: dict[str, int] = {}  # streams of each session
        self._swept = 0.0

    def admit(self, visitor: Visitor, session: str) -> None:
        """Raises Refusal while so much of this sender waits that others would have no place."""
        self.sweep()
        waiting = [event for event in self._queue.event_ids_to_events.values() if event.session_hash]
        mine = sum(_sender(event) == visitor.address for event in waiting)
        # Half of the places stay free for everybody else.
        if mine >= self._queue.max_size // 2:
            raise Refusal(429, f"{mine} questions from your address are waiting: wait for some", {"Retry-After": "5"})
        if session and sum(event.session_hash == session for event in waiting) >= MAX_WAITING_SESSION:
            raise Refusal(429, "too many of your questions are waiting: wait for some", {"Retry-After": "5"})
        if sum(_size(event) for event in waiting) + visitor.size > MAX_WAITING_BYTES or len(self.names()) > (
            MAX_SESSIONS + self._queue.max_size
        ):
            raise Refusal(503, "the server is busy: try again in a moment", {"Retry-After": "5"})
        self.touch(session)

    def touch(self, session: str) -> None:
        """A session is in use."""
        if session:
            self._seen[session] = time.monotonic()

    def known(self, session: str = "", event: str = "") -> bool:
        """Whether there is, or will be, something to fetch for a session or an event."""
        if session:
            return session in self._queue.pending_messages_per_session
        found = event in self._queue.event_ids_to_events
        return found or any(event in ids for ids in list(self._queue.pending_event_ids_session.values()))

    def opened(self, session: str) -> None:
        """A stream to a session begins."""
        self._open[session] = self._open.get(session, 0) + 1

    def closed(self, session: str) -> None:
        """A stream to a session has ended."""
        left = self._open.get(session, 1) - 1
        if left:
            self._open[session] = left
        else:
            self._open.pop(session, None)
            self.touch(session)

    def names(self) -> set[str]:
        """Every session of which anything is kept."""
        queue = self._queue
        kept = (self._sessions.session_data, queue.pending_event_ids_session, queue.pending_messages_per_session)
        return {name for names in kept for name in list(names)}

    def sweep(self) -> None:
        """Let go of what was not asked for in `KEPT_SECONDS`, and of the oldest past `MAX_SESSIONS`."""
        now = time.monotonic()
        names = self.names()
        if now - self._swept < SWEEP_SECONDS and len(names) <= MAX_SESSIONS:
            return
        self._swept = now
        busy = {event.session_hash for event in list(self._queue.event_ids_to_events.values())} | set(self._open)
        self._seen = {name: now if name in busy else self._seen.get(name, now) for name in names}
        idle = sorted((name for name in names if name not in busy), key=self._seen.__getitem__)
        too_many = max(0, len(names) - MAX_SESSIONS)
        for number, name in enumerate(idle):
            if number < too_many or now - self._seen[name] > KEPT_SECONDS:
                self.forget(name)

    def forget(self, session: str) -> None:
        """Let go of everything that is kept of a session."""
        self._sessions.forget(session)
        self._queue.pending_event_ids_session.pop(session, None)
        if session in self._queue.pending_messages_per_session:
            del self._queue.pending_messages_per_session[session]
        self._seen.pop(session, None)


def _sender(event: Any) -> str:
    visitor = event.request.scope.get(KEY)
    return visitor.address if isinstance(visitor, Visitor) else ""


def _size(event: Any) -> int:
    visitor = event.request.scope.get(KEY)
    return visitor.size if isinstance(visitor, Visitor) else 0
