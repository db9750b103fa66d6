"""The dense index against brute-force numpy."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from index.search import dense
from index.search.dense import DenseIndex

RANDOM = np.random.default_rng(5)


def unit(count: int, dimension: int = 16) -> NDArray[np.float32]:
    """Unit rows of +-1/4: their products are exact in any order of summing, and many of them are equal."""
    return np.asarray(RANDOM.choice([-1.0, 1.0], size=(count, dimension)) / dimension**0.5, dtype=np.float32)


def brute_force(
    rows: NDArray[np.float32], query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_] | None = None
) -> list[int]:
    scores = rows @ query
    order = [int(row) for row in np.lexsort((np.arange(len(rows)), -scores))]
    return [row for row in order if allowed is None or allowed[row]][:k]


@pytest.mark.parametrize("k", [1, 3, 10, 1000])
def test_against_numpy(k: int) -> None:
    rows, queries = unit(700), unit(20)
    index = DenseIndex.build(rows)
    assert (len(index), index.dimension) == (700, 16)
    allowed = RANDOM.random(700) < 0.3
    for query in queries:
        found = index.search(query, k)
        assert [row for row, _ in found] == brute_force(rows, query, k)
        assert [score for _, score in found] == [float(rows[row] @ query) for row, _ in found]
        assert [row for row, _ in index.search(query, k, allowed)] == brute_force(rows, query, k, allowed)


def test_ties_go_by_row_even_at_the_last_place() -> None:
    one, other = unit(2, 64)
    rows = np.stack([other] + [one] * 150 + [other])
    index = DenseIndex.build(rows)
    assert [row for row, _ in index.search(one, 7)] == [1, 2, 3, 4, 5, 6, 7]
    assert [row for row, _ in index.search(one, 7, np.arange(152) % 10 == 5)] == [5, 15, 25, 35, 45, 55, 65]


@pytest.fixture
def coded(monkeypatch: pytest.MonkeyPatch) -> NDArray[np.float32]:
    """Rows around a few directions, as passages' are, so many that they get codes."""
    monkeypatch.setattr(dense, "EXACT_ROWS", 1000)
    monkeypatch.setattr(dense, "RESCORED", 300)
    middles = RANDOM.standard_normal((40, 64))
    rows = middles[RANDOM.integers(0, 40, 4000)] + RANDOM.standard_normal((4000, 64)) / 2
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_codes_find_what_comparing_all_finds(coded: NDArray[np.float32], tmp_path: Path) -> None:
    built = DenseIndex.build(coded)
    np.save(tmp_path / "vectors.npy", coded)
    built.save_codes(tmp_path / "codes.faiss")
    index = DenseIndex.load(tmp_path / "vectors.npy", tmp_path / "codes.faiss")
    right = 0
    for query in coded[::100]:
        found = index.search(query, 10)
        assert found == built.search(query, 10)
        assert [score for _, score in found] == pytest.approx([float(coded[row] @ query) for row, _ in found], abs=1e-6)
        right += len({row for row, _ in found} & set(brute_force(coded, query, 10)))
    assert right >= 0.99 * 10 * 40


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6])
def test_a_filter_never_costs_hits(coded: NDArray[np.float32], share: float) -> None:
    index = DenseIndex.build(coded)
    allowed = RANDOM.random(len(coded)) < share
    right = 0
    for query in coded[::100]:
        found = [row for row, _ in index.search(query, 10, allowed)]
        assert len(found) == 10
        assert allowed[found].all()
        right += len(set(found) & set(brute_force(coded, query, 10, allowed)))
    assert right >= (0.99 if share > 0.3 else 1) * 10 * 40  # few rows are all compared
    far = np.argsort(coded @ coded[0]) < 1200  # not one of them is near
    assert len(index.search(coded[0], 500, far)) == 500


def test_deep_searches_compare_all(coded: NDArray[np.float32]) -> None:
    index = DenseIndex.build(coded)
    found = index.search(coded[5], 4000)
    assert sorted(row for row, _ in found) == list(range(4000))
    assert [score for _, score in found] == pytest.approx(sorted(coded @ coded[5], reverse=True), abs=1e-6)
    copies = DenseIndex.build(np.repeat(coded[:1], 2000, axis=0))
    assert [row for row, _ in copies.search(coded[0], 400)] == list(range(400))


def test_codes_that_do_not_fit(coded: NDArray[np.float32], tmp_path: Path) -> None:
    np.save(tmp_path / "vectors.npy", coded)
    DenseIndex.build(coded[:2000]).save_codes(tmp_path / "codes.faiss")
    with pytest.raises(ValueError, match="is of 2000 rows"):
        DenseIndex.load(tmp_path / "vectors.npy", tmp_path / "codes.faiss")
    (tmp_path / "codes.faiss").write_bytes(b"junk")
    with pytest.raises(ValueError, match="cannot be read"):
        DenseIndex.load(tmp_path / "vectors.npy", tmp_path / "codes.faiss")


def test_nothing_to_find() -> None:
    rows = unit(5)
    index = DenseIndex.build(rows)
    assert index.search(rows[0], 0) == []
    assert index.search(rows[0], 3, np.zeros(5, dtype=bool)) == []
    assert DenseIndex.build(np.empty((0, 16), dtype=np.float32)).search(rows[0], 3) == []


def test_shapes_that_do_not_fit() -> None:
    index = DenseIndex.build(unit(5))
    with pytest.raises(ValueError, match="dimension 8, the index 16"):
        index.search(np.ones(8, dtype=np.float32), 1)
    with pytest.raises(ValueError, match="4 entries for 5 rows"):
        index.search(np.ones(16, dtype=np.float32), 1, np.ones(4, dtype=bool))
    with pytest.raises(ValueError, match="shape"):
        DenseIndex.build(np.ones(16, dtype=np.float32))


def test_threads_agree() -> None:
    rows = unit(2000)
    index = DenseIndex.build(rows)
    expected = [index.search(row, 5) for row in rows[:200]]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda row: index.search(row, 5), rows[:200])) == expected
