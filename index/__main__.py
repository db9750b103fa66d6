"""The shell: python -m index build|add|remove|info|verify|history|rollback."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from index import (
    ArticleQAError,
    BuildSummary,
    GenerationInfo,
    InputError,
    PassageIndex,
    default_store,
    history,
    read_articles,
    rollback,
    verify,
)
from index.articles import source_of
from index.command_line import Parser, print_json, run, safe
from index.project import SEEDS
from index.reporter import Reporter
from index.search import Embedder, load_embedder
from index.store import ARTICLES, KEEP, ArticleInfo, Database, check_generation, folder_of, live_generation

SHOWN_ARTICLES = 20  # in `info` without --json


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    _show_warnings()
    return run(lambda: options.run(options))


def _show_warnings() -> None:
    """The package's own warnings as plain lines; libraries log to the root, and not for our users."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("index")
    logger.handlers = [handler]
    logger.propagate = False


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m index", description="Builds and looks after a store of articles.")
    commands = parser.add_subparsers(title="commands", required=True, parser_class=Parser, metavar="COMMAND")
    build = _command(commands, "build", _build, "bring the store to exactly what files and folders hold")
    build.add_argument("paths", nargs="*", metavar="PATH", help="files and folders (default: seeds/)")
    build.add_argument("--watch", action="store_true", help="go on, and rebuild whenever they change")
    add = _command(commands, "add", _add, "add or update articles, leaving the others")
    add.add_argument("paths", nargs="+", metavar="PATH", help="files and folders")
    for command in (build, add):
        command.add_argument("--strict", action="store_true", help="stop at the first bad file")
        command.add_argument("--embedder", metavar="NAME", help="a sentence-transformers model: name or folder")
    remove = _command(commands, "remove", _remove, "remove articles by source")
    remove.add_argument("sources", nargs="+", metavar="SOURCE", help="as `info` lists them")
    for command in (build, add, remove):
        help_ = f"how many generations stay (default: {KEEP})"
        command.add_argument("--keep", type=int, default=KEEP, metavar="N", help=help_)
    _command(commands, "info", _info, "what the store holds")
    _command(commands, "verify", _verify, "whether the store is whole")
    _command(commands, "history", _history, "the generations, newest first")
    _command(commands, "rollback", _rollback, "go back one generation")
    return parser


def _command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], help_: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=help_, description=help_)
    command.add_argument("--store", type=Path, metavar="DIR", help="the store (default: $ARTICLE_QA_STORE or store/)")
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")
    command.set_defaults(run=run)
    return command


def _build(options: argparse.Namespace) -> int:
    paths = options.paths or [SEEDS]
    if not options.watch:
        return _update(options, paths, PassageIndex.build)
    if options.json:
        raise InputError("--watch goes on for ever and --json is one document: give one of them")
    for path in paths:
        if not Path(path).exists():
            raise InputError(f"{path} does not exist")
    from index.building.watch import watch_paths

    def rebuild() -> None:
        try:
            _update(options, paths, PassageIndex.build)
        except ArticleQAError as error:
            print(safe(str(error)), file=sys.stderr, flush=True)

    watch_paths(paths, rebuild, store=_store(options))
    return 0


def _add(options: argparse.Namespace) -> int:
    return _update(options, options.paths, PassageIndex.add)


def _update(options: argparse.Namespace, paths: Sequence[str | Path], verb: Callable[..., BuildSummary]) -> int:
    embedder: Embedder | None = load_embedder(options.embedder) if options.embedder else None
    with Reporter() as reporter:
        summary = verb(
            read_articles(paths, strict=options.strict, on_skip=reporter.skips.add),
            _store(options),
            embedder=embedder,
            skipped=reporter.skips,
            on_progress=reporter.on_progress,
            keep=options.keep,
        )
    return _tell(options, summary_json(summary), summary_text(summary))


