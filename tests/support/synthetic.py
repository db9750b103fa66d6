"""Tiny articles, and an embedder that costs nothing: for tests and attacks on the store's mechanics.

Rankings are tested with the real embedder; this one has no idea what a word means.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import Article, BuildSummary, PassageIndex, Snapshot
from index.articles import make_article
from index.search import word_pieces

WORDS = (
    "amber",
    "basalt",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "garnet",
    "harbour",
    "island",
    "jasper",
    "kelp",
)


class HashingEmbedder:
    """Words to a bag of hashed signs: deterministic, no model. Counts what it has embedded."""

    dimension = 32
    max_tokens = 254

    def __init__(self, name: str = "hashing", fail_after: int | None = None) -> None:
        self.name = name
        self.embedded = 0
        self._fail_after = fail_after

    @property
    def digest(self) -> str:
        """Another for every name."""
        return hashlib.sha256(self.name.encode()).hexdigest()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """As the default embedder counts them."""
        return word_pieces(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension); KeyboardInterrupt once `fail_after` texts are embedded."""
        if self._fail_after is not None and self.embedded >= self._fail_after:
            raise KeyboardInterrupt
        self.embedded += len(texts)
        return np.stack([self._row(text) for text in texts])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        return self._row(text)

    def _row(self, text: str) -> NDArray[np.float32]:
        row: NDArray[np.float64] = np.full(self.dimension, 1e-3)
        for word in text.split():
            number = int.from_bytes(hashlib.md5(f"{self.name} {word}".encode()).digest()[:8], "big")
            row[number % self.dimension] += 1 if number >> 40 & 1 else -1
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def article(name: str, text: str | None = None, title: str | None = None, published: date | None = None) -> Article:
    """An article of the source `name`, about itself unless told otherwise."""
    body = text or (
        f"The {name} stands by the river. Its keeper is called {name.title()}son.\n\nNothing else is known of {name}."
    )
    return make_article(body, name, title=title or f"About {name}", published=published)


def articles(count: int, version: int = 0) -> list[Article]:
    """`count` articles of a few passages each, all different, in version `version`."""
    made = []
    for number in range(count):
        word = WORDS[number % len(WORDS)]
        paragraphs = [
            f"Paragraph {part} of the {word} report number {number}, edition {version}, tells of the {word}. "
            + " ".join(
                f"The {WORDS[(number + part + i) % len(WORDS)]} was seen {i} times in place {number}."
                for i in range(40)
            )
            for part in range(3)
        ]
        made.append(article(f"report-{number}.txt", "\n\n".join(paragraphs)))
    return made


def everything(snapshot: Snapshot, queries: Sequence[str] = ("amber report", "the delta was seen", "keeper")) -> object:
    """All that a user could see of a generation: articles, passages, rankings, scores."""
    infos = snapshot.articles()
    texts = [(snapshot.article(info.id), snapshot.passages(info.id)) for info in infos]
    found = [
        [(hit.passage, hit.score, hit.dense_score, hit.lexical_score) for hit in snapshot.search(query, 20)]
        for query in queries
    ]
    return infos, texts, found


def build(
    store: Path, made: Iterable[Article], embedder: HashingEmbedder | None = None, **options: Any
) -> BuildSummary:
    """PassageIndex.build with the hashing embedder."""
    return PassageIndex.build(made, store, embedder=embedder or HashingEmbedder(), **options)


def opened(store: Path, embedder: HashingEmbedder | None = None, **options: Any) -> PassageIndex:
    """PassageIndex.open with the hashing embedder."""
    return PassageIndex.open(store, embedder or HashingEmbedder(), **options)
