"""Fit what turns readings into an order and a confidence, on held-out articles; write it beside the reader.

    python -m training.calibrate training/work/{nq,clapnq,squad2,wiki}.calibration.json --reader large --pool 5

The order's weights maximise the likelihood that a span of F1 >= 0.5 in a passage with the gold answer comes first (a
softmax over all spans of the pool). The confidence is a logistic regression on "the first answer has F1 >= 0.5 with a
gold answer", over the questions as they are, the unanswerable ones among them, and the answerable ones asked again
with their article left out of the pool. What speaks for an answer never lowers its confidence: weights have a sign,
as in monotone models, which keeps features that say nearly the same from being played off against each other. Questions
count as users would ask them: mostly real searches. The threshold is the highest that refuses at most MOST_REFUSED of
the right answers to real searches. Threshold, printed figures and what the words on the page promise come from
confidences fitted without the question's own article (cross-fitting in FOLDS parts).
"""

import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from index import Hit, PassageIndex
from index.command_line import Parser
from qa.answer import compose
from qa.evaluation import RIGHT_F1, Question, auroc, ece, f1, gold_rank, hits_without_article, read_dataset
from qa.extent import extent_of
from qa.reader import ExtractiveReader, Reading, Span
from qa.reader.checkpoint import load_checkpoint
from qa.reader.choice import choose
from qa.reader.ranking import (
    CALIBRATION_FILE,
    CONFIDENCE_FEATURES,
    ORDER_FEATURES,
    Calibration,
    confidence_features,
    order_features,
)
from qa.text import normalise

MOST_REFUSED = 0.06
STEADY = 1e-3  # weight of the squared weights, so that a feature without use stays near zero
LONG_GOLD = 10  # words from which on a gold is a sentence
FOLDS = 5
RIDGE = 10.0  # likewise of the confidence, beside the sum of the losses of all questions
# How much a dataset counts, whatever its size. Who asked NQ and CLAP NQ had not seen the passage, like our users.
COUNTS = {"nq": 0.4, "clapnq": 0.2, "squad2": 0.25, "wiki": 0.15}
REAL = ("nq", "clapnq")
WORDS = {"very": 0.85, "likely": 0.6}  # from which confidence on the page says so (qa/confidence.py)
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


def read_all(files: list[Path], reader: ExtractiveReader, limit: int | None, pool: int) -> list[Asked]:
    asked = []
    for file in files:
        dataset = read_dataset([file])
        with tempfile.TemporaryDirectory() as store:
            PassageIndex.build(dataset.articles, store=store)
            index = PassageIndex.open(store)
            snapshot = index.current()
            questions = dataset.sample(limit).questions
            for question in questions:
                hits = snapshot.search(question.text, pool)
                others: list[Hit] = hits_without_article(snapshot, question, pool) if question.answerable else []
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
    pools = [(*_spans_of(item), COUNTS.get(item.dataset, 0.2) / sizes[item.dataset]) for item in usable]
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
    return is_right(span.hit.article.text[start:end], question.answers)


def is_right(text: str | None, golds: Sequence[str]) -> bool:
    """Whether an answer is right: of F1 RIGHT_F1, or words out of a sentence that is a gold as a whole (CLAP NQ)."""
    if f1(text, golds) >= RIGHT_F1:
        return True
    words = normalise(text or "")
    return bool(words) and any(len(gold.split()) >= LONG_GOLD and words in normalise(gold) for gold in golds)


def fit_confidence(
    asked: list[Asked], order: dict[str, float], pool: int
) -> tuple[Calibration, dict[str, dict[str, float]]]:
    """Logistic regression on standardised features, written back in the features' own units.

    Also what each word for a confidence promises: see `share_right`.
    """
    cases = _cases(asked, order)
    features, labels = np.array([case.features for case in cases]), np.array([case.right for case in cases])
    kinds, sets = np.array([case.kind for case in cases]), np.array([case.dataset for case in cases])
    cells = Counter((case.kind, case.dataset) for case in cases)
    weight = np.array([SHARES[c.kind] * COUNTS.get(c.dataset, 0.2) / cells[c.kind, c.dataset] for c in cases])
    weight *= len(cases) / weight.sum()
    probability = np.zeros(len(cases))
    folds = np.array([zlib.crc32(case.article.encode()) % FOLDS for case in cases])
    for fold in range(FOLDS):
        inside = folds == fold
        fitted, start = monotone_regression(features[~inside], labels[~inside], weight[~inside])
        probability[inside] = expit(features[inside] @ fitted + start)
    real = np.isin(sets, REAL)
    threshold = float(np.quantile(probability[labels & real if (labels & real).any() else labels], MOST_REFUSED))
    _print_confidence(probability, labels, kinds, sets, threshold)
    weights, bias = monotone_regression(features, labels, weight)
    named = dict(zip(CONFIDENCE_FEATURES, (round(float(w), 4) for w in weights), strict=True))
    shares = {word: share_right(probability, labels, weight, least) for word, least in WORDS.items()}
    return Calibration(order, named, round(bias, 4), round(threshold, 3), pool), shares