def _remove(options: argparse.Namespace) -> int:
    held = {info.source for info in _held(_store(options))}
    sources = [source if source in held else source_of(source) for source in options.sources]
    with Reporter() as reporter:
        summary = PassageIndex.remove(sources, _store(options), on_progress=reporter.on_progress, keep=options.keep)
    return _tell(options, summary_json(summary), summary_text(summary))


def _info(options: argparse.Namespace) -> int:
    root = _store(options)
    found = [info for info in history(root) if info.live]
    if not found:
        check_generation(root, live_generation(root))  # says what is wrong with it
    live = found[0]
    held = _held(root)
    lines = [
        f"{root}: generation {live.generation} of {live.created}, {_size(live.bytes)}, embedder {live.embedder}",
        f"{live.articles} articles, {live.passages} passages",
        *(f"  {info.source}  {info.title!r}, {info.passages} passages" for info in held[:SHOWN_ARTICLES]),
    ]
    if len(held) > SHOWN_ARTICLES:
        lines.append(f"  and {len(held) - SHOWN_ARTICLES} more: --json lists all")
    document = {"store": str(root), **asdict(live), "sources": [asdict(info) for info in held]}
    return _tell(options, document, "\n".join(lines))


def _held(root: Path) -> list[ArticleInfo]:
    live = live_generation(root)
    check_generation(root, live)
    database = Database(folder_of(root, live) / ARTICLES)
    try:
        return database.infos()
    finally:
        database.close()


def _verify(options: argparse.Namespace) -> int:
    root = _store(options)
    problems = verify(root)
    lines = [f"{root / problem.file}: {problem.reason}" for problem in problems] or [f"{root} is whole"]
    _tell(
        options,
        {"whole": not problems, "problems": [asdict(problem) for problem in problems]},
        "\n".join(lines),
    )
    return 1 if problems else 0


def _history(options: argparse.Namespace) -> int:
    infos = history(_store(options))
    return _tell(options, [asdict(info) for info in infos], "\n".join(map(_history_line, infos)))


def _rollback(options: argparse.Namespace) -> int:
    info = rollback(_store(options))
    return _tell(options, asdict(info), f"back at {_history_line(info)}")


def _history_line(info: GenerationInfo) -> str:
    change = info.change
    return (
        f"generation {info.generation}{' (live)' if info.live else ''}: {info.created}, "
        f"{change.new} new, {change.changed} changed, {change.removed} removed; "
        f"{info.articles} articles, {info.passages} passages, {_size(info.bytes)}, embedder {info.embedder}"
    )


def summary_json(summary: BuildSummary) -> dict[str, Any]:
    """What `build --json` prints."""
    kinds = ("new", "changed", "unchanged", "removed", "skipped")
    return {
        "generation": summary.generation,
        "articles": {kind: getattr(summary, kind) for kind in kinds},
        "passages": summary.passages,
        "embedded": summary.embedded,
        "seconds": round(summary.seconds, 3),
    }


def summary_text(summary: BuildSummary) -> str:
    """What `build` prints at its end."""
    where = f"generation {summary.generation} in {summary.store}"
    if not summary.changed_generation:
        return (
            f"nothing changed: {summary.unchanged} articles, {summary.skipped} skipped, "
            f"{summary.passages} passages, in {summary.seconds:.1f} s; {where}"
        )
    articles = summary.new + summary.changed + summary.unchanged
    return (
        f"{articles} articles ({summary.new} new, {summary.changed} changed, {summary.unchanged} unchanged, "
        f"{summary.removed} removed), {summary.skipped} skipped; {summary.passages} passages, "
        f"{summary.embedded} embedded, in {summary.seconds:.1f} s; {where}"
    )


def _size(size: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def _store(options: argparse.Namespace) -> Path:
    return options.store or default_store()


def _tell(options: argparse.Namespace, document: Any, text: str) -> int:
    if options.json:
        print_json(document)
    else:
        print(text, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
