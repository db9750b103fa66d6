"""The dense side: passages' vectors in FAISS, searched by inner product.

Exact at every size: each row is compared. benchmarks/README.md has the figures against HNSW.
"""

from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from index.search.fusion import Ranking

# Scores closer than this are one score: FAISS sums in another order in another lane, so that equal rows may
# differ in the seventh decimal.
SCORE_DECIMALS = 6


class DenseIndex:
    """Unit float32 rows searched by inner product; safe to search from several threads."""

    def __init__(self, index: faiss.IndexFlatIP) -> None:
        self._index = index

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimension(self) -> int:
        """The length of a row."""
        return int(self._index.d)

    @classmethod
    def build(cls, rows: NDArray[np.float32]) -> Self:
        """Index `rows`, shape (passages, dimension), in their order; ValueError for another shape."""
        if rows.ndim != 2 or rows.shape[1] == 0:
            raise ValueError(f"rows must have the shape (passages, dimension), got {rows.shape}")
        index = faiss.IndexFlatIP(rows.shape[1])
        index.add(np.ascontiguousarray(rows, dtype=np.float32))
        return cls(index)

    def search(self, query_row: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None) -> Ranking:
        """The `k` best (row, cosine) for `query_row`, shape (dimension,), of the rows in `allowed`, shape (rows,).

        Raises ValueError for other shapes.
        """
        query = np.ascontiguousarray(query_row, dtype=np.float32).reshape(1, -1)
        if query.shape[1] != self.dimension:
            raise ValueError(f"the query has dimension {query.shape[1]}, the index {self.dimension}")
        if allowed is not None and len(allowed) != len(self):
            raise ValueError(f"allowed has {len(allowed)} entries for {len(self)} rows")
        if k <= 0 or not len(self):
            return []
        return self._exact(query, k, allowed)

    def _exact(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None) -> Ranking:
        """Search one row deeper than asked, and deeper still while the last found ties with the k-th."""
        fetch = min(k + 1, len(self))
        while True:
            scores, rows = self._raw(query, fetch, allowed)
            if fetch == len(self) or len(rows) < fetch or scores[k - 1] > scores[-1]:
                best = np.lexsort((rows, -scores))[:k]
                return [(int(rows[i]), float(scores[i])) for i in best]
            fetch = min(fetch * 4, len(self))

    def _raw(
        self, query: NDArray[np.float32], fetch: int, allowed: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        if allowed is None:
            scores, rows = self._index.search(query, fetch)
        else:
            bitmap = np.packbits(allowed, bitorder="little")
            selector = faiss.IDSelectorBitmap(bitmap)  # type: ignore[call-arg, arg-type]  # the C++ signature
            parameters = faiss.SearchParameters(sel=selector)  # type: ignore[call-arg]
            scores, rows = self._index.search(query, fetch, params=parameters)
        found = rows[0] >= 0
        return np.round(scores[0][found], SCORE_DECIMALS), rows[0][found]
