"""An evaluation as a folder: `index.html` with plots and misses, `evaluation.json` with the figures.

The page stands alone: no script, no font, nothing fetched. Text from datasets and articles is escaped.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index import InputError
from qa.evaluation.evaluate import Evaluation, Outcome
from qa.evaluation.figures import Figures, confidences, in_first_quote, is_right
from qa.evaluation.figures_text import GROUPS, LABELS, cells, heading, to_json
from qa.evaluation.metrics import f1, hit_at, reliability, risk_coverage
from qa.evaluation.plots import Axis, Bar, Line, bar_plot, line_plot

WORST = 50  # misses shown: what a person reads in one sitting
CURVE_POINTS = 200  # enough for a smooth line, however many questions
LATENCY_BARS = 30
LATENCY_PERCENTILE = 99.5  # the slowest few would squeeze all other bars into one

_TEMPLATE = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
).get_template("report.html")  # fmt: skip


def write_report(evaluation: Evaluation, found: Figures, folder: str | Path) -> Path:
    """Write both files into `folder` and return the page's path; InputError if that cannot be."""
    target = Path(folder)
    document = json.dumps(to_json(evaluation, found), ensure_ascii=False, indent=1)
    try:
        target.mkdir(parents=True, exist_ok=True)
        (target / "evaluation.json").write_text(document + "\n", encoding="utf-8")
        (target / "index.html").write_text(page(evaluation, found), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written ({error.strerror}); give another folder") from error
    return target / "index.html"


def page(evaluation: Evaluation, found: Figures) -> str:
    """The whole page as HTML."""
    return _TEMPLATE.render(
        heading=heading(evaluation),
        plots=_plots(evaluation),
        groups=_groups(found),
        misses=[_miss(evaluation, outcome) for outcome in worst(evaluation.outcomes)],
        skipped=evaluation.dataset.skipped,
    )


def worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Up to WORST wrong answers, the most confident first: where the confidence misleads most."""
    wrong = [outcome for outcome in outcomes if not is_right(outcome) and outcome.answer.text is not None]
    return sorted(wrong, key=lambda outcome: -outcome.answer.confidence)[:WORST]


def _groups(found: Figures) -> list[tuple[str, list[tuple[str, Sequence[str]]]]]:
    return [
        (GROUPS[group], [(LABELS[name], cells(name, figure)) for name, figure in members.items()])
        for group, members in found.items()
    ]


def _miss(evaluation: Evaluation, outcome: Outcome) -> dict[str, Any]:
    """What the page tells of a miss: the question's paragraph is cut at its first gold."""
    question, answer = outcome.question, outcome.answer
    text = evaluation.dataset.article(question.article_id).text
    remark = " (gold inside the quote)" if in_first_quote(outcome) else ""
    gold = question.golds[0] if question.golds else None
    return {
        "question": question.text,
        "golds": " · ".join(dict.fromkeys(question.answers)) or "no answer in the article",
        "answer": f"{answer.text}, F1 {f1(answer.text, question.answers):.2f}{remark}",
        "citation": answer.citations[0] if answer.citations else None,
        "confidence": answer.confidence,
        "before": text[question.start : gold.start if gold else question.end],
        "gold": gold.text if gold else "",
        "after": text[gold.end : question.end] if gold else "",
    }


def _plots(evaluation: Evaluation) -> list[tuple[str, str]]:
    return [
        (_recall_plot(evaluation), "Share of questions with a gold passage among the best k."),
        (_risk_plot(evaluation), "Wrong answers among the most confident; a lower curve is better."),
        (
            _reliability_plot(evaluation),
            "Share right by confidence; on the dashed line confidence is honest.",
        ),
        (
            _latency_plot(evaluation),
            f"Questions by time; the slowest {100 - LATENCY_PERCENTILE} % not shown.",
        ),
    ]


def _recall_plot(evaluation: Evaluation) -> str:
    answerable = [outcome for outcome in evaluation.outcomes if outcome.question.answerable]
    depths = range(1, evaluation.depth + 1)
    rankings = {
        "reranked": [outcome.reranked_rank for outcome in answerable],
        "fused": [outcome.fused_rank for outcome in answerable],
    }
    lines = [
        Line(name, [(k, float(np.mean([hit_at(rank, k) for rank in ranks]))) for k in depths], number)
        for number, (name, ranks) in enumerate(rankings.items(), start=1)
        if ranks
    ]
    x = Axis("k", 0, evaluation.depth, "{:.0f}")
    return line_plot("Recall over k", x, Axis("recall", 0, 1), lines)


def _risk_plot(evaluation: Evaluation) -> str:
    right = np.array([is_right(outcome) for outcome in evaluation.outcomes], dtype=bool)
    coverage, risk = risk_coverage(confidences(evaluation.outcomes), right)
    shown = np.unique(np.linspace(0, len(risk) - 1, CURVE_POINTS).round().astype(int))
    points = [(float(coverage[i]), float(risk[i])) for i in shown]
    x, y = Axis("coverage", 0, 1), Axis("risk", 0, max(0.1, float(risk.max())), "{:.2f}")
    return line_plot("Risk over coverage", x, y, [Line("forced answers", points, 1)])


def _reliability_plot(evaluation: Evaluation) -> str:
    right = np.array([is_right(outcome) for outcome in evaluation.outcomes], dtype=bool)
    bars = [
        Bar(
            b.low,
            b.high,
            b.accuracy,
            f"{b.count} questions, confidence {b.confidence:.2f}, right {b.accuracy:.2f}",
        )
        for b in reliability(confidences(evaluation.outcomes), right)
    ]
    honest = Line("", [(0, 0), (1, 1)], 3, dashed=True)
    return bar_plot("Reliability", Axis("confidence", 0, 1), Axis("share right", 0, 1), bars, [honest])


def _latency_plot(evaluation: Evaluation) -> str:
    milliseconds = np.array([outcome.seconds for outcome in evaluation.outcomes]) * 1000
    top = float(np.percentile(milliseconds, LATENCY_PERCENTILE))
    counts, edges = np.histogram(milliseconds, bins=LATENCY_BARS, range=(0, top or 1))
    bars = [
        Bar(float(low), float(high), float(count), f"{count} questions, {low:.0f}–{high:.0f} ms")
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]
    x, y = Axis("ms", 0, top or 1, "{:.0f}"), Axis("questions", 0, float(max(counts.max(), 1)), "{:.0f}")
    return bar_plot("Latency", x, y, bars)
