"""From readings to an answer in the articles' own words, or to none. Nothing shown here is written by us."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from index import Article, Hit
from index.passages import passage_of
from qa.extent import extent_of
from qa.reader import Ranked
from qa.text import normalise, sentences_around

MAX_CITATIONS = 5
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

    def to_json(self) -> dict[str, Any]:
        """The contract's shape; the answer's own fields only where there is an answer, `page` only in paged files."""
        fields: dict[str, Any] = {"number": self.number, "quote": self.quote, "start": self.start, "end": self.end}
        if self.answer_start is not None:
            fields |= {"answer_start": self.answer_start, "answer_end": self.answer_end}
        if self.page is not None:
            fields["page"] = self.page
        return fields | {"passage_id": self.passage_id, "article": article_json(self.article)}


def article_json(article: Article) -> dict[str, str | None]:
    """An article as citations and hits name it, in the contract's shape."""
    published = article.published.isoformat() if article.published else None
    return {"id": article.id, "title": article.title, "source": article.source, "published": published}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question, or none: then `text` is None and `related` holds the closest passages."""

    question: str
    text: str | None
    confidence: float
    citations: tuple[Citation, ...]
    related: tuple[Citation, ...]
    generation: int = 0

    @property
    def answered(self) -> bool:
        """Whether the articles answer the question."""
        return self.text is not None

    def to_json(self) -> dict[str, Any]:
        """The contract's shape."""
        fields: dict[str, Any] = {
            "question": self.question,
            "answered": self.answered,
            "answer": self.text,
            "confidence": round(self.confidence, 4),
            "citations": [citation.to_json() for citation in self.citations],
        }
        if not self.answered:
            fields["related"] = [citation.to_json() for citation in self.related]
        return fields


def compose(question: str, ranked: Sequence[Ranked], confidence: float, min_confidence: float) -> Answer:
    """The answer of the first of `ranked` with every citation that gives the same, or no answer."""
    if confidence >= min_confidence:
        for candidate in ranked:
            if candidate.reading.spans:
                citations = _citations(question, candidate, ranked)
                if citations:
                    first = citations[0]
                    text = first.article.text[first.answer_start : first.answer_end]
                    return Answer(question, text, confidence, citations, ())
                break
    related = (_related(number, item.reading.hit) for number, item in enumerate(ranked[:RELATED], start=1))
    return Answer(question, None, confidence, (), tuple(related))


def _citations(question: str, candidate: Ranked, ranked: Sequence[Ranked]) -> tuple[Citation, ...]:
    """The candidate's citation first, then those of the same words elsewhere; each checked against its article."""
    start, end = extent_of(question, candidate.reading.spans[0])
    hit = candidate.reading.hit
    text = hit.article.text[start:end]
    found = [_cite(hit, start, end), *_copies(hit, start, end)]
    meaning = normalise(text)
    for other in ranked:
        for span in other.reading.spans if other is not candidate else ():
            extent = extent_of(question, span)
            if normalise(other.reading.hit.article.text[slice(*extent)]) == meaning:
                found += [_cite(other.reading.hit, *extent), *_copies(other.reading.hit, *extent)]
                break
    kept: dict[tuple[str, int, int], Citation] = {}
    for citation in found:
        if stands(citation, citation.article, text):
            kept.setdefault((citation.article.id, citation.start, citation.end), citation)
    return tuple(replace(c, number=n) for n, c in enumerate(list(kept.values())[:MAX_CITATIONS], start=1))


def stands(citation: Citation, article: Article, answer: str | None) -> bool:
    """The invariant: the quote stands at its offsets in the article and, where there is one, the answer within it."""
    start, end = citation.answer_start, citation.answer_end
    if not article.holds(citation.start, citation.end, citation.quote):
        return False
    if start is None or end is None or answer is None:
        return start is None and end is None
    return citation.start <= start and end <= citation.end and article.holds(start, end, answer)


def _cite(hit: Hit, start: int, end: int) -> Citation:
    first, last = sentences_around(hit.passage, start, end)
    article = hit.article
    quote = article.text[first:last]
    return Citation(0, article, quote, first, last, start, end, hit.passage.id, article.page_at(start))


def _copies(hit: Hit, start: int, end: int) -> list[Citation]:
    """The same place in the other articles that hold the very same passage."""
    citations = []
    for article in hit.also:
        at = article.text.find(hit.passage.text)
        if at >= 0:
            moved = at - hit.passage.start
            passage = passage_of(article, at, at + len(hit.passage.text), hit.passage.heading)
            citations.append(_cite(replace(hit, article=article, passage=passage), start + moved, end + moved))
    return citations


def _related(number: int, hit: Hit) -> Citation:
    passage = hit.passage
    page = hit.article.page_at(passage.start)
    return Citation(number, hit.article, passage.text, passage.start, passage.end, None, None, passage.id, page)
