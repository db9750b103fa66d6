"""The default embedder in 8 bits against the official weights in float32: what is found, and the time of a passage.

    python -m benchmarks.precision DATASET.json [...]

Passages and questions are embedded by the same model. Times are CPU milliseconds of one thread.
"""

import sys
import time
from pathlib import Path

import torch

from benchmarks.retrieval import POOL, Corpus, figures, gold_ranks, read_corpus
from index.command_line import Parser, run
from index.search import Embedder, default_folder, fuse, load_embedder
from index.search.dense import DenseIndex
from index.search.lexical import LexicalIndex

TIMED = 200  # passages


def compare(corpus: Corpus, embedders: dict[str, Embedder]) -> None:
    """Print R@1 and R@10 of each, by vectors alone and fused with BM25."""
    lexical = LexicalIndex.build(corpus.texts)
    words = [lexical.search(question.text, POOL) for question in corpus.questions]
    for name, embedder in embedders.items():
        dense = DenseIndex.build(embedder.encode_passages(corpus.texts))
        found = [dense.search(embedder.encode_query(question.text), POOL) for question in corpus.questions]
        fused = [fuse(*pair) for pair in zip(found, words, strict=True)]
        alone, both = (figures(gold_ranks(corpus, rankings)) for rankings in (found, fused))
        print(
            f"{corpus.name:12} {len(corpus.questions):5} questions {len(corpus.texts):5} passages {name:8}"
            f" dense R@1 {alone[0]:.4f} R@10 {alone[2]:.4f}  fused R@1 {both[0]:.4f} R@10 {both[2]:.4f}",
            flush=True,
        )


def main() -> int:
    """Compare on each dataset, then take the times."""
    parser = Parser.of("benchmarks.precision", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    options = parser.parse_args()
    torch.set_num_threads(1)
    embedders = {"8 bits": load_embedder(), "float32": load_embedder(str(default_folder()))}
    corpora = [read_corpus(path) for path in options.datasets]
    for corpus in corpora:
        compare(corpus, embedders)
    texts = [text for corpus in corpora for text in corpus.texts][:TIMED]
    for name, embedder in embedders.items():
        began = time.process_time()
        embedder.encode_passages(texts)
        print(f"{name:8} {1000 * (time.process_time() - began) / len(texts):.1f} ms of CPU a passage", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(run(main))
