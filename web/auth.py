"""Who asks, and what they may do: signing in by the form or by HTTP Basic.

Without a users' file the page belongs to whoever sits at this machine, who may change articles if the server listens
on loopback. With one, operators sign in to change articles; asking is open unless it is private.
"""

import asyncio
import base64
import binascii
import hashlib
import hmac
import math
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response

from web.attempts import Attempts
from web.doors.refusal import Refusal
from web.doors.visitor import visitor_of
from web.render import page
from web.users import OPERATOR, Users

COOKIE = "article-qa-session"
SESSION_SECONDS = 12 * 3600
MAX_SIGNED_IN = 10_000  # sessions; the oldest go first
BASIC_SECONDS = 60.0  # a right name and password of HTTP Basic are not hashed again so soon
CHECKS_AT_ONCE = 2  # each takes 16 MB and 50 ms of one core
MAX_CHECKS_WAITING = 100
GUEST = ""
PAGES = ("articles", "search")  # besides the first


@dataclass
class Gate:
    """Tells who asks, and whether that one may come in or change articles. Used on the event loop only."""

    users: Users | None
    private: bool
    loopback: bool
    attempts: Attempts = field(default_factory=Attempts)
    _sessions: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    _basics: OrderedDict[bytes, tuple[str, float]] = field(default_factory=OrderedDict)
    _key: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _checking: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(CHECKS_AT_ONCE))
    _waiting: int = 0

    async def who(self, headers: Headers, address: str) -> str | None:
        """A user's name, GUEST, or None for one who has to sign in first. Raises Refusal for too many attempts."""
        token = cookie_parser(headers.get("cookie", "")).get(COOKIE, "")
        name, until = self._sessions.get(token, ("", 0.0))
        if name and until > time.monotonic():
            return name
        return await self._basic(headers, address) or (None if self.private else GUEST)

    def may_change(self, name: str | None) -> bool:
        """Whether the user of that name may change articles."""
        if self.users is None:
            return self.loopback
        return bool(name) and self.users.role(name or "") == OPERATOR

    async def sign_in(self, address: str, name: str, password: str) -> str | None:
        """A new session's token, or None for a wrong password. Raises Refusal for one who has to wait."""
        if not await self._right(address, name, password):
            return None
        now = time.monotonic()
        self._sessions = OrderedDict((token, kept) for token, kept in self._sessions.items() if kept[1] > now)
        if len(self._sessions) >= MAX_SIGNED_IN:
            self._sessions.popitem(last=False)
        token = secrets.token_urlsafe(32)
        self._sessions[token] = (name, now + SESSION_SECONDS)
        return token

    def sign_out(self, token: str) -> None:
        """Forget a session."""
        self._sessions.pop(token, None)

    async def _right(self, address: str, name: str, password: str) -> bool:
        if self.users is None:
            return False
        if wait := self.attempts.wait(address, name):
            seconds = math.ceil(wait)
            raise Refusal(429, f"too many wrong passwords: try again in {seconds} s", {"Retry-After": str(seconds)})
        if self._waiting >= MAX_CHECKS_WAITING:
            raise Refusal(503, "too many people sign in at once: try again in a moment", {"Retry-After": "5"})
        self.attempts.begin(address, name)
        self._waiting += 1
        try:
            async with self._checking:
                user = await asyncio.to_thread(self.users.check, name, password)
        finally:
            self._waiting -= 1
        if user is None:
            return False
        self.attempts.right(address, name)
        return True

    async def _basic(self, headers: Headers, address: str) -> str | None:
        """For programs: HTTP Basic, each time checked like a sign-in."""
        scheme, _, value = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or self.users is None:
            return None
        mark = hmac.digest(self._key, value.encode(), hashlib.sha256)
        name, until = self._basics.get(mark, ("", 0.0))
        if name and until > time.monotonic():
            return name
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        if not await self._right(address, name, password):
            return None
        self._basics[mark] = (name, time.monotonic() + BASIC_SECONDS)
        while len(self._basics) > MAX_SIGNED_IN:
            self._basics.popitem(last=False)
        return name


async def login_page(request: Request) -> Response:
    """GET shows the form, POST signs in and goes back to the page that it was for."""
    gate: Gate = request.app.state.gate
    if request.method == "GET":
        return _form("", request.query_params.get("next", ""))
    fields = await _fields(request)
    after = fields.get("next", "")
    visitor = visitor_of(request)
    try:
        token = await gate.sign_in(visitor.address, fields.get("name", ""), fields.get("password", ""))
    except Refusal as refusal:
        line = refusal.line[0].upper() + refusal.line[1:] + "."
        return _form(line, after, refusal.status, refusal.headers)
    if token is None:
        return _form("That name and password do not match.", after, 401)
    response = RedirectResponse(_page(after), 303)
    secure = visitor.scheme == "https"
    response.set_cookie(COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response


async def logout(request: Request) -> Response:
    """Forget the session and go back to the page."""
    gate: Gate = request.app.state.gate
    gate.sign_out(request.cookies.get(COOKIE, ""))
    response = RedirectResponse(_page((await _fields(request)).get("next", "")), 303)
    response.delete_cookie(COOKIE)
    return response


async def _fields(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _page(name: str) -> str:
    """The address of one of our pages; of the first for any other name."""
    return f"/{name}" if name in PAGES else "/"


def _form(problem: str, after: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    shown = page("login.html", problem=problem, after=after if after in PAGES else "")
    return HTMLResponse(shown, status, headers)
