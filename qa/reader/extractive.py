"""The reader: question and passages in, spans with exact offsets and a no-answer score out.

A passage is read on its own, behind the article's title and its heading, so its scores do not depend on what else is
in the pool and can be compared across passages.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from tokenizers import Encoding, Tokenizer

from index import Hit
from qa.reader.checkpoint import Checkpoint, load_checkpoint
from qa.reader.decoding import TOP_SPANS, Floats, best_pairs, evidence, tidy

MAX_QUESTION_TOKENS = 64  # the end of a longer question is not read
STRIDE = 96  # tokens that two windows of a long passage share: more than the longest answer
PARAGRAPH_END = "\n\n"  # no answer goes beyond
CANDIDATES = 4 * TOP_SPANS  # pairs looked at, as several tidy up to the same span


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
    """What was read in one passage: its spans, best first, and the log-odds that it holds an answer at all."""

    hit: Hit
    spans: tuple[Span, ...]
    evidence: float

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


class ExtractiveReader:
    """Reads with an extractive question-answering checkpoint. Thread-safe."""

    def __init__(self, checkpoint: Checkpoint | None = None) -> None:
        self._checkpoint = checkpoint or load_checkpoint()
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
            strength = self._decode(window, logits, hits[window.hit], found[window.hit])
            seen[window.hit] = max(seen[window.hit], strength)
        readings = []
        for hit, spans, strength in zip(hits, found, seen, strict=True):
            best = sorted(spans.items(), key=lambda item: (-item[1], item[0]))[:TOP_SPANS]
            readings.append(Reading(hit, tuple(Span(hit, s, e, score) for (s, e), score in best), strength))
        return readings

    def _shortened(self, question: str) -> str:
        offsets = self._questions.encode(question, add_special_tokens=False).offsets
        return question[: offsets[MAX_QUESTION_TOKENS - 1][1]] if len(offsets) > MAX_QUESTION_TOKENS else question

    def _windows(self, question: str, hits: Sequence[Hit]) -> list[_Window]:
        prefixes = [reading_prefix(hit.article.title, hit.passage.heading) for hit in hits]
        pairs = [(question, prefix + hit.passage.text) for prefix, hit in zip(prefixes, hits, strict=True)]
        windows = []
        for place, encoding in enumerate(self._pairs.encode_batch(pairs)):
            shift = len(prefixes[place])
            windows += [_Window(place, part, shift) for part in (encoding, *encoding.overflowing)]
        return windows

    def _logits(self, window: _Window) -> tuple[Floats, Floats]:
        rows = (window.encoding.ids, window.encoding.type_ids, window.encoding.attention_mask)
        starts, ends = self._checkpoint.logits(*(np.array([row], dtype=np.int64) for row in rows))
        return starts[0].astype(np.float64), ends[0].astype(np.float64)

    def _decode(
        self, window: _Window, logits: tuple[Floats, Floats], hit: Hit, found: dict[tuple[int, int], float]
    ) -> float:
        """Add the window's spans to `found`; return the log-odds that it holds an answer."""
        encoding, text = window.encoding, hit.passage.text
        tokens = [
            place
            for place, (sequence, offsets) in enumerate(zip(encoding.sequence_ids, encoding.offsets, strict=True))
            if sequence == 1 and offsets[0] >= window.shift and offsets[1] > offsets[0]
        ]
        if not tokens:
            return -100.0
        first, last = tokens[0], tokens[-1] + 1
        starts, ends = logits
        null = starts[0] + ends[0]
        for i, j in best_pairs(starts[first:last], ends[first:last], CANDIDATES):
            begin = encoding.offsets[first + i][0] - window.shift
            end = encoding.offsets[first + j][1] - window.shift
            span = tidy(text, begin, end)
            if span is not None and PARAGRAPH_END not in text[slice(*span)]:
                key = (hit.passage.start + span[0], hit.passage.start + span[1])
                found[key] = max(found.get(key, -np.inf), float(starts[first + i] + ends[first + j] - null))
        return evidence(starts[first:last], ends[first:last], float(starts[0]), float(ends[0]))


def reading_prefix(title: str, heading: str | None) -> str:
    """What is read before a passage and cannot be part of an answer."""
    return "".join(f"{part.strip().rstrip('.')}. " for part in (title, heading) if part and part.strip())
