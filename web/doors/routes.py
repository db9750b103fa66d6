"""The routes that the pages and the programs of docs/using.md use. Every other one is answered 404."""

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from web.doors.refusal import Refusal

KB, MB = 1_000, 1_000_000
# An event carries the open conversation: at most 200 exchanges of 3 to 6 KB, once as JSON and once as HTML.
EVENT_BYTES = 4 * MB
CALL_BYTES = 64 * KB  # a question has 2,000 characters
FORM_BYTES = 4 * KB
NAME = r"[A-Za-z0-9_-]{1,64}"  # a session, an event, an endpoint
FILE = r"(?!.*\.\.)[\w./-]{1,200}"


@dataclass(frozen=True, slots=True)
class Route:
    """One route. `kind` says what else is looked at; `body` is in bytes; a public one needs no signing in."""

    methods: tuple[str, ...]
    path: re.Pattern[str]
    kind: str
    body: int = 0
    query: tuple[str, ...] = ()  # what is passed on of the query; the rest stays in the browser
    public: bool = False


def _route(
    methods: str, path: str, kind: str, body: int = 0, query: tuple[str, ...] = (), *, public: bool = False
) -> Route:
    return Route(tuple(methods.split()), re.compile(path), kind, body, query, public)


ROUTES = (
    _route("GET HEAD", "/|/(?:articles|search)/?", "page"),
    _route("GET HEAD", f"/(?:assets|static)/{FILE}", "asset", public=True),
    _route("GET HEAD", r"/(?:favicon\.ico|theme\.css|manifest\.json)", "asset", public=True),
    _route("GET POST", "/login", "form", FORM_BYTES, query=("next",), public=True),
    _route("POST", "/logout", "form", FORM_BYTES),
    _route("GET HEAD", "/originals/[0-9a-f]{16}", "original", query=("download",)),
    _route("GET", "/config/?", "info", query=("page",)),
    _route("GET", "/gradio_api/info/?", "info", query=("page", "all_endpoints")),
    _route("GET", "/gradio_api/app_id/?", "info"),  # asked when the connection was lost: is it the same server?
    _route("POST", "/gradio_api/run/predict/?", "event", EVENT_BYTES),
    _route("POST", "/gradio_api/queue/join", "join", EVENT_BYTES),
    _route("GET", "/gradio_api/queue/data", "data", query=("session_hash",)),
    _route("POST", "/gradio_api/cancel", "cancel", FORM_BYTES),
    _route("GET", f"/gradio_api/heartbeat/(?P<session>{NAME})", "heartbeat"),
    _route("POST", rf"/gradio_api/call/(?P<v2>v2/)?(?P<name>{NAME})/?", "call", CALL_BYTES),
    _route("GET", rf"/gradio_api/call/(?:v2/)?{NAME}/(?P<event>{NAME})", "result"),
    _route("POST", "/gradio_api/upload", "upload", query=("upload_id",)),
    _route("GET", "/gradio_api/upload_progress", "progress", query=("upload_id",)),
)
MCP = _route("POST", "/gradio_api/mcp/?", "mcp", CALL_BYTES)


@dataclass(frozen=True, slots=True)
class Found:
    """The route of a request and the named parts of its path."""

    route: Route
    parts: dict[str, str]


def find(method: str, path: str, *, mcp: bool) -> Found:
    """The route of a request. Raises Refusal for what is none."""
    if path.rstrip("/") == "/gradio_api/mcp" and mcp and method != "POST":
        raise Refusal(405, "MCP is served by POST", {"Allow": "POST"})
    for route in (*ROUTES, *([MCP] if mcp else [])):
        if method in route.methods and (match := route.path.fullmatch(path)):
            return Found(route, {name: part for name, part in match.groupdict().items() if part})
    raise Refusal(404, "no such page")


def kept_query(route: Route, query: bytes) -> dict[str, str]:
    """What the route takes of a query. Raises Refusal for one that cannot be read."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, max_num_fields=20)
    except ValueError as error:
        raise Refusal(400, "the address's query cannot be read") from error
    return {name: value[:200] for name, value in pairs if name in route.query}


def query_string(kept: dict[str, str]) -> bytes:
    """The query as the application gets it."""
    return urlencode(kept).encode("ascii")
