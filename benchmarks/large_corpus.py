"""A corpus that grows: memory and time to build, open and search.

    python -m benchmarks.large_corpus DATASET.json [...] [--passages 10000 30000 100000] [--embedder noisy]

The articles are sentences of the datasets, shuffled, so that all differ. The embedder gives each text the row of a
real passage with noise, or the real one is used (hours on a small machine). Every step runs in a process of its own.
In the last one thread asks without pause while the store takes up a new generation.
"""

import argparse
import hashlib
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from math import ceil
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from benchmarks.incremental import contexts, measured
from index import Article, BuildSummary, PassageIndex, verify
from index.articles import make_article
from index.command_line import Parser
from index.passages import sentences, split
from index.search import DEFAULT_EMBEDDER, Embedder, load_embedder, word_pieces

SENTENCES = 60  # in an article
SAMPLE = 1000  # articles that tell how many passages one makes, to about a hundredth
MARGIN = 1.03  # by how much more are made, so that there are enough
QUERIES = 50
NOISY = "noisy"
REAL = 1000  # passages that are really embedded
NOISE = 0.6  # its length, against a row of length 1


class NoisyEmbedder:
    """For each text the row of some real passage with noise, always the same one."""

    name = NOISY
    digest = hashlib.sha256(NOISY.encode()).hexdigest()
    dimension = 384
    max_tokens = 254
    count_tokens = staticmethod(word_pieces)

    def __init__(self, rows: Path) -> None:
        """`rows` is a file of real unit rows, shape (passages, dimension)."""
        self._rows = np.load(rows, mmap_mode="r")

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension)."""
        return np.stack([self.encode_query(text) for text in texts])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        noise = np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
        row = self._rows[seed % len(self._rows)] + NOISE * noise / np.linalg.norm(noise)
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


def real_rows(datasets: Sequence[str], path: Path) -> None:
    """Write the rows of some real passages by the default embedder."""
    np.save(path, load_embedder().encode_passages(list(islice(contexts(datasets), REAL))))


def corpus(datasets: Sequence[str], count: int) -> Iterator[Article]:
    """`count` articles, one in memory at a time."""
    pool = [text[start:end].strip() for text in contexts(datasets) for start, end in sentences(text)]
    pool = [sentence for sentence in pool if 20 < len(sentence) < 400]
    dice = random.Random(0)
    for number in range(count):
        body = " ".join(dice.choices(pool, k=SENTENCES))
        yield make_article(f"Article {number}\n\n{body}\n", f"synthetic/{number:06d}", title=f"Article {number}")


def articles_for(datasets: Sequence[str], passages: int) -> int:
    """How many articles make at least so many passages."""
    made = sum(len(split(article)) for article in corpus(datasets, SAMPLE))
    return ceil(MARGIN * passages * SAMPLE / made)


def embedder_called(options: argparse.Namespace) -> Embedder:
    """The noisy one, or a real one."""
    return NoisyEmbedder(options.rows) if options.embedder == NOISY else load_embedder(options.embedder)


def build(options: argparse.Namespace) -> dict[str, float]:
    """Build a store of the corpus."""
    count = articles_for(options.datasets, options.passages)
    idle = peak_mb()
    summary = PassageIndex.build(
        corpus(options.datasets, count),
        options.store,
        embedder=embedder_called(options),
    )
    return {
        "passages": summary.passages,
        "seconds": round(summary.seconds, 1),
        "MB before": idle,
        "peak MB": peak_mb(),
    }


def rebuild(options: argparse.Namespace) -> dict[str, float]:
    """Change one article of it."""
    summary = add_changed(options, "This sentence is new.")
    return {"embedded": summary.embedded, "seconds": round(summary.seconds, 1), "peak MB": peak_mb()}


def add_changed(options: argparse.Namespace, sentence: str) -> BuildSummary:
    """Add the first article again, with a sentence more."""
    one = next(corpus(options.datasets, 1))
    changed = make_article(f"{one.text}\n{sentence}\n", one.source, title=one.title)
    return PassageIndex.add([changed], options.store, embedder=embedder_called(options))


def search(options: argparse.Namespace) -> dict[str, float]:
    """Open it and ask."""
    embedder = embedder_called(options)
    began = time.monotonic()
    index = PassageIndex.open(options.store, embedder)
    opened = time.monotonic() - began
    times, cpu = [], []
    queries = [" ".join(one.text.split()[10:18]) for one in corpus(options.datasets, QUERIES)]
    index.search("ready", 10)
    for query in queries:
        began, busy = time.monotonic(), time.thread_time()
        index.search(query, 10)
        times.append(time.monotonic() - began)
        cpu.append(time.thread_time() - busy)
    return {
        "open seconds": round(opened, 2),
        "search CPU ms, median": round(1000 * median(cpu), 1),
        "search ms, median": round(1000 * median(times), 1),
        "search ms, slowest": round(1000 * max(times), 1),
        "peak MB": peak_mb(),
    }


def take_up(options: argparse.Namespace) -> dict[str, float]:
    """Ask without pause from the moment that it has a new generation until that one answers."""
    index = PassageIndex.open(options.store, embedder_called(options))
    queries = [" ".join(one.text.split()[10:18]) for one in corpus(options.datasets, QUERIES)]
    new = add_changed(options, "This sentence is newer.").generation
    times: list[float] = []
    answered_by, began = 0, time.monotonic()
    while answered_by != new:
        asked = time.monotonic()
        snapshot = index.current()
        snapshot.search(queries[len(times) % QUERIES], 10)
        times.append(time.monotonic() - asked)
        answered_by = snapshot.generation
    return {
        "seconds until the new generation answers": round(time.monotonic() - began, 2),
        "questions meanwhile": len(times) - 1,
        "first question, ms": round(1000 * times[0], 1),
        "slowest after it, ms": round(1000 * max(times[1:], default=0), 1),
        "peak MB": peak_mb(),
    }


def check(options: argparse.Namespace) -> dict[str, float]:
    """Verify it."""
    began = time.monotonic()
    problems = verify(options.store)
    assert not problems, problems
    return {"seconds": round(time.monotonic() - began, 1), "peak MB": peak_mb()}


def peak_mb() -> int:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 1_000_000


STEPS = {"build": build, "rebuild": rebuild, "search": search, "take-up": take_up, "verify": check}


def main() -> None:
    """Each step in a process of its own, so that each has its own peak."""
    parser = Parser.of("benchmarks.large_corpus", __doc__)
    parser.add_argument("datasets", nargs="+", metavar="DATASET.json")
    parser.add_argument("--passages", type=int, nargs="+", default=[10_000, 30_000, 100_000], metavar="N")
    parser.add_argument("--embedder", default=NOISY, help=f"{NOISY}, or such as {DEFAULT_EMBEDDER}")
    for hidden in ("--step", "--store", "--rows"):
        parser.add_argument(hidden, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        options.passages = options.passages[0]
        print(json.dumps(STEPS[options.step](options)))
        return
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.npy"
        real_rows(options.datasets, rows)
        for passages in options.passages:
            for step in STEPS:
                told, _, cpu, _ = measured(
                    [
                        *(sys.executable, "-m", "benchmarks.large_corpus", *options.datasets),
                        *("--passages", str(passages), "--embedder", options.embedder, "--rows", str(rows)),
                        *("--step", step, "--store", str(Path(folder) / str(passages))),
                    ]
                )
                size = sum(path.stat().st_size for path in Path(folder, str(passages)).rglob("*") if path.is_file())
                found = {
                    "step": step,
                    "asked for": passages,
                    **json.loads(told),
                    "CPU seconds": round(cpu, 1),
                    "disk MB": size // 1_000_000,
                }
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
