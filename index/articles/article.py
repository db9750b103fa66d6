"""Article: a text with its metadata, whatever file it came in. Skipped: what could not be read."""

import datetime
import hashlib
import json
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

TITLE_CHARS = 200  # a first line longer than this is a paragraph, not a title: cut at a word
SOURCE_CHARS = 2000  # longer `source` values are no identity anyone could cite

_SURROGATE = re.compile("[\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Unreadable(Exception):  # noqa: N818 - reads as a state, not as an event
    """A file, member or row that holds no article; str(e) is the reason, in one line."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What was not read: its source, and why in one line."""

    source: str
    reason: str
    file: str | None = None  # the source of the file that it stands in; `read_articles` always tells


@dataclass(frozen=True, slots=True)
class Article:
    """One article. Its `source` is its identity; every offset anywhere counts characters of `text`."""

    id: str  # 16 hex digits of the SHA-256 of `source`
    title: str
    source: str  # a path (see articles.py), "path#row", "archive.zip!member", or a row's own `source`
    published: datetime.date | None
    text: str
    author: str | None = None
    language: str | None = None
    origin: str | None = None  # where it says it comes from: front matter `source`, canonical URL
    pages: tuple[int, ...] = ()  # PDF: the offset at which each page starts
    skip: tuple[tuple[int, int], ...] = ()  # [start, end) of text that is no passage: front matter, PDF headers
    file: str | None = None  # the source of the file that it stands in; a row's own source may claim any other

    def holds(self, start: int, end: int, text: str) -> bool:
        """The invariant behind every quote: `text` is the characters [start, end), and there are some."""
        return 0 <= start < end and self.text[start:end] == text

    @property
    def digest(self) -> str:
        """SHA-256 over every field, in hex: the article's version."""
        values = [getattr(self, name) for name in self.__slots__]
        return hashlib.sha256(json.dumps(values, default=str).encode()).hexdigest()

    def page_at(self, offset: int) -> int | None:
        """The page, from 1, on which the character at `offset` stands; None where there are no pages."""
        return max(1, bisect_right(self.pages, offset)) if self.pages else None


def make_article(
    text: str,
    source: str,
    *,
    title: str | None = None,
    body_start: int = 0,
    published: datetime.date | None = None,
    author: str | None = None,
    language: str | None = None,
    origin: str | None = None,
    pages: Sequence[int] = (),
    skip: Sequence[tuple[int, int]] = (),
) -> Article:
    """An Article whose metadata are clean single lines. `text` is taken as it is.

    Without a `title` it is the first line at or after `body_start` that shows anything. Raises Unreadable when nothing
    but white space follows `body_start`.
    """
    if not text[body_start:].strip():
        raise Unreadable("empty")
    return Article(
        id=id_of(source),
        title=one_line(title) or first_line(text, body_start) or source,
        source=source,
        published=published,
        text=text,
        author=one_line(author),
        language=one_line(language),
        origin=one_line(origin, SOURCE_CHARS),
        pages=tuple(pages),
        skip=tuple(skip),
    )


def id_of(source: str) -> str:
    """The id of the article of that source."""
    return hashlib.sha256(source.encode()).hexdigest()[:16]


def first_line(text: str, start: int = 0) -> str | None:
    """The first line of `text` from `start` on that is not blank, cut to a title's length."""
    for found in re.compile(r"\S[^\n]*").finditer(text, start):
        if line := one_line(found.group()):
            return line
    return None


def one_line(text: str | None, limit: int = TITLE_CHARS) -> str | None:
    """`text` on one line of at most `limit` characters, cut at a word; None when nothing is left."""
    line = " ".join(_INVISIBLE.sub(" ", without_surrogates(text[: 20 * limit])).split()) if text else ""
    if len(line) > limit:
        line = line[: limit - 1].rsplit(" ", 1)[0] + "…"
    return line or None


def without_surrogates(text: str) -> str:
    """`text` with surrogate pairs joined and lone ones, which no file can hold, turned into U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def clean_text(text: str) -> str:
    r"""Extracted text made storable: line ends to \n, no NUL, no lone surrogate."""
    return without_surrogates(text).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
