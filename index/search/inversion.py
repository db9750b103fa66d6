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
MOST = 65535  # times that a term is counted in a text


@dataclass(frozen=True, slots=True)
class Inverted:
    """Terms in byte order, each with the postings `starts[i]` to `starts[i + 1]`: ascending rows and their weights."""

    terms: bytes  # UTF-8, a line each
    rows: NDArray[np.int32]
    weights: NDArray[np.float32]
    counts: NDArray[np.uint16]  # how often each row holds the term
    starts: NDArray[np.int64]
    peaks: NDArray[np.float32]  # the largest weight of each term
    lengths: NDArray[np.int32]  # the terms of each row

    @classmethod
    def empty(cls, count: int) -> Self:
        """Of `count` texts without a term."""
        return cls(
            terms=b"",
            rows=np.empty(0, np.int32),
            weights=np.empty(0, np.float32),
            counts=np.empty(0, np.uint16),
            starts=np.zeros(1, np.int64),
            peaks=np.empty(0, np.float32),
            lengths=np.zeros(count, np.int32),
        )


@dataclass(frozen=True, slots=True)
class Carried:
    """What is taken over: of each row the row that it was before, -1 where its text is new; none comes twice."""

    before: Inverted
    source: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Block:
    """Postings of some rows, by term and then by row."""

    terms: NDArray[np.int32]
    rows: NDArray[np.int32]
    counts: NDArray[np.uint16]


def invert(texts: Iterable[list[str]], carried: Carried | None = None) -> Inverted:
    """The postings of all terms of `texts`, which are those of the new rows where others are `carried`."""
    numbers: dict[str, int] = {}
    told = array("i")
    blocks = list(_blocks(texts, numbers, told))
    lengths = np.frombuffer(told, dtype=np.int32) if told else np.empty(0, np.int32)
    if carried is not None:
        blocks, lengths = [_merged(carried, blocks, numbers)], _lengths(carried, lengths)
    return _joined(blocks, numbers, lengths)


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
    keys, counts = np.unique(_keys(np.frombuffer(ids, dtype=np.int32), rows), return_counts=True)
    return _Block((keys >> 32).astype(np.int32), keys.astype(np.int32), np.minimum(counts, MOST).astype(np.uint16))


def _keys(terms: NDArray[np.int32], rows: NDArray[np.int64] | NDArray[np.int32]) -> NDArray[np.int64]:
    """Numbers in the order of terms and then of rows."""
    keys: NDArray[np.int64] = terms.astype(np.int64) << 32 | rows
    return keys


def _merged(carried: Carried, blocks: list[_Block], numbers: dict[str, int]) -> _Block:
    """The postings that are carried, and those of new texts, as one."""
    before, new = carried.before, np.flatnonzero(carried.source < 0)
    kept = np.flatnonzero(carried.source >= 0)
    now = np.full(len(before.lengths), -1, dtype=np.int32)
    now[carried.source[kept]] = kept
    words = before.terms.decode().split("\n") if before.terms else []
    ids = np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.int32)
    rows = now[before.rows]
    there = rows >= 0
    terms = np.concatenate([np.repeat(ids, np.diff(before.starts))[there], *(block.terms for block in blocks)])
    rows = np.concatenate([rows[there], *(new[block.rows].astype(np.int32) for block in blocks)])
    counts = np.concatenate([before.counts[there], *(block.counts for block in blocks)])
    order = np.argsort(_keys(terms, rows), kind="stable")
    return _Block(terms[order], rows[order], counts[order])


def _lengths(carried: Carried, new: NDArray[np.int32]) -> NDArray[np.int32]:
    lengths = np.empty(len(carried.source), dtype=np.int32)
    kept = carried.source >= 0
    lengths[kept] = carried.before.lengths[carried.source[kept]]
    lengths[~kept] = new
    return lengths


def _joined(blocks: list[_Block], numbers: dict[str, int], lengths: NDArray[np.int32]) -> Inverted:
    """All blocks as one, the terms in byte order, with weights."""
    held = sum((np.bincount(block.terms, minlength=len(numbers)) for block in blocks), np.zeros(1, np.int64))
    words = sorted((word.encode(), number) for word, number in numbers.items() if held[number])
    if not words:
        return Inverted.empty(len(lengths))
    chosen = np.array([number for _, number in words])
    place, held = np.zeros(len(numbers), dtype=np.int64), held[chosen]
    place[chosen] = np.arange(len(words))
    starts = np.concatenate([[0], np.cumsum(held)])
    rows, weights = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    counts = np.empty(starts[-1], np.uint16)
    idf = np.log(1 + (len(lengths) - held + 0.5) / (held + 0.5))
    norms = K1 * (1 - B + B * lengths / lengths.mean())
    free = starts[:-1].copy()
    for block in blocks:
        ours = place[block.terms]
        begins = np.flatnonzero(np.diff(block.terms, prepend=-1))  # of each term within the block
        sizes = np.diff(begins, append=len(ours))
        to = np.repeat(free[ours[begins]] - begins, sizes) + np.arange(len(ours))
        rows[to], counts[to] = block.rows, block.counts
        weights[to] = idf[ours] * block.counts / (block.counts + norms[block.rows])
        free[ours[begins]] += sizes
    peaks = np.maximum.reduceat(weights, starts[:-1])
    return Inverted(b"\n".join(word for word, _ in words), rows, weights, counts, starts, peaks, lengths)
