"""Fit what turns readings into an order and a confidence, on held-out articles; write it beside the reader.

    python -m training.calibrate training/work/*.calibration.json --reader models/reader

The order's weights maximise the likelihood that a span of F1 >= 0.5 in a passage with the gold answer comes first (a
softmax over all spans of the pool). The confidence is a logistic regression on "the first answer has F1 >= 0.5 with a
gold answer", over the questions as they are, the unanswerable ones among them, and the answerable ones asked again
with their article left out of the pool. What speaks for an answer never lowers its confidence: weights have a sign,
as in monotone models, which keeps features that say nearly the same from being played off against each other. The
threshold is the highest that refuses at most MOST_REFUSED of the right answers.
"""

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from index import Hit, PassageIndex
from qa.answer import compose
from qa.evaluation import RIGHT_F1, Question, auroc, f1, gold_rank, hits_without_article, read_dataset
from qa.extent import extent_of
from qa.pipeline import POOL
from qa.reader import Calibration, ExtractiveReader, Reading, Span, load_checkpoint
from qa.reader.ranking import CALIBRATION_FILE, CONFIDENCE_FEATURES, ORDER_FEATURES, confidence_features, order_features

MOST_REFUSED = 0.08
STEADY = 1e-3  # weight of the squared weights, so that a feature without use stays near zero
RIDGE = 10.0  # likewise of the confidence, beside the sum of the losses of all questions
# How much a dataset counts in the order. Who asked the questions of NQ had not seen the passage, like our users.
COUNTS = {"nq": 2}
AGAINST = ("names_missing",)  # the features that speak against an answer; the others speak for it
# How much each kind of question counts in the confidence, whatever its number.
SHARES = {"answerable": 0.6, "absent": 0.25, "unanswerable": 0.15}

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question read: its readings, those of the pool without its article, and which passages hold a gold answer."""

    dataset: str
    question: Question
    readings: list[Reading]
    absent: list[Reading]
    gold: NDArray[np.bool_]


def read_all(files: list[Path], reader: ExtractiveReader, limit: int | None) -> list[Asked]:
    asked = []
    for file in files:
        dataset = read_dataset([file])
        with tempfile.TemporaryDirectory() as store:
            PassageIndex.build(dataset.articles, store=store)
            index = PassageIndex.open(store)
            snapshot = index.current()
            questions = dataset.sample(limit).questions
            for question in questions:
                hits = snapshot.search(question.text, POOL)
                others: list[Hit] = hits_without_article(snapshot, question) if question.answerable else []
                gold = np.array([gold_rank([hit], question) is not None for hit in hits])
                asked.append(
                    Asked(
                        file.name.split(".")[0],
                        question,
                        reader.read(question.text, hits),
                        reader.read(question.text, others),
                        gold,
                    )
                )
            index.close()
        print(f"{file}: {len(questions)} questions read", flush=True)
    return asked


def fit_order(asked: list[Asked]) -> dict[str, float]:
    """Softmax regression over the spans of the pools that hold the gold answer; datasets count alike."""
    usable = [item for item in asked if item.gold.any()]
    sizes = {name: sum(item.dataset == name for item in usable) for name in {item.dataset for item in usable}}
    pools = [(*_spans_of(item), COUNTS.get(item.dataset, 1) / sizes[item.dataset]) for item in usable]
    total = sum(weight for _, _, weight in pools)

    def loss(weights: Vector) -> float:
        value = 0.0
        for features, gold, weight in pools:
            scores = features @ weights
            likely = np.exp(scores - scores.max())
            value += weight * float(np.log(likely.sum()) - np.log(likely[gold].sum() + 1e-12))
        return value / total + STEADY * float(weights @ weights) / 100

    best = minimize(loss, np.array([1.0, 0.1, 1.0, 0.0, 5.0, 1.0, 1.0]), method="L-BFGS-B")
    return dict(zip(ORDER_FEATURES, (round(float(w), 4) for w in best.x), strict=True))


def _spans_of(item: Asked) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The features of all spans of a pool, and which are right; where none is, those of the gold passages."""
    features = order_features(item.question.text, item.readings)
    inside = np.repeat(item.gold, [len(rows) for rows in features])
    right = [_is_right(item.question, span) for reading in item.readings for span in reading.spans or (None,)]
    good = inside & np.array(right)
    return np.concatenate(features), good if good.any() else inside


def _is_right(question: Question, span: Span | None) -> bool:
    if span is None:
        return False
    start, end = extent_of(question.text, span)
    return f1(span.hit.article.text[start:end], question.answers) >= RIGHT_F1


