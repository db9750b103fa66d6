"""A generation's articles and passages in the making: what is read now, and what is kept of the one before.

Articles stream in in any order and lie on disk at once; rows are numbered when all are there.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from index.articles import Article
from index.passages import (
    Passage,
    Splitter,
    check_passage,
    embedded_digest,
    embedding_text,
    split,
    words_digest,
)
from index.store import (
    ARTICLE_SQL,
    ARTICLES,
    SCHEMA,
    StoredPassage,
    article_of,
    article_values,
    durable,
    read_only,
    walk,
)

# Three databases are open at once: `main` is the next generation, `base` the one before (empty when there is none),
# `staging` lies beside and goes when the build ends.
_SEEN = "CREATE TABLE staging.seen (source TEXT PRIMARY KEY) WITHOUT ROWID"
_DROPPED = "CREATE TABLE staging.dropped (source TEXT PRIMARY KEY) WITHOUT ROWID"
_PASSAGES = "CREATE TABLE staging.passages (article_id, heading, start, end, embedded, words)"

_SEE = "INSERT OR IGNORE INTO staging.seen VALUES (?)"
_DROP = "INSERT OR IGNORE INTO staging.dropped VALUES (?)"
_DROP_UNSEEN = """
INSERT INTO staging.dropped SELECT source FROM base.articles WHERE source NOT IN (SELECT source FROM staging.seen)
"""
_ADD_TEXT = "INSERT INTO main.texts VALUES (?, ?)"
_ADD_PASSAGE = "INSERT INTO staging.passages VALUES (?, ?, ?, ?, ?, ?)"

_KEPT = "FROM base.articles WHERE source NOT IN (SELECT source FROM staging.dropped)"
_KEPT_IDS = f"SELECT id {_KEPT}"
_KEEP_ARTICLES = f"INSERT INTO main.articles SELECT * {_KEPT}"
_KEEP_TEXTS = f"INSERT INTO main.texts SELECT * FROM base.texts WHERE article_id IN ({_KEPT_IDS})"
_KEEP_PASSAGES = f"""
INSERT INTO staging.passages SELECT article_id, heading, start, end, embedded, words FROM base.passages
WHERE article_id IN ({_KEPT_IDS})
"""

_NUMBER_PASSAGES = """
INSERT INTO main.passages
SELECT row_number() OVER (ORDER BY a.source, p.start, p.end) - 1,
       p.article_id, p.heading, p.start, p.end, p.embedded, p.words
FROM staging.passages p JOIN main.articles a ON a.id = p.article_id
"""
_NUMBER_ARTICLES = """
UPDATE main.articles SET first_row = n.first, passages = n.number FROM
    (SELECT article_id, MIN(row) AS first, COUNT(*) AS number FROM main.passages GROUP BY article_id) AS n
WHERE n.article_id = id
"""
_INDEX_WORDS = "CREATE INDEX main.passages_words ON passages (words)"
_COUNTS = "SELECT (SELECT COUNT(*) FROM main.articles), (SELECT COUNT(*) FROM main.passages)"


class Draft:
    """The next generation's SQLite file, written aside; `base` is the file of the generation before."""

    def __init__(self, folder: Path, base: Path | None, splitter: Splitter) -> None:
        self._folder = folder
        self._splitter = splitter
        durable.before("write", folder / ARTICLES)
        self._connection = sqlite3.connect(folder / ARTICLES, uri=True, isolation_level=None)
        self._connection.execute("ATTACH ? AS staging", (str(folder.with_name("staging.sqlite")),))
        self._connection.execute("ATTACH ? AS base", (read_only(base) if base else ":memory:",))
        for name in ("main", "staging"):  # a broken draft is thrown away: it needs no journal
            self._connection.execute(f"PRAGMA {name}.journal_mode = OFF")
            self._connection.execute(f"PRAGMA {name}.synchronous = OFF")
        for name in ("main",) if base else ("main", "base"):
            self._connection.executescript(SCHEMA.format(name))
        self._run(_SEEN, _DROPPED, _PASSAGES, "BEGIN")

    def _run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def __enter__(self) -> "Draft":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._connection.close()

    def first_sight(self, source: str) -> bool:
        """Whether no article of this source has come in before; from now on one has."""
        found = self._connection.execute(_SEE, (source,))
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
        self._connection.execute(_DROP, (article.source,))
        self._connection.execute(f"INSERT INTO main.articles VALUES ({','.join('?' * len(values))})", values)
        self._connection.execute(_ADD_TEXT, (article.id, article.text))
        self._split(article)

    def _split(self, article: Article) -> None:
        passages = split(article, self._splitter)
        for passage in passages:
            check_passage(article, passage)
        self._connection.executemany(_ADD_PASSAGE, [self._values(article, passage) for passage in passages])

    def _values(self, article: Article, passage: Passage) -> tuple[object, ...]:
        embedded = embedded_digest(article, passage, self._splitter.settings.label_tokens)
        return passage.article_id, passage.heading, passage.start, passage.end, embedded, words_digest(passage)

    def drop(self, source: str) -> bool:
        """Leave an article of the generation before out; whether there is one."""
        self._connection.execute(_DROP, (source,))
        return self.base_digest(source) is not None

    def drop_unseen(self) -> int:
        """Leave out every article of the generation before that has not come in again; how many."""
        return self._connection.execute(_DROP_UNSEEN).rowcount

    def finish(self, *, resplit: bool) -> None:
        """Add what is kept, number the rows and close the transaction; `resplit` makes all passages anew."""
        kept = [row[0] for row in self._connection.execute(_KEPT_IDS)] if resplit else []
        durable.before("write", self._folder / ARTICLES)
        self._run(_KEEP_ARTICLES, _KEEP_TEXTS)
        if not resplit:
            self._run(_KEEP_PASSAGES)
        for identity in kept:
            self._split(article_of(self._connection.execute(ARTICLE_SQL, (identity,)).fetchone()))
        self._run(_NUMBER_PASSAGES, _NUMBER_ARTICLES, _INDEX_WORDS, "COMMIT")

    def counts(self) -> tuple[int, int]:
        """How many articles and passages the generation has."""
        row = self._connection.execute(_COUNTS).fetchone()
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
            texts.append(self._text(article, stored))
        return texts

    def all_embedding_texts(self) -> Iterator[str]:
        """The same for every row, in order."""
        for article, passages in walk(self._connection):
            for stored in passages:
                yield self._text(article, stored)

    def _text(self, article: Article, stored: StoredPassage) -> str:
        return embedding_text(article.title, stored.of(article), self._splitter.settings.label_tokens)
