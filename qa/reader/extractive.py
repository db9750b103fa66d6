"""The reader: question and passages in, spans with exact offsets and a no-answer score out.

A passage is read on its own, behind the article's title and its heading, so its scores do not depend on what else is
in the pool and can be compared across passages.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from index import Hit
from qa.reader.checkpoint import Checkpoint
from qa.reader.decoding import TOP_SPANS, Floats, best_pairs, evidence, tidy
from qa.reader.readable import Readable, readable
from qa.tables import BAR
from qa.text import sentences_around

MAX_QUESTION_TOKENS = 64  # the end of a longer question is not read
STRIDE = 96  # tokens that two windows of a long passage share: more than the longest answer
PARAGRAPH_END = "\n\n"  # no answer goes beyond
CANDIDATES = 4 * TOP_SPANS  # pairs looked at, as several tidy up to the same span
OF_EACH = 3  # likewise, of each sentence


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of the hit's article; `score` is the span's logits minus the no-answer logits."""

    hit: Hit
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        """The span's characters."""
        return self.hit.article.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read in one passage: its spans, best first, and the log-odds that it holds an answer at all.

    `by_sentence` holds the best span of each sentence or row of a table, in the order of the text.
    """

    hit: Hit
    spans: tuple[Span, ...]
    evidence: float
    by_sentence: tuple[Span, ...] = ()

    @property
    def score(self) -> float:
        """The best span's score; far below any span's without one."""
        return self.spans[0].score if self.spans else -100.0


class Reader(Protocol):
    """Anything that reads passages."""

    @property
    def name(self) -> str:
        """What it is called in reports."""

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit, in the same order."""


@dataclass(frozen=True, slots=True)
class _Window:
    hit: int  # place in the pool
    encoding: Encoding
    shift: int  # length of the prefix, in characters
    readable: Readable


class ExtractiveReader:
    """Reads with an extractive question-answering checkpoint. Thread-safe."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self._checkpoint = checkpoint
        self.name = self._checkpoint.name
        self._workers = ThreadPoolExecutor(self._checkpoint.at_once, thread_name_prefix="reader")
        self._questions = Tokenizer.from_str(self._checkpoint.tokenizer.to_str())
        self._questions.no_truncation()
        self._questions.no_padding()
        self._pairs = Tokenizer.from_str(self._checkpoint.tokenizer.to_str())
        self._pairs.enable_truncation(self._checkpoint.max_tokens, stride=STRIDE, strategy="only_second")
        self._pairs.no_padding()

    def read(self, question: str, hits: Sequence[Hit]) -> list[Reading]:
        """One reading for each hit, in the same order; the spans lie within the passage."""
        found: list[dict[tuple[int, int], float]] = [{} for _ in hits]
        seen = [-100.0] * len(hits)
        windows = self._windows(self._shortened(question), hits)
        for window, logits in zip(windows, self._workers.map(self._logits, windows), strict=True):
            strength = _decode(window, logits, hits[window.hit], found[window.hit])
            seen[window.hit] = max(seen[window.hit], strength)
        return [_reading(*parts) for parts in zip(hits, found, seen, strict=True)]

    def _shortened(self, question: str) -> str:
        offsets = self._questions.encode(question, add_special_tokens=False).offsets
        return question[: offsets[MAX_QUESTION_TOKENS - 1][1]] if len(offsets) > MAX_QUESTION_TOKENS else question

    def _windows(self, question: str, hits: Sequence[Hit]) -> list[_Window]:
        texts = [
            (place, reading_prefix(hit.article.title, hit.passage.heading), text)
            for place, hit in enumerate(hits)
            for text in readable(question, hit.passage, hit.article.text)
        ]
        encoded = self._pairs.encode_batch([(question, prefix + text.text) for _, prefix, text in texts])
        return [
            _Window(place, part, len(prefix), text)
            for (place, prefix, text), encoding in zip(texts, encoded, strict=True)
            for part in (encoding, *encoding.overflowing)
        ]

    def _logits(self, window: _Window) -> tuple[Floats, Floats]:
        rows = (window.encoding.ids, window.encoding.type_ids, window.encoding.attention_mask)
        starts, ends = self._checkpoint.logits(*(np.array([row], dtype=np.int64) for row in rows))
        return starts[0].astype(np.float64), ends[0].astype(np.float64)


def _decode(window: _Window, logits: tuple[Floats, Floats], hit: Hit, found: dict[tuple[int, int], float]) -> float:
    """Add the window's spans to `found`, among them the best of each sentence; return the log-odds of any answer."""
    encoding = window.encoding
    tokens = [
        place
        for place, (sequence, offsets) in enumerate(zip(encoding.sequence_ids, encoding.offsets, strict=True))
        if sequence == 1 and offsets[0] >= window.shift and offsets[1] > offsets[0]
    ]
    if not tokens:
        return -100.0
    first, last = tokens[0], tokens[-1] + 1
    null = logits[0][0] + logits[1][0]
    starts, ends = (values[first:last] for values in logits)
    offsets = [(start - window.shift, end - window.shift) for start, end in encoding.offsets[first:last]]
    pairs = dict.fromkeys(best_pairs(starts, ends, CANDIDATES))
    for low, high in _parts(window.readable, offsets):
        pairs |= dict.fromkeys((low + i, low + j) for i, j in best_pairs(starts[low:high], ends[low:high], OF_EACH))
    for i, j in pairs:
        span = _place(window.readable, offsets[i][0], offsets[j][1])
        if span is not None:
            found[span] = max(found.get(span, -np.inf), float(starts[i] + ends[j] - null))
    return evidence(starts, ends, float(logits[0][0]), float(logits[1][0]))


def _parts(read: Readable, offsets: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The tokens [low, high) of each sentence, or of each cell."""
    beginnings = [start for start, _ in offsets]
    for start, end in read.parts():
        low, high = bisect_left(beginnings, start), bisect_left(beginnings, end)
        if low < high:
            yield low, high


def _place(read: Readable, start: int, end: int) -> tuple[int, int] | None:
    """Where the tidied span stands in the article; None for one that is no answer."""
    span = tidy(read.text, start, end)
    if span is None or any(mark in read.text[slice(*span)] for mark in (PARAGRAPH_END, f"{BAR} ")):
        return None
    return read.place(*span)


def _reading(hit: Hit, found: dict[tuple[int, int], float], strength: float) -> Reading:
    spans = [Span(hit, *place, score) for place, score in sorted(found.items(), key=lambda item: (-item[1], item[0]))]
    best: dict[int, Span] = {}
    for span in spans:
        start, end = sentences_around(hit.passage, span.start, span.start + 1)
        if span.end <= end:
            best.setdefault(start, span)
    return Reading(hit, tuple(spans[:TOP_SPANS]), strength, tuple(best[start] for start in sorted(best)))


def reading_prefix(title: str, heading: str | None) -> str:
    """What is read before a passage and cannot be part of an answer."""
    return "".join(f"{part.strip().rstrip('.')}. " for part in (title, heading) if part and part.strip())
