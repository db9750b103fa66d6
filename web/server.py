"""Puts the pages behind the gate and serves them on one address."""

import os
import socket
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported
os.environ["HF_HUB_OFFLINE"] = "1"

import gradio as gr
import uvicorn
from fastapi import FastAPI

from index import InputError
from qa import QA
from qa.feedback import Feedback
from web.api import add_endpoints
from web.articles_page import ArticlesPage
from web.auth import Gate, GateMiddleware, is_loopback, login_page, logout
from web.chat import ChatPage
from web.originals import original
from web.search_page import SearchPage
from web.site import Site
from web.theme import STATIC, STYLESHEET, theme
from web.uploads import MAX_UPLOAD_BYTES
from web.users import Users

WAITING = 500  # requests in the queue; the next is told that it is full
# With uvicorn's 5 s, a client of a busy server sends its next request on a connection that is just being closed.
KEEP_ALIVE_SECONDS = 75
INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class Settings:
    """How to serve: where, to whom, and with what."""

    store: Path
    host: str
    port: int
    auth: Path | None = None
    private: bool = False
    mcp: bool = False


def make_gate(settings: Settings) -> Gate:
    """Who may come in. Raises InputError for a users' file that cannot be used."""
    users = Users.read(settings.auth) if settings.auth else None
    if settings.private and users is None:
        raise InputError("--private needs users: give their file with --auth FILE")
    return Gate(users, settings.private, is_loopback(settings.host))


def make_site(store: Path, gate: Gate, qa: QA) -> Site:
    """What the pages share."""
    return Site(qa, store, gate, Feedback(store))


def make_app(site: Site, *, mcp: bool = False) -> FastAPI:
    """The whole web application, to be served by any ASGI server."""
    # Gradio puts uploads there before we see them: within the store, like everything that is handed in.
    os.environ["GRADIO_TEMP_DIR"] = str((site.store / INCOMING).absolute())
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.site, app.state.gate = site, site.gate
    app.add_route("/login", login_page, methods=["GET", "POST"])
    app.add_route("/logout", logout, methods=["POST"])
    app.add_route("/originals/{article_id}", original, methods=["GET"])
    app.add_middleware(GateMiddleware, gate=site.gate)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="SSR mode is not supported")  # nor wanted
        gr.mount_gradio_app(app, make_blocks(site), "/", **_mounting(site, mcp))
    return app


def _mounting(site: Site, mcp: bool) -> dict[str, Any]:
    return {
        "auth_dependency": site.gate.who,
        "theme": theme(),
        "css_paths": [STYLESHEET],
        "head": f"<script>{(STATIC / 'shelf.js').read_text('utf-8')}</script>",
        "footer_links": [],
        "run_history": False,
        "enable_monitoring": False,
        "pwa": False,
        "ssr_mode": False,
        "mcp_server": mcp,
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
        SearchPage(site).build()
    blocks.queue(max_size=WAITING, default_concurrency_limit=2)
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
    config = uvicorn.Config(
        app, log_level="warning", timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=3
    )
    uvicorn.Server(config).run(sockets=[bound])
