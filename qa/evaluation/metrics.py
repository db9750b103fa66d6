"""How good answers and rankings are: pure functions over strings, ranks and confidences.

Exact match and F1 are SQuAD's definitions (Rajpurkar et al. 2016; the empty-answer rule of SQuAD 2.0, 2018).
Confidences, scores and what is right or not are arrays of one entry for each question, of shape (questions,).
Every score is higher-is-better except the three that are errors by name: risk, AURC and ECE.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.text import normalise

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

ECE_BINS = 10  # equal width, as in Naeini et al. 2015; stated with every figure because ECE depends on it
RESAMPLES = 1000  # the ends of a 95 % interval then rest on 25 resamples each
MIN_GROUPS = 5  # below this many articles, resampling articles says less than resampling questions
CONFIDENCE_LEVEL = 0.95
RIGHT_F1 = 0.5  # an answer with so much of a gold counts as right: people mark a word more or less


def exact_match(prediction: str | None, golds: Sequence[str]) -> float:
    """1.0 if `prediction` equals a gold, both normalised, else 0.0; no golds means "no answer" is right."""
    return float(normalise(prediction or "") in _references(golds))


def f1(prediction: str | None, golds: Sequence[str]) -> float:
    """The best token F1 of `prediction` against the golds, in [0, 1]; no golds means "no answer" is right."""
    return max(_token_f1(normalise(prediction or "").split(), gold.split()) for gold in _references(golds))


def contains_gold(quote: str, golds: Sequence[str]) -> bool:
    """Whether a gold stands in `quote`, both normalised; a gold of mere punctuation as it is written."""
    text = normalise(quote)
    return any((normal in text) if (normal := normalise(gold)) else (gold in quote) for gold in golds)


def _references(golds: Sequence[str]) -> list[str]:
    """The normalised golds that are not empty; `[""]` when there are none, which only "no answer" matches."""
    return [normal for gold in golds if (normal := normalise(gold))] or [""]


def _token_f1(prediction: list[str], gold: list[str]) -> float:
    if not prediction or not gold:
        return float(prediction == gold)
    shared = sum((Counter(prediction) & Counter(gold)).values())
    return 2 * shared / (len(prediction) + len(gold))


def hit_at(rank: int | None, k: int) -> float:
    """1.0 if the first right passage is among the best `k`; `rank` counts from 1, None is "not found"."""
    return float(rank is not None and rank <= k)


def reciprocal_rank(rank: int | None, cutoff: int = 10) -> float:
    """1/rank, or 0.0 when there is none or it lies below `cutoff`."""
    return 1 / rank if rank is not None and rank <= cutoff else 0.0


def auroc(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """The chance that a positive scores above a negative, ties counting half; NaN when either is missing.

    `scores` and `positive` have the same shape, (questions,).
    """
    positives = int(np.count_nonzero(positive))
    negatives = len(positive) - positives
    if not positives or not negatives:
        return float("nan")
    _, place, count = np.unique(scores, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(count) - (count - 1) / 2
    above = mean_rank[place][positive].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def risk_coverage(confidence: Floats, right: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Coverage 1/n … 1 and the share of wrong answers among the most confident that many, each of shape (questions,).

    Questions of equal confidence share their errors evenly: the expectation over every order among them.
    """
    _, place, count = np.unique(-confidence, return_inverse=True, return_counts=True)
    wrong_share = np.bincount(place, weights=~right) / count
    errors = np.cumsum(np.repeat(wrong_share, count))
    answered = np.arange(1, len(errors) + 1)
    return answered / len(errors), errors / answered


def aurc(confidence: Floats, right: NDArray[np.bool_]) -> float:
    """Area under the risk-coverage curve: the mean risk over all coverages (Geifman & El-Yaniv 2017)."""
    return float(risk_coverage(confidence, right)[1].mean()) if len(right) else float("nan")


@dataclass(frozen=True, slots=True)
class Bin:
    """The questions whose confidence lies in [low, high) (the last bin holds 1.0 too)."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability(confidence: Floats, right: NDArray[np.bool_], bins: int = ECE_BINS) -> list[Bin]:
    """Mean confidence beside the share of right answers in equal-width bins; empty ones hold zeros."""
    place = np.minimum((confidence * bins).astype(np.intp), bins - 1)
    count = np.bincount(place, minlength=bins)
    total = np.maximum(count, 1)
    mean = np.bincount(place, weights=confidence, minlength=bins) / total
    accuracy = np.bincount(place, weights=right, minlength=bins) / total
    return [Bin(i / bins, (i + 1) / bins, int(count[i]), float(mean[i]), float(accuracy[i])) for i in range(bins)]


def ece(confidence: Floats, right: NDArray[np.bool_], bins: int = ECE_BINS) -> float:
    """Expected calibration error: the mean gap between confidence and accuracy, weighted by bin size."""
    if not len(right):
        return float("nan")
    gaps = [b.count * abs(b.confidence - b.accuracy) for b in reliability(confidence, right, bins)]
    return sum(gaps) / len(right)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value and its 95 % bootstrap interval over `n` questions; NaN where nothing was measured."""

    value: float
    low: float
    high: float
    n: int


def measure(statistic: Callable[[Rows], float], groups: Sequence[str], seed: int = 0) -> Figure:
    """`statistic` of all rows, with the interval that resampling whole groups (articles) gives.

    `statistic` takes row numbers, shape (rows,), repeats allowed, into whatever it closes over; `groups[i]` is the
    article of row i. Questions on one article stand or fall together, so articles are drawn, not questions, wherever
    there are at least MIN_GROUPS of them.
    """
    n = len(groups)
    if not n:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    value = float(statistic(np.arange(n)))
    samples = np.array([statistic(rows) for rows in _resamples(groups, seed)])
    samples = samples[~np.isnan(samples)]
    if np.isnan(value) or not len(samples):
        return Figure(value, float("nan"), float("nan"), n)
    tail = 50 * (1 - CONFIDENCE_LEVEL)
    low, high = np.percentile(samples, [tail, 100 - tail])
    return Figure(value, float(low), float(high), n)


def measure_mean(values: Sequence[float], groups: Sequence[str], seed: int = 0) -> Figure:
    """The mean of `values` with its interval; see `measure`."""
    array = np.asarray(values, dtype=np.float64)
    return measure(lambda rows: float(array[rows].mean()), groups, seed)


def _resamples(groups: Sequence[str], seed: int) -> Iterator[Rows]:
    """RESAMPLES draws with replacement, each as the row numbers it holds."""
    labels, group_of = np.unique(np.asarray(groups), return_inverse=True)
    if len(labels) < MIN_GROUPS:
        group_of = np.arange(len(groups))
    total = int(group_of.max()) + 1
    rows = np.arange(len(groups))
    random = np.random.default_rng(seed)
    for _ in range(RESAMPLES):
        draw = np.bincount(random.integers(0, total, total), minlength=total)
        yield np.repeat(rows, draw[group_of])
