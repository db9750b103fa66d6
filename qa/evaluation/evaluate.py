"""Ask a dataset's questions of a store and record what came back; `figures` makes figures of the record.

Every question is asked with the answer forced (no threshold), so that one run shows both what is found and,
from the confidence, what would have been refused. Some answerable questions are asked again with their own
article left out: they then stand for questions that the store cannot answer.
"""

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from index import Article, Hit, PassageIndex, Snapshot
from index.building import Meter, OnProgress
from index.passages import passage_of
from qa.answer import Answer, compose, stands
from qa.evaluation.dataset import SAMPLE_SEED, Dataset, Question, covers
from qa.evaluation.store_match import askable, place
from qa.pipeline import QA, checked
from qa.reader import Reader

RANK_DEPTH = 10  # rankings are followed this far: R@10 and MRR@10 need no more
HELD_OUT_LIMIT = 300  # questions asked again without their article; a figure of their own, so a part will do
HELD_OUT_POOL = 30  # passages searched at first, before the own article's are left out


@dataclass(frozen=True, slots=True)
class Outcome:
    """One question's result. Ranks count from 1; None where no gold passage was found or none exists."""

    question: Question
    answer: Answer
    seconds: float
    citations_hold: bool
    fused_rank: int | None = None
    reranked_rank: int | None = None
    reading: str | None = None
    absent_confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All outcomes on a dataset and the setting they came from; times in seconds."""

    dataset: Dataset
    outcomes: tuple[Outcome, ...]
    threshold: float
    reader: str
    embedder: str
    passages: int
    build_seconds: float | None
    load_seconds: float
    depth: int


def evaluate(
    dataset: Dataset,
    *,
    store: str | Path | None = None,
    reader: str | Reader | None = None,
    depth: int = RANK_DEPTH,
    on_progress: OnProgress | None = None,
) -> Evaluation:
    """Ask every question of `dataset`, of a store built from its articles or of the one given.

    Articles of a given store are matched by the questions' paragraphs, so one built from other files of the
    same text will do. `on_progress` is called as work goes on. InputError when the given
    store holds none of the paragraphs.
    """
    asked = askable(dataset)
    with _store_of(dataset, store, on_progress) as (path, build_seconds):
        began = time.perf_counter()
        qa = QA.open(path, reader=reader)
        try:
            qa.ask(asked.questions[0].text)  # the models load at the first question
            load_seconds = time.perf_counter() - began
            snapshot = qa.index.current()
            placed = asked if store is None else place(asked, snapshot)
            return Evaluation(
                dataset=placed,
                outcomes=tuple(_ask_all(qa, placed, snapshot, depth, on_progress)),
                threshold=qa.min_confidence,
                reader=qa.reader.name,
                embedder=snapshot.manifest.embedder,
                passages=snapshot.manifest.passages,
                build_seconds=build_seconds,
                load_seconds=load_seconds,
                depth=depth,
            )
        finally:
            qa.close()


@contextmanager
def _store_of(
    dataset: Dataset, store: str | Path | None, on_progress: OnProgress | None
) -> Iterator[tuple[str | Path, float | None]]:
    """The store to ask and the seconds it took to build; a store of our own is gone afterwards."""
    if store is not None:
        yield store, None
        return
    with tempfile.TemporaryDirectory(prefix="article-qa-") as folder:
        began = time.perf_counter()
        PassageIndex.build(dataset.articles, store=folder, on_progress=on_progress)
        yield folder, time.perf_counter() - began


def _ask_all(
    qa: QA, dataset: Dataset, snapshot: Snapshot, depth: int, on_progress: OnProgress | None
) -> Iterator[Outcome]:
    again = _held_out(dataset.questions)
    meter = Meter("asking", on_progress)
    meter(0, len(dataset.questions))
    for number, question in enumerate(dataset.questions, start=1):
        outcome = _ask(qa, snapshot, question, depth)
        if question in again:
            outcome = replace(outcome, absent_confidence=_without_article(qa, snapshot, question))
        yield outcome
        meter(number, len(dataset.questions))


def _held_out(questions: Sequence[Question]) -> set[Question]:
    """The answerable questions to ask again without their article: all, or HELD_OUT_LIMIT at random."""
    answerable = [question for question in questions if question.answerable]
    count = min(HELD_OUT_LIMIT, len(answerable))
    return set(random.Random(SAMPLE_SEED).sample(answerable, count))


def _ask(qa: QA, snapshot: Snapshot, question: Question, depth: int) -> Outcome:
    """What `qa.ask` does, step by step, so that the pool is read once for the answer and for its order."""
    text = checked(question.text)
    began = time.perf_counter()
    pool = qa.calibration.pool
    hits = snapshot.search(text, max(pool, depth))
    ranked = qa.rank(text, hits[:pool])
    answer = compose(text, ranked, qa.calibration.probability(text, ranked), 0.0)
    outcome = Outcome(question, answer, time.perf_counter() - began, citations_hold(answer, snapshot))
    if not question.answerable:
        return outcome
    order = [item.reading.hit for item in ranked] + hits[pool:]
    passage = gold_hit(snapshot.article(question.article_id), question)
    return replace(
        outcome,
        fused_rank=gold_rank(hits[:depth], question),
        reranked_rank=gold_rank(order[:depth], question),
        reading=qa.answer_from(text, [passage], min_confidence=0.0).text,
    )


def _without_article(qa: QA, snapshot: Snapshot, question: Question) -> float | None:
    """The forced answer's confidence with the question's own article left out; None if none is left."""
    hits = hits_without_article(snapshot, question, qa.calibration.pool)
    return qa.answer_from(question.text, hits, min_confidence=0.0).confidence if hits else None


def hits_without_article(snapshot: Snapshot, question: Question, count: int) -> list[Hit]:
    """The `count` best passages of other articles; fewer only when there are not more."""
    k = HELD_OUT_POOL
    while True:
        hits = snapshot.search(question.text, k)
        left = [hit for hit in hits if question.article_id not in {hit.article.id, *(a.id for a in hit.also)}]
        if len(left) >= count or len(hits) < k:
            return left[:count]
        k *= 4


def gold_hit(article: Article, question: Question) -> Hit:
    """The question's paragraph as the one passage found."""
    return Hit(passage_of(article, question.start, question.end), article, 1.0, 1, 1)


def gold_rank(hits: Sequence[Hit], question: Question) -> int | None:
    """The rank from 1 of the first passage of the right article that covers a gold; None without one."""
    return next((rank for rank, hit in enumerate(hits, start=1) if _covers(hit, question)), None)


def _covers(hit: Hit, question: Question) -> bool:
    if hit.article.id != question.article_id:
        # A copy of the passage in the right article, of which the ranking shows only this one.
        copied = any(copy.id == question.article_id for copy in hit.also)
        return copied and any(gold.text in hit.passage.text for gold in question.golds)
    return covers(hit.passage, question)


def citations_hold(answer: Answer, snapshot: Snapshot) -> bool:
    """Whether every quote and answer stands verbatim at its offsets in the store's own text."""
    if answer.text is not None and (not answer.citations or answer.citations[0].answer != answer.text):
        return False
    shown = (*answer.citations, *answer.related, *answer.others)
    return all(stands(citation, snapshot.article(citation.article.id)) for citation in shown)
