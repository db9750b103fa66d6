"""The web chat: `python app.py [--store DIR] [--host H] [--port N]`. Builds the store from seeds/ if there is none."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index import InputError, PassageIndex, StoreMissing, default_store, read_articles
from index.command_line import Parser, run
from index.project import SEEDS
from index.reporter import Reporter

if TYPE_CHECKING:
    from qa import QA

PORT = 7860


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.add_user:
        return run(lambda: _add_user(options.auth, options.add_user, may_change=not options.may_only_ask))
    return run(lambda: _serve(options))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="app.py", description="Serve the web chat; Ctrl-C ends it.")
    parser.add_argument("--store", metavar="DIR", type=Path, help="the store (default: store/, or ARTICLE_QA_STORE)")
    parser.add_argument(
        "--reader", metavar="NAME", help="large, small, or a folder or hub name (default: the best there is)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT, help="the port (default: %(default)s)")
    parser.add_argument("--mcp", action="store_true", help="offer the endpoints as MCP tools too")
    parser.add_argument("--auth", metavar="FILE", type=Path, help="the users' file; operators may change articles")
    parser.add_argument("--private", action="store_true", help="asking needs a user as well")
    parser.add_argument(
        "--trusted-proxy", metavar="ADDRESS", action="append", default=[],
        help="a proxy whose X-Forwarded-For, -Host and -Proto are believed; may be given more than once",
    )  # fmt: skip
    parser.add_argument("--add-user", metavar="NAME", help="ask for NAME's password, keep it in the --auth file, end")
    parser.add_argument("--may-only-ask", action="store_true", help="with --add-user: NAME may not change articles")
    return parser


def _serve(options: argparse.Namespace) -> int:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from web.examples import choose
    from web.logs import set_up
    from web.server import Settings, free_socket, make_app, make_entrance, make_site, serve

    set_up()
    store, proxies = options.store or default_store(), tuple(options.trusted_proxy)
    settings = Settings(store, options.host, options.port, options.auth, options.private, options.mcp, proxies)
    with free_socket(settings.host, settings.port) as bound:
        entrance = make_entrance(settings)  # before the store: a mistake must not cost a build
        new = not store.exists()
        site = make_site(store, entrance.gate, _open(store, options.reader))
        if new:
            choose(site)  # examples belong to the build; the first visitor sees them at once
        if said := site.recover():
            print(said[0].upper() + said[1:] + ".", flush=True)
        app = make_app(site, entrance, mcp=settings.mcp)
        site.qa.warm()  # so that the first question takes what the next one takes
        bound.listen()  # from here on a request waits for the server instead of being refused
        host, port = bound.getsockname()[:2]
        print(f"Article QA is at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)", flush=True)
        serve(app, bound)
    return 0


def _open(store: Path, reader: str | None) -> "QA":
    """The opened store, built from the seeds when there is none."""
    from qa import QA

    try:
        return QA.open(store, reader=reader, ahead=True)
    except StoreMissing:
        print(f"No store at {store} yet: building it from {SEEDS.name}/", flush=True)
    with Reporter(sys.stdout) as reporter:
        articles = read_articles([SEEDS], on_skip=reporter.skips.add)
        summary = PassageIndex.build(articles, store, skipped=reporter.skips, on_progress=reporter.on_progress)
    print(f"{summary.new} articles, {summary.passages} passages in {summary.seconds:.0f} s.", flush=True)
    return QA.open(store, reader=reader, ahead=True)


def _add_user(path: Path | None, name: str, *, may_change: bool) -> int:
    from web.users import OPERATOR, READER, add_user

    if path is None:
        raise InputError("--add-user needs the users' file: give it with --auth FILE")
    if sys.stdin.isatty():
        password = getpass.getpass(f"Password for {name}: ")
        if password != getpass.getpass("Again: "):
            raise InputError("the two passwords differ: run the command again")
    else:
        password = sys.stdin.readline().rstrip("\n")
    add_user(path, name, password, OPERATOR if may_change else READER)
    print(f"{name} is in {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
