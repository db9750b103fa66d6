"""Puts the pages behind the doors and serves them on one address."""

import atexit
import os
import shutil
import socket
import tempfile
import warnings
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported, as are the next two
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"  # a table of the last events is made anew at the end of each
# Nothing of ours is written there, but Gradio makes a folder in it.
os.environ["GRADIO_TEMP_DIR"] = tempfile.mkdtemp(prefix="article-qa-")

import gradio as gr
import uvicorn
from fastapi import FastAPI
from starlette.routing import Mount

from index import InputError
from qa import QA
from qa.feedback import Feedback
from web.api import add_endpoints, endpoint_parameters, tools
from web.articles_page import ArticlesPage
from web.asking import AT_ONCE
from web.auth import Gate, login_page, logout
from web.chat import ChatPage
from web.connections import BACKLOG, Patient, most_connections
from web.doors.doors import Doors, Watch
from web.doors.origins import Origins, is_loopback
from web.doors.peers import Peers
from web.doors.sessions import MAX_SESSIONS, Keeper
from web.doors.visitor import visitor_of
from web.guard import guard
from web.originals import Originals, original
from web.reception import BROWSER_COOKIE, MAX_UPLOAD_BYTES, progress, upload
from web.search_page import SearchPage
from web.site import Site
from web.theme import STATIC, STYLESHEET, theme
from web.users import Users

WAITING = 500  # requests in the queue; the next is told that it is full
# With uvicorn's 5 s, a client of a busy server sends its next request on a connection that is just being closed.
KEEP_ALIVE_SECONDS = 75
atexit.register(shutil.rmtree, os.environ["GRADIO_TEMP_DIR"], ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve: where, to whom, and with what."""

    store: Path
    host: str
    port: int
    auth: Path | None = None
    private: bool = False
    mcp: bool = False
    proxies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who may come in, from where, under which names."""

    gate: Gate
    peers: Peers
    origins: Origins


def make_entrance(settings: Settings) -> Entrance:
    """Raises InputError for a users' file or a proxy's address that cannot be used."""
    users = Users.read(settings.auth) if settings.auth else None
    if settings.private and users is None:
        raise InputError("--private needs users: give their file with --auth FILE")
    loopback = is_loopback(settings.host)
    origins = Origins(settings.host, loopback and users is None)
    return Entrance(Gate(users, settings.private, loopback), Peers(settings.proxies), origins)


def make_site(store: Path, gate: Gate, qa: QA) -> Site:
    """What the pages share."""
    return Site(qa, store, gate, Feedback(store))


def make_app(site: Site, entrance: Entrance, *, mcp: bool = False) -> FastAPI:
    """The whole web application, to be served by any ASGI server."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site, app.state.gate, app.state.originals = site, site.gate, Originals()
    app.add_route("/login", login_page, methods=["GET", "POST"])
    app.add_route("/logout", logout, methods=["POST"])
    app.add_route("/originals/{article_id}", original, methods=["GET"])
    app.add_route("/gradio_api/upload", upload, methods=["POST"])
    app.add_route("/gradio_api/upload_progress", progress, methods=["GET"])
    if mcp:
        _add_mcp(app, site)
    blocks = make_blocks(site)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode is not supported")  # nor wanted
        gr.mount_gradio_app(app, blocks, "/", **_mounting(site))
    # Gradio looks at files' paths only once it has been launched, which mounting is not.
    blocks.has_launched = True
    mounted = next(route.app for route in app.routes if isinstance(route, Mount))
    keeper = Keeper(blocks, mounted)
    app.add_middleware(Doors, watch=_watch(site, entrance, blocks, keeper, mcp=mcp))
    return app


def _add_mcp(app: FastAPI, site: Site) -> None:
    from web.mcp import Tools

    served = Tools(tools(site), endpoint_parameters(), ThreadPoolExecutor(AT_ONCE + 1, thread_name_prefix="mcp"))
    for path in ("/gradio_api/mcp", "/gradio_api/mcp/"):
        app.router.add_route(path, served, methods=["POST"])  # type: ignore[arg-type]
    before = app.router.lifespan_context

    @asynccontextmanager
    async def running(started: FastAPI) -> AsyncIterator[Any]:
        async with before(started) as state, served.running():
            yield state

    app.router.lifespan_context = running


def _watch(site: Site, entrance: Entrance, blocks: gr.Blocks, keeper: Keeper, *, mcp: bool) -> Watch:
    return Watch(
        entrance.peers, entrance.origins, entrance.gate.who, entrance.gate.may_change, site.inbox.has, BROWSER_COOKIE,
        blocks, endpoint_parameters(), keeper, mcp,
    )  # fmt: skip


def _mounting(site: Site) -> dict[str, Any]:
    return {
        "auth_dependency": lambda request: visitor_of(request).name,
        "theme": theme(),
        "css_paths": [STYLESHEET],
        "head": f"<script>{(STATIC / 'shelf.js').read_text('utf-8')}</script>",
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "pwa": False,
        "ssr_mode": False,
        "mcp_server": False,  # ours calls nothing through the network
        "show_error": True,  # all errors are lines of ours: see web.guard
        "max_file_size": MAX_UPLOAD_BYTES,
    }


def make_blocks(site: Site) -> gr.Blocks:
    """The three pages and the endpoints."""
    with gr.Blocks(title="Article QA", analytics_enabled=False, fill_width=True) as blocks:
        _navigation()
        ChatPage(site).build(blocks)
        add_endpoints(site)
    with blocks.route("Articles", "articles"):
        _navigation()
        ArticlesPage(site).build(blocks)
    with blocks.route("Search", "search"):
        _navigation()
        SearchPage(site).build(blocks)
    blocks.queue(max_size=WAITING, default_concurrency_limit=2)
    blocks._queue.pending_messages_per_session.max_size = 2 * MAX_SESSIONS  # web.doors.sessions bounds them
    guard(blocks)
    return blocks


def _navigation() -> None:
    gr.Navbar(main_page_name="Ask")


def free_socket(host: str, port: int) -> socket.socket:
    """A bound socket. Raises InputError when the port is taken or the host is none of this machine's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host.strip("[]"), port))
    except (OSError, OverflowError) as error:
        bound.close()
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(
            f"cannot listen on {host}:{port} ({reason}): choose another with --port N or --host H"
        ) from error
    return bound


def serve(app: FastAPI, bound: socket.socket) -> None:
    """Serve until interrupted."""
    Patient.most = most_connections()
    config = uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, http=Patient, ws="none", backlog=BACKLOG,
        proxy_headers=False, server_header=False, timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=3,
    )  # fmt: skip
    uvicorn.Server(config).run(sockets=[bound])
