"""Signing in, and the gate before every request.

Without a users' file the page belongs to whoever sits at this machine: only requests that name it as a loopback
host pass, and everybody may change articles if the server listens on loopback. With one, operators sign in to
change articles; asking is open unless it is private.
"""

import base64
import binascii
import ipaddress
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from web.render import escape
from web.users import OPERATOR, Users

COOKIE = "article-qa-session"
SESSION_SECONDS = 12 * 3600
ATTEMPTS = 10  # wrong passwords from one address within
ATTEMPT_SECONDS = 300.0
MAX_FORM = 4_000  # bytes
GUEST = ""
_OPEN_PATHS = ("/login", "/static/", "/assets/", "/favicon.ico", "/theme.css")


@dataclass
class Gate:
    """Tells who asks, and whether that one may come in or change articles."""

    users: Users | None
    private: bool
    loopback: bool
    _sessions: dict[str, tuple[str, float]] = field(default_factory=dict)
    _failures: dict[str, list[float]] = field(default_factory=dict)

    def who(self, request: Request) -> str | None:
        """A user's name, GUEST, or None for one who has to sign in first."""
        name, until = self._sessions.get(request.cookies.get(COOKIE, ""), ("", 0.0))
        if name and until > time.time():
            return name
        return self._basic(request) or (None if self.private else GUEST)

    def may_change(self, name: str | None) -> bool:
        """Whether the user of that name may change articles."""
        if self.users is None:
            return self.loopback
        return bool(name) and self.users.role(name or "") == OPERATOR

    def sign_in(self, address: str, name: str, password: str) -> str | None:
        """A new session's token, or None for a wrong password or too many of them."""
        now = time.time()
        recent = [moment for moment in self._failures.get(address, []) if now - moment < ATTEMPT_SECONDS]
        if self.users is None or len(recent) >= ATTEMPTS:
            return None
        if self.users.check(name, password) is None:
            self._failures[address] = [*recent, now]
            return None
        self._failures.pop(address, None)
        self._sessions = {token: kept for token, kept in self._sessions.items() if kept[1] > now}
        token = secrets.token_urlsafe(32)
        self._sessions[token] = (name, now + SESSION_SECONDS)
        return token

    def sign_out(self, token: str) -> None:
        """Forget a session."""
        self._sessions.pop(token, None)

    def _basic(self, request: Request) -> str | None:
        """For programs: HTTP Basic, each time checked like a sign-in."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or self.users is None:
            return None
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        address = request.client.host if request.client else ""
        token = self.sign_in(address, name, password)
        self.sign_out(token or "")
        return name if token else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine only."""
    bare = host.strip("[]").lower()
    try:
        return bare == "localhost" or ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


class GateMiddleware:
    """Turns away, before anything else sees the request, whoever may not come in."""

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        refusal = None
        if scope["type"] == "http":
            refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        # A page elsewhere, or a proxy that others reach, must not pass for the person at this machine.
        if self._gate.users is None and self._gate.loopback and not is_loopback(_host_of(request)):
            return PlainTextResponse("this server answers to localhost only; start it with --auth FILE", 403)
        path = request.url.path
        if path.startswith(_OPEN_PATHS):
            return None
        name = self._gate.who(request)
        if name is None:
            asks_for_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
            return RedirectResponse("/login", 303) if asks_for_page else PlainTextResponse("sign in first", 401)
        if path.rstrip("/").endswith("/upload") and not self._gate.may_change(name):
            return PlainTextResponse("only operators may upload", 403)
        return None


def _host_of(request: Request) -> str:
    host = request.headers.get("host", "")
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


async def login_page(request: Request) -> Response:
    """GET shows the form, POST signs in."""
    gate: Gate = request.app.state.gate
    if request.method == "GET":
        return HTMLResponse(_form(""))
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM:
            return PlainTextResponse("too long", 413)
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    name, password = (fields.get(key, [""])[0] for key in ("name", "password"))
    token = gate.sign_in(request.client.host if request.client else "", name, password)
    if token is None:
        return HTMLResponse(_form("That name and password do not match, or there were too many attempts."), 401)
    response = RedirectResponse("/", 303)
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, token, max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=secure)
    return response


async def logout(request: Request) -> Response:
    """Forget the session and go back to the page."""
    gate: Gate = request.app.state.gate
    gate.sign_out(request.cookies.get(COOKIE, ""))
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE)
    return response


def _form(problem: str) -> str:
    said = f'<p role="alert">{escape(problem)}</p>' if problem else ""
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in · Article QA</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 1rem }}
label {{ display: block; margin: .8rem 0 }}
input, button {{ font: inherit; padding: .5rem; width: 100%; box-sizing: border-box }}
</style>
<main><h1>Article QA</h1>{said}<form method="post" action="/login">
<label>Name <input name="name" autocomplete="username" required autofocus></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<button>Sign in</button></form></main></html>"""
