"""Files in, Articles out: what an article is, the formats it comes in, and reading files and folders.

Knows nothing of passages, searching or the store.
"""

from index.articles.article import Article, Skipped, Unreadable, make_article
from index.articles.read import read_articles, source_of

__all__ = ["Article", "Skipped", "Unreadable", "make_article", "read_articles", "source_of"]
