"""The source panel: an article's text with the quote marked in place, and the answer inside it more strongly."""

from dataclasses import dataclass

from index import Article, InputError, Snapshot
from qa import Citation
from web.render import Mark, Piece, fragment, pieces

MAX_SHOWN = 200_000  # characters of a long article shown around the quote; about a book's chapter on either side
EMPTY = fragment("source_empty.html")


@dataclass(frozen=True, slots=True)
class Lines:
    """What is shown of an article's text: each line with its style, cut where marks begin and end."""

    shown: list[tuple[str, list[Piece]]]
    marked: bool
    cut_before: bool
    cut_after: bool


def source_html(snapshot: Snapshot, cited: Citation, exchange_id: str, do: str) -> str:
    """The article of a citation. When it changed or is gone since, that is said and the quote shown as it was."""
    article, lines = None, None
    try:
        article = snapshot.article(cited.article.id)
        lines = lines_of(article, locate(article, cited))
    except InputError:
        pass
    return fragment("source.html", cited=cited, exchange=exchange_id, do=do, article=article, lines=lines)


def locate(article: Article, cited: Citation) -> list[Mark]:
    """The marks of a citation in the article as it is now; empty when its words are not where, or no longer, there."""
    start = cited.start
    if article.text[start : cited.end] != cited.quote:
        start = article.text.find(cited.quote)
        if start < 0 or article.text.find(cited.quote, start + 1) >= 0:
            return []
    marks: list[Mark] = [(start, start + len(cited.quote), "quote-mark")]
    if cited.answer_start is not None and cited.answer_end is not None:
        moved = start - cited.start
        marks.append((cited.answer_start + moved, cited.answer_end + moved, "answer-mark"))
    return marks


def lines_of(article: Article, marks: list[Mark]) -> Lines:
    """The text line by line; a long one is cut to what is near the first mark."""
    text = article.text
    middle = marks[0][0] if marks else 0
    first = _line_start(text, max(middle - MAX_SHOWN // 2, 0))
    last = min(first + MAX_SHOWN, len(text))
    front = next((end for start, end in article.skip if start == 0), 0)  # front matter, or a page's running head
    shown, offset = [], first
    for line in text[first:last].split("\n"):
        style = "matter" if offset < front else "heading" if line.startswith("#") else ""
        if line.strip():
            shown.append((style, pieces(line, offset, marks)))
        offset += len(line) + 1
    return Lines(shown, bool(marks), first > 0, last < len(text))


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1 if position else 0
