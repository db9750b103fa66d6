from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from qa.reader.decoding import Floats, best_pairs, evidence, tidy

LOGITS = arrays(np.float64, st.integers(1, 30), elements=st.floats(-20, 20))


@given(LOGITS, st.integers(1, 12), st.integers(1, 10), st.randoms(use_true_random=False))
def test_best_pairs_are_those_of_trying_all(start: Floats, longest: int, count: int, random: Random) -> None:
    end = np.array([random.uniform(-20, 20) for _ in start])
    every = sorted(
        (-(start[i] + end[j]), i, j) for i in range(len(start)) for j in range(i, min(i + longest, len(start)))
    )
    found = best_pairs(start, end, count, longest)
    assert [start[i] + end[j] for i, j in found] == pytest.approx([-score for score, _, _ in every[:count]])
    assert all(i <= j < i + longest for i, j in found)


def test_an_end_is_never_before_its_start() -> None:
    assert best_pairs(np.array([0.0, 0.0, 9.0]), np.array([9.0, 0.0, 0.0]), 1) == [(0, 0)]


def test_evidence_is_the_mean_log_odds_of_start_and_end() -> None:
    assert evidence(np.array([1.0, 1.0]), np.array([2.0, 2.0]), 0.0, 0.0) == pytest.approx(1.5 + np.log(2))


@pytest.mark.parametrize(
    ("text", "cut", "answer"),
    [
        ("He met Kazem Jalali, then left.", "Kazem Jalali,", "Kazem Jalali"),
        ("Founded by Washington in 1910", "ashing", "Washington"),
        ("He said “we hope” and left", "“we hope", "“we hope”"),
        ("He said “we hope so” and left", "hope so”", "hope so"),
        ("the bloc (SCO) met", "(SCO", "(SCO)"),
        ("the bloc (SCO) met", "bloc (", "bloc"),
        ("It fell to -5 degrees", "-5", "-5 degrees"),
        ("Presidents:\n5. Ebrahim Raisi", "5. Ebrahim Raisi", "Ebrahim Raisi"),
        ("It cost\n36 cents.", "36 cents", "36 cents"),
        ("They were 36. No more", "36", "36"),
        ("She moved to the U.S. in May", "U.S.", "U.S."),
        ("He was born in May.", "May.", "May"),
        ("une cafe\u0301 noire", "cafe", "cafe\u0301"),
        ("a \U0001f469\u200d\U0001f680 flew", "\U0001f469", "\U0001f469\u200d\U0001f680"),
        ('say "yes" now', '"yes', '"yes"'),
    ],
)
def test_tidy_gives_whole_words_without_stray_signs(text: str, cut: str, answer: str) -> None:
    start = text.index(cut)
    span = tidy(text, start, start + len(cut))
    assert span is not None
    assert text[slice(*span)] == answer


def test_tidy_leaves_nothing_of_mere_punctuation() -> None:
    assert tidy("well ... then", 5, 8) is None
    assert tidy("5. Ebrahim Raisi", 0, 2) is None


@given(st.text(max_size=60), st.data())
def test_tidy_stays_within_any_text_and_is_settled(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = tidy(text, start, end)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
