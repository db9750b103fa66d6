"""Outcomes -> figures with their intervals.

Where the confidence is judged (risk, calibration), an answer counts as right when its F1 against a gold is at
least RIGHT_F1: people mark the same answer with a word more or less. EM and F1 are given as they are.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from qa.evaluation.evaluate import Evaluation, Outcome
from qa.evaluation.metrics import (
    RIGHT_F1,
    Figure,
    Floats,
    Rows,
    aurc,
    auroc,
    contains_gold,
    ece,
    exact_match,
    f1,
    hit_at,
    measure,
    measure_mean,
    reciprocal_rank,
)

DEPTHS = (1, 3, 5, 10)

Figures = dict[str, dict[str, Figure]]
Rank = Callable[[Outcome], int | None]


def is_right(outcome: Outcome) -> bool:
    """Whether the forced answer counts as right; never for an unanswerable question."""
    return outcome.question.answerable and f1(outcome.answer.text, outcome.question.answers) >= RIGHT_F1


def in_first_quote(outcome: Outcome) -> bool:
    """Whether the first citation's quote holds a gold answer, whichever article it is from."""
    citations = outcome.answer.citations
    return bool(citations) and contains_gold(citations[0].quote, outcome.question.answers)


def in_right_article(outcome: Outcome) -> bool:
    """Whether the first citation is of the question's own article."""
    citations = outcome.answer.citations
    return bool(citations) and citations[0].article.id == outcome.question.article_id


def confidences(outcomes: Sequence[Outcome]) -> Floats:
    """The forced answers' confidences, in order: shape (outcomes,)."""
    return np.array([outcome.answer.confidence for outcome in outcomes], dtype=np.float64)


def figures(evaluation: Evaluation) -> Figures:
    """Every figure by group and name; NaN with n = 0 where the dataset has no question for it."""
    outcomes = evaluation.outcomes
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    return {
        "retrieval": _retrieval(answerable),
        "gold_passage": _strings(answerable, lambda outcome: outcome.reading),
        "end_to_end": _end_to_end(answerable),
        "with_threshold": _with_threshold(outcomes, evaluation.threshold),
        "no_answer": _no_answer(outcomes, evaluation.threshold),
        "not_in_store": _not_in_store(answerable, evaluation.threshold),
        "citations": {"valid": _mean(outcomes, lambda outcome: outcome.citations_hold)},
        "latency": {f"p{q}_ms": _percentile(outcomes, q) for q in (50, 95)},
    }


def _mean(outcomes: Sequence[Outcome], value: Callable[[Outcome], float]) -> Figure:
    return measure_mean([value(outcome) for outcome in outcomes], _articles(outcomes))


def _articles(outcomes: Sequence[Outcome]) -> list[str]:
    return [outcome.question.article_id for outcome in outcomes]


def _retrieval(answerable: Sequence[Outcome]) -> dict[str, Figure]:
    rankings: dict[str, Rank] = {
        "fused": lambda outcome: outcome.fused_rank,
        "reranked": lambda outcome: outcome.reranked_rank,
    }
    found = {}
    for name, rank in rankings.items():
        for k in DEPTHS:
            found[f"{name}_r{k}"] = _mean(answerable, partial(_hit, rank, k))
        found[f"{name}_mrr10"] = _mean(answerable, partial(_reciprocal, rank))
    return found


def _hit(rank: Rank, k: int, outcome: Outcome) -> float:
    return hit_at(rank(outcome), k)


def _reciprocal(rank: Rank, outcome: Outcome) -> float:
    return reciprocal_rank(rank(outcome))


def _strings(outcomes: Sequence[Outcome], text: Callable[[Outcome], str | None]) -> dict[str, Figure]:
    return {
        "em": _mean(outcomes, lambda outcome: exact_match(text(outcome), outcome.question.answers)),
        "f1": _mean(outcomes, lambda outcome: f1(text(outcome), outcome.question.answers)),
    }


def _end_to_end(answerable: Sequence[Outcome]) -> dict[str, Figure]:
    return {
        **_strings(answerable, lambda outcome: outcome.answer.text),
        "gold_in_first_quote": _mean(answerable, in_first_quote),
        "right_article": _mean(answerable, in_right_article),
        "gold_cited": _mean(answerable, lambda found: in_first_quote(found) and in_right_article(found)),
    }


def _with_threshold(outcomes: Sequence[Outcome], threshold: float) -> dict[str, Figure]:
    answered = [outcome for outcome in outcomes if not refused(outcome, threshold)]
    return {
        **_strings(outcomes, lambda outcome: None if refused(outcome, threshold) else outcome.answer.text),
        "answered": _mean(outcomes, lambda outcome: not refused(outcome, threshold)),
        "right_when_answered": _mean(answered, is_right),
    }


def refused(outcome: Outcome, threshold: float) -> bool:
    """Whether the question would have got "the articles do not say" at this threshold."""
    return outcome.answer.text is None or outcome.answer.confidence < threshold


def _no_answer(outcomes: Sequence[Outcome], threshold: float) -> dict[str, Figure]:
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    unanswerable = [outcome for outcome in outcomes if not outcome.question.answerable]
    confidence = confidences(outcomes)
    right = np.array([is_right(outcome) for outcome in outcomes], dtype=bool)
    has_answer = np.array([outcome.question.answerable for outcome in outcomes], dtype=bool)
    articles = _articles(outcomes)
    return {
        "refused_unanswerable": _mean(unanswerable, lambda outcome: refused(outcome, threshold)),
        "wrongly_refused": _mean(answerable, lambda outcome: refused(outcome, threshold)),
        "auroc_unanswerable": measure(lambda rows: auroc(confidence[rows], has_answer[rows]), articles),
        "auroc_right": measure(lambda rows: auroc(confidence[rows], right[rows]), articles),
        "aurc": measure(lambda rows: aurc(confidence[rows], right[rows]), articles),
        "ece": measure(lambda rows: ece(confidence[rows], right[rows]), articles),
    }


def _not_in_store(answerable: Sequence[Outcome], threshold: float) -> dict[str, Figure]:
    """A question asked twice gives a positive and a negative; both are resampled with their article."""
    twice = [outcome for outcome in answerable if outcome.absent_confidence is not None]
    absent = np.array([outcome.absent_confidence for outcome in twice], dtype=np.float64)
    scores = np.concatenate([confidences(twice), absent])
    present = np.repeat([True, False], len(twice))
    articles = _articles(twice)
    both = measure(lambda rows: auroc(scores[rows], present[rows]), articles + articles)
    return {
        "auroc_absent": replace(both, n=len(twice)),
        "refused_absent": measure_mean(list(absent < threshold), articles),
    }


def _percentile(outcomes: Sequence[Outcome], percent: int) -> Figure:
    milliseconds = np.array([outcome.seconds for outcome in outcomes]) * 1000

    def statistic(rows: Rows) -> float:
        return float(np.percentile(milliseconds[rows], percent))

    return measure(statistic, _articles(outcomes))
