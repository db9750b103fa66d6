"""Articles and passages in one SQLite file. A passage's `row` is its row in the vectors and in BM25.

Rows are numbered by (source, start): the same articles give the same rows, however the store came about.
"""

import datetime
import hashlib
import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from index.articles.article import Article
from index.errors import StoreDamaged
from index.passages.split import Passage
from index.store.paths import remedy

ARTICLES = "articles.sqlite"
IN_ONE_QUERY = 500  # SQLite's bound on parameters is 999 in its oldest builds

# Texts lie apart, so that listing or filtering articles does not read through them.
SCHEMA = """
CREATE TABLE {0}.articles (
    id TEXT PRIMARY KEY, source TEXT NOT NULL UNIQUE, title TEXT NOT NULL, published TEXT, author TEXT,
    language TEXT, origin TEXT, file TEXT, pages TEXT NOT NULL, skip TEXT NOT NULL, digest TEXT NOT NULL,
    characters INTEGER NOT NULL, first_row INTEGER NOT NULL, passages INTEGER NOT NULL
);
CREATE TABLE {0}.texts (article_id TEXT PRIMARY KEY, text TEXT NOT NULL);
CREATE TABLE {0}.passages (
    row INTEGER PRIMARY KEY, article_id TEXT NOT NULL, heading TEXT,
    start INTEGER NOT NULL, end INTEGER NOT NULL,
    embedded BLOB NOT NULL, words BLOB NOT NULL
);
"""
INFOS_SQL = """
SELECT id, title, source, published, author, language, origin, file, characters, passages FROM articles ORDER BY source
"""
_LISTED_SQL = "SELECT id FROM articles NOT INDEXED WHERE id = ?"  # also where the way to it is damaged
RANGES_SQL = "SELECT source, title, published, first_row, passages FROM articles"
ARTICLE_SQL = """
SELECT id, title, source, published, text, author, language, origin, pages, skip, file
FROM articles JOIN texts ON article_id = id WHERE id = ?
"""


