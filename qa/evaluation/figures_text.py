"""Figures as one table for the terminal and as one JSON document."""

import math
from typing import Any

import numpy as np

from qa.evaluation.evaluate import Evaluation
from qa.evaluation.figures import DEPTHS, Figures, confidences, is_right
from qa.evaluation.metrics import CONFIDENCE_LEVEL, ECE_BINS, RESAMPLES, RIGHT_F1, Figure, reliability

GROUPS = {
    "retrieval": "Retrieval: a passage of the right article that covers a gold answer",
    "gold_passage": "Reading, the gold passage given",
    "end_to_end": "End to end, answerable questions, an answer forced",
    "with_threshold": "End to end, all questions, below the threshold no answer",
    "no_answer": "No answer and confidence",
    "not_in_store": "The question's article left out of the search",
    "citations": "Citations",
    "latency": "Latency of one question",
}
LABELS = {
    **{f"fused_r{k}": f"fused ranking R@{k}" for k in DEPTHS},
    "fused_mrr10": "fused ranking MRR@10",
    **{f"reranked_r{k}": f"reranked R@{k}" for k in DEPTHS},
    "reranked_mrr10": "reranked MRR@10",
    "em": "exact match",
    "f1": "F1",
    "gold_in_first_quote": "gold answer inside the first quote",
    "right_article": "first citation in the right article",
    "gold_cited": "both: gold inside the first quote, right article",
    "answered": "share answered",
    "right_when_answered": f"right (F1 >= {RIGHT_F1}) among the answered",
    "refused_unanswerable": "share refused of the unanswerable",
    "wrongly_refused": "share wrongly refused of the answerable",
    "auroc_unanswerable": "AUROC answerable against unanswerable",
    "auroc_right": "AUROC right answers against wrong ones",
    "aurc": "risk-coverage area (lower is better)",
    "ece": f"expected calibration error, {ECE_BINS} bins (lower is better)",
    "auroc_absent": "AUROC present against left out",
    "refused_absent": "share refused",
    "valid": "quotes and answers that stand verbatim at their offsets",
    "p50_ms": "p50, ms",
    "p95_ms": "p95, ms",
}


def to_json(evaluation: Evaluation, found: Figures) -> dict[str, Any]:
    """The setting, every figure, the reliability bins and what was left out; NaN becomes null."""
    outcomes = evaluation.outcomes
    right = np.array([is_right(outcome) for outcome in outcomes], dtype=bool)
    return {
        "files": list(evaluation.dataset.files),
        "articles": len(evaluation.dataset.articles),
        "passages": evaluation.passages,
        "questions": len(outcomes),
        "answerable": sum(outcome.question.answerable for outcome in outcomes),
        "skipped": [{"source": s.source, "reason": s.reason} for s in evaluation.dataset.skipped],
        "embedder": evaluation.embedder,
        "reader": evaluation.reader,
        "threshold": evaluation.threshold,
        "build_seconds": evaluation.build_seconds,
        "load_seconds": evaluation.load_seconds,
        "right_f1": RIGHT_F1,
        "interval": {"level": CONFIDENCE_LEVEL, "resamples": RESAMPLES},
        "figures": {
            group: {name: _figure_json(figure) for name, figure in members.items()} for group, members in found.items()
        },
        "reliability": [
            {"low": b.low, "high": b.high, "n": b.count, "confidence": b.confidence, "accuracy": b.accuracy}
            for b in reliability(confidences(outcomes), right)
        ],
    }


def _figure_json(figure: Figure) -> dict[str, float | int | None]:
    values = {"value": figure.value, "low": figure.low, "high": figure.high}
    return {**{name: None if math.isnan(value) else value for name, value in values.items()}, "n": figure.n}


def table(evaluation: Evaluation, found: Figures) -> str:
    """The figures as one plain table with a heading that names the setting."""
    width = max(len(LABELS[name]) for members in found.values() for name in members)
    lines = [*heading(evaluation), "", _row("", ("value", "95 % interval", "questions"), width)]
    for group, members in found.items():
        lines += ["", GROUPS[group]]
        lines += [_row(LABELS[name], cells(name, figure), width) for name, figure in members.items()]
    return "\n".join(lines)


def _row(label: str, numbers: tuple[str, str, str], width: int) -> str:
    value, interval, count = numbers
    return f"  {label:{width}}  {value:>7}  {interval:^15}  {count:>9}".rstrip()


def cells(name: str, figure: Figure) -> tuple[str, str, str]:
    """Value, interval and count as they are shown; a dash where nothing was measured."""
    count = f"{figure.n:,}"
    if math.isnan(figure.value):
        return "–", "", count
    digits = 0 if name.endswith("_ms") else 3
    interval = "" if math.isnan(figure.low) else f"{figure.low:.{digits}f} – {figure.high:.{digits}f}"
    return f"{figure.value:.{digits}f}", interval, count


def heading(evaluation: Evaluation) -> list[str]:
    """The setting in three lines: what was asked, of what, with which models."""
    dataset, asked = evaluation.dataset, evaluation.outcomes
    answerable = sum(outcome.question.answerable for outcome in asked)
    built = "" if evaluation.build_seconds is None else f", store built in {evaluation.build_seconds:.1f} s"
    return [
        f"{', '.join(dataset.files)}: {len(asked):,} questions ({answerable:,} answerable)"
        f" on {len(dataset.articles):,} articles, {evaluation.passages:,} passages in the store",
        f"embedder {evaluation.embedder}, reader {evaluation.reader}, threshold {evaluation.threshold:.3f}",
        f"models loaded in {evaluation.load_seconds:.1f} s{built}; {len(dataset.skipped):,} left out",
    ]
