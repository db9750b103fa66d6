"""What is embedded and indexed by its words for a passage: the article's title, the heading and the text."""

import hashlib
from functools import lru_cache

from index.articles import Article
from index.passages.passage import Passage
from index.search import word_pieces

LABEL_TOKENS = 64  # word pieces of title and heading together, at most; fewer for an embedder that reads little


def embedding_text(article_title: str, passage: Passage, label_tokens: int = LABEL_TOKENS) -> str:
    """What is embedded and indexed for a passage: title, heading and text, a line each."""
    return label(article_title, passage.heading, label_tokens) + passage.text


@lru_cache(maxsize=4096)
def label(title: str, heading: str | None, label_tokens: int) -> str:
    """Title and heading as lines of their own, cut at a word to `label_tokens` word pieces."""
    words = [part.split() for part in (title, heading) if part]
    while words and word_pieces(["\n".join(" ".join(part) for part in words)])[0] > label_tokens:
        longest = max(words, key=len)
        if len(longest) == 1:
            longest[0] = longest[0][: len(longest[0]) // 2]
        del longest[max(1, len(longest) * 3 // 4) :]
        words = [part for part in words if part[0]]
    return "".join(" ".join(part) + "\n" for part in words)


def embedded_digest(article: Article, passage: Passage, label_tokens: int) -> bytes:
    """What a vector is kept under, 16 bytes: a digest of exactly the text that was embedded."""
    return hashlib.sha256(embedding_text(article.title, passage, label_tokens).encode()).digest()[:16]


def words_digest(passage: Passage) -> bytes:
    """What copies of a passage have in common, 8 bytes: a digest of its text."""
    return hashlib.sha256(passage.text.encode()).digest()[:8]
