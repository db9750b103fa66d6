"""Figures of outcomes made by hand, and what a person and a program see of them."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree

import pytest

from index import Article, InputError, Skipped
from qa.answer import Answer, Citation
from qa.evaluation import Dataset, Evaluation, Figures, Gold, Question, figures, table, to_json, write_report
from qa.evaluation.evaluate import Outcome
from qa.evaluation.figures import is_right
from qa.evaluation.figures_text import GROUPS, LABELS
from qa.evaluation.plots import Axis, Bar, Line, bar_plot, line_plot
from qa.evaluation.report import WORST, page, worst

TEXT = "The <b>mill</b> burned in 1921. Ada Rook rebuilt it & sold it."
ARTICLE = Article("a" * 16, "Mill <script>alert(1)</script>", "mill.json#0", None, TEXT)
OTHER = Article("b" * 16, "Other", "mill.json#1", None, "Nothing burned in 1922.")


def question(id_: str, answer: str | None = None) -> Question:
    golds = (Gold(answer, TEXT.index(answer), TEXT.index(answer) + len(answer)),) if answer else ()
    return Question(id_, f"Question {id_} <i>?", ARTICLE.id, 0, len(TEXT), golds)


def answer(words: str | None, confidence: float, article: Article = ARTICLE) -> Answer:
    if words is None:
        return Answer("?", None, confidence, (), ())
    start = article.text.index(words)
    cited = Citation(1, article, article.text, 0, len(article.text), start, start + len(words), f"{article.id}-0-9")
    return Answer("?", words, confidence, (cited,), ())


OUTCOMES = (
    Outcome(question("1", "1921"), answer("1921", 0.9), 0.1, True, 1, 1, "1921", 0.4),
    Outcome(question("2", "Ada Rook"), answer("Ada Rook rebuilt", 0.6), 0.2, True, 4, 2, "Ada Rook", 0.7),
    Outcome(question("3", "1921"), answer("1922", 0.8, OTHER), 0.3, True, None, 3, "burned", 0.1),
    Outcome(question("4"), answer("sold it", 0.7), 0.4, True),
    Outcome(question("5"), answer(None, 0.0), 0.5, False),
)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    dataset = Dataset(
        ("mill.json",),
        (ARTICLE, OTHER),
        tuple(outcome.question for outcome in OUTCOMES),
        (Skipped("mill.json#0 question <9>", "has no answers"),),
    )
    return Evaluation(dataset, OUTCOMES, 0.65, "tiny", "MiniLM", 2, 1.5, 2.5, 10)


@pytest.fixture(scope="module")
def found(evaluation: Evaluation) -> Figures:
    return figures(evaluation)


@pytest.mark.parametrize(
    ("group", "name", "value", "n"),
    [
        ("retrieval", "fused_r1", 1 / 3, 3),
        ("retrieval", "fused_r5", 2 / 3, 3),
        ("retrieval", "fused_mrr10", (1 + 1 / 4) / 3, 3),
        ("retrieval", "reranked_r3", 1, 3),
        ("retrieval", "reranked_mrr10", (1 + 1 / 2 + 1 / 3) / 3, 3),
        ("gold_passage", "em", 2 / 3, 3),
        ("end_to_end", "em", 1 / 3, 3),
        ("end_to_end", "f1", (1 + 0.8 + 0) / 3, 3),
        ("end_to_end", "gold_in_first_quote", 2 / 3, 3),
        ("end_to_end", "right_article", 2 / 3, 3),
        ("end_to_end", "gold_cited", 2 / 3, 3),
        ("with_threshold", "answered", 3 / 5, 5),  # 1, 3 and 4 are above 0.65
        ("with_threshold", "em", 2 / 5, 5),  # 1 is right, 5 rightly refused, 2 wrongly
        ("with_threshold", "right_when_answered", 1 / 3, 3),
        ("no_answer", "refused_unanswerable", 1 / 2, 2),
        ("no_answer", "wrongly_refused", 1 / 3, 3),
        ("no_answer", "auroc_unanswerable", 5 / 6, 5),  # .9 .6 .8 against .7 0: five of six pairs
        # Most confident first: right, wrong, wrong, right, wrong.
        ("no_answer", "aurc", (0 + 1 / 2 + 2 / 3 + 2 / 4 + 3 / 5) / 5, 5),
        ("no_answer", "ece", (0.1 + 0.4 + 0.8 + 0.7 + 0) / 5, 5),  # each alone in its bin
        ("not_in_store", "auroc_absent", 8 / 9, 3),  # .9 .6 .8 against .4 .7 .1
        ("not_in_store", "refused_absent", 2 / 3, 3),
        ("citations", "valid", 4 / 5, 5),
        ("latency", "p50_ms", 300, 5),
        ("latency", "p95_ms", 480, 5),
    ],
)
def test_every_figure_by_hand(found: Figures, group: str, name: str, value: float, n: int) -> None:
    figure = found[group][name]
    assert figure.value == pytest.approx(value)
    assert figure.n == n
    assert figure.low <= figure.value <= figure.high


def test_without_unanswerable_questions_their_figures_are_empty(evaluation: Evaluation) -> None:
    answerable = tuple(outcome for outcome in OUTCOMES if outcome.question.answerable)
    found = figures(Evaluation(evaluation.dataset, answerable, 0.65, "tiny", "MiniLM", 2, None, 2.5, 10))
    assert math.isnan(found["no_answer"]["refused_unanswerable"].value)
    assert math.isnan(found["no_answer"]["auroc_unanswerable"].value)
    assert found["no_answer"]["wrongly_refused"].n == 3


def test_the_table_shows_every_figure_under_its_heading(evaluation: Evaluation, found: Figures) -> None:
    text = table(evaluation, found)
    assert set(found) == set(GROUPS)
    for group, members in found.items():
        assert GROUPS[group] in text
        for name in members:
            assert LABELS[name] in text
    assert "5 questions (3 answerable) on 2 articles" in text
    assert "1 left out" in text
    assert len({len(line) for line in text.split("\n") if line.startswith("  F1 ")}) == 1


def test_the_json_is_strict_and_whole(evaluation: Evaluation, found: Figures) -> None:
    document = to_json(evaluation, found)
    again = json.loads(json.dumps(document, allow_nan=False))
    assert again["questions"] == 5
    assert again["figures"]["citations"]["valid"]["value"] == 0.8
    assert again["skipped"] == [{"source": "mill.json#0 question <9>", "reason": "has no answers"}]
    assert sum(each["n"] for each in again["reliability"]) == 5


def test_the_page_escapes_what_it_did_not_write(evaluation: Evaluation, found: Figures) -> None:
    text = page(evaluation, found)
    assert "<script" not in text
    assert "<i>" not in text
    assert "&lt;script&gt;" in text
    assert "The &lt;b&gt;mill&lt;/b&gt; burned in <mark>1921</mark>" in text
    assert "question &lt;9&gt;" in text
    assert text.count("<svg") == 4
    for drawing in text.split("<svg")[1:]:
        ElementTree.fromstring("<svg" + drawing.split("</svg>")[0] + "</svg>")


def test_the_worst_misses_are_the_most_confident_wrong_answers() -> None:
    assert [outcome.question.id for outcome in worst(OUTCOMES)] == ["3", "4"]
    assert not any(is_right(outcome) for outcome in worst(OUTCOMES))
    assert len(worst(OUTCOMES * WORST)) == WORST


def test_the_report_is_a_page_and_its_figures(evaluation: Evaluation, found: Figures, tmp_path: Path) -> None:
    written = write_report(evaluation, found, tmp_path / "new" / "report")
    assert written.read_text(encoding="utf-8") == page(evaluation, found)
    document = json.loads((written.parent / "evaluation.json").read_text(encoding="utf-8"))
    assert document == to_json(evaluation, found)
    assert sorted(file.name for file in written.parent.iterdir()) == ["evaluation.json", "index.html"]


def test_a_report_that_cannot_be_written_is_named(evaluation: Evaluation, found: Figures, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="file: cannot be written"):
        write_report(evaluation, found, tmp_path / "file")


def test_plots_place_points_within_the_axes_and_escape_labels() -> None:
    unit = Axis("a < b", 0, 1)
    drawing = ElementTree.fromstring(line_plot("t & t", unit, unit, [Line("one", [(0, 0), (1, 1), (9, -9)], 1)]))
    (curve,) = drawing.findall("{http://www.w3.org/2000/svg}polyline")
    points = [tuple(map(float, point.split(","))) for point in curve.attrib["points"].split()]
    (left, bottom), (right, top), clipped = points
    assert left < right
    assert top < bottom  # SVG counts downwards
    assert clipped == (right, bottom)
    bars = ElementTree.fromstring(bar_plot("t", unit, unit, [Bar(0, 0.5, 0.5, "<half>")]))
    (bar,) = bars.findall("{http://www.w3.org/2000/svg}rect")
    assert float(bar.attrib["height"]) == pytest.approx((bottom - top) / 2, abs=0.1)
    assert bar[0].text == "<half>"
