"""Questions as people ask them, of `seeds/` and of twelve articles of other forms; judged as the asker would.

    python -m benchmarks.people                          # both halves
    python -m benchmarks.people --half tuning --show     # each question with its answer and what it is worth
    python -m benchmarks.people --half held --reader DIR --json

Single questions go through `QA.ask`, conversations turn by turn through the web chat's own function for them. What
counts as right is in `benchmarks.verdicts`. Settings are chosen on the tuning half; figures are told of the held one.
"""

import argparse
import json
import math
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.verdicts import (
    FROM_THE_QUOTE,
    PARTLY,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
    RIGHT,
    WRONG,
    Gold,
    Shown,
    judge,
)
from index import PassageIndex, read_articles
from index.command_line import Parser
from index.command_line import run as run_command
from qa import QA
from qa.confidence import in_words
from qa.evaluation import auroc
from qa.feedback import Feedback
from web.asking import answers
from web.auth import Gate
from web.conversations import Conversation, Exchange
from web.site import Site

PROJECT = Path(__file__).resolve().parent.parent
DATA = PROJECT / "tests" / "data"
ARTICLES = (PROJECT / "seeds", DATA / "people")
HALVES = ("tuning", "held", "all")
FACTOID = "factoid"  # the kind that is judged by the answer's words alone
SINGLE, FIRST, FOLLOW_UP = "single questions", "first turns", "follow-ups"
FIGURES = (RIGHT, "by its words", PARTLY, WRONG, REFUSED_WRONGLY, "confidence right", "confidence wrong")


@dataclass(frozen=True, slots=True)
class Judged:
    """A question that was asked: where it stood, what was shown, and what that is worth."""

    id: str
    place: str  # SINGLE, FIRST or FOLLOW_UP
    gold: Gold
    shown: Shown
    verdict: str

    @property
    def by_its_words(self) -> bool:
        """Whether it is right by the words shown as the answer, without the quotes."""
        gold = replace(self.gold, kind=FACTOID) if self.gold.kind in FROM_THE_QUOTE else self.gold
        return self.verdict == RIGHT and judge(gold, self.shown) == RIGHT

    @property
    def word(self) -> str:
        """The confidence in words, as the page says it."""
        return in_words(self.shown.confidence)[0]