@dataclass(frozen=True, slots=True)
class Case:
    """A question as the confidence sees it: asked of its own article, or of the others ("absent")."""

    dataset: str
    article: str
    kind: str
    features: Vector
    right: bool


def _cases(asked: list[Asked], order: dict[str, float]) -> list[Case]:
    ranker = Calibration(order, {}, 0.0, 0.0)
    cases = []
    for item in asked:
        readings = [("answerable" if item.question.answerable else "unanswerable", item.readings)]
        if item.absent:
            readings.append(("absent", item.absent))
        for kind, read in readings:
            ranked = ranker.rank(item.question.text, read)
            text = compose(item.question.text, ranked, 1.0, 0.0).text
            right = kind == "answerable" and is_right(text, item.question.answers)
            features = confidence_features(item.question.text, ranked)
            cases.append(Case(item.dataset, item.question.article_id, kind, features, right))
    return cases


def _print_confidence(
    probability: Vector, labels: NDArray[np.bool_], kinds: NDArray[Any], sets: NDArray[Any], threshold: float
) -> None:
    answerable = kinds == "answerable"
    for kind in ("absent", "unanswerable"):
        chosen = answerable | (kinds == kind)
        print(f"AUROC answerable against {kind}: {auroc(probability[chosen], answerable[chosen]):.3f}")
        print(f"refused of {kind}: {(probability[kinds == kind] < threshold).mean():.3f}")
    print(f"refused of answerable: {(probability[answerable] < threshold).mean():.3f}")
    print(f"AUROC right against wrong answers: {auroc(probability[answerable], labels[answerable]):.3f}")
    for dataset in sorted(set(sets)):
        of = (sets == dataset) & (kinds != "absent")
        print(
            f"{dataset}: {of.sum()} asked, right {labels[of].mean():.3f}, ECE {ece(probability[of], labels[of]):.3f}, "
            f"AUROC right {auroc(probability[of], labels[of]):.3f}"
        )


def share_right(probability: Vector, labels: NDArray[np.bool_], weight: Vector, least: float) -> dict[str, float]:
    """Of the answers of at least that confidence: their share of all, and of them the share that is right.

    All arrays have the shape (answers,).
    """
    sure = probability >= least
    right = float(np.average(labels[sure], weights=weight[sure])) if sure.any() else 0.0
    return {"from": least, "share": round(float(weight[sure].sum() / weight.sum()), 3), "right": round(right, 3)}


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
    parser = Parser.of("training.calibrate", __doc__)
    parser.add_argument("files", type=Path, nargs="+", help="held-out files of training.prepare")
    parser.add_argument("--reader", default="large", help="large, small or a folder")
    parser.add_argument("--pool", type=int, default=10, help="passages read for each question")
    parser.add_argument("--limit", type=int, help="questions of each file")
    arguments = parser.parse_args()
    choice = choose(arguments.reader)
    reader = ExtractiveReader(load_checkpoint(choice.weights, choice.name))
    asked = read_all(arguments.files, reader, arguments.limit, arguments.pool)
    order = fit_order(asked)
    _print_order(asked, order)
    fitted, words = fit_confidence(asked, order, arguments.pool)
    limit = f" --limit {arguments.limit}" if arguments.limit else ""
    names = " ".join(f"training/work/{file.name}" for file in arguments.files)
    command = f"python -m training.calibrate {names} --reader {choice.name} --pool {arguments.pool}{limit}"
    document = asdict(fitted) | {"words": words, "command": command}
    (choice.calibration / CALIBRATION_FILE).write_text(json.dumps(document, indent=1) + "\n")
    print(json.dumps(document, indent=1))


def _print_order(asked: list[Asked], order: dict[str, float]) -> None:
    """How often the gold passage comes first, before and after."""
    first: dict[str, list[Any]] = {}
    for item in asked:
        if item.gold.any():
            best = Calibration(order, {}, 0.0, 0.0).rank(item.question.text, item.readings)[0].reading
            place = next(i for i, reading in enumerate(item.readings) if reading.hit is best.hit)
            first.setdefault(item.dataset, []).append((item.gold[0], item.gold[place]))
    for name, pairs in first.items():
        fused, ordered = np.mean(pairs, axis=0)
        print(f"{name}: gold first, of pools that hold it: fused {fused:.3f}, ordered {ordered:.3f}")


if __name__ == "__main__":
    main()
