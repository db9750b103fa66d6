"""From the terms of each passage to the postings of each term, with BM25's weights."""

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

# Anserini's defaults: R@1 .731 in the mean of the three sets of benchmarks/README.md, 1.5 and .75 gave .723.
K1 = 0.9
B = 0.4
BLOCK = 1 << 22  # terms that are sorted at a time


@dataclass(frozen=True, slots=True)
class Inverted:
    """Terms in byte order, each with the postings `starts[i]` to `starts[i + 1]`: ascending rows and their weights."""

    terms: bytes  # UTF-8, a line each
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    starts: NDArray[np.int64]
    peaks: NDArray[np.float32]  # the largest weight of each term

    @classmethod
    def empty(cls) -> Self:
        """Of no terms."""
        return cls(b"", np.empty(0, np.int32), np.empty(0, np.float32), np.zeros(1, np.int64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class _Block:
    """Postings of some passages, by term and then by row."""

    terms: NDArray[np.int32]
    rows: NDArray[np.int32]
    counts: NDArray[np.int32]


def invert(texts: Iterable[list[str]]) -> tuple[Inverted, int]:
    """The postings of all terms, and how many texts there were."""
    numbers: dict[str, int] = {}
    lengths = array("i")
    blocks = list(_blocks(texts, numbers, lengths))
    if not numbers:
        return Inverted.empty(), len(lengths)
    return _joined(blocks, numbers, np.frombuffer(lengths, dtype=np.int32)), len(lengths)


def _blocks(texts: Iterable[list[str]], numbers: dict[str, int], lengths: "array[int]") -> Iterator[_Block]:
    """Number the terms and the texts as they come; some texts' postings at a time."""
    ids, first = array("i"), 0
    for words in texts:
        ids.extend([numbers.setdefault(word, len(numbers)) for word in words])
        lengths.append(len(words))
        if len(ids) >= BLOCK:
            yield _block(ids, lengths, first)
            ids, first = array("i"), len(lengths)
    if ids:
        yield _block(ids, lengths, first)


def _block(ids: "array[int]", lengths: "array[int]", first: int) -> _Block:
    rows = np.repeat(np.arange(first, len(lengths)), lengths[first:])
    keys, counts = np.unique(np.frombuffer(ids, dtype=np.int32).astype(np.int64) << 32 | rows, return_counts=True)
    return _Block((keys >> 32).astype(np.int32), keys.astype(np.int32), counts.astype(np.int32))


def _joined(blocks: list[_Block], numbers: dict[str, int], lengths: NDArray[np.int32]) -> Inverted:
    """All blocks as one, the terms in byte order, with weights."""
    words = sorted((word.encode(), number) for word, number in numbers.items())
    place = np.empty(len(words), dtype=np.int64)
    place[[number for _, number in words]] = np.arange(len(words))
    held = sum((np.bincount(place[block.terms], minlength=len(words)) for block in blocks), np.zeros(1, np.int64))
    starts = np.concatenate([[0], np.cumsum(held)])
    rows, weights = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    idf = np.log(1 + (len(lengths) - held + 0.5) / (held + 0.5))
    norms = K1 * (1 - B + B * lengths / lengths.mean())
    free = starts[:-1].copy()
    for block in blocks:
        ours = place[block.terms]
        begins = np.flatnonzero(np.diff(block.terms, prepend=-1))  # of each term within the block
        sizes = np.diff(begins, append=len(ours))
        to = np.repeat(free[ours[begins]] - begins, sizes) + np.arange(len(ours))
        rows[to] = block.rows
        weights[to] = idf[ours] * block.counts / (block.counts + norms[block.rows])
        free[ours[begins]] += sizes
    peaks = np.maximum.reduceat(weights, starts[:-1])
    return Inverted(b"\n".join(word for word, _ in words), rows, weights, starts, peaks)
