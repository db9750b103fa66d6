"""How much rewriting follow-up questions helps: conversations asked turn by turn, with and without it.

    python -m benchmarks.conversation tests/data/conversations.json        # the rewrites alone
    python -m benchmarks.conversation tests/data/conversations.json --store DIR --xquad xquad_en.json

The first form needs no store: it compares each rewrite with the question that a person wrote in its place,
by their content words, given right answers to the turns before. The second builds a store at DIR and asks it
each turn as typed and as rewritten after the answers really given. An answer is right if its F1 with one of
the right answers is at least RIGHT_F1. Rules are tuned on the even-numbered conversations (from 0), never the odd.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from index import PassageIndex, read_articles
from index.command_line import Parser, run
from qa import QA
from qa.conversation import Turn, standalone
from qa.conversation.antecedents import REFERENCES
from qa.conversation.phrases import singular, tokenize
from qa.conversation.vocabulary import FUNCTION_WORDS
from qa.evaluation import RIGHT_F1, contains_gold, f1
from qa.text import normalise

FOUND_AT = (1, 5)  # passages; an article here has about 5, so that 5 tells little but "right article"
CLOSE_F1 = 0.8  # a rewrite this near to the gold question asks for the same
KINDS = ("pronoun", "fragment", "other", "stands alone")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One follow-up of a conversation (numbered from 0), as typed, as rewritten and as a person would."""

    conversation: int
    article: str  # the name of the file that answers, without its ending
    kind: str
    question: str
    rewritten: str
    gold: str
    answers: tuple[str, ...]

    @property
    def overlap(self) -> float:
        """Content-word F1 of the rewrite with the gold question, in [0, 1]."""
        return content_f1(self.rewritten, self.gold)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a follow-up was answered rightly as rewritten and as typed."""

    rewrite: Rewrite
    right_with: bool
    right_without: bool


def content_f1(one: str, other: str) -> float:
    """F1 of two questions' content words, singular and in lower case; 1.0 if neither has any."""
    first, second = (Counter(_content(text)) for text in (one, other))
    if not first and not second:
        return 1.0
    return 2 * sum((first & second).values()) / (sum(first.values()) + sum(second.values()))


def _content(text: str) -> Iterator[str]:
    words = [token.lower for token in tokenize(text)]
    return (singular(word) for word in words if word not in FUNCTION_WORDS)


def kind_of(turn: dict[str, Any]) -> str:
    """Which of `KINDS` a follow-up is, by its words."""
    words = [token.lower for token in tokenize(turn["question"])]
    if turn.get("untouched"):
        return "stands alone"
    if len(words) <= 3 or words[0] in ("and", "but") or words[1] == "about":
        return "fragment"
    return "pronoun" if set(words) & REFERENCES.keys() else "other"


def rewrites(conversations: Sequence[dict[str, Any]]) -> list[Rewrite]:
    """Every follow-up rewritten after right answers to the turns before it, themselves rewritten."""
    found = []
    for number, conversation in enumerate(conversations):
        title = conversation["about"].removeprefix("xquad:") if conversation["about"].startswith("xquad:") else ""
        turns: list[Turn] = []
        for place, turn in enumerate(conversation["turns"]):
            asked = standalone(turn["question"], turns)
            if place:
                found.append(_rewrite(number, conversation, place, asked))
            turns.append(Turn(turn["question"], asked, _given(turn["answers"], title)))
    return found


def _rewrite(number: int, conversation: dict[str, Any], place: int, asked: str) -> Rewrite:
    turn, about = conversation["turns"][place], conversation["about"]
    article = about.removeprefix("xquad:") if about.startswith("xquad:") else Path(about).stem
    texts = (turn["question"], asked, turn["standalone"])
    return Rewrite(number, article, kind_of(turn), *texts, tuple(turn["answers"]))


def _given(answers: Sequence[str], title: str) -> Any:
    """A right answer in the shape that the rules look at."""
    cited = (SimpleNamespace(article=SimpleNamespace(title=title)),) if title else ()
    return SimpleNamespace(text=answers[0] if answers else None, citations=cited, confidence=1.0)


def outcomes(conversations: Sequence[dict[str, Any]], ask: Callable[[str], Any]) -> list[Outcome]:
    """Every follow-up asked as rewritten after the answers really given, and as typed."""
    found = []
    for number, conversation in enumerate(conversations):
        turns: list[Turn] = []
        for place, turn in enumerate(conversation["turns"]):
            asked = standalone(turn["question"], turns)
            answer = ask(asked)
            if place:
                plain = answer if asked == turn["question"] else ask(turn["question"])
                rewrite = _rewrite(number, conversation, place, asked)
                found.append(Outcome(rewrite, is_right(answer.text, turn), is_right(plain.text, turn)))
            turns.append(Turn(turn["question"], asked, answer))
    return found


def found_passages(found: Sequence[Rewrite], retrieve: Callable[[str], Sequence[Any]]) -> list[Outcome]:
    """Whether a passage retrieved from the right article holds an answer, as rewritten and as typed."""

    def holds(question: str, rewrite: Rewrite) -> bool:
        hits = [hit for hit in retrieve(question) if Path(hit.article.source).stem == rewrite.article]
        return any(contains_gold(hit.passage.text, rewrite.answers) for hit in hits)

    answerable = [rewrite for rewrite in found if rewrite.answers]
    return [Outcome(r, holds(r.rewritten, r), holds(r.question, r)) for r in answerable]


