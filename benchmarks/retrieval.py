"""Retrieval on question-answering data: dense, BM25 and ways of fusing them, over whole articles.

python -m benchmarks.retrieval DATASET.json [...]

Each article is split by the project's own splitter. A hit is a passage of the right article that covers the
characters of a gold answer. What has a parameter is fitted on the questions of every other article (the even
ones) and reported on those of the rest; the passages of all articles stay in the index.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.command_line import Parser
from index.passages import DEFAULT_SPLITTER, Passage, Splitter, embedding_text, split
from index.search import Ranking, fuse, load_embedder
from index.search.dense import DenseIndex
from index.search.lexical import LexicalIndex
from qa.evaluation import Question, covers, read_dataset

Fuser = Callable[[Ranking, Ranking], Ranking]
Ranks = NDArray[np.int64]

POOL = 100  # rows each side gives, as in index.snapshot
WEIGHTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8)  # of the dense side
HEADINGS = ("R@1", "R@5", "R@10", "R@20", "MRR@10")


@dataclass(frozen=True, slots=True)
class Corpus:
    """The passages of a dataset's articles, what is embedded of each, and the answerable questions."""

    name: str
    passages: tuple[Passage, ...]
    texts: tuple[str, ...]
    questions: tuple[Question, ...]
    fitting: NDArray[np.bool_]  # for each question: stands on an even article


def read_corpus(path: Path, *, limit: int | None = None, splitter: Splitter = DEFAULT_SPLITTER) -> Corpus:
    """The first `limit` articles of a SQuAD v1/v2 file, split."""
    dataset = read_dataset([path])
    articles = dataset.articles[:limit]
    numbers = {article.id: number for number, article in enumerate(articles)}
    pairs = [(article, passage) for article in articles for passage in split(article, splitter)]
    questions = tuple(q for q in dataset.questions if q.answerable and q.article_id in numbers)
    return Corpus(
        path.stem,
        tuple(passage for _, passage in pairs),
        tuple(embedding_text(article.title, passage) for article, passage in pairs),
        questions,
        np.array([numbers[question.article_id] % 2 == 0 for question in questions]),
    )


def embed(texts: Sequence[str], cache: Path, *, queries: bool = False) -> NDArray[np.float32]:
    """Unit rows, shape (texts, dimension), by the default embedder, kept in the folder `cache`."""
    path = cache / f"{hashlib.sha256(repr((queries, texts)).encode()).hexdigest()[:32]}.npy"
    if not path.exists():
        embedder = load_embedder()
        one_by_one = (embedder.encode_query(text) for text in texts)
        rows = np.stack(list(one_by_one)) if queries else embedder.encode_passages(texts)
        np.save(path, rows, allow_pickle=False)
    return np.asarray(np.load(path, allow_pickle=False))


def search(corpus: Corpus, cache: Path) -> tuple[list[Ranking], list[Ranking]]:
    """The POOL best rows of each question: by vectors, by words."""
    dense, lexical = DenseIndex.build(embed(corpus.texts, cache)), LexicalIndex.build(corpus.texts)
    asked = tuple(question.text for question in corpus.questions)
    queries = embed(asked, cache, queries=True)
    return [dense.search(row, POOL) for row in queries], [lexical.search(text, POOL) for text in asked]


def gold_ranks(corpus: Corpus, rankings: Sequence[Ranking]) -> Ranks:
    """The rank, from 1, of the first passage that covers an answer, 0 when none does: shape (questions,)."""
    ranks = np.zeros(len(rankings), dtype=np.int64)
    for number, (question, ranking) in enumerate(zip(corpus.questions, rankings, strict=True)):
        for rank, (row, _) in enumerate(ranking, start=1):
            if covers(corpus.passages[row], question):
                ranks[number] = rank
                break
    return ranks


def figures(ranks: Ranks) -> list[float]:
    """R@1, R@5, R@10, R@20 and MRR@10 of ranks, shape (questions,)."""
    found = ranks > 0
    recall = [float(np.mean(found & (ranks <= k))) for k in (1, 5, 10, 20)]
    return [*recall, float(np.mean(np.where(found & (ranks <= 10), 1 / np.maximum(ranks, 1), 0)))]


def rrf(weight: float, k: int) -> Fuser:
    """Reciprocal ranks, weighted and added (Cormack, Clarke and Buettcher 2009: equal weights, k = 60)."""

    def points(ranking: Ranking) -> dict[int, float]:
        return {row: 1 / (k + rank) for rank, (row, _) in enumerate(ranking, start=1)}

    return lambda dense, lexical: _add(weight, points(dense), points(lexical), (0.0, 0.0))


def min_max(weight: float) -> Fuser:
    """Scores of each side stretched to 0..1 over its pool."""

    def stretch(ranking: Ranking) -> dict[int, float]:
        low, high = min((s for _, s in ranking), default=0.0), max((s for _, s in ranking), default=0.0)
        return {row: (score - low) / ((high - low) or 1.0) for row, score in ranking}

    return lambda dense, lexical: _add(weight, stretch(dense), stretch(lexical), (0.0, 0.0))


