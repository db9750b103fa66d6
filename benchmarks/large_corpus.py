"""A large corpus: memory and time to build, open and search.

    python -m benchmarks.large_corpus DATASET.json [...] [--passages 200000] [--embedder random]

The articles are sentences of the datasets, shuffled, so that all differ. The embedder gives each text random
unit rows of the default embedder's size, or the real one is used (hours on a small machine). A quarter and a
half of the corpus are built too, to show with what memory grows. At the end one thread asks without pause while
the store takes up a new generation.
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
RANDOM = "random"


class RandomEmbedder:
    """A random unit row for each text, always the same one."""

    name = RANDOM
    digest = hashlib.sha256(RANDOM.encode()).hexdigest()
    dimension = 384
    max_tokens = 254
    count_tokens = staticmethod(word_pieces)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension)."""
        return np.stack([self.encode_query(text) for text in texts])

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
        row = np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
        return np.asarray(row / np.linalg.norm(row), dtype=np.float32)


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


def embedder_called(name: str) -> Embedder:
    """The random one, or one of sentence-transformers."""
    return RandomEmbedder() if name == RANDOM else load_embedder(name)


def build(options: argparse.Namespace) -> dict[str, float]:
    """Build a store of the corpus."""
    count = articles_for(options.datasets, options.passages)
    idle = peak_mb()
    summary = PassageIndex.build(
        corpus(options.datasets, count),
        options.store,
        embedder=embedder_called(options.embedder),
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
    return PassageIndex.add([changed], options.store, embedder=embedder_called(options.embedder))


def search(options: argparse.Namespace) -> dict[str, float]:
    """Open it and ask."""
    embedder = embedder_called(options.embedder)
    began = time.monotonic()
    index = PassageIndex.open(options.store, embedder)
    opened = time.monotonic() - began
    times = []
    queries = [" ".join(one.text.split()[10:18]) for one in corpus(options.datasets, QUERIES)]
    for query in queries:
        began = time.monotonic()
        index.search(query, 10)
        times.append(time.monotonic() - began)
    return {
        "open seconds": round(opened, 2),
        "search ms, median": round(1000 * median(times), 1),
        "search ms, slowest": round(1000 * max(times), 1),
        "peak MB": peak_mb(),
    }


def take_up(options: argparse.Namespace) -> dict[str, float]:
    """Ask without pause from the moment that it has a new generation until that one answers."""
    index = PassageIndex.open(options.store, embedder_called(options.embedder))
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
    parser.add_argument("--passages", type=int, default=200_000)
    parser.add_argument("--embedder", default=RANDOM, help=f"{RANDOM}, or such as {DEFAULT_EMBEDDER}")
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--store", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        print(json.dumps(STEPS[options.step](options)))
        return
    for share in (4, 2, 1):
        with tempfile.TemporaryDirectory() as folder:
            passages = options.passages // share
            for step in STEPS if share == 1 else ("build",):
                told, _, cpu, _ = measured(
                    [
                        *(sys.executable, "-m", "benchmarks.large_corpus", *options.datasets),
                        *("--passages", str(passages), "--embedder", options.embedder),
                        *("--step", step, "--store", str(Path(folder) / "store")),
                    ]
                )
                size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
                found = {
                    "step": step,
                    "embedder": options.embedder,
                    **json.loads(told),
                    "CPU seconds": round(cpu, 1),
                    "disk MB": size // 1_000_000,
                }
                print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
