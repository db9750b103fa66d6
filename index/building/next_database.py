"""A generation's articles and passages in the making: what is read now, and what is kept of the one before.

Articles stream in in any order and lie on disk at once; rows are numbered when all are there.
"""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from index.articles.article import Article
from index.errors import StoreError
from index.passages.split import Passage, embedding_text, split
from index.store import durable
from index.store.database import (
    ARTICLE_SQL,
    ARTICLES,
    SCHEMA,
    StoredPassage,
    article_of,
    article_values,
    read_only,
    walk,
)

_STAGING = """
CREATE TABLE staging.seen (source TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE staging.dropped (source TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE staging.passages (article_id, heading, start, end, embedded, words);
"""
_KEEP = """
INSERT INTO main.articles SELECT * FROM base.articles
WHERE source NOT IN (SELECT source FROM staging.dropped);
INSERT INTO main.texts SELECT * FROM base.texts WHERE article_id IN
    (SELECT id FROM base.articles WHERE source NOT IN (SELECT source FROM staging.dropped));
"""
_KEEP_PASSAGES = """
INSERT INTO staging.passages SELECT article_id, heading, start, end, embedded, words FROM base.passages
WHERE article_id IN (SELECT id FROM base.articles WHERE source NOT IN (SELECT source FROM staging.dropped));
"""
_KEPT_IDS = "SELECT id FROM base.articles WHERE source NOT IN (SELECT source FROM staging.dropped)"
_NUMBER = """
INSERT INTO main.passages
SELECT row_number() OVER (ORDER BY a.source, p.start, p.end) - 1,
       p.article_id, p.heading, p.start, p.end, p.embedded, p.words
FROM staging.passages p JOIN main.articles a ON a.id = p.article_id;
UPDATE main.articles SET first_row = n.first, passages = n.number FROM
    (SELECT article_id, MIN(row) AS first, COUNT(*) AS number FROM main.passages GROUP BY article_id) AS n
WHERE n.article_id = id;
CREATE INDEX main.passages_words ON passages (words);
"""


def embedded_digest(article: Article, passage: Passage) -> bytes:
    """What a vector is kept under: a digest of exactly the text that was embedded."""
    return hashlib.sha256(embedding_text(article.title, passage).encode()).digest()[:16]


def words_digest(passage: Passage) -> bytes:
    """What copies of a passage have in common."""
    return hashlib.sha256(passage.text.encode()).digest()[:8]