def fit_confidence(asked: list[Asked], order: dict[str, float]) -> Calibration:
    """Logistic regression on standardised features, written back in the features' own units."""
    ranker = Calibration(order, {}, 0.0, 0.0)
    rows, right, kinds = [], [], []
    for item in asked:
        cases = [("answerable" if item.question.answerable else "unanswerable", item.readings)]
        if item.absent:
            cases.append(("absent", item.absent))
        for kind, readings in cases:
            ranked = ranker.rank(item.question.text, readings)
            rows.append(confidence_features(item.question.text, ranked))
            text = compose(item.question.text, ranked, 1.0, 0.0).text
            right.append(kind == "answerable" and f1(text, item.question.answers) >= RIGHT_F1)
            kinds.append(kind)
    features, labels, groups = np.array(rows), np.array(right), np.array(kinds)
    weight = np.array([SHARES[kind] / (groups == kind).sum() for kind in groups]) * len(groups)
    weights, bias = monotone_regression(features, labels, weight)
    probability = expit(features @ weights + bias)
    threshold = float(np.quantile(probability[labels], MOST_REFUSED))
    for kind in ("absent", "unanswerable"):
        chosen = (groups == "answerable") | (groups == kind)
        print(f"AUROC answerable against {kind}: {auroc(probability[chosen], (groups == 'answerable')[chosen]):.3f}")
        print(f"refused of {kind}: {(probability[groups == kind] < threshold).mean():.3f}")
    print(f"refused of answerable: {(probability[groups == 'answerable'] < threshold).mean():.3f}")
    named = dict(zip(CONFIDENCE_FEATURES, (round(float(w), 4) for w in weights), strict=True))
    return Calibration(order, named, round(bias, 4), round(threshold, 3))


def monotone_regression(
    features: NDArray[np.float64], labels: NDArray[np.bool_], weight: Vector
) -> tuple[Vector, float]:
    """Logistic regression with a ridge on standardised features, each weight of its feature's sign or zero.

    Returned in the features' own units, shape (features,), with the intercept.
    """
    mean, spread = features.mean(0), features.std(0) + 1e-9
    standard = (features - mean) / spread
    sides = np.where(labels, 1.0, -1.0)

    def loss(fitted: Vector) -> tuple[float, Vector]:
        margins = sides * (standard @ fitted[:-1] + fitted[-1])
        pull = -weight * sides * expit(-margins)
        value = float((weight * np.logaddexp(0, -margins)).sum() + RIDGE / 2 * (fitted[:-1] ** 2).sum())
        return value, np.append(standard.T @ pull + RIDGE * fitted[:-1], pull.sum())

    signs = [(None, 0) if name in AGAINST else (0, None) for name in CONFIDENCE_FEATURES]
    best = minimize(loss, np.zeros(len(signs) + 1), jac=True, bounds=[*signs, (None, None)], method="L-BFGS-B").x
    weights = best[:-1] / spread
    return weights, float(best[-1] - (weights * mean).sum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("files", type=Path, nargs="+", help="held-out files of training.prepare")
    parser.add_argument("--reader", type=Path, default=Path("models/reader"))
    parser.add_argument("--limit", type=int, help="questions of each file")
    arguments = parser.parse_args()
    asked = read_all(arguments.files, ExtractiveReader(load_checkpoint(arguments.reader)), arguments.limit)
    order = fit_order(asked)
    first: dict[str, list[Any]] = {}
    for item in asked:
        if item.gold.any():
            best = Calibration(order, {}, 0.0, 0.0).rank(item.question.text, item.readings)[0].reading
            place = next(i for i, reading in enumerate(item.readings) if reading.hit is best.hit)
            first.setdefault(item.dataset, []).append((item.gold[0], item.gold[place]))
    for name, pairs in first.items():
        fused, ordered = np.mean(pairs, axis=0)
        print(f"{name}: gold first, of pools that hold it: fused {fused:.3f}, ordered {ordered:.3f}")
    fitted = fit_confidence(asked, order)
    document = {
        "order": fitted.order,
        "confidence": fitted.confidence,
        "bias": fitted.bias,
        "min_confidence": fitted.min_confidence,
        "fitted_on": [file.name for file in arguments.files],
        "command": "python -m training.calibrate training/work/*.calibration.json --limit 250 --reader models/reader",
    }
    (arguments.reader / CALIBRATION_FILE).write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
