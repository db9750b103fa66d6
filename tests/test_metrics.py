"""Hand-worked values, scikit-learn as oracle for the AUROC, and properties that hold for any input."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from qa.evaluation import auroc, contains_gold, exact_match, f1, measure_mean
from qa.evaluation.metrics import (
    MIN_GROUPS,
    aurc,
    ece,
    hit_at,
    measure,
    reciprocal_rank,
    reliability,
    risk_coverage,
)
from qa.text import normalise


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Cat's\tPaw!", "cats paw"),
        ("An apple a day", "apple day"),
        ("theatre", "theatre"),
        ("3.5 million", "35 million"),
        ("São Paulo", "são paulo"),
        ("“quoted”", "“quoted”"),  # SQuAD strips ASCII punctuation only
        ("", ""),
        ("the", ""),
    ],
)
def test_normalise(text: str, expected: str) -> None:
    assert normalise(text) == expected


@pytest.mark.parametrize(
    ("prediction", "golds", "em", "token_f1"),
    [
        ("the red fox", ["Red fox."], 1.0, 1.0),
        ("red fox", ["red", "quick red fox"], 0.0, 0.8),  # 2*2/(2+3) beats 2*1/(2+1)
        ("red red", ["red"], 0.0, 2 / 3),  # a repeat counts once: 2*1/(2+1)
        ("blue", ["red"], 0.0, 0.0),
        (None, [], 1.0, 1.0),
        ("red", [], 0.0, 0.0),
        (None, ["red"], 0.0, 0.0),
        ("the", ["a"], 1.0, 1.0),  # both normalise to nothing: SQuAD's own scripts agree
        ("red", ["the", "red"], 1.0, 1.0),  # a gold that normalises to nothing is left out
        (None, ["the", "red"], 0.0, 0.0),
    ],
)
def test_exact_match_and_f1(prediction: str | None, golds: list[str], em: float, token_f1: float) -> None:
    assert exact_match(prediction, golds) == em
    assert f1(prediction, golds) == pytest.approx(token_f1)


@given(st.text(), st.lists(st.text(), max_size=3))
def test_exact_match_implies_full_f1(prediction: str | None, golds: list[str]) -> None:
    score = f1(prediction, golds)
    assert 0 <= score <= 1
    assert exact_match(prediction, golds) <= score


def test_contains_gold() -> None:
    assert contains_gold("It was The Red Fox, he said.", ["red fox"])
    assert not contains_gold("It was the red, quick fox.", ["red fox"])
    assert contains_gold("It rose by 5 %.", ["%"])
    assert not contains_gold("It rose by 5.", ["%"])
    assert not contains_gold("anything", [])


def test_ranks() -> None:
    assert [hit_at(rank, 3) for rank in (1, 3, 4, None)] == [1, 1, 0, 0]
    assert [reciprocal_rank(rank) for rank in (1, 4, 10, 11, None)] == [1, 0.25, 0.1, 0, 0]


def test_auroc_by_hand() -> None:
    scores = np.array([0.9, 0.5, 0.5, 0.1])
    positive = np.array([True, True, False, False])
    assert auroc(scores, positive) == 3.5 / 4  # four pairs, one of them a tie
    assert math.isnan(auroc(scores, np.ones(4, dtype=bool)))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auroc_agrees_with_sklearn(pairs: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in pairs], dtype=float)
    positive = np.array([flag for _, flag in pairs])
    if positive.all() or not positive.any():
        assert math.isnan(auroc(scores, positive))
    else:
        assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores))


def test_risk_coverage_by_hand() -> None:
    coverage, risk = risk_coverage(np.array([0.2, 0.9, 0.6]), np.array([False, True, False]))
    assert coverage.tolist() == pytest.approx([1 / 3, 2 / 3, 1])
    assert risk.tolist() == pytest.approx([0, 1 / 2, 2 / 3])
    assert aurc(np.array([0.2, 0.9, 0.6]), np.array([False, True, False])) == pytest.approx(7 / 18)


def test_risk_of_ties_is_their_expectation() -> None:
    _, risk = risk_coverage(np.array([0.5, 0.5]), np.array([True, False]))
    assert risk.tolist() == pytest.approx([0.5, 0.5])


def test_calibration_by_hand() -> None:
    confidence = np.array([0.95, 1.0, 0.15, 0.1, 0.0])
    right = np.array([True, False, False, True, False])
    bins = reliability(confidence, right)
    assert [b.count for b in bins] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 2]
    assert (bins[1].confidence, bins[1].accuracy) == pytest.approx((0.125, 0.5))
    assert ece(confidence, right) == pytest.approx((2 * 0.375 + 2 * 0.475 + 0) / 5)
    assert ece(np.array([1.0, 0.0]), np.array([True, False])) == 0


def test_interval_holds_the_value_and_repeats() -> None:
    values = [float(i % 3 == 0) for i in range(300)]
    groups = [str(i // 10) for i in range(300)]
    figure = measure_mean(values, groups)
    assert figure == measure_mean(values, groups)
    assert figure.value == pytest.approx(1 / 3)
    assert figure.low < figure.value < figure.high
    assert figure.n == 300


def test_articles_are_resampled_whole() -> None:
    groups = [str(i // 50) for i in range(50 * MIN_GROUPS * 2)]
    values = [float(int(group) % 2) for group in groups]  # an article is all right or all wrong
    by_article = measure_mean(values, groups)
    by_question = measure_mean(values, [str(i) for i in range(len(groups))])
    assert by_article.high - by_article.low > 3 * (by_question.high - by_question.low)


def test_one_article_falls_back_to_questions() -> None:
    figure = measure_mean([0.0, 1.0] * 50, ["only"] * 100)
    assert figure.low < 0.5 < figure.high


def test_nothing_measured_is_nan() -> None:
    figure = measure_mean([], [])
    assert figure.n == 0
    assert math.isnan(figure.value)
    scores = np.array([0.5, 0.7])
    figure = measure(lambda rows: auroc(scores[rows], np.ones(len(rows), dtype=bool)), ["a", "b"])
    assert math.isnan(figure.value)
    assert math.isnan(figure.low)
