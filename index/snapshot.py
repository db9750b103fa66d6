"""Snapshot: one generation, to be searched. Hit: a passage found.

Only here are rows turned into passages for those who search.
"""

import threading
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.articles import Article
from index.errors import InputError
from index.passages import Passage, embedded_digest, words_digest
from index.search import Embedder, Filter, fuse
from index.store import ArticleInfo, Database, Manifest, StoredPassage

if TYPE_CHECKING:
    from index.search.dense import DenseIndex
    from index.search.lexical import LexicalIndex

POOL = 100  # rows that each side gives to the fusion, at the least
CACHED_ARTICLES = 64  # texts kept in memory by an opened generation
CACHED_FILTERS = 16


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found. Ranks count from 1 within each side's pool; None: not in that pool."""

    passage: Passage
    article: Article
    score: float
    dense_rank: int | None
    lexical_rank: int | None
    dense_score: float | None = None
    lexical_score: float | None = None
    also: tuple[Article, ...] = ()  # other articles that hold the very same passage


class Snapshot:
    """One generation, opened: immutable, for any number of threads, whatever later builds remove."""

    def __init__(
        self,
        manifest: Manifest,
        embedder: Embedder,
        database: Database,
        dense: "DenseIndex",
        lexical: "LexicalIndex",
    ) -> None:
        self.manifest = manifest
        self.generation = manifest.generation
        self._embedder = embedder
        self._database = database
        self._dense = dense
        self._lexical = lexical
        self._articles: OrderedDict[str, Article] = OrderedDict()
        self._masks: OrderedDict[Filter, NDArray[np.bool_]] = OrderedDict()
        self._lock = threading.Lock()
        database.seal()
        self._release = weakref.finalize(self, database.close)

    def search(self, query: str, k: int = 10, *, where: Filter | None = None) -> list[Hit]:
        """The `k` best passages, best first; fewer only when there are not more. Copies make one hit.

        Raises InputError for an empty query or a `k` below 1.
        """
        if not query.strip():
            raise InputError("the query is empty: write what to look for")
        if k < 1:
            raise InputError(f"k must be at least 1, got {k}")
        allowed = self._mask(where) if where is not None and where != Filter() else None
        there = self.manifest.passages if allowed is None else int(allowed.sum())
        if not there:
            return []
        row = self.embed(query)
        pool = min(max(POOL, 2 * k), there)
        while True:
            hits = self._pooled(query, row, k, pool, allowed)
            if len(hits) >= k or pool >= there:
                return hits
            pool = min(pool * 4, there)

    def embed(self, query: str) -> NDArray[np.float32]:
        """The query's unit row, shape (dimension,). Raises ArticleQAError where the embedder cannot be had."""
        return self._embedder.encode_query(query)

    def holds(self, word: str) -> bool:
        """Whether a passage has the word, in whatever inflection; a function word counts as held."""
        return self._lexical.holds(word)

    def _pooled(
        self, query: str, vector: NDArray[np.float32], k: int, pool: int, allowed: NDArray[np.bool_] | None
    ) -> list[Hit]:
        """The hits within the best `pool` rows of each side."""
        dense = self._dense.search(vector, pool, allowed)
        lexical = self._lexical.search(query, pool, allowed)
        dense_ranks = {row: (rank, score) for rank, (row, score) in enumerate(dense, start=1)}
        lexical_ranks = {row: (rank, score) for rank, (row, score) in enumerate(lexical, start=1)}
        hits: list[Hit] = []
        for row, score, passage, also in self._distinct(fuse(dense, lexical), k, allowed):
            dense_rank, dense_score = dense_ranks.get(row, (None, None))
            lexical_rank, lexical_score = lexical_ranks.get(row, (None, None))
            article = self.article(passage.article_id)
            hits.append(Hit(passage, article, score, dense_rank, lexical_rank, dense_score, lexical_score, also))
        return hits

    def _distinct(
        self, ranking: Sequence[tuple[int, float]], k: int, allowed: NDArray[np.bool_] | None
    ) -> list[tuple[int, float, Passage, tuple[Article, ...]]]:
        """The first `k` of a ranking whose texts differ, each with the other articles that hold its text."""
        found: list[tuple[int, float, Passage, tuple[Article, ...]]] = []
        taken: set[str] = set()
        for first in range(0, len(ranking), 2 * k):
            some = ranking[first : first + 2 * k]
            stored = self._database.rows([row for row, _ in some])
            for row, score in some:
                passage = self._passage(stored[row])
                if passage.text in taken:
                    continue
                taken.add(passage.text)
                found.append((row, score, passage, self._copies(stored[row], passage, allowed)))
                if len(found) == k:
                    return found
        return found

    def _copies(
        self, stored: StoredPassage, passage: Passage, allowed: NDArray[np.bool_] | None
    ) -> tuple[Article, ...]:
        others: dict[str, Article] = {}
        for other in self._database.same_words(stored.words):
            if other.article_id == stored.article_id or (allowed is not None and not allowed[other.row]):
                continue
            if self._passage(other).text == passage.text:
                others[other.article_id] = self.article(other.article_id)
        return tuple(others.values())

    def _passage(self, stored: StoredPassage) -> Passage:
        return self._checked(stored, self._article(stored.article_id))

    def _checked(self, stored: StoredPassage, article: Article | None) -> Passage:
        """The passage, when it is what was stored: its text by one digest, its heading and title by the other."""
        try:
            if article is not None and stored.article_id == article.id:
                passage = stored.of(article)
                digests = words_digest(passage), embedded_digest(article, passage, self.manifest.label_tokens)
                if digests == (stored.words, stored.embedded):
                    return passage
        except (TypeError, AttributeError):  # SQLite holds any type in any column
            pass
        raise self._database.damaged(f"passage {stored.row}")

    def _mask(self, where: Filter) -> NDArray[np.bool_]:
        """One bool per row: whether its article passes. Worked out once per filter."""
        with self._lock:
            if where in self._masks:
                self._masks.move_to_end(where)
                return self._masks[where]
        mask = np.zeros(self.manifest.passages, dtype=bool)
        for source, title, published, first, number in self._database.ranges():
            if where.admits(source, title, date.fromisoformat(published) if published else None):
                mask[first : first + number] = True
        with self._lock:
            self._masks[where] = mask
            while len(self._masks) > CACHED_FILTERS:
                self._masks.popitem(last=False)
        return mask

    def article(self, article_id: str) -> Article:
        """The article with its text. Raises InputError when there is none of that id, StoreDamaged when it changed."""
        article = self._article(article_id)
        if article is None:
            raise InputError(f"no article has the id {article_id!r}: `python -m index info --json` lists them")
        return article

    def _article(self, article_id: str) -> Article | None:
        with self._lock:
            if article_id in self._articles:
                self._articles.move_to_end(article_id)
                return self._articles[article_id]
        article = self._database.article(article_id)
        if article is None:
            return None
        with self._lock:
            self._articles[article_id] = article
            while len(self._articles) > CACHED_ARTICLES:
                self._articles.popitem(last=False)
        return article

    def articles(self) -> list[ArticleInfo]:
        """Every article without its text, by source."""
        return self._database.infos()

    def passages(self, article_id: str) -> list[Passage]:
        """An article's passages in reading order. Raises InputError when there is no such article."""
        article = self.article(article_id)
        stored = self._database.passages_of(article_id)
        held = next((info.passages for info in self._database.infos() if info.id == article_id), None)
        if held != len(stored):
            raise self._database.damaged(f"the passages of article {article_id}")
        return [self._checked(passage, article) for passage in stored]

    def close(self) -> None:
        """Let go of the generation's file now, not when the last reference goes."""
        self._release()
