"""The middleware: each request passes the doors in order, or is answered with why not."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.doors import bodies, events
from web.doors.headers import guarded
from web.doors.origins import Origins
from web.doors.payloads import parsed, safe
from web.doors.peers import Peers, without_claims
from web.doors.refusal import Refusal
from web.doors.routes import Found, find, kept_query, query_string
from web.doors.sessions import Keeper
from web.doors.turns import Turns
from web.doors.visitor import KEY, Visitor

SMALL_BYTES = 64_000  # parsed at once; a larger body in a thread
MAX_STREAMS = 400  # open answers of one address: each page has one, and one more while it asks
_STREAMS = ("data", "heartbeat", "result")

logger = logging.getLogger("web")


@dataclass(frozen=True, slots=True)
class Watch:
    """What the doors ask: who is asking, from where, for what."""

    peers: Peers
    origins: Origins
    who: Callable[[Headers, str], Awaitable[str | None]]  # a user's name, "" for a guest, None for: sign in
    may_change: Callable[[str], bool]
    owns: Callable[[str, str], bool]  # whether a file's token is that browser's
    browser_cookie: str
    blocks: gr.Blocks
    endpoints: events.Endpoints
    keeper: Keeper
    mcp: bool


class Doors:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch
        self._room = bodies.Room()
        self._streams: Counter[str] = Counter()
        self._parsing = asyncio.Semaphore(2)
        self._turns = Turns()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: HTTP passes the doors, nothing else but the start and the end of the server comes in."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        if scope["type"] != "http":
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        kind, out = "", guarded(sent)
        try:
            found = self._enter(scope)
            kind = found.route.kind
            await self._pass(found, scope, receive, out)
        except Refusal as refusal:
            if not begun:
                await refusal.response(kind)(scope, receive, out)
        except bodies.Gone:
            return
        except Exception as error:
            logger.error("%s %s failed: %s: %s", scope["method"], scope["path"][:100], type(error).__name__, error)
            if not begun:
                await Refusal(500, "something went wrong here: ask again").response(kind)(scope, receive, out)

    def _enter(self, scope: Scope) -> Found:
        """The doors that need no body: host, origin, route."""
        self._watch.origins.check(self._watch.peers.of(scope), Headers(scope=scope))
        return find(scope["method"], scope["path"], mcp=self._watch.mcp)

    async def _pass(self, found: Found, scope: Scope, receive: Receive, send: Send) -> None:
        peer, headers, route = self._watch.peers.of(scope), Headers(scope=scope), found.route
        visitor = await self._visitor(found, headers, peer.address, peer.scheme, scope["path"].strip("/"))
        query = kept_query(route, scope["query_string"])
        events.check_query(query)
        with self._room.held(visitor.address) as hold:
            body = None
            if route.body and scope["method"] == "POST":
                body = await bodies.read(receive, headers, route.body, hold)
                visitor = replace(visitor, size=len(body))
            async with self._turns.turn(route.kind, visitor.address, send) as sent:
                kept = without_claims(scope, peer)
                if body is not None:
                    body = await self._checked(found, headers, body, visitor)
                    receive, kept = bodies.replay(body, receive), bodies.with_length(kept, len(body))
                passed = {**scope, "headers": kept, "query_string": query_string(query), "scheme": peer.scheme}
                passed[KEY] = visitor
                with self._streaming(found, query, visitor) if route.kind in _STREAMS else nullcontext():
                    await self._app(passed, receive, sent)

    async def _visitor(self, found: Found, headers: Headers, address: str, scheme: str, wanted: str) -> Visitor:
        browser = cookie_parser(headers.get("cookie", "")).get(self._watch.browser_cookie, "")[:100]
        if found.route.public:
            return Visitor(address, "", scheme, browser)
        name = await self._watch.who(headers, address)
        if name is None:
            if found.route.kind == "page" and "text/html" in headers.get("accept", ""):
                raise Refusal(303, "sign in first", {"Location": "/login" + (wanted and f"?next={wanted}")})
            raise Refusal(401, "sign in first")
        if found.route.kind == "upload" and not self._watch.may_change(name):
            raise Refusal(403, "only operators may upload")
        return Visitor(address, name, scheme, browser)

    async def _checked(self, found: Found, headers: Headers, body: bytes, visitor: Visitor) -> bytes:
        """A body of JSON made anew out of what fits; a form's as it is. Raises Refusal."""
        if found.route.kind == "form":
            return body
        if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(415, "the request must be JSON: send it with Content-Type: application/json")

        def own(token: str) -> bool:
            return self._watch.owns(token, visitor.browser)

        if len(body) <= SMALL_BYTES:
            value = safe(parsed(body), own)
        else:  # half a second for the largest, in which others go on
            async with self._parsing:
                value = await asyncio.to_thread(lambda: safe(parsed(body), own))
        return events.encoded(self._fitting(found, value, visitor))

    def _fitting(self, found: Found, value: Any, visitor: Visitor) -> Any:
        watch, kind, name = self._watch, found.route.kind, found.parts.get("name", "")
        if kind in ("event", "join"):
            body = events.event(value, watch.blocks, watch.endpoints, queued=kind == "join")
            if kind == "join":
                watch.keeper.admit(visitor, body["session_hash"])
            watch.keeper.touch(body["session_hash"])
            return body
        if kind == "call":
            body = events.call(name, value, watch.endpoints, by_name="v2" in found.parts)
            watch.keeper.admit(visitor, "")
            return body
        return events.cancel(value) if kind == "cancel" else events.rpc(value)

    @contextmanager
    def _streaming(self, found: Found, query: dict[str, str], visitor: Visitor) -> Iterator[None]:
        """While an answer goes on for as long as its client listens. Raises Refusal when there is none."""
        keeper, event = self._watch.keeper, found.parts.get("event", "")
        session = event or found.parts.get("session", "")
        if found.route.kind == "data":
            session = events.session(query.get("session_hash"))
        if found.route.kind != "heartbeat" and not keeper.known("" if event else session, event):
            raise Refusal(404, "there is nothing to fetch: it was fetched already, or never asked for")
        if self._streams[visitor.address] >= MAX_STREAMS:
            raise Refusal(429, "too many pages are open at your address: close some", {"Retry-After": "5"})
        self._streams[visitor.address] += 1
        keeper.opened(session)
        try:
            yield
        finally:
            self._streams[visitor.address] -= 1
            if not self._streams[visitor.address]:
                del self._streams[visitor.address]
            keeper.closed(session)
            if event and not keeper.known(event=event):
                keeper.forget(event)
