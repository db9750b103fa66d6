"""What the shell shows: plain text that is safe on a terminal, and the hits as JSON."""

from collections.abc import Sequence
from typing import Any

from index import Article, Hit
from index.command_line import safe
from qa.answer import Answer, Citation, article_json
from qa.confidence import in_words
from qa.text import quotation_marks

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
MARK = "**"  # around the answer where bold type cannot be had: in a file, in a pipe
INDENT = "   "


def answer_text(answer: Answer, *, bold: bool) -> str:
    """The answer with its numbered citations, or the refusal with the closest passages."""
    confidence = f"confidence {answer.confidence:.0%}"
    shown: Sequence[Citation] = answer.citations
    if answer.answered:
        said = " … ".join(map(safe, answer.parts))
        lines = [f"{said}  ({confidence}, {in_words(answer.confidence)[0].lower()})"]
    else:
        lines = [answer.note or f"The articles do not say.  ({confidence})"]
        shown = answer.related
        lines += ["", "Closest passages:"] if shown and not answer.note else []
    for citation in shown:
        lines += ["", *_citation(citation, bold=bold)]
    if answer.asked_as:
        lines = [f"Asked as: {safe(answer.asked_as)}", "", *lines]
    return "\n".join(lines)


def _citation(citation: Citation, *, bold: bool) -> list[str]:
    where = f"characters {citation.start}–{citation.end}"
    if citation.answer_start is not None:
        where += f", answer {citation.answer_start}–{citation.answer_end}"
    parts = [*_about(citation.article), *([f"page {citation.page}"] if citation.page else []), where]
    header = [f"{INDENT}{safe(citation.header)}"] if citation.header else []
    number = f"{citation.number}."
    opening, closing = quotation_marks(citation.quote)
    return [
        f"{number:<{len(INDENT)}}{opening}{_marked(citation, bold=bold)}{closing}",
        *header,
        INDENT + " · ".join(parts),
    ]


def _about(article: Article) -> list[str]:
    date = [article.published.isoformat()] if article.published else []
    return [safe(article.title), safe(article.source), *date]


def _marked(citation: Citation, *, bold: bool) -> str:
    """The quote with the answer's own words marked."""
    if citation.answer_start is None or citation.answer_end is None:
        return safe(citation.quote)
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    opening, closing = (BOLD, PLAIN) if bold else (MARK, MARK)
    words = f"{opening}{safe(citation.quote[start:end])}{closing}"
    return safe(citation.quote[:start]) + words + safe(citation.quote[end:])


def hits_text(hits: Sequence[Hit]) -> str:
    """The passages in order, each with its score and where it stands."""
    if not hits:
        return "No passage found."
    return "\n\n".join(_hit(rank, hit) for rank, hit in enumerate(hits, start=1))


def _hit(rank: int, hit: Hit) -> str:
    passage, page = hit.passage, hit.article.page_at(hit.passage.start)
    heading = [safe(passage.heading)] if passage.heading else []
    place = [f"page {page}"] if page else []
    parts = [*_about(hit.article), *heading, *place, f"characters {passage.start}–{passage.end}"]
    return f"{rank}. {hit.score:.3f}  {' · '.join(parts)}\n{INDENT}{safe(passage.text)}"


def hits_json(hits: Sequence[Hit]) -> list[dict[str, Any]]:
    """`retrieve --json`: rank, score, passage and article of each hit."""
    return [
        {
            "rank": rank,
            "score": hit.score,
            "passage": {
                "id": hit.passage.id,
                "text": hit.passage.text,
                "start": hit.passage.start,
                "end": hit.passage.end,
                "heading": hit.passage.heading,
            },
            "article": article_json(hit.article),
        }
        for rank, hit in enumerate(hits, start=1)
    ]
