"""The fused ranking, worked out by hand, and what holds for every pair of rankings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.search import fuse
from index.search.fusion import DENSE_WEIGHT

W = DENSE_WEIGHT


def test_by_hand() -> None:
    dense = [(3, 0.8), (1, 0.5), (2, 0.4)]
    lexical = [(1, 12.0), (4, 6.0)]
    found = fuse(dense, lexical)
    assert [row for row, _ in found] == [1, 3, 4, 2]
    assert [score for _, score in found] == pytest.approx([W * 0.5 + (1 - W), W * 0.8, W * 0.4 + (1 - W) / 2, W * 0.4])


def test_one_side_alone_keeps_its_order() -> None:
    ranking = [(9, 0.7), (2, 0.3), (5, 0.1)]
    assert [row for row, _ in fuse(ranking, [])] == [row for row, _ in fuse([], ranking)] == [9, 2, 5]
    assert fuse([], []) == []


def test_ties_go_by_row() -> None:
    assert [row for row, _ in fuse([(7, 0.5), (3, 0.5)], [(7, 2.0), (3, 2.0)])] == [3, 7]


def rankings(low: float, high: float) -> st.SearchStrategy[list[tuple[int, float]]]:
    scored = st.dictionaries(st.integers(0, 30), st.floats(low, high), max_size=20)
    return scored.map(lambda scores: sorted(scores.items(), key=lambda pair: (-pair[1], pair[0])))


@given(rankings(-1, 1), rankings(0.001, 100))
def test_every_row_once_best_first_and_better_on_both_sides_is_better(
    dense: list[tuple[int, float]], lexical: list[tuple[int, float]]
) -> None:
    fused = fuse(dense, lexical)
    assert sorted(row for row, _ in fused) == sorted({row for row, _ in dense + lexical})
    assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))
    scores, cosines, words = dict(fused), dict(dense), dict(lexical)
    both = sorted(cosines.keys() & words.keys())
    for one in both:
        for other in both:
            if cosines[one] >= cosines[other] and words[one] >= words[other]:
                assert scores[one] >= scores[other]
