"""The word index against bm25s: CPU time of a build and of a query, and whether their rankings are the same.

    python -m benchmarks.lexical_index DATASET.json [...] [--passages 40000]

The passages are sentences of the datasets, shuffled; the queries are the datasets' questions. Both get the same terms,
k1 and b.
"""

import random
import sys
import time
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from benchmarks.incremental import contexts
from benchmarks.retrieval import POOL
from index.command_line import Parser, run
from index.passages import sentences
from index.search.inversion import K1, B
from index.search.lexical import LexicalIndex
from index.search.terms import terms
from qa.evaluation import read_dataset

SENTENCES = 8  # in a passage
QUERIES = 100


def passages(datasets: list[Path], count: int) -> list[str]:
    """`count` texts, all different."""
    pool = [text[start:end].strip() for text in contexts(datasets) for start, end in sentences(text)]
    dice = random.Random(0)
    return [" ".join(dice.choices(pool, k=SENTENCES)) for _ in range(count)]


def main() -> int:
    """Print a line for each."""
    parser = Parser.of("benchmarks.lexical_index", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    parser.add_argument("--passages", type=int, default=40_000)
    options = parser.parse_args()
    asked = [question.text for question in read_dataset(options.datasets).questions]
    queries = random.Random(0).sample(asked, QUERIES)
    texts = passages(options.datasets, options.passages)
    began = time.process_time()
    ours = LexicalIndex.build(texts)
    built = time.process_time() - began
    tokens: Any = [terms(text) for text in texts]
    began = time.process_time()
    theirs = bm25s.BM25(k1=K1, b=B, backend="numpy", csc_backend="numpy")
    theirs.index(tokens, create_empty_token=False, show_progress=False)
    indexed = time.process_time() - began
    times: dict[str, list[float]] = {"ours": [], "bm25s": []}
    same = 0
    for query in queries:
        began = time.thread_time()
        found = ours.search(query, POOL)
        times["ours"].append(time.thread_time() - began)
        began = time.thread_time()
        scores = theirs.get_scores(terms(query))
        best = np.sort(scores)[::-1][: len(found)]
        times["bm25s"].append(time.thread_time() - began)
        same += np.allclose([score for _, score in found], best, rtol=1e-4)
    for name, seconds in (("ours, terms included", built), ("bm25s, without terms", indexed)):
        print(f"{name:22} build {seconds:.1f} s")
    for name, taken in times.items():
        print(f"{name:22} query p50 {1000 * np.median(taken):.2f} ms, p95 {1000 * np.quantile(taken, 0.95):.2f} ms")
    print(f"the same scores of the best {POOL}: {same} of {len(queries)} queries")
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
