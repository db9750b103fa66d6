"""An evaluation as a folder: `index.html` with plots and misses, `evaluation.json` with the figures.

The page stands alone: no script, no font, nothing fetched. Text from datasets and articles is escaped.
"""

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

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

STYLE = """
:root { color-scheme: light dark; --ink: #1c2024; --faint: #60656c; --page: #fff; --line: #d9dce0;
  --c1: #0b62b8; --c2: #b4530a; --c3: #60656c; --mark: #fff1b8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --faint: #a0a6ad; --page: #16181b;
  --line: #34393f; --c1: #6cb2ff; --c2: #ffa657; --c3: #a0a6ad; --mark: #5c4a00; } }
body { margin: 2rem auto; padding: 0 1rem; max-width: 62rem; color: var(--ink); background: var(--page);
  font: 16px/1.5 system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .2rem .6rem; text-align: left; border-bottom: 1px solid var(--line); }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.plots { display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); }
figure { margin: 0; } figcaption, .faint { color: var(--faint); font-size: .9rem; }
svg { width: 100%; height: auto; } svg text { fill: var(--faint); font-size: 12px; }
.grid { stroke: var(--line); } .line { fill: none; stroke-width: 2; }
.c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); } .bar { fill: var(--c1); }
article { border-top: 1px solid var(--line); padding: .6rem 0; overflow-wrap: anywhere; }
article h3 { margin: .2rem 0; font-size: 1rem; }
dl { display: grid; grid-template-columns: 9rem 1fr; margin: 0; }
dt { color: var(--faint); } dd { margin: 0 0 .3rem; } mark { background: var(--mark); color: inherit; }
""".strip()


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
    misses = worst(evaluation.outcomes)
    skipped = "".join(f"<li>{escape(s.source)}: {escape(s.reason)}</li>" for s in evaluation.dataset.skipped)
    return "\n".join(
        [
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>Article QA: evaluation</title><style>{STYLE}</style></head><body><main>",
            "<h1>Article QA: evaluation</h1>",
            *(f'<p class="faint">{escape(line)}</p>' for line in heading(evaluation)),
            '<section class="plots">',
            *(f"<figure>{svg}<figcaption>{caption}</figcaption></figure>" for svg, caption in _plots(evaluation)),
            "</section>",
            _table(found),
            f"<h2>The worst {len(misses)} misses</h2>",
            '<p class="faint">Wrong answers, the most confident first.</p>',
            *(_miss(evaluation, outcome) for outcome in misses),
            f"<h2>Left out</h2><ul>{skipped}</ul>" if skipped else "",
            "</main></body></html>\n",
        ]
    )


def worst(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Up to WORST wrong answers, the most confident first: where the confidence misleads most."""
    wrong = [outcome for outcome in outcomes if not is_right(outcome) and outcome.answer.text is not None]
    return sorted(wrong, key=lambda outcome: -outcome.answer.confidence)[:WORST]


def _table(found: Figures) -> str:
    rows = []
    for group, members in found.items():
        rows.append(f'<tr><th colspan="4" scope="colgroup">{escape(GROUPS[group])}</th></tr>')
        for name, figure in members.items():
            numbers = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells(name, figure))
            rows.append(f"<tr><td>{escape(LABELS[name])}</td>{numbers}</tr>")
    names = ("value", "95 % interval", "questions")
    head = "<td></td>" + "".join(f'<th scope="col" class="number">{name}</th>' for name in names)
    return f"<h2>Figures</h2><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _miss(evaluation: Evaluation, outcome: Outcome) -> str:
    question, answer = outcome.question, outcome.answer
    article = evaluation.dataset.article(question.article_id)
    golds = " · ".join(dict.fromkeys(question.answers)) or "no answer in the article"
    remark = " (gold inside the quote)" if in_first_quote(outcome) else ""
    parts = [
        ("gold", escape(golds)),
        ("answer", escape(f"{answer.text}, F1 {f1(answer.text, question.answers):.2f}{remark}")),
        ("confidence", f"{answer.confidence:.3f}"),
        ("gold passage", _marked_golds(article.text, outcome)),
    ]
    for citation in answer.citations[:1]:
        where = f"{citation.article.title}, characters {citation.start}–{citation.end}"
        parts.insert(2, ("quoted", f'{escape(citation.quote)} <span class="faint">({escape(where)})</span>'))
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in parts)
    return f"<article><h3>{escape(question.text)}</h3><dl>{listed}</dl></article>"


def _marked_golds(text: str, outcome: Outcome) -> str:
    """The question's paragraph with its first gold marked, escaped."""
    question = outcome.question
    if not question.golds:
        return escape(text[question.start : question.end])
    gold = question.golds[0]
    before, after = text[question.start : gold.start], text[gold.end : question.end]
    return f"{escape(before)}<mark>{escape(gold.text)}</mark>{escape(after)}"


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
