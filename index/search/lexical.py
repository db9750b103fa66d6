"""The lexical side: BM25 (bm25s) over stemmed words."""

import json
import logging
import re
import threading
import unicodedata
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, Self

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from index.search.function_words import FUNCTION_WORDS
from index.search.fusion import Ranking

logging.getLogger("bm25s").setLevel(logging.WARNING)  # importing it sets DEBUG, whatever the program wants

# Anserini's defaults: R@1 .731 in the mean of the three sets of benchmarks/README.md, 1.5 and .75 gave .723.
K1 = 0.9
B = 0.4
ANALYZER = 1  # goes up when `terms` gives other terms for the same text
META_NAME = "lexical.json"

# The letters are what is left of "Iran's" and "doesn't". Only in small letters or capitalised: "WHO", "IT" and "US" are
# names.
_STOPPED = FUNCTION_WORDS | {"if", "into", "no", "not", "such", "then", "s", "t"}
STOP_WORDS = _STOPPED | {word.capitalize() for word in _STOPPED}

# A word is a run of letters and digits. Chinese and Japanese do not write words apart: there each character
# is one. The vowel signs of the Indic scripts are no letters to Unicode but belong to the word.
_IDEOGRAM = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_INDIC = "\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[{_IDEOGRAM}]|(?:[^\W_{_IDEOGRAM}]|[{_INDIC}])+")
_ACRONYM = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}")
_MARKS = dict.fromkeys([*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670])

_local = threading.local()


def _stem(words: list[str]) -> list[str]:
    """English stems; a Stemmer keeps state, so each thread has its own."""
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return list(stemmer.stemWords(words))


def terms(text: str) -> list[str]:
    """What is counted of `text`: stems in order, no accents, no stop words; "U.S." is one term."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_MARKS)
    text = _ACRONYM.sub(lambda match: match[0].replace(".", ""), text)
    return _stem([word.casefold() for word in _WORD.findall(text) if word not in STOP_WORDS])


class _Corpus(NamedTuple):
    """The shape in which bm25s takes terms already numbered; an array takes a seventh of a list's memory."""

    ids: "list[array[int]]"
    vocab: dict[str, int]


def _number(texts: Iterable[str]) -> _Corpus:
    vocab: dict[str, int] = {}
    ids = [array("i", (vocab.setdefault(term, len(vocab)) for term in terms(text))) for text in texts]
    return _Corpus(ids, vocab)


class LexicalIndex:
    """BM25 over passages, safe to search from several threads."""

    def __init__(self, bm25: bm25s.BM25 | None, count: int) -> None:
        self._bm25 = bm25  # None when no passage holds a term
        self._count = count

    def __len__(self) -> int:
        return self._count

    @classmethod
    def build(cls, texts: Iterable[str]) -> Self:
        """Index `texts` in their order; the same texts give the same index, however they came together."""
        corpus = _number(texts)
        if not corpus.vocab:
            return cls(None, len(corpus.ids))
        bm25 = bm25s.BM25(k1=K1, b=B, backend="numpy", csc_backend="numpy")
        bm25.index(corpus, create_empty_token=False, show_progress=False)
        return cls(bm25, len(corpus.ids))

    def save(self, folder: str | Path) -> None:
        """Write the index into `folder`: numpy arrays and JSON."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        if self._bm25 is not None:
            self._bm25.save(folder, show_progress=False)
        meta = {"analyzer": ANALYZER, "count": self._count, "empty": self._bm25 is None}
        (folder / META_NAME).write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path, *, count: int | None = None) -> Self:
        """Read what `save` wrote; ValueError when it is not that, or not of `count` passages."""
        folder = Path(folder)
        try:
            meta = json.loads((folder / META_NAME).read_text(encoding="utf-8"))
            found, analyzer, empty = int(meta["count"]), meta["analyzer"], meta["empty"]
            bm25 = None if empty else bm25s.BM25.load(folder, show_progress=False)
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise ValueError(f"{folder} is not a whole lexical index: {error}") from error
        if analyzer != ANALYZER:
            raise ValueError(f"{folder}: terms of version {analyzer}, expected {ANALYZER}")
        if count is not None and found != count:
            raise ValueError(f"{folder}: {found} passages, expected {count}")
        if bm25 is not None:
            _check(bm25, folder, found)
        return cls(bm25, found)

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Ranking:
        """The `k` best (row, score) that share a term with `query`, of the rows in `allowed`, shape (rows,).

        Raises ValueError for another shape.
        """
        if allowed is not None and len(allowed) != self._count:
            raise ValueError(f"allowed has {len(allowed)} entries for {self._count} rows")
        if k <= 0 or self._bm25 is None:
            return []
        ids = self._bm25.get_tokens_ids(terms(query))
        if not ids:
            return []
        scores = self._bm25.get_scores_from_ids(ids)
        return _best(scores if allowed is None else np.where(allowed, scores, 0), k)


def _best(scores: NDArray[np.float32], k: int) -> Ranking:
    """The `k` highest above 0, ties by row."""
    rows = np.flatnonzero(scores > 0)
    if len(rows) > k:
        least = np.partition(scores[rows], len(rows) - k)[len(rows) - k]
        rows = rows[scores[rows] >= least]
    best = rows[np.lexsort((rows, -scores[rows]))][:k]
    return [(int(row), float(scores[row])) for row in best]


def _check(bm25: bm25s.BM25, folder: Path, count: int) -> None:
    """ValueError unless the arrays fit together."""
    data, indices, indptr = (bm25.scores[name] for name in ("data", "indices", "indptr"))
    whole = (
        bm25.scores["num_docs"] == count
        and len(indptr) == len(bm25.vocab_dict) + 1
        and len(data) == len(indices) == indptr[-1]
        and sorted(bm25.vocab_dict.values()) == list(range(len(bm25.vocab_dict)))
        and (len(indices) == 0 or (indices.min() >= 0 and indices.max() < count))
        and bool(np.all(np.diff(indptr) >= 0))
    )
    if not whole:
        raise ValueError(f"{folder}: its arrays do not fit together")
