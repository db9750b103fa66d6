"""Exact search against codes and HNSW: CPU time of a query and of a build, and how much of the exact top they find.

python -m benchmarks.dense_index DATASET.json [...] [--rows 10000 100000] [--without-hnsw]

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
Found = list[list[int]]  # the rows that each query found
Timings = tuple[float, Found]  # with milliseconds before it
QUERIES = 200
NOISE = 0.7  # the length of the noise beside a unit row: a made row's cosine with its origin is about .8
DEPTH = 100  # rows asked for, as a search asks
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


def timed(search: Callable[[Rows], list[int]], queries: Rows) -> Timings:
    """The median time of a query in milliseconds, and what each found; `queries` has the shape (queries, dimension)."""
    times, found = [], []
    for query in queries:
        started = time.thread_time()
        found.append(search(query))
        times.append(time.thread_time() - started)
    return float(np.median(times)) * 1000, found


def told(name: str, rows: int, built: float, timings: Timings, expected: Found) -> None:
    """Print one line."""
    milliseconds, found = timings
    shares = [np.mean([len({*a[:k]} & {*b[:k]}) / k for a, b in zip(found, expected, strict=True)]) for k in (10, 100)]
    print(
        f"{rows:7} {name:15} build {built:6.1f} s  p50 {milliseconds:7.2f} ms"
        f"  R@10 {shares[0]:.4f}  R@100 {shares[1]:.4f}",
        flush=True,
    )


def measure(rows: Rows, queries: Rows, *, hnsw: bool) -> None:
    """Print a line for exact search, one for the project's, and one for each depth of HNSW."""
    flat = faiss.IndexFlatIP(rows.shape[1])
    started = time.process_time()
    flat.add(rows)
    built = time.process_time() - started
    exact = timed(lambda query: list(flat.search(query[None], DEPTH)[1][0]), queries)
    told("exact, FAISS", len(rows), built, exact, exact[1])
    started = time.process_time()
    ours = DenseIndex.build(rows)
    built = time.process_time() - started
    told(
        "the project's",
        len(rows),
        built,
        timed(lambda query: [row for row, _ in ours.search(query, DEPTH)], queries),
        exact[1],
    )
    if not hnsw:
        return
    graph = faiss.IndexHNSWFlat(rows.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = BUILD_DEPTH
    started = time.process_time()
    graph.add(rows)
    built = time.process_time() - started
    for depth in SEARCH_DEPTHS:
        graph.hnsw.efSearch = depth
        found = timed(lambda query: list(graph.search(query[None], DEPTH)[1][0]), queries)
        told(f"HNSW depth {depth}", len(rows), built, found, exact[1])


def main() -> None:
    """Read the arguments and measure each size."""
    parser = Parser.of("benchmarks.dense_index", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    parser.add_argument("--rows", nargs="+", type=int, default=[10_000, 100_000])
    parser.add_argument("--cache", type=Path, required=True, help="folder that keeps embeddings")
    parser.add_argument("--without-hnsw", action="store_true", help="its build takes minutes")
    arguments = parser.parse_args()
    faiss.omp_set_num_threads(1)
    arguments.cache.mkdir(parents=True, exist_ok=True)
    corpora = [read_corpus(path) for path in arguments.datasets]
    rows = np.vstack([embed(corpus.texts, arguments.cache) for corpus in corpora])
    texts = [question.text for corpus in corpora for question in corpus.questions]
    chosen = tuple(texts[i] for i in np.random.default_rng(0).permutation(len(texts))[:QUERIES])
    queries = embed(chosen, arguments.cache, queries=True)
    for count in arguments.rows:
        measure(grow(rows, count), queries, hnsw=not arguments.without_hnsw)


if __name__ == "__main__":
    main()
