"""The dense side: passages' vectors, searched by inner product through a read-only map.

Up to EXACT_ROWS rows each is compared. Beyond, FAISS scans codes of one bit a dimension (RaBitQ, Gao and Long 2024) and
the best of them are compared exactly. The codes need no training, so that a store brought up to date has the codes of
one built afresh. benchmarks/README.md has the figures.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from index.search.fusion import Ranking

if TYPE_CHECKING:
    import faiss

EXACT_ROWS = 20_000  # where the codes begin to be faster
RESCORED = 1000  # rows that are compared exactly after a scan of the codes, at the least
DEEPEST = 8  # a scan that would have to give more than one row in so many compares all rows instead
BLOCK = 1 << 15  # rows compared, or turned into codes, together
CODES = "RaBitQfs"
# Scores closer than this are one score: sums go in another order in another lane, so that equal rows may differ in
# the seventh decimal.
SCORE_DECIMALS = 6


class DenseIndex:
    """Unit float32 rows searched by inner product; safe to search from several threads."""

    def __init__(self, vectors: NDArray[np.float32], codes: "faiss.Index | None") -> None:
        self._vectors = vectors
        self._codes = codes

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def dimension(self) -> int:
        """The length of a row."""
        return int(self._vectors.shape[1])

    @classmethod
    def build(cls, rows: NDArray[np.float32]) -> Self:
        """Index `rows`, shape (passages, dimension), in their order; ValueError for another shape."""
        if rows.ndim != 2 or rows.shape[1] == 0:
            raise ValueError(f"rows must have the shape (passages, dimension), got {rows.shape}")
        return cls(rows, _coded(rows) if len(rows) > EXACT_ROWS else None)

    def save_codes(self, path: Path) -> None:
        """Write the codes, where there are any; the vectors lie in a file of their own."""
        if self._codes is not None:
            import faiss

            faiss.write_index(self._codes, str(path))

    @classmethod
    def load(cls, vectors: Path, codes: Path) -> Self:
        """Map the vectors and read their codes. Raises OSError, or ValueError when they do not fit together."""
        rows = np.load(vectors, mmap_mode="r", allow_pickle=False)
        if rows.ndim != 2 or len(rows) <= EXACT_ROWS:
            return cls.build(rows)
        import faiss

        try:
            index = faiss.read_index(str(codes))
        except RuntimeError as error:
            raise ValueError(f"{codes} cannot be read") from error
        if (index.ntotal, index.d) != rows.shape:
            raise ValueError(f"{codes} is of {index.ntotal} rows of {index.d}, not of {rows.shape}")
        return cls(rows, index)

    def search(self, query_row: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> Ranking:
        """The `k` best (row, cosine) for `query_row`, shape (dimension,), of the rows in `allowed`, shape (rows,).

        Raises ValueError for other shapes.
        """
        query = np.ascontiguousarray(query_row, dtype=np.float32).reshape(-1)
        if len(query) != self.dimension:
            raise ValueError(f"the query has dimension {len(query)}, the index {self.dimension}")
        if allowed is not None and len(allowed) != len(self):
            raise ValueError(f"allowed has {len(allowed)} entries for {len(self)} rows")
        if k <= 0 or not len(self):
            return []
        rows = None if allowed is None else np.flatnonzero(allowed)
        there = len(self) if rows is None else len(rows)
        if self._codes is not None and there > EXACT_ROWS:
            rows = self._scanned(query, k, there / len(self), allowed, rows)
        return _best(rows, self._compared(query, rows), k)

    def _scanned(
        self,
        query: NDArray[np.float32],
        k: int,
        share: float,
        allowed: NDArray[np.bool_] | None,
        rows: NDArray[np.int64] | None,
    ) -> NDArray[np.int64] | None:
        """The rows to compare: the best by their codes, or all of `rows` where too few of those are allowed."""
        depth = int(max(RESCORED, 2 * k) / share)
        if self._codes is None or depth > len(self) // DEEPEST:
            return rows
        _, found = self._codes.search(query[None], depth)
        best = np.sort(found[0][found[0] >= 0])
        if allowed is not None:
            best = best[allowed[best]]
        return best if len(best) >= k else rows

    def _compared(self, query: NDArray[np.float32], rows: NDArray[np.int64] | None) -> NDArray[np.float32]:
        """The scores of these rows, or of all, in their order."""
        number = len(self) if rows is None else len(rows)
        scores = np.empty(number, dtype=np.float32)
        for first in range(0, number, BLOCK):
            part = slice(first, first + BLOCK)
            block = self._vectors[part if rows is None else rows[part]]
            scores[part] = np.asarray(block) @ query
        return np.round(scores, SCORE_DECIMALS)


def _coded(rows: NDArray[np.float32]) -> "faiss.Index":
    import faiss

    index = faiss.index_factory(rows.shape[1], CODES, faiss.METRIC_INNER_PRODUCT)
    index.train(np.zeros((1, rows.shape[1]), dtype=np.float32))  # the centre is the origin, whatever the rows are
    for first in range(0, len(rows), BLOCK):
        index.add(np.ascontiguousarray(rows[first : first + BLOCK], dtype=np.float32))
    return index


def _best(rows: NDArray[np.int64] | None, scores: NDArray[np.float32], k: int) -> Ranking:
    """The `k` highest, ties by row."""
    chosen = np.arange(len(scores))
    if len(scores) > k:
        chosen = np.flatnonzero(scores >= np.partition(scores, len(scores) - k)[len(scores) - k])
    best = chosen[np.lexsort((chosen, -scores[chosen]))][:k]
    return [(int(i if rows is None else rows[i]), float(scores[i])) for i in best]