def load(half: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The questions and the conversations of a half, or all of them."""
    document = json.loads((DATA / "people.json").read_text(encoding="utf-8"))
    questions, conversations = (
        [row for row in document[name] if half in ("all", row["half"])] for name in ("questions", "conversations")
    )
    return questions, conversations


def ask_singles(qa: QA, rows: Iterable[dict[str, Any]]) -> Iterator[Judged]:
    """Each question asked for itself."""
    for row in rows:
        gold, shown = Gold.of(row), Shown.of(qa.ask(row["question"]))
        yield Judged(row["id"], SINGLE, gold, shown, judge(gold, shown))


def ask_conversations(qa: QA, store: Path, rows: Iterable[dict[str, Any]]) -> Iterator[Judged]:
    """Each conversation asked turn by turn, as the web chat does."""
    site = Site(qa, store, Gate(None, private=False, loopback=True), Feedback(store))
    for row in rows:
        conversation = Conversation(row["id"], started="")
        for number, turn in enumerate(row["turns"], start=1):
            exchange = Exchange(f"{row['id']}-{number}", turn["question"])
            conversation, shown = _answered(site, conversation.put(exchange), exchange)
            gold = Gold.of(turn)
            yield Judged(exchange.id, FIRST if number == 1 else FOLLOW_UP, gold, shown, judge(gold, shown))


def _answered(site: Site, conversation: Conversation, exchange: Exchange) -> tuple[Conversation, Shown]:
    """The conversation with the answer to its last question, and what is shown of that answer."""
    *_, last = answers(site, conversation, exchange)
    if not isinstance(last, Exchange) or last.said is None:
        raise RuntimeError(f"{exchange.question!r} came to nothing: {getattr(last, 'problem', last)}")
    return conversation.put(last), Shown.of(last.said)


def groups(judged: Sequence[Judged]) -> Iterator[tuple[str, list[Judged]]]:
    """The rows of the table: each kind of the single questions, then each place, then all."""
    singles = [one for one in judged if one.place == SINGLE]
    for kind, rows in groupby(singles, key=lambda one: one.gold.kind):
        yield kind, list(rows)
    for place in (SINGLE, FIRST, FOLLOW_UP):
        yield place, [one for one in judged if one.place == place]
    yield "all", list(judged)


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Counts by verdict (a right refusal is right) and the mean confidence of right and wrong answers (or NaN).

    "by its words" counts those of the right ones that need no quote.
    """
    by = {verdict: sum(one.verdict == verdict for one in judged) for verdict in (RIGHT, PARTLY, WRONG, REFUSED_WRONGLY)}
    refused = sum(one.verdict == REFUSED_RIGHTLY for one in judged)
    by[RIGHT] += refused
    by["by its words"] = refused + sum(one.by_its_words for one in judged)
    means = {f"confidence {verdict}": _mean(_confidences(judged, verdict)) for verdict in (RIGHT, WRONG)}
    return {"n": len(judged), **by, **means}


def _confidences(judged: Sequence[Judged], verdict: str) -> list[float]:
    return [one.shown.confidence for one in judged if one.verdict == verdict]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")


def words(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """For each confidence word, the surest first: the answers that carry it, and how many are right, partly, wrong."""
    given = sorted((one for one in judged if one.shown.words), key=lambda one: -one.shown.confidence)
    found = {}
    for word in dict.fromkeys(one.word for one in given):
        verdicts = [one.verdict for one in given if one.word == word]
        counts = {verdict: verdicts.count(verdict) for verdict in (RIGHT, PARTLY, WRONG)}
        found[word] = {"answers": len(verdicts), **counts, "share right": counts[RIGHT] / len(verdicts)}
    return found


def separation(judged: Sequence[Judged]) -> dict[str, float]:
    """AUROC of right answers against wrong ones (partly right ones left out), by confidence and by its words."""
    given = [one for one in judged if one.verdict in (RIGHT, WRONG)]
    right = np.array([one.verdict == RIGHT for one in given], dtype=bool)
    rank = {word: -place for place, word in enumerate(words(judged))}
    return {
        "confidence": auroc(np.array([one.shown.confidence for one in given], dtype=float), right),
        "words": auroc(np.array([rank[one.word] for one in given], dtype=float), right),
    }


def table(judged: Sequence[Judged]) -> Iterator[str]:
    """The table by kind, the separation, and the table of the confidence words."""
    yield f"{'':18}{'n':>5}" + "".join(f"{name:>17}" for name in FIGURES)
    for name, rows in groups(judged):
        found = figures(rows)
        cells = (f"{found[key]:17.2f}" if key.startswith("confidence") else f"{found[key]:17}" for key in FIGURES)
        yield f"{name:18}{len(rows):5}" + "".join(cells)
    apart = separation(judged)
    yield f"\nAUROC, right answers against wrong: {apart['confidence']:.3f}; by the words {apart['words']:.3f}\n"
    yield f"{'':26}{'answers':>9}{'right':>9}{'partly':>9}{'wrong':>9}{'share right':>13}"
    for word, row in words(judged).items():
        counts = "".join(f"{row[key]:9}" for key in ("answers", RIGHT, PARTLY, WRONG))
        yield f"{word:26}{counts}{row['share right']:13.2f}"


def shown_line(one: Judged) -> str:
    """A question with its answer and its judgement."""
    said = " … ".join(" ".join(text.split()) for text in one.shown.words) or "-"
    wanted = " or ".join("; ".join(required) for required in one.gold.lists) if one.verdict != RIGHT else ""
    wanted = f"   [{wanted}]" if wanted else ""
    return f"{one.verdict:16}{one.shown.confidence:.2f}  {one.gold.question}  ->  {said}{wanted}"


def document(judged: Sequence[Judged], *, show: bool) -> dict[str, Any]:
    """The same as JSON: a figure that is missing is null."""
    kinds = {name: _without_nan(figures(rows)) for name, rows in groups(judged)}
    found = {"kinds": kinds, "auroc": _without_nan(separation(judged)), "words": words(judged)}
    return found | ({"questions": [asdict(one) for one in judged]} if show else {})


def _without_nan(values: dict[str, float]) -> dict[str, float | None]:
    return {name: None if math.isnan(value) else value for name, value in values.items()}


def run(half: str, reader: str | None) -> list[Judged]:
    """Build a store of the articles and ask it a half of the questions. Raises ArticleQAError."""
    questions, conversations = load(half)
    with tempfile.TemporaryDirectory() as store:
        PassageIndex.build(read_articles(ARTICLES), store=store)
        qa = QA.open(store, reader=reader)
        judged = [*ask_singles(qa, questions), *ask_conversations(qa, Path(store), conversations)]
        qa.close()
    return judged


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask, judge and print."""
    parser = Parser.of("benchmarks.people", __doc__)
    parser.add_argument("--half", choices=HALVES, default="all")
    parser.add_argument("--reader", metavar="R", help="a question-answering model: folder or hub name")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.add_argument("--show", action="store_true", help="every question with its answer and its judgement")
    options = parser.parse_args(arguments)
    return run_command(lambda: _tell(options))


def _tell(options: argparse.Namespace) -> None:
    judged = run(options.half, options.reader)
    if options.json:
        print(json.dumps(document(judged, show=options.show), ensure_ascii=False))
    else:
        print("\n".join([*(map(shown_line, judged) if options.show else ()), *table(judged)]))


if __name__ == "__main__":
    sys.exit(main())