def is_right(text: str | None, turn: dict[str, Any]) -> bool:
    """Whether an answer says what a right answer says; no right answers means that none is right."""
    return f1(text, turn["answers"]) >= RIGHT_F1 or normalise(text or "") in map(normalise, turn["answers"])


def rewrite_lines(found: Sequence[Rewrite]) -> Iterator[str]:
    """A table of the rewrites alone, by kind, then for odd- and even-numbered conversations."""
    yield f"{'':14}{'n':>5}{'overlap':>9}{'as typed':>10}{'close':>7}{'unchanged':>11}"
    groups = {kind: [r for r in found if r.kind == kind] for kind in KINDS}
    asked = [r for r in found if r.kind != "stands alone"]
    groups["to be rewritten"] = asked
    groups["  even"] = [r for r in asked if r.conversation % 2 == 0]
    groups["  odd"] = [r for r in asked if r.conversation % 2]
    for name, rows in groups.items():
        n = max(len(rows), 1)
        overlap = sum(r.overlap for r in rows) / n
        typed = sum(content_f1(r.question, r.gold) for r in rows) / n
        close = sum(r.overlap >= CLOSE_F1 for r in rows) / n
        same = sum(r.rewritten == r.question for r in rows)
        yield f"{name:14}{len(rows):5}{overlap:9.3f}{typed:10.3f}{close:7.1%}{same:11}"


def outcome_lines(found: Sequence[Outcome]) -> Iterator[str]:
    """A table of right answers with and without rewriting, and of the questions it harmed."""
    yield f"{'':14}{'n':>5}{'right with':>12}{'without':>9}{'mended':>8}{'harmed':>8}{'changed':>9}"
    groups = {kind: [o for o in found if o.rewrite.kind == kind] for kind in KINDS}
    groups["all"] = list(found)
    groups["  even"] = [o for o in found if o.rewrite.conversation % 2 == 0]
    groups["  odd"] = [o for o in found if o.rewrite.conversation % 2]
    for name, rows in groups.items():
        mended = sum(o.right_with and not o.right_without for o in rows)
        harmed = sum(o.right_without and not o.right_with for o in rows)
        changed = sum(o.rewrite.rewritten != o.rewrite.question for o in rows)
        with_it, without = sum(o.right_with for o in rows), sum(o.right_without for o in rows)
        yield f"{name:14}{len(rows):5}{with_it:12}{without:9}{mended:8}{harmed:8}{changed:9}"


def build_store(store: Path, xquad: Path | None) -> None:
    """A store of `seeds/` and, one article for each title, the passages of a SQuAD file."""
    with tempfile.TemporaryDirectory() as folder:
        paths = ["seeds"]
        if xquad is not None:
            for article in json.loads(xquad.read_text(encoding="utf-8"))["data"]:
                name = article["title"].replace("/", "_")
                text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
                Path(folder, f"{name}.txt").write_text(f"{name.replace('_', ' ')}\n\n{text}\n", encoding="utf-8")
            paths.append(folder)
        PassageIndex.build(read_articles(paths), store=str(store))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table of rewrites and, with a store, that of answers."""
    parser = Parser.of("benchmarks.conversation", __doc__)
    parser.add_argument("conversations", type=Path)
    parser.add_argument("--store", type=Path, help="where to build the store; without it nothing is asked")
    parser.add_argument("--xquad", type=Path, help="SQuAD file whose passages go into the store with seeds/")
    parser.add_argument("--show", action="store_true", help="every follow-up with its rewrite, and what became of it")
    options = parser.parse_args(arguments)
    conversations = json.loads(options.conversations.read_text(encoding="utf-8"))["conversations"]
    print("\n".join(rewrite_lines(rewrites(conversations))))
    if options.store is None:
        return 0
    build_store(options.store, options.xquad)
    asked = conversations if options.xquad else [c for c in conversations if c["about"].startswith("seeds/")]
    return run(lambda: _ask(asked, options.store, show=options.show))


def _ask(conversations: Sequence[dict[str, Any]], store: Path, *, show: bool) -> None:
    qa = QA.open(store)
    rewritten = rewrites(conversations)
    for k in FOUND_AT:
        retrieved = found_passages(rewritten, partial(qa.retrieve, k=k, rerank=False))
        print(f"\nAn answer stands in the best {k} of the search's passages, in the right article:")
        print("\n".join(outcome_lines(retrieved)))
    found = outcomes(conversations, qa.ask)
    print("\nThe answer is right:")
    print("\n".join(outcome_lines(found)))
    if show:
        print("\n" + "\n".join(map(_shown, found)))
    qa.close()


def _shown(outcome: Outcome) -> str:
    marks = {(True, False): "mended", (False, True): "HARMED", (True, True): "right", (False, False): "wrong"}
    rewrite = outcome.rewrite
    mark = marks[outcome.right_with, outcome.right_without]
    return f"{mark:7}{rewrite.question}  ->  {rewrite.rewritten}"


if __name__ == "__main__":
    raise SystemExit(main())