class Draft:
    """The next generation's SQLite file, written aside; `base` is the file of the generation before."""

    def __init__(self, folder: Path, base: Path | None) -> None:
        self._folder = folder
        durable.before("write", folder / ARTICLES)
        self._connection = sqlite3.connect(folder / ARTICLES, uri=True, isolation_level=None)
        self._connection.execute("ATTACH ? AS staging", (str(folder.with_name("staging.sqlite")),))
        self._connection.execute("ATTACH ? AS base", (read_only(base) if base else ":memory:",))
        for name in ("main", "staging"):  # a broken draft is thrown away: it needs no journal
            self._connection.execute(f"PRAGMA {name}.journal_mode = OFF")
            self._connection.execute(f"PRAGMA {name}.synchronous = OFF")
        made = ("main",) if base else ("main", "base")
        self._connection.executescript(_STAGING + "".join(SCHEMA.format(name) for name in made))
        self._connection.execute("BEGIN")

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def first_sight(self, source: str) -> bool:
        """Whether no article of this source has come in before; from now on one has."""
        found = self._connection.execute("INSERT OR IGNORE INTO staging.seen VALUES (?)", (source,))
        return found.rowcount == 1

    def base_digest(self, source: str) -> str | None:
        """The version of an article in the generation before."""
        return self._digest("base", source)

    def digest(self, source: str) -> str | None:
        """The version of an article that has come in."""
        return self._digest("main", source) or self._digest("base", source)

    def _digest(self, name: str, source: str) -> str | None:
        sql = f"SELECT digest FROM {name}.articles WHERE source = ?"
        row = self._connection.execute(sql, (source,)).fetchone()
        return str(row[0]) if row else None

    def put(self, article: Article) -> None:
        """Take in a new or changed article with its passages."""
        values = article_values(article)
        self._connection.execute("INSERT OR IGNORE INTO staging.dropped VALUES (?)", (article.source,))
        self._connection.execute(f"INSERT INTO main.articles VALUES ({','.join('?' * len(values))})", values)
        self._connection.execute("INSERT INTO main.texts VALUES (?, ?)", (article.id, article.text))
        self._split(article)

    def _split(self, article: Article) -> None:
        passages = split(article)
        for passage in passages:
            check_passage(article, passage)
        self._connection.executemany(
            "INSERT INTO staging.passages VALUES (?, ?, ?, ?, ?, ?)",
            [(p.article_id, p.heading, p.start, p.end, embedded_digest(article, p), words_digest(p)) for p in passages],
        )

    def drop(self, source: str) -> bool:
        """Leave an article of the generation before out; whether there is one."""
        self._connection.execute("INSERT OR IGNORE INTO staging.dropped VALUES (?)", (source,))
        return self.base_digest(source) is not None

    def drop_unseen(self) -> int:
        """Leave out every article of the generation before that has not come in again; how many."""
        sql = (
            "INSERT INTO staging.dropped SELECT source FROM base.articles "
            "WHERE source NOT IN (SELECT source FROM staging.seen)"
        )
        return self._connection.execute(sql).rowcount

    def finish(self, *, resplit: bool) -> None:
        """Add what is kept, number the rows and close the transaction; `resplit` makes all passages anew."""
        kept = [row[0] for row in self._connection.execute(_KEPT_IDS)] if resplit else []
        durable.before("write", self._folder / ARTICLES)
        for statement in (_KEEP + ("" if resplit else _KEEP_PASSAGES)).split(";"):
            self._connection.execute(statement)
        for identity in kept:
            self._split(article_of(self._connection.execute(ARTICLE_SQL, (identity,)).fetchone()))
        for statement in _NUMBER.split(";"):
            self._connection.execute(statement)
        self._connection.execute("COMMIT")

    def counts(self) -> tuple[int, int]:
        """How many articles and passages the generation has."""
        row = self._connection.execute(
            "SELECT (SELECT COUNT(*) FROM main.articles), (SELECT COUNT(*) FROM main.passages)"
        ).fetchone()
        return row[0], row[1]

    def digests(self, name: str = "main") -> Iterator[tuple[int, bytes]]:
        """(row, digest of the embedded text) in row order, of this generation or of `base`."""
        yield from self._connection.execute(f"SELECT row, embedded FROM {name}.passages ORDER BY row")

    def embedding_texts(self, rows: Sequence[int]) -> list[str]:
        """What is to be embedded for ascending rows; one article is in memory at a time."""
        texts = []
        article: Article | None = None
        for row in rows:
            stored = StoredPassage(
                *self._connection.execute("SELECT * FROM main.passages WHERE row = ?", (row,)).fetchone()
            )
            if article is None or article.id != stored.article_id:
                found = self._connection.execute(ARTICLE_SQL, (stored.article_id,)).fetchone()
                article = article_of(found)
            texts.append(embedding_text(article.title, stored.of(article)))
        return texts

    def all_embedding_texts(self) -> Iterator[str]:
        """The same for every row, in order."""
        for article, passages in walk(self._connection):
            for stored in passages:
                yield embedding_text(article.title, stored.of(article))


def check_passage(article: Article, passage: Passage) -> None:
    """The invariant that every citation rests on. Raises StoreError naming the article."""
    right = (
        article.text[passage.start : passage.end] == passage.text
        and passage.article_id == article.id
        and passage.id == f"{article.id}-{passage.start}-{passage.end}"
        and passage.start < passage.end
    )
    if not right:
        raise StoreError(f"{article.source}: its passage {passage.id} is not the text at its offsets: report this")
