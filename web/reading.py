"""An article as it is read in the source panel: Markdown rendered, lines of a PDF flowed, other lines as they are.

Every character stays in its place: the text of what is shown is the article's, and marks stand at their offsets.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from index import Article
from web.markdown import Item, markdown_items
from web.render import Mark, Piece, pieces

MAX_SHOWN = 200_000  # characters of a long article shown around the quote; about a book's chapter on either side
FULL_LINE = 0.75  # of the longest usual line: a shorter one ends its paragraph
Line = tuple[str, list[Piece]]  # its style and what it says


@dataclass(frozen=True, slots=True)
class Reading:
    """What is shown of an article, cut where marks begin and end: `items` of Markdown, or `lines`."""

    matter: list[Line]  # the front matter
    matter_marked: bool
    items: list[Item]
    lines: list[Line]
    cut_before: bool
    cut_after: bool


def reading_of(article: Article, marks: list[Mark]) -> Reading:
    """The article with its marks; a long one is cut to what is near the first mark."""
    text = article.text
    middle = marks[0][0] if marks else 0
    first = _line_start(text, max(middle - MAX_SHOWN // 2, 0))
    last = min(first + MAX_SHOWN, len(text))
    front = 0 if article.pages else next((end for start, end in article.skip if start == 0), 0)
    body = min(max(front, first), last)
    matter = list(_lines(text, first, body, marks))
    items, lines = [], []
    if PurePosixPath(article.source.rpartition("!")[2]).suffix.lower() == ".md":
        items = markdown_items(text, body, last, marks)
    elif article.pages:
        lines = list(_flowed(article, body, last, marks))
    else:
        lines = list(_lines(text, body, last, marks))
    marked = any(first <= start < body for start, _, _ in marks)
    return Reading(matter, marked, items, lines, first > 0, last < len(text))


def _lines(text: str, first: int, last: int, marks: list[Mark]) -> Iterator[Line]:
    """Line by line, blank ones left out."""
    offset = first
    for line in text[first:last].split("\n"):
        if line.strip():
            yield "", pieces(line, offset, marks)
        offset += len(line) + 1


def _flowed(article: Article, first: int, last: int, marks: list[Mark]) -> Iterator[Line]:
    """The lines of a PDF as paragraphs: one ends at a blank line, at a line that is not full, and with its page."""
    text, pages = article.text, set(article.pages)
    lines = text[first:last].split("\n")
    lengths = sorted(len(line) for line in lines if line.strip())
    full = FULL_LINE * lengths[len(lengths) * 9 // 10] if lengths else 0
    begun, offset = first, first
    for line in lines:
        end = offset + len(line)
        if len(line) < full or end + 1 in pages or end >= last:
            if text[begun:end].strip():
                yield "flowed", pieces(text[begun:end], begun, marks)
            begun = end + 1
        offset = end + 1


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1 if position else 0
