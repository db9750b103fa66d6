"""Exact search against HNSW: time of a query, time to build, and how much of the exact top ten HNSW finds.

python -m benchmarks.dense_index DATASET.json [...] [--rows 10000 100000]

The rows are the passages of the datasets' articles; more rows are made of them by adding noise, so that they
lie in clusters as real ones do, and not evenly over the sphere. The queries are the datasets' questions.
"""

import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from benchmarks.retrieval import embed, read_corpus
from index.command_line import Parser
from index.search.dense import DenseIndex

Rows = NDArray[np.float32]
QUERIES = 200
NOISE = 0.7  # the length of the noise beside a unit row: a made row's cosine with its origin is about .8
LINKS = 32
BUILD_DEPTH = 80
SEARCH_DEPTHS = (32, 64, 128)


def grow(rows: Rows, count: int) -> Rows:
    """Unit rows, shape (count, dimension): the given ones first, then noisy copies."""
    random = np.random.default_rng(0)
    if count <= len(rows):
        return rows[random.permutation(len(rows))[:count]]
    copies = rows[random.integers(len(rows), size=count - len(rows))]
    noise = random.normal(size=copies.shape).astype(np.float32)
    made = copies + NOISE * noise / np.linalg.norm(noise, axis=1, keepdims=True)
    return np.vstack([rows, made / np.linalg.norm(made, axis=1, keepdims=True)]).astype(np.float32)


def timed(search: Callable[[Rows], list[int]], queries: Rows) -> tuple[float, list[list[int]]]:
    """The median time of a query in milliseconds, and what each found; `queries` has the shape (queries, dimension)."""
    times, found = [], []
    for query in queries:
        started = time.perf_counter()
        found.append(search(query))
        times.append(time.perf_counter() - started)
    return float(np.median(times)) * 1000, found


def measure(rows: Rows, queries: Rows) -> None:
    """Print a line for exact search and one for each depth of HNSW."""
    started = time.perf_counter()
    exact = DenseIndex.build(rows)
    built = time.perf_counter() - started
    milliseconds, expected = timed(lambda query: [row for row, _ in exact.search(query, 10)], queries)
    print(
        f"{len(rows):7} exact          build {built:6.1f} s  p50 {milliseconds:7.2f} ms  R@10 1.000",
        flush=True,
    )
    graph = faiss.IndexHNSWFlat(rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = BUILD_DEPTH
    started = time.perf_counter()
    graph.add(rows)
    built = time.perf_counter() - started
    for depth in SEARCH_DEPTHS:
        graph.hnsw.efSearch = depth
        milliseconds, found = timed(lambda query: list(graph.search(query[None], 10)[1][0]), queries)
        right = np.mean([len({*a} & {*b}) / 10 for a, b in zip(found, expected, strict=True)])
        name = f"{len(rows):7} HNSW depth {depth:3}"
        print(f"{name} build {built:6.1f} s  p50 {milliseconds:7.2f} ms  R@10 {right:.3f}", flush=True)


def main() -> None:
    """Read the arguments and measure each size."""
    parser = Parser.of("benchmarks.dense_index", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    parser.add_argument("--rows", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps embeddings")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    corpora = [read_corpus(path) for path in arguments.datasets]
    rows = np.vstack([embed(corpus.texts, arguments.cache) for corpus in corpora])
    texts = [question.text for corpus in corpora for question in corpus.questions]
    chosen = tuple(texts[i] for i in np.random.default_rng(0).permutation(len(texts))[:QUERIES])
    queries = embed(chosen, arguments.cache, queries=True)
    for count in arguments.rows:
        measure(grow(rows, count), queries)


if __name__ == "__main__":
    main()
