"""From readings to an answer in the articles' own words, or to none. Nothing shown here is written by us."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index import Article, Hit
from index.passages import passage_of
from qa.confidence import in_words
from qa.extent import extent_of, parts_of, row_of
from qa.reader import Ranked, Span
from qa.text import normalise, sentences_around

MAX_CITATIONS = 5  # of an answer in one part
OTHERS = 2  # less likely answers that are told
RELATED = 3  # closest passages offered when there is no answer


@dataclass(frozen=True, slots=True)
class Citation:
    """A quote and where it stands. Offsets count characters of `article.text`.

    `article.text[start:end] == quote`; with an answer, `article.text[answer_start:answer_end]` is the answer.
    """

    number: int
    article: Article
    quote: str
    start: int
    end: int
    answer_start: int | None
    answer_end: int | None
    passage_id: str
    page: int | None = None
    header: str | None = None  # of a quote that is a table's row: the row that names its columns

    @property
    def answer(self) -> str | None:
        """The words of the quote that answer."""
        if self.answer_start is None or self.answer_end is None:
            return None
        return self.quote[self.answer_start - self.start : self.answer_end - self.start]

    def to_json(self) -> dict[str, Any]:
        """The contract's shape; the answer's own fields only where there is an answer, `page` only in paged files."""
        fields: dict[str, Any] = {"number": self.number, "quote": self.quote, "start": self.start, "end": self.end}
        if self.answer_start is not None:
            fields |= {"answer_start": self.answer_start, "answer_end": self.answer_end}
        if self.page is not None:
            fields["page"] = self.page
        if self.header is not None:
            fields["header"] = self.header
        return fields | {"passage_id": self.passage_id, "article": article_json(self.article)}


def article_json(article: Article) -> dict[str, str | None]:
    """An article as citations and hits name it, in the contract's shape."""
    published = article.published.isoformat() if article.published else None
    return {"id": article.id, "title": article.title, "source": article.source, "published": published}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or none: then `text` is None and `related` holds the closest passages.

    `text` is the answer of the first citation; an answer of several parts (a list's items, sentences) has a citation
    for each, and `parts` are their words. `others` are what the reader took for less likely.
    """

    question: str
    text: str | None
    confidence: float
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    generation: int = 0
    others: tuple[Citation, ...] = ()
    asked_as: str = ""  # the question as it was asked of the articles, where a word of it was misspelt
    note: str = ""  # what else there is to say, in our words

    @property
    def answered(self) -> bool:
        """Whether the articles answer the question."""
        return self.text is not None

    @property
    def parts(self) -> tuple[str, ...]:
        """The answer's words, part by part, each once."""
        said = {normalise(words): words for citation in reversed(self.citations) if (words := citation.answer)}
        return tuple(reversed(said.values()))

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        fields: dict[str, Any] = {
            "question": self.question,
            "answered": self.answered,
            "answer": self.text,
            "confidence": round(self.confidence, 4),
            "sure": in_words(self.confidence)[1] if self.answered else None,
            "citations": [citation.to_json() for citation in self.citations],
        }
        if len(self.parts) > 1:
            fields["parts"] = list(self.parts)
        if self.others:
            fields["others"] = [citation.to_json() for citation in self.others]
        if self.asked_as:
            fields["asked_as"] = self.asked_as
        if self.note:
            fields["note"] = self.note
        if not self.answered:
            fields["related"] = [citation.to_json() for citation in self.related]
        return fields


def compose(question: str, ranked: Sequence[Ranked], confidence: float, min_confidence: float) -> Answer:
    """The answer of the first of `ranked` that has one, with its citations, or no answer."""
    chosen = next((item for item in ranked if item.reading.spans), None)
    if chosen is not None and confidence >= min_confidence:
        citations = _citations(question, chosen, ranked)
        if citations:
            others = _others(question, citations, ranked)
            return Answer(question, citations[0].answer, confidence, citations, (), others=others)
    related = (_related(number, item.reading.hit) for number, item in enumerate(ranked[:RELATED], start=1))
    return Answer(question, None, confidence, (), tuple(related))


def _citations(question: str, chosen: Ranked, ranked: Sequence[Ranked]) -> tuple[Citation, ...]:
    """One for each part of the answer, or of an answer in one part those of the same words elsewhere too."""
    parts = parts_of(question, chosen.reading, [item.reading for item in ranked])
    found = [cite(part.hit, part.start, part.end) for part in parts]
    if len(parts) == 1:
        found += _copies(parts[0].hit, parts[0].start, parts[0].end)
        found += _agreeing(question, found[0], [item for item in ranked if item is not chosen])
        found = found[:MAX_CITATIONS]
    kept = {
        (one.article.id, one.answer_start, one.answer_end): one for one in reversed(found) if stands(one, one.article)
    }
    return _numbered(list(reversed(kept.values())))


def _agreeing(question: str, first: Citation, others: Sequence[Ranked]) -> Iterator[Citation]:
    """What says in other passages the very words of the first citation, spelling aside."""
    for other in others:
        for span in other.reading.spans:
            start, end = extent_of(question, span)
            hit = span.hit
            if hit.article.text[start:end] == first.answer:
                yield from (cite(hit, start, end), *_copies(hit, start, end))
                break


def _others(question: str, citations: Sequence[Citation], ranked: Sequence[Ranked]) -> tuple[Citation, ...]:
    """The next likely answers that say something else."""
    said = [normalise(citation.quote) for citation in citations]
    found: list[Citation] = []
    for item in ranked:
        for span in item.reading.spans[:1] if item is not ranked[0] else item.reading.spans:
            citation = cite(span.hit, *extent_of(question, span))
            words = normalise(citation.answer or "")
            if words and len(found) < OTHERS and not any(words in earlier for earlier in said):
                said.append(words)
                found.append(citation)
    return _numbered(found)


def _numbered(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    return tuple(replace(citation, number=number) for number, citation in enumerate(citations, start=1))


def stands(citation: Citation, article: Article) -> bool:
    """The invariant: the quote stands at its offsets in the article and, where there is one, the answer within it."""
    start, end = citation.answer_start, citation.answer_end
    if not article.holds(citation.start, citation.end, citation.quote):
        return False
    if start is None or end is None:
        return start is None and end is None
    return citation.start <= start < end <= citation.end


def cite(hit: Hit, start: int, end: int, *, number: int = 0, header: str | None = None) -> Citation:
    """The sentences, or the row, that hold [start, end) of the hit's article."""
    first, last = sentences_around(hit.passage, start, end)
    article = hit.article
    found = row_of(Span(hit, start, end, 0.0))
    if found:
        header = article.text[found[0].header.start : found[0].header.end]
    quote = article.text[first:last]
    return Citation(number, article, quote, first, last, start, end, hit.passage.id, article.page_at(start), header)


def _copies(hit: Hit, start: int, end: int) -> list[Citation]:
    """The same place in the other articles that hold the very same passage."""
    citations = []
    for article in hit.also:
        at = article.text.find(hit.passage.text)
        if at >= 0:
            moved = at - hit.passage.start
            passage = passage_of(article, at, at + len(hit.passage.text), hit.passage.heading)
            citations.append(cite(replace(hit, article=article, passage=passage), start + moved, end + moved))
    return citations


def _related(number: int, hit: Hit) -> Citation:
    passage = hit.passage
    page = hit.article.page_at(passage.start)
    return Citation(number, hit.article, passage.text, passage.start, passage.end, None, None, passage.id, page)
