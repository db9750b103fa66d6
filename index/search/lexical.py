"""The lexical side: BM25 over stemmed words, from files that are mapped and not read.

A posting is a row and what the term adds to its score; a query adds up the postings of its terms, rare ones first, and
stops taking in new rows once no further one can come among the best (MaxScore, Turtle and Flood 1995): a common word
costs little. `benchmarks.lexical_index` compares it with bm25s.
"""

import json
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from index.search.fusion import Ranking
from index.search.inversion import Carried, Inverted, invert
from index.search.terms import terms

ANALYZER = 1  # goes up when `terms` gives other terms for the same text
META_NAME, TERMS_NAME = "lexical.json", "terms.txt"
ARRAYS = {  # a file each
    **{"rows": np.int32, "weights": np.float32, "counts": np.uint16},
    **{"starts": np.int64, "peaks": np.float32, "lengths": np.int32},
}
PRUNED = 4096  # postings from which on it pays to look whether a term can bring in a new row
ROUNDING = 1 + 1e-5  # by how much sums of float32 may be off


@dataclass(frozen=True, slots=True)
class _Postings:
    rows: NDArray[np.int32]  # ascending
    weights: NDArray[np.float32]
    peak: float  # the largest weight


class LexicalIndex:
    """BM25 over passages, safe to search from several threads."""

    def __init__(self, inverted: Inverted) -> None:
        self._inverted = inverted
        self._count = len(inverted.lengths)
        ends = np.flatnonzero(np.frombuffer(inverted.terms, dtype=np.uint8) == ord("\n"))
        self._ends = np.append(ends, len(inverted.terms))  # of each term

    def __len__(self) -> int:
        return self._count

    @classmethod
    def build(cls, texts: Iterable[str]) -> Self:
        """Index `texts` in their order; the same texts give the same index, however they came together."""
        return cls(invert(terms(text) for text in texts))

    def carried(self, source: NDArray[np.int64], texts: Iterable[str]) -> "LexicalIndex":
        """The index of other rows: of each the row that it is here, -1 for those whose texts are given, in order.

        It is what `build` makes of all texts. No row may come from the same row as another.
        """
        return LexicalIndex(invert((terms(text) for text in texts), Carried(self._inverted, source)))

    def save(self, folder: str | Path) -> None:
        """Write the index into `folder`: numpy arrays, a list of terms and JSON."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        empty = not self._inverted.terms
        if not empty:
            (folder / TERMS_NAME).write_bytes(self._inverted.terms)
            for name in ARRAYS:
                np.save(folder / f"{name}.npy", getattr(self._inverted, name), allow_pickle=False)
        meta = {"analyzer": ANALYZER, "count": self._count, "empty": empty}
        (folder / META_NAME).write_text(json.dumps(meta), encoding="utf-8")

    @classmethod
    def load(cls, folder: str | Path, *, count: int | None = None) -> Self:
        """Map what `save` wrote; ValueError when it is not that, or not of `count` passages."""
        folder = Path(folder)
        try:
            meta = json.loads((folder / META_NAME).read_text(encoding="utf-8"))
            found, analyzer, empty = int(meta["count"]), meta["analyzer"], meta["empty"]
            inverted = Inverted.empty(found) if empty else _mapped(folder)
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise ValueError(f"{folder} is not a whole lexical index: {error}") from error
        if analyzer != ANALYZER:
            raise ValueError(f"{folder}: terms of version {analyzer}, expected {ANALYZER}")
        if count is not None and found != count:
            raise ValueError(f"{folder}: {found} passages, expected {count}")
        index = cls(inverted)
        index._check(folder, found)
        return index

    def _check(self, folder: Path, count: int) -> None:
        """ValueError unless the files fit together; the postings themselves are not read."""
        one = self._inverted
        number = len(self._ends) if one.terms else 0
        whole = all(getattr(one, name).dtype == kind and getattr(one, name).ndim == 1 for name, kind in ARRAYS.items())
        whole = whole and len(one.starts) == number + 1 and len(one.peaks) == number
        whole = whole and len(one.lengths) == count
        if not whole or not len(one.rows) == len(one.weights) == len(one.counts) == one.starts[-1]:
            raise ValueError(f"{folder}: its files do not fit together")

    def check(self) -> None:
        """ValueError unless every posting is of a passage that there is; reads them all."""
        one = self._inverted
        within = not len(one.rows) or (one.rows.min() >= 0 and one.rows.max() < self._count)
        if not within or np.any(np.diff(one.starts) <= 0) or not np.all(np.isfinite(one.weights)):
            raise ValueError("its postings are not those of its passages")

    def holds(self, word: str) -> bool:
        """Whether a passage has the word, in whatever inflection; a function word counts as held."""
        return all(self._place(term) is not None for term in terms(word))

    def search(self, query: str, k: int, allowed: NDArray[np.bool_] | None = None) -> Ranking:
        """The `k` best (row, score) that share a term with `query`, of the rows in `allowed`, shape (rows,).

        Raises ValueError for another shape.
        """
        if allowed is not None and len(allowed) != self._count:
            raise ValueError(f"allowed has {len(allowed)} entries for {self._count} rows")
        if k <= 0:
            return []
        rows, scores = self._scored(list(self._found(terms(query))), k, allowed)
        return _best(rows, scores, k)

    def _found(self, words: list[str]) -> Iterator[_Postings]:
        """The postings of the terms that there are, the rarest first; a term that is said twice counts twice."""
        places = Counter(place for word in words if (place := self._place(word)) is not None)
        starts = self._inverted.starts
        for place in sorted(places, key=lambda one: (starts[one + 1] - starts[one], one)):
            part = slice(starts[place], starts[place + 1])
            times = np.float32(places[place])
            rows, weights = np.asarray(self._inverted.rows[part]), np.asarray(self._inverted.weights[part])
            yield _Postings(rows, weights * times if times > 1 else weights, float(self._inverted.peaks[place] * times))

    def _place(self, word: str) -> int | None:
        data, ends, wanted = self._inverted.terms, self._ends, word.encode()
        number = len(ends) if data else 0

        def term(place: int) -> bytes:
            return data[ends[place - 1] + 1 if place else 0 : ends[place]]

        place = bisect_left(range(number), wanted, key=term)
        return place if place < number and term(place) == wanted else None

    def _scored(
        self, found: list[_Postings], k: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Rows that hold the `k` best among them, ascending, with their scores."""
        scores = np.zeros(self._count, dtype=np.float32)
        for number, term in enumerate(found):
            if number and len(term.rows) > PRUNED:
                rest = sum(one.peak for one in found[number:]) * ROUNDING
                rows = _positive(scores, allowed)
                if len(rows) >= k and (least := _kth(scores[rows], k)) > rest:
                    rows = rows[scores[rows] + rest >= least]
                    return rows, _finish(rows, scores[rows], found[number:])
            scores[term.rows] += term.weights
        rows = _positive(scores, allowed)
        return rows, scores[rows]


