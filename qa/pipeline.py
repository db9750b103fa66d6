"""QA: an opened index and a reader. A question goes in; passages, or an answer with its citations, come out."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from index import Filter, Hit, InputError, PassageIndex, Snapshot, default_store
from index.search import Embedder, load_embedder
from index.store import live_generation
from qa.answer import Answer, compose
from qa.overview import overview
from qa.reader import Calibration, Models, Ranked, Reader
from qa.spelling import FOREIGN, is_foreign, respelled

DEFAULT_K = 10
MAX_QUESTION_CHARS = 2_000
WARMING = "Who said so?"
_SURROGATE = re.compile("[\ud800-\udfff]")

OnStep = Callable[[str], None]


class QA:
    """Questions to one store. Thread-safe; an answer rests on one generation of the store."""

    def __init__(self, index: PassageIndex, models: Models, min_confidence: float | None) -> None:
        self.index = index
        self._models = models
        self._min_confidence = min_confidence

    @classmethod
    def open(
        cls,
        store: str | Path | None = None,
        *,
        reader: str | Reader | None = None,
        min_confidence: float | None = None,
        embedder: str | Embedder | None = None,
        ahead: bool = False,
    ) -> "QA":
        """Open a store. Models load at the first question, or `ahead` of it and beside the store. Raises StoreError."""
        chosen = load_embedder(embedder) if isinstance(embedder, str) else embedder
        models = Models(reader)
        if ahead:
            live_generation(Path(store or default_store()))  # without a store there is nothing to load a model for
            threading.Thread(target=models.load).start()
        qa = cls(PassageIndex.open(store, chosen), models, min_confidence)
        if ahead:
            threading.Thread(target=qa.index.load_embedder).start()
        return qa

    @property
    def reader(self) -> Reader:
        """The reader, loaded when first used."""
        return self._models.reader

    @property
    def reader_name(self) -> str:
        """What the reader is called: "large", "small", or as it was given."""
        return self._models.reader_name

    @property
    def calibration(self) -> Calibration:
        """The weights kept beside the reader."""
        return self._models.calibration

    def warm(self) -> None:
        """Load all that the first question would, by answering one; nothing is kept of it."""
        self.answer_from(WARMING, self.index.current().search(WARMING, self.calibration.pool))

    @property
    def min_confidence(self) -> float:
        """The confidence below which the articles are said not to answer."""
        return self.calibration.min_confidence if self._min_confidence is None else self._min_confidence

    def retrieve(
        self, query: str, k: int = DEFAULT_K, *, rerank: bool = True, where: Filter | None = None
    ) -> list[Hit]:
        """The `k` best passages, best first: in the reader's order, or with `rerank=False` as fused by the index.

        As many as for an answer are read (`calibration.pool`); further ones follow in the order of the search. `score`
        is the order's, higher is better. Raises InputError for a query that holds no word or is too long,
        and for a `k` below 1.
        """
        if k < 1:
            raise InputError(f"k must be at least 1, got {k}")
        return self._retrieve(self.index.current(), checked(query), k, rerank, where)

    def _retrieve(self, snapshot: Snapshot, query: str, k: int, rerank: bool, where: Filter | None) -> list[Hit]:
        if not rerank:
            return snapshot.search(query, k, where=where)
        pool = self.calibration.pool
        hits = snapshot.search(query, max(k, pool), where=where)
        ranked = self.calibration.rank(query, self.reader.read(query, hits[:pool]))
        ordered = [replace(item.reading.hit, score=item.order) for item in ranked]
        if len(hits) > pool:
            last = ordered[-1].score - hits[pool].score
            ordered += [replace(hit, score=last + hit.score) for hit in hits[pool:]]
        return ordered[:k]

    def ask(
        self,
        question: str,
        *,
        where: Filter | None = None,
        min_confidence: float | None = None,
        on_step: OnStep | None = None,
    ) -> Answer:
        """The answer in the articles' own words, or none. `on_step` is told "retrieving" and "reading".

        Raises InputError for a question that holds no word or is too long.
        """
        question = checked(question)
        tell = on_step or (lambda step: None)
        snapshot = self.index.current()
        if about := overview(question, snapshot, where):
            return about
        tell("retrieving")
        asked = respelled(question, snapshot, where)
        hits = snapshot.search(asked, self.calibration.pool, where=where)
        tell("reading")
        answer = self.answer_from(asked, hits, min_confidence=min_confidence)
        note = FOREIGN if asked == question and not answer.answered and is_foreign(question, snapshot) else ""
        asked_as = asked if asked != question else ""
        return replace(answer, question=question, asked_as=asked_as, note=note, generation=snapshot.generation)

    def answer_from(self, question: str, hits: Sequence[Hit], *, min_confidence: float | None = None) -> Answer:
        """The answer that these passages give, or none. Raises InputError for a confidence that is none."""
        threshold = self.min_confidence if min_confidence is None else min_confidence
        if not 0 <= threshold <= 1:
            raise InputError(f"the confidence must be from 0 to 1, got {threshold}")
        if not hits:
            return Answer(question, None, 0.0, (), ())
        ranked = self.rank(question, hits)
        return compose(question, ranked, self.calibration.probability(question, ranked), threshold)

    def rank(self, question: str, hits: Sequence[Hit]) -> list[Ranked]:
        """The passages read and in the reader's order."""
        return self.calibration.rank(question, self.reader.read(question, hits))

    def close(self) -> None:
        """Let go of the store."""
        self.index.close()


def checked(question: str) -> str:
    """The question without needless space. Raises InputError when it is not one."""
    question = " ".join(question.split())
    if found := _SURROGATE.search(question):
        code = f"U+{ord(found.group()):04X}"
        raise InputError(f"the question holds half of a character, the lone surrogate {code}: send whole characters")
    if not any(character.isalnum() for character in question):
        raise InputError("the question holds no word: write what you want to know")
    if len(question) > MAX_QUESTION_CHARS:
        raise InputError(f"the question has {len(question):,} characters; ask in {MAX_QUESTION_CHARS:,} or fewer")
    return question
