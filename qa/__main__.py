"""The shell: `python -m qa ask | retrieve | evaluate`. Errors are one line on stderr and an exit code."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import Filter, InputError, default_store
from index.command_line import Parser, print_json, run, safe
from index.reporter import Reporter
from qa.shell import answer_text, hits_json, hits_text

if TYPE_CHECKING:
    from qa.pipeline import QA

MAX_K = 1000  # more passages than anyone reads; a typing slip should not print the whole store


def parser() -> Parser:
    """Every command with its options; each sets `command` to the function that carries it out."""
    top = Parser(prog="python -m qa", description="Questions answered in the exact words of your articles.")
    commands = top.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for add in (_add_ask, _add_retrieve, _add_evaluate, _add_feedback):
        add(commands)
    return top


def _add_ask(commands: Any) -> None:
    ask = commands.add_parser("ask", help="the answer with its citations")
    ask.add_argument("question", metavar="QUESTION")
    _add_common(ask)
    ask.add_argument("--min-confidence", type=_share, metavar="X", help="refuse below this confidence, 0 to 1")
    _add_filters(ask)
    ask.set_defaults(command=ask_command)


def _add_retrieve(commands: Any) -> None:
    retrieve = commands.add_parser("retrieve", help="the best passages")
    retrieve.add_argument("query", metavar="QUERY")
    retrieve.add_argument("-k", type=_count, default=10, metavar="N", help="how many passages (default 10)")
    retrieve.add_argument("--no-rerank", action="store_true", help="the search's own order, without the reader")
    _add_common(retrieve)
    _add_filters(retrieve)
    retrieve.set_defaults(command=retrieve_command)


def _add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser("evaluate", help="quality figures on question files in SQuAD's format")
    evaluate.add_argument("files", nargs="+", metavar="FILE.json")
    _add_common(evaluate)
    evaluate.add_argument("--limit", type=_count, metavar="N", help="ask N questions drawn at random")
    evaluate.add_argument("-k", "--k", type=_depth, metavar="N", help="follow rankings to rank N (default 10)")
    evaluate.add_argument("--report", metavar="DIR", help="also write a page with plots and the worst misses")
    evaluate.set_defaults(command=evaluate_command)


def _add_feedback(commands: Any) -> None:
    feedback = commands.add_parser("feedback", help="what people thought of the answers in the web chat")
    verbs = feedback.add_subparsers(required=True, metavar="VERB", parser_class=Parser)
    export = verbs.add_parser("export", help="print it as an evaluation set in SQuAD's format")
    export.add_argument("--store", metavar="DIR", help="the store (default ARTICLE_QA_STORE, else store/)")
    export.set_defaults(command=feedback_command)


def _add_common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--store", metavar="DIR", help="the store (default ARTICLE_QA_STORE, else store/)")
    command.add_argument(
        "--reader", metavar="NAME", help="large, small, or a folder or hub name (default: the best there is)"
    )
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")


def _add_filters(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("only articles with")
    group.add_argument("--source", metavar="PATTERN", help="this in their source; * and ? stand for anything")
    group.add_argument("--title", metavar="PATTERN", help="this in their title; * and ? stand for anything")
    group.add_argument("--from", dest="published_from", type=_date, metavar="DATE", help="published from then")
    group.add_argument("--to", dest="published_to", type=_date, metavar="DATE", help="published up to then")


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 0 to 1")
    return value


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return int(text)


def _depth(text: str) -> int:
    value = _count(text)
    if not 10 <= value <= MAX_K:
        raise argparse.ArgumentTypeError(f"{text!r} is not from 10, which R@10 needs, to {MAX_K}")
    return value


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2024-05-20") from None


def _readable(text: str) -> str:
    """`text` as it was typed, or InputError when its bytes were no text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise InputError("the question cannot be read as UTF-8: type it again or set a UTF-8 locale") from None
    return text


def _filter(options: argparse.Namespace) -> Filter | None:
    where = Filter(options.source, options.title, options.published_from, options.published_to)
    if where.published_from and where.published_to and where.published_from > where.published_to:
        raise InputError(f"--from {where.published_from} is after --to {where.published_to}: swap them")
    return where if where != Filter() else None


def ask_command(options: argparse.Namespace) -> None:
    """Print the answer, or that the articles do not say; both are results."""
    with _opened(options) as qa:
        answer = qa.ask(_readable(options.question), where=_filter(options), min_confidence=options.min_confidence)
    if options.json:
        print_json(answer.to_json())
    else:
        print(answer_text(answer, bold=_can_be_bold()))


def retrieve_command(options: argparse.Namespace) -> None:
    """Print the best passages."""
    with _opened(options) as qa:
        hits = qa.retrieve(_readable(options.query), options.k, rerank=not options.no_rerank, where=_filter(options))
    if options.json:
        print_json(hits_json(hits))
    else:
        print(hits_text(hits))


def evaluate_command(options: argparse.Namespace) -> None:
    """Print the figures; what could not be used is named on stderr."""
    from qa.evaluation import RANK_DEPTH, evaluate, figures, read_dataset, table, to_json, write_report

    dataset = read_dataset(options.files).sample(options.limit)
    with Reporter() as reporter:
        evaluation = evaluate(
            dataset,
            store=options.store,
            reader=options.reader,
            depth=options.k or RANK_DEPTH,
            on_progress=reporter.on_progress if sys.stderr.isatty() else None,
        )
    for skipped in evaluation.dataset.skipped:
        print(f"left out: {safe(skipped.source)}: {safe(skipped.reason)}", file=sys.stderr)
    found = figures(evaluation)
    if options.report:
        write_report(evaluation, found, options.report)
    if options.json:
        print_json(to_json(evaluation, found))
    else:
        print("\n".join(map(safe, table(evaluation, found).split("\n"))))


def feedback_command(options: argparse.Namespace) -> None:
    """Print the feedback as SQuAD JSON."""
    from qa.feedback import Feedback

    print_json(Feedback(Path(options.store or default_store())).squad())


@contextmanager
def _opened(options: argparse.Namespace) -> "Iterator[QA]":
    from qa.pipeline import QA

    qa = QA.open(options.store, reader=options.reader, ahead=not getattr(options, "no_rerank", False))
    try:
        yield qa
    finally:
        qa.close()


def _can_be_bold() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    return run(lambda: options.command(options))


if __name__ == "__main__":
    sys.exit(main())