@dataclass(frozen=True, slots=True)
class ArticleInfo:
    """An article without its text; lengths in characters and in passages."""

    id: str
    title: str
    source: str
    published: datetime.date | None
    author: str | None
    language: str | None
    origin: str | None
    file: str | None
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage without its text; `embedded` and `words` are digests of what is embedded and of the text."""

    row: int
    article_id: str
    heading: str | None
    start: int
    end: int
    embedded: bytes
    words: bytes

    def of(self, article: Article) -> Passage:
        """The passage itself: its text is sliced from its article, never stored."""
        return Passage(
            id=f"{self.article_id}-{self.start}-{self.end}",
            article_id=self.article_id,
            heading=self.heading,
            start=self.start,
            end=self.end,
            text=article.text[self.start : self.end],
        )


def article_values(article: Article) -> tuple[Any, ...]:
    """The article as a row of `articles`, without its text; its passages are numbered later."""
    return (
        article.id,
        article.source,
        article.title,
        article.published.isoformat() if article.published else None,
        article.author,
        article.language,
        article.origin,
        article.file,
        json.dumps(article.pages),
        json.dumps(article.skip),
        article.digest,
        len(article.text),
        0,
        0,
    )


def article_of(values: Sequence[Any]) -> Article:
    """The article in a row of ARTICLE_SQL."""
    identity, title, source, published, text, author, language, origin, pages, skip, file = values
    return Article(
        id=identity,
        title=title,
        source=source,
        published=datetime.date.fromisoformat(published) if published else None,
        text=text,
        author=author,
        language=language,
        origin=origin,
        pages=tuple(json.loads(pages)),
        skip=tuple((start, end) for start, end in json.loads(skip)),
        file=file,
    )


def _info_of(identity: str, title: str, source: str, published: str | None, *rest: Any) -> ArticleInfo:
    day = datetime.date.fromisoformat(published) if published else None
    return ArticleInfo(identity, title, source, day, *rest)


def _seal_of(rows: list[Any]) -> bytes:
    return hashlib.sha256(repr(rows).encode("utf-8", "surrogatepass")).digest()


def read_only(path: Path) -> str:
    """The URI under which SQLite reads a file that nobody changes: no locks, no journal."""
    return f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"


class Database:
    """A generation's articles and passages, read only, for any number of threads.

    One connection, opened once: it goes on reading after a later build has removed the file's name. What has changed
    on disk since is refused: reading it raises StoreDamaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection = sqlite3.connect(read_only(path), uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self._seals: dict[str, bytes] = {}

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        """All rows of one statement."""
        try:
            with self._lock:
                return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.ProgrammingError:  # it is closed
            raise
        except sqlite3.Error as error:
            raise self.damaged(" ".join(str(error).split())) from None

    def damaged(self, what: str) -> StoreDamaged:
        """The error for a file that is not what was written."""
        return StoreDamaged(f"{self._path} has changed on disk ({what}): {remedy(self._path.parents[2])}")

    def seal(self) -> None:
        """Remember the lists of articles as they are now, when every byte has just been checked."""
        for sql in (INFOS_SQL, RANGES_SQL):
            self._seals[sql] = _seal_of(self.query(sql))

    def _listed(self, sql: str) -> list[Any]:
        rows = self.query(sql)
        if sql in self._seals and self._seals[sql] != _seal_of(rows):
            raise self.damaged("its list of articles")
        return rows

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    def article(self, article_id: str) -> Article | None:
        """One article with its text, None where there is none of that id. Raises StoreDamaged when it has changed."""
        rows, digest = self.query(ARTICLE_SQL, (article_id,)), self.digest_of(article_id)
        if not rows and digest is None and not self.query(_LISTED_SQL, (article_id,)):
            return None
        try:
            article = article_of(rows[0])
            if article.digest == digest:
                return article
        except (IndexError, ValueError, TypeError, AttributeError):
            pass
        raise self.damaged(f"the article {article_id}")

    def digest_of(self, article_id: str) -> str | None:
        """The version that was stored for an article."""
        rows = self.query("SELECT digest FROM articles WHERE id = ?", (article_id,))
        return str(rows[0][0]) if rows else None

    def infos(self) -> list[ArticleInfo]:
        """Every article without its text, by source."""
        return [_info_of(*row) for row in self._listed(INFOS_SQL)]

    def passages_of(self, article_id: str) -> list[StoredPassage]:
        """An article's passages, in reading order."""
        sql = (
            "SELECT p.* FROM articles a JOIN passages p "
            "ON p.row >= a.first_row AND p.row < a.first_row + a.passages WHERE a.id = ? ORDER BY p.row"
        )
        return [StoredPassage(*row) for row in self.query(sql, (article_id,))]

    def rows(self, rows: Sequence[int]) -> dict[int, StoredPassage]:
        """The passages at the given rows."""
        found = {}
        for first in range(0, len(rows), IN_ONE_QUERY):
            some = [int(row) for row in rows[first : first + IN_ONE_QUERY]]
            marks = ",".join("?" * len(some))
            for values in self.query(f"SELECT * FROM passages WHERE row IN ({marks})", some):
                found[values[0]] = StoredPassage(*values)
        if len(found) < len(set(rows)):
            raise self.damaged("its passages")
        return found

    def same_words(self, words: bytes) -> list[StoredPassage]:
        """Every passage whose text has this digest, by row."""
        return [
            StoredPassage(*row) for row in self.query("SELECT * FROM passages WHERE words = ? ORDER BY row", (words,))
        ]

    def ranges(self) -> Iterable[tuple[str, str, str | None, int, int]]:
        """(source, title, published, first row, number of rows) of every article."""
        return self._listed(RANGES_SQL)


def walk(connection: sqlite3.Connection) -> Iterator[tuple[Article, list[StoredPassage]]]:
    """Every article with its passages in row order, one article in memory at a time."""
    for (identity,) in connection.execute("SELECT id FROM articles ORDER BY source"):
        row = connection.execute(ARTICLE_SQL, (identity,)).fetchone()
        sql = "SELECT * FROM passages WHERE row >= ? AND row < ?"
        first, number = connection.execute(
            "SELECT first_row, passages FROM articles WHERE id = ?", (identity,)
        ).fetchone()
        yield (
            article_of(row),
            [StoredPassage(*values) for values in connection.execute(sql, (first, first + number))],
        )
