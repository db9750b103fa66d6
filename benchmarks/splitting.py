"""Passage sizes: how often the pool holds the answer, for several lengths and overlaps.

python -m benchmarks.splitting DATASET.json [...]

Questions of the even articles only, as in benchmarks.retrieval: the others are for reporting. Longer passages
make a pool of ten cover more text, so recall is given for a number of passages and for a length of text.
"""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.retrieval import Corpus, figures, gold_ranks, read_corpus, search
from index.command_line import Parser
from index.passages import SplitSettings, Splitter
from index.search import Ranking, fuse, word_pieces
from qa.evaluation import covers

TARGETS = (100, 130, 160, 180, 220)  # word pieces of a passage's own text
READ_TOKENS = 1500  # what a reader is given: about ten passages of 150


def token_recall(corpus: Corpus, rankings: Sequence[Ranking]) -> float:
    """The share of questions answered in the first READ_TOKENS word pieces of the ranking."""
    lengths = word_pieces([passage.text for passage in corpus.passages])
    hits = []
    for question, ranking in zip(corpus.questions, rankings, strict=True):
        room, hit = READ_TOKENS, False
        for row, _ in ranking:
            room -= lengths[row]
            if room < 0 or hit:
                break
            hit = covers(corpus.passages[row], question)
        hits.append(hit)
    return float(np.mean(np.array(hits)[corpus.fitting]))


def measure(path: Path, limit: int | None, cache: Path, settings: SplitSettings) -> list[float]:
    """The number of passages; R@1, R@5, R@10, R@20, MRR@10 fused; R in READ_TOKENS; R@10 dense; R@10 BM25."""
    corpus = read_corpus(path, limit=limit, splitter=Splitter(settings))
    dense, lexical = search(corpus, cache)
    fused = [fuse(*pair) for pair in zip(dense, lexical, strict=True)]
    alone = [figures(gold_ranks(corpus, side)[corpus.fitting])[2] for side in (dense, lexical)]
    ranked = figures(gold_ranks(corpus, fused)[corpus.fitting])
    return [len(corpus.passages), *ranked, token_recall(corpus, fused), *alone]


def main() -> None:
    """Read the arguments and print a line for each dataset and setting."""
    parser = Parser.of("benchmarks.splitting", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    parser.add_argument("--limit", type=int, help="read the first LIMIT articles of each only")
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings (default: none are kept)")
    arguments = parser.parse_args()
    names = ("passages", "R@1", "R@5", "R@10", "R@20", "MRR@10", f"R in {READ_TOKENS}", "dense10", "BM25-10")
    print(f"{'':40}" + " ".join(f"{name:>9}" for name in names))
    cases = [SplitSettings(target_tokens=target) for target in TARGETS]
    cases.append(SplitSettings(overlap_tokens=0))
    with tempfile.TemporaryDirectory() as temporary:
        cache = arguments.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        for path in arguments.datasets:
            for case in cases:
                row = measure(path, arguments.limit, cache, case)
                name = f"{path.stem[:16]} target {case.target_tokens}, overlap {case.overlap_tokens}"
                print(f"{name:40}{int(row[0]):9}", *(f"{value:9.3f}" for value in row[1:]), flush=True)


if __name__ == "__main__":
    main()
