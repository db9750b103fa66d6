"""What a plain afternoon's work gives, beside Article QA, on the same questions in one run.

    python -m benchmarks.baseline FILE.json [...] [--limit N] [--json]

The baseline: chunks of 1,000 characters without overlap, all-MiniLM-L6-v2, a flat FAISS index, and as the
answer the sentence of the best chunks that is closest to the question by embedding. No titles, no reader, no
refusal.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import faiss
import numpy as np
from tqdm import tqdm

from index.command_line import Parser, run
from index.passages import Passage, passage_of, sentences
from index.search import Embedder, load_embedder
from qa.evaluation import (
    Dataset,
    Figure,
    Question,
    cells,
    contains_gold,
    covers,
    evaluate,
    exact_match,
    f1,
    figures,
    measure_mean,
    read_dataset,
)

CHUNK_CHARACTERS = 1000
POOL = 10  # chunks whose sentences compete; Article QA's reader reads as many
FIGURES = {
    "R@1": ("retrieval", "reranked_r1"),
    "gold inside first quote": ("end_to_end", "gold_in_first_quote"),
    "exact match": ("end_to_end", "em"),
    "F1": ("end_to_end", "f1"),
    "p50, ms": ("latency", "p50_ms"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """The baseline's result: its best chunk, the sentence it answers with, and the seconds it took."""

    question: Question
    chunk: Passage
    answer: str
    seconds: float


def chunks(dataset: Dataset) -> list[Passage]:
    """Every article cut every CHUNK_CHARACTERS characters, wherever that falls."""
    cut = (
        passage_of(article, start, min(start + CHUNK_CHARACTERS, len(article.text)))
        for article in dataset.articles
        for start in range(0, len(article.text), CHUNK_CHARACTERS)
    )
    return [chunk for chunk in cut if chunk.text.strip()]


def run_baseline(dataset: Dataset, questions: Sequence[Question], embedder: Embedder) -> list[Found]:
    """Ask every question of the baseline; sentences are embedded beforehand, as a store would keep them."""
    cut = chunks(dataset)
    index = faiss.IndexFlatIP(embedder.dimension)
    index.add(embedder.encode_passages([chunk.text for chunk in cut]))
    pieces = [[chunk.text[a:b] for a, b in sentences(chunk.text)] for chunk in cut]
    rows = embedder.encode_passages([piece for group in pieces for piece in group])
    ends = np.cumsum([len(group) for group in pieces])
    found = []
    for question in tqdm(questions, desc="baseline", disable=None):
        began = time.perf_counter()
        query = embedder.encode_query(question.text)
        _, nearest = index.search(query[None, :], min(POOL, len(cut)))
        candidates = [
            (float(rows[i] @ query), piece)
            for chunk in nearest[0]
            for i, piece in enumerate(pieces[chunk], start=ends[chunk] - len(pieces[chunk]))
        ]
        _, answer = max(candidates, key=lambda pair: pair[0])
        found.append(Found(question, cut[nearest[0][0]], answer, time.perf_counter() - began))
    return found


def baseline_figures(found: Sequence[Found]) -> dict[str, Figure]:
    """The figures by the names of FIGURES; the baseline's quote and answer are one sentence."""
    articles = [each.question.article_id for each in found]
    seconds = np.array([each.seconds for each in found])
    p50 = 1000 * float(np.median(seconds))
    return {
        "R@1": measure_mean([covers(each.chunk, each.question) for each in found], articles),
        "gold inside first quote": measure_mean(
            [contains_gold(each.answer, each.question.answers) for each in found], articles
        ),
        "exact match": measure_mean([exact_match(each.answer, each.question.answers) for each in found], articles),
        "F1": measure_mean([f1(each.answer, each.question.answers) for each in found], articles),
        "p50, ms": Figure(p50, float("nan"), float("nan"), len(found)),
    }


def table(ours: dict[str, Figure], theirs: dict[str, Figure]) -> str:
    """Both side by side, each with its 95 % interval."""
    lines = [f"{'':26}{'baseline':^26}{'Article QA':^26}"]
    for name in FIGURES:
        columns = []
        for figure in (theirs[name], ours[name]):
            value, interval, _ = cells(FIGURES[name][1], figure)
            columns.append(f"{value:>7}  {interval:<17}")
        lines.append(f"{name:26}{columns[0]}{columns[1]}".rstrip())
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both and print them."""
    parser = Parser.of("benchmarks.baseline", __doc__)
    parser.add_argument("files", nargs="+", metavar="FILE.json")
    parser.add_argument("--limit", type=int, metavar="N", help="ask N questions drawn at random")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    options = parser.parse_args(arguments)
    return run(lambda: _compare(options))


def _compare(options: argparse.Namespace) -> None:
    dataset = read_dataset(options.files).sample(options.limit)
    answerable = [question for question in dataset.questions if question.answerable]
    theirs = baseline_figures(run_baseline(dataset, answerable, load_embedder()))
    found = figures(evaluate(dataset))
    ours = {name: found[group][key] for name, (group, key) in FIGURES.items()}
    if options.json:
        both = {"baseline": theirs, "article_qa": ours}
        print(json.dumps({who: {n: asdict(f) for n, f in each.items()} for who, each in both.items()}))
    else:
        print(f"{', '.join(options.files)}: {len(answerable):,} answerable questions\n")
        print(table(ours, theirs))


if __name__ == "__main__":
    sys.exit(main())
