"""The web chat: `python app.py [--store DIR] [--host H] [--port N]`. Builds the store from seeds/ if there is none."""

import argparse
import getpass
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from index import (
    ArticleQAError,
    InputError,
    PassageIndex,
    Progress,
    Skipped,
    StoreMissing,
    default_store,
    read_articles,
)

if TYPE_CHECKING:
    from qa import QA

PORT = 7860
SEEDS = Path(__file__).resolve().parent / "seeds"


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line instead of the usage."""
        print(f"app.py: {message}; see python app.py --help", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        if options.add_user:
            return _add_user(options.auth, options.add_user, may_change=not options.may_only_ask)
        return _serve(options)
    except ArticleQAError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        print(f"internal error: {type(error).__name__}: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="app.py", description="Serve the web chat; Ctrl-C ends it.")
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
    from web.logs import set_up
    from web.server import Settings, free_socket, make_app, make_entrance, make_site, serve

    set_up()
    store, proxies = options.store or default_store(), tuple(options.trusted_proxy)
    settings = Settings(store, options.host, options.port, options.auth, options.private, options.mcp, proxies)
    with free_socket(settings.host, settings.port) as bound:
        entrance = make_entrance(settings)  # before the store: a mistake must not cost a build
        site = make_site(store, entrance.gate, _open(store, options.reader))
        if said := site.recover():
            print(said[0].upper() + said[1:] + ".", flush=True)
        app = make_app(site, entrance, mcp=settings.mcp)
        bound.listen()  # from here on a request waits for the server instead of being refused
        host, port = bound.getsockname()[:2]
        print(f"Article QA is at http://{f'[{host}]' if ':' in host else host}:{port} (Ctrl-C ends it)", flush=True)
        serve(app, bound)
    return 0


def _open(store: Path, reader: str | None) -> "QA":
    """The opened store, built from the seeds when there is none."""
    from qa import QA

    try:
        return QA.open(store, reader=reader)
    except StoreMissing:
        print(f"No store at {store} yet: building it from {SEEDS.name}/", flush=True)
    skipped: list[Skipped] = []
    articles = read_articles([SEEDS], on_skip=skipped.append)
    summary = PassageIndex.build(articles, store, skipped=skipped, on_progress=_terminal())
    print(f"\r{summary.new} articles, {summary.passages} passages in {summary.seconds:.0f} s.{' ' * 30}", flush=True)
    return QA.open(store, reader=reader)


class _terminal:  # noqa: N801 - called like a function
    """Progress on one line of a terminal; one line for each stage elsewhere."""

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        """Show one moment of the build."""
        total = f" of {progress.total}" if progress.total is not None else ""
        left = f", {progress.seconds_left:.0f} s left" if progress.seconds_left else ""
        if sys.stdout.isatty():
            print(f"\r{progress.stage} {progress.done}{total}{left}{' ' * 20}", end="", flush=True)
        elif progress.stage != self._stage:
            print(f"{progress.stage} …", flush=True)
        self._stage = progress.stage


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