def z_score(weight: float) -> Fuser:
    """Scores of each side less their mean, by their standard deviation; the least where there is none."""

    def standard(ranking: Ranking) -> dict[int, float]:
        scores = np.array([score for _, score in ranking] or [0.0])
        return {row: float((s - scores.mean()) / (scores.std() or 1.0)) for row, s in ranking}

    def fuser(dense: Ranking, lexical: Ranking) -> Ranking:
        left, right = standard(dense), standard(lexical)
        return _add(weight, left, right, (min(left.values(), default=0.0), min(right.values(), default=0.0)))

    return fuser


def convex(weight: float) -> Fuser:
    """The cosine as it is, BM25 by the pool's best (Bruch, Gai and Ingber 2023)."""

    def fuser(dense: Ranking, lexical: Ranking) -> Ranking:
        best = lexical[0][1] if lexical else 1.0
        right = {row: score / best for row, score in lexical}
        return _add(weight, dict(dense), right, (dense[-1][1] if dense else 0.0, 0.0))

    return fuser


def _add(weight: float, left: dict[int, float], right: dict[int, float], missing: tuple[float, float]) -> Ranking:
    """`weight` of the left and the rest of the right; best first, ties by row."""
    total = {
        row: weight * left.get(row, missing[0]) + (1 - weight) * right.get(row, missing[1]) for row in {*left, *right}
    }
    return sorted(total.items(), key=lambda item: (-item[1], item[0]))


FIXED: dict[str, Fuser] = {
    "dense": lambda dense, lexical: dense,
    "BM25": lambda dense, lexical: lexical,
    "RRF, equal, k=60": rrf(0.5, 60),
}
FITTED: dict[str, Callable[[float], Fuser]] = {
    "RRF, weighted, k=60": lambda weight: rrf(weight, 60),
    "RRF, weighted, k=5": lambda weight: rrf(weight, 5),
    "min-max": min_max,
    "z-score": z_score,
    "cosine + BM25/best": convex,
}


def compare(corpora: Sequence[Corpus], cache: Path) -> None:
    """Print the weights, fitted on the even articles, then the tables: the other questions, and all."""
    found = [search(corpus, cache) for corpus in corpora]

    def ranks(fuser: Fuser, number: int) -> Ranks:
        return gold_ranks(corpora[number], [fuser(*pair) for pair in zip(*found[number], strict=True)])

    methods = dict(FIXED)
    print(f"weights of the dense side, fitted for the mean over {len(corpora)} datasets of (R@1 + R@10) / 2:")
    for name, make in FITTED.items():
        weight = max(WEIGHTS, key=lambda w: _fit([ranks(make(w), i) for i in range(len(corpora))], corpora))
        methods[f"{name}, w={weight}"] = make(weight)
        print(f"  {name}: {weight}")
    methods["the project's"] = fuse
    table = {name: [ranks(fuser, i) for i in range(len(corpora))] for name, fuser in methods.items()}
    for title, chosen in (("held-out questions", False), ("all questions", True)):
        _print(title, corpora, table, whole=chosen)


def _fit(ranks: list[Ranks], corpora: Sequence[Corpus]) -> float:
    rows = [figures(r[corpus.fitting]) for r, corpus in zip(ranks, corpora, strict=True)]
    return float(np.mean([row[0] + row[2] for row in rows]))


def _print(title: str, corpora: Sequence[Corpus], table: dict[str, list[Ranks]], *, whole: bool) -> None:
    rows: dict[str, list[list[float]]] = {name: [] for name in table}
    for number, corpus in enumerate(corpora):
        keep = np.ones(len(corpus.questions), dtype=bool) if whole else ~corpus.fitting
        heading = f"{corpus.name}: {title}: {keep.sum()}, over {len(corpus.passages)} passages"
        for name, ranks in table.items():
            rows[name].append(figures(ranks[number][keep]))
        _print_rows(heading, {name: row[-1] for name, row in rows.items()})
    means = {name: list(np.mean(row, axis=0)) for name, row in rows.items()}
    _print_rows(f"mean of the {len(corpora)} datasets: {title}", means)


def _print_rows(heading: str, rows: dict[str, list[float]]) -> None:
    width = max(map(len, rows))
    print(f"\n{heading}\n{'':{width}} " + " ".join(f"{name:>6}" for name in HEADINGS))
    for name, row in rows.items():
        print(f"{name:{width}} " + " ".join(f"{value:6.3f}" for value in row))


def main() -> None:
    """Read the arguments and print the tables."""
    parser = Parser.of("benchmarks.retrieval", __doc__)
    parser.add_argument("datasets", nargs="+", type=Path, help="SQuAD v1/v2 files")
    parser.add_argument("--cache", type=Path, help="folder that keeps embeddings (default: none are kept)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        cache = arguments.cache or Path(temporary)
        cache.mkdir(parents=True, exist_ok=True)
        compare([read_corpus(path) for path in arguments.datasets], cache)


if __name__ == "__main__":
    main()
