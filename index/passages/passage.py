"""Passage: a stretch of an article that is embedded, found and read as one. Made only here."""

from dataclasses import dataclass

from index.articles import Article
from index.errors import StoreError


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch [start, end) of an article's text, and the heading it stands under."""

    id: str
    article_id: str
    heading: str | None
    start: int
    end: int
    text: str


def passage_of(article: Article, start: int, end: int, heading: str | None = None) -> Passage:
    """The passage [start, end) of an article: its text is sliced from the article's."""
    return Passage(f"{article.id}-{start}-{end}", article.id, heading, start, end, article.text[start:end])


def check_passage(article: Article, passage: Passage) -> None:
    """The invariant that every citation rests on. Raises StoreError naming the article."""
    same = passage == passage_of(article, passage.start, passage.end, passage.heading)
    if not (same and article.holds(passage.start, passage.end, passage.text)):
        raise StoreError(f"{article.source}: its passage {passage.id} is not the text at its offsets: report this")
