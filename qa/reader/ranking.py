"""Which passage of the pool answers best, and how sure that is: both learned on held-out questions.

`training/calibrate.py` fits the weights and writes them beside the reader; here they are applied.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index import InputError
from qa.reader.choice import SMALL_FOLDER
from qa.reader.extractive import Reading, Span
from qa.text import normalise, sentences_around
from qa.words import WORD, content_words, stem

CALIBRATION_FILE = "calibration.json"
CLIP = 15.0  # log-odds beyond this say nothing more
ORDER_FEATURES = ("evidence", "span", "sentence", "echo", "fused", "dense", "lexical")
CONFIDENCE_FEATURES = (
    "order", "gap", "evidence", "span", "share", "dense", "agreement", "words_found", "names_missing",
)  # fmt: skip
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A reading with its place in the order; `order` is comparable within one question and across questions."""

    reading: Reading
    order: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fitted weights: of the order, of the confidence, and the confidence below which there is no answer.

    `pool` is how many passages were read for each question, and are to be read.
    """

    order: dict[str, float]
    confidence: dict[str, float]
    bias: float
    min_confidence: float
    pool: int = 10

    @classmethod
    def load(cls, folder: Path = SMALL_FOLDER) -> "Calibration":
        """The weights kept in a reader's folder; of a reader without any, those of the small reader.

        Raises InputError when the file is not what `training.calibrate` writes.
        """
        own = folder / CALIBRATION_FILE
        file = own if own.is_file() else SMALL_FOLDER / CALIBRATION_FILE
        try:
            fitted: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            return cls(*(fitted[field.name] for field in fields(cls)))
        except (OSError, ValueError, KeyError) as error:
            raise InputError(f"{file} cannot be used ({error}): restore it or run training.calibrate") from error

    def rank(self, question: str, readings: Sequence[Reading]) -> list[Ranked]:
        """The pool in order, best first, and the spans of each reading likewise; ties keep their order."""
        weights = np.array([self.order[name] for name in ORDER_FEATURES])
        ranked = []
        for reading, features in zip(readings, order_features(question, readings), strict=True):
            values = features @ weights
            spans = tuple(reading.spans[place] for place in np.argsort(-values, kind="stable") if reading.spans)
            ranked.append(Ranked(replace(reading, spans=spans), float(values.max())))
        return sorted(ranked, key=lambda item: -item.order)

    def probability(self, question: str, ranked: Sequence[Ranked]) -> float:
        """How likely the first of `ranked` holds the right answer, 0 to 1."""
        features = confidence_features(question, ranked)
        weights = np.array([self.confidence[name] for name in CONFIDENCE_FEATURES])
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, float(features @ weights) + self.bias))))


def order_features(question: str, readings: Sequence[Reading]) -> list[Vector]:
    """Of each reading shape (spans or 1, len(ORDER_FEATURES)): what the reader, the words and the retrievers say."""
    words = content_words(question)
    best = max((reading.hit.lexical_score or 0.0 for reading in readings), default=0.0) or 1.0
    least = min((reading.hit.dense_score for reading in readings if reading.hit.dense_score is not None), default=0.0)
    features = []
    for reading in readings:
        hit = reading.hit
        dense = hit.dense_score if hit.dense_score is not None else least
        found = (hit.score, dense, (hit.lexical_score or 0.0) / best)
        spans = [(_clip(span.score / 2), words_beside(words, span), echo(words, span)) for span in reading.spans]
        rows = [(_clip(reading.evidence), *span, *found) for span in spans or [(-CLIP, 0.0, 0.0)]]
        features.append(np.array(rows, dtype=np.float64))
    return features


def confidence_features(question: str, ranked: Sequence[Ranked]) -> Vector:
    """Shape (len(CONFIDENCE_FEATURES),): what speaks for and against the first of `ranked`."""
    first = ranked[0]
    hit = first.reading.hit
    rivals = [other.order for other in ranked[1:] if not same_answer(first.reading, other.reading)]
    gap = min(CLIP, first.order - max(rivals)) if rivals else CLIP
    agreeing = sum(
        other.reading.hit.article.id != hit.article.id and same_answer(first.reading, other.reading)
        for other in ranked[1:]
    ) + len(hit.also)
    read = f"{hit.article.title} {hit.passage.heading or ''} {hit.passage.text}".lower()
    stems = {stem(word) for word in WORD.findall(read)}
    words = content_words(question)
    names = [word for word in words if not word.islower()]
    return np.array(
        (
            first.order,
            gap,
            _clip(first.reading.evidence),
            _clip(first.reading.score / 2),
            _share_of_spans(ranked),
            hit.dense_score if hit.dense_score is not None else 0.0,
            math.log1p(agreeing),
            _share(words, stems),
            sum(stem(name.lower()) not in stems for name in names),
        ),
        dtype=np.float64,
    )


def _share_of_spans(ranked: Sequence[Ranked]) -> float:
    """What the best span has of a softmax over all spans of the pool, 0 to 1; each rival lowers it."""
    if not ranked[0].reading.spans:
        return 0.0
    best = ranked[0].reading.spans[0].score / 2
    scores = np.array([span.score / 2 for item in ranked for span in item.reading.spans])
    return float(1 / np.exp(np.clip(scores - best, -30, 30)).sum())


def words_beside(words: Sequence[str], span: Span) -> float:
    """The share of the question's words that stand in the span's sentence, 0 to 1; 0 for one that goes beyond."""
    passage = span.hit.passage
    start, end = sentences_around(passage, span.start, span.start + 1)
    if span.end > end:
        return 0.0
    return _share(words, {stem(word) for word in WORD.findall(span.hit.article.text[start:end].lower())})


def echo(words: Sequence[str], span: Span) -> float:
    """The share of the span's words that the question has said already, 0 to 1: an answer says something else."""
    asked = {stem(word.lower()) for word in words}
    return _share(WORD.findall(span.text), asked)


def same_answer(first: Reading, second: Reading) -> bool:
    """Whether the best spans of both say the same, letter case, articles and punctuation aside."""
    if not first.spans or not second.spans:
        return False
    return normalise(first.spans[0].text) == normalise(second.spans[0].text)


def _share(words: Sequence[str], stems: set[str]) -> float:
    return sum(stem(word.lower()) in stems for word in words) / len(words) if words else 1.0


def _clip(value: float) -> float:
    return max(-CLIP, min(CLIP, value))
