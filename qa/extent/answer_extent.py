"""How much of the articles answers: words, cells, a list's items, sentences, or two things side by side."""

from collections.abc import Sequence

from qa.extent.cells import cells_at, row_of
from qa.extent.chosen_sentences import defining, sentences_of
from qa.extent.items import items_of, rivals_of
from qa.extent.question_size import DEFINITION, size_of
from qa.extent.side_by_side import side_by_side
from qa.reader import Reading, Span

MOST_SENTENCES = 5
FEW_SENTENCES = 2  # of yes or no, and of keywords: one answers as a rule


def parts_of(question: str, reading: Reading, pool: Sequence[Reading] = ()) -> list[Span]:
    """The parts of the answer, in order, from the reading that answers; those of a comparison from all of the pool."""
    best, size = reading.spans[0], size_of(question)
    if size == "comparison" and (parts := side_by_side(question, _marked(pool or [reading]))):
        return parts
    if size == "list" and (parts := items_of(question, best, reading.by_sentence)):
        return parts
    if found := row_of(best):
        return [Span(best.hit, start, end, best.score) for start, end in cells_at(question, best, *found)]
    if size in ("words", "list"):
        return rivals_of(best, reading.by_sentence)
    spans = [best, *(span for span in reading.by_sentence if not row_of(span))]
    if DEFINITION.search(question):
        near = [span for span in _marked(pool) if span.hit.article.id == best.hit.article.id and not row_of(span)]
        return sentences_of(question, defining(question, best, near), spans, 1)
    return sentences_of(question, best, spans, MOST_SENTENCES if size == "sentences" else FEW_SENTENCES)


def extent_of(question: str, span: Span) -> tuple[int, int]:
    """The part of the answer that a span alone leads to."""
    part = parts_of(question, Reading(span.hit, (span,), 0.0))[0]
    return part.start, part.end


def _marked(readings: Sequence[Reading]) -> list[Span]:
    return [span for reading in readings for span in (*reading.spans[:1], *reading.by_sentence)]