def _mapped(folder: Path) -> Inverted:
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in ARRAYS}
    return Inverted((folder / TERMS_NAME).read_bytes(), **arrays)


def _positive(scores: NDArray[np.float32], allowed: NDArray[np.bool_] | None) -> NDArray[np.int64]:
    return np.flatnonzero(scores > 0 if allowed is None else (scores > 0) & allowed)


def _finish(rows: NDArray[np.int64], scores: NDArray[np.float32], found: list[_Postings]) -> NDArray[np.float32]:
    """The scores of these rows alone, with what the further terms add."""
    for term in found:
        place = np.minimum(np.searchsorted(term.rows, rows), len(term.rows) - 1)
        scores += np.where(term.rows[place] == rows, term.weights[place], np.float32(0))
    return scores


def _kth(scores: NDArray[np.float32], k: int) -> float:
    return float(np.partition(scores, len(scores) - k)[len(scores) - k])


def _best(rows: NDArray[np.int64], scores: NDArray[np.float32], k: int) -> Ranking:
    """The `k` highest, ties by row."""
    if len(rows) > k:
        chosen = scores >= _kth(scores, k)
        rows, scores = rows[chosen], scores[chosen]
    best = np.lexsort((rows, -scores))[:k]
    return [(int(rows[i]), float(scores[i])) for i in best]
