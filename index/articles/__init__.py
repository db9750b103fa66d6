"""Files in, Articles out: what an article is, the formats it comes in, and reading files and folders.

Knows nothing of passages, searching or the store.
"""

from index.articles.article import TITLE_CHARS, Article, Skipped, Unreadable, make_article, one_line
from index.articles.formats.decode import visible
from index.articles.read import read_articles, source_of

__all__ = [
    "TITLE_CHARS",
    "Article",
    "Skipped",
    "Unreadable",
    "make_article",
    "one_line",
    "read_articles",
    "source_of",
    "visible",
]
