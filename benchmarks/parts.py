"""How much answers: the parts of an answer against every gold span, the gold passage given.

    python -m benchmarks.parts training/work/multispan.dev.json training/work/clapnq.dev.json

The gold spans of `multispan_part` are the items of a list, those of `clapnq_part` whole sentences.
"""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.articles import Article
from qa.answer import Answer, compose
from qa.evaluation import Question, gold_hit, read_dataset
from qa.reader import Calibration, ExtractiveReader, choose, load_checkpoint
from qa.text import normalise

FIGURES = ("all in the answer", "all in its quotes", "in the first quote", "word F1", "parts")


def answers(file: Path, reader: str | None) -> Iterator[tuple[Question, Answer]]:
    """Each answerable question with the answer that its own passage gives."""
    dataset, choice = read_dataset([file]), choose(reader)
    articles: dict[str, Article] = {article.id: article for article in dataset.articles}
    reads, calibration = (
        ExtractiveReader(load_checkpoint(choice.weights, choice.name)),
        Calibration.load(choice.calibration),
    )
    for question in dataset.questions:
        if question.answerable:
            readings = reads.read(question.text, [gold_hit(articles[question.article_id], question)])
            yield question, compose(question.text, calibration.rank(question.text, readings), 1.0, 0.0)


def measured(question: Question, answer: Answer) -> tuple[float, ...]:
    """FIGURES of one answer."""
    golds = [f" {normalise(text)} " for text in question.answers]
    parts = [f" {normalise(text)} " for text in answer.parts]
    quotes = [f" {normalise(citation.quote)} " for citation in answer.citations]
    said, meant = Counter(" ".join(parts).split()), Counter(" ".join(golds).split())
    f1 = 2 * sum((said & meant).values()) / max(1, sum(said.values()) + sum(meant.values()))
    whole = (all(any(gold in one for one in some) for gold in golds) for some in (parts, quotes))
    return (*map(float, whole), float(any(gold in quote for gold in golds for quote in quotes[:1])), f1, len(parts))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a line of means for each file."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parts", description=__doc__.splitlines()[0])
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--reader", metavar="R")
    options = parser.parse_args(arguments)
    print(f"{'':28}{'n':>5}" + "".join(f"{name:>20}" for name in FIGURES))
    for file in options.files:
        rows = [measured(*one) for one in answers(file, options.reader)]
        means = (sum(column) / len(rows) for column in zip(*rows, strict=True))
        print(f"{file.name:28}{len(rows):5}" + "".join(f"{mean:20.3f}" for mean in means), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
