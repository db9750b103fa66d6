"""What people thought of answers, in one SQLite file beside the store's generations, and as SQuAD JSON.

An answer that was called good becomes a question of an evaluation set; "the articles do not say" that was called
good becomes one without an answer. What was called bad has no known right answer: it is listed under `disputed`.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from index import InputError, StoreError

FILE = "feedback.sqlite"
MAX_COMMENT = 1000  # characters
MAX_BYTES = 100_000_000  # of the file: some 100,000 opinions of a thousand characters
_HELP = {  # by how the names begin that SQLite has for what went wrong
    "SQLITE_FULL": "make room on the disk and judge again",
    "SQLITE_IOERR": "look to the disk and judge again",
    "SQLITE_READONLY": "make the store writable and judge again",
    "SQLITE_CANTOPEN": "make the store writable and judge again",
    "SQLITE_BUSY": "judge again in a moment",
}
_SCHEMA = """
CREATE TABLE IF NOT EXISTS feedback (
    id TEXT PRIMARY KEY, given TEXT NOT NULL, verdict TEXT NOT NULL, comment TEXT NOT NULL,
    question TEXT NOT NULL, answer TEXT, generation INTEGER NOT NULL,
    title TEXT NOT NULL, source TEXT NOT NULL, context TEXT NOT NULL, answer_start INTEGER
) STRICT
"""
_COLUMNS = "id, given, verdict, comment, question, answer, generation, title, source, context, answer_start"


@dataclass(frozen=True, slots=True)
class Opinion:
    """One thumb. `context` is the cited quote or, without an answer, the closest; `answer_start` counts within it."""

    id: str
    verdict: str  # "up" or "down"
    question: str
    answer: str | None
    generation: int
    title: str
    source: str
    context: str
    answer_start: int | None
    comment: str = ""
    given: str = ""  # set when it is kept


class Feedback:
    """The opinions on one store's answers. Thread-safe: each call opens the file for itself."""

    def __init__(self, store: Path, *, max_bytes: int = MAX_BYTES) -> None:
        self._path = store / FILE
        self._max_bytes = max_bytes

    def keep(self, opinion: Opinion) -> None:
        """Keep an opinion, in place of the one of the same id. Raises StoreError, also when there are too many."""
        given = datetime.now(UTC).isoformat(timespec="seconds")
        values = (
            opinion.id, given, opinion.verdict, opinion.comment[:MAX_COMMENT], opinion.question,
            opinion.answer, opinion.generation,
            opinion.title, opinion.source, opinion.context, opinion.answer_start,
        )  # fmt: skip
        if self._path.is_file() and self._path.stat().st_size > self._max_bytes:
            raise StoreError(f"the feedback is full: export it, then move {self._path} away")
        with self._open() as connection, connection:
            connection.execute(_SCHEMA)
            marks = ",".join("?" * len(values))
            connection.execute(f"INSERT OR REPLACE INTO feedback ({_COLUMNS}) VALUES ({marks})", values)

    def all(self) -> list[Opinion]:
        """Every opinion, oldest first."""
        if not self._path.is_file():
            return []
        with self._open() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM feedback ORDER BY given, id").fetchall()
        return [
            Opinion(row[0], row[2], row[4], row[5], row[6], row[7], row[8], row[9], row[10], row[3], row[1])
            for row in rows
        ]

    def squad(self) -> dict[str, Any]:
        """The opinions in the shape of SQuAD v2. Raises InputError when there is none."""
        opinions = self.all()
        if not opinions:
            raise InputError(f"no feedback is kept in {self._path}: judge some answers in the web chat first")
        articles: dict[str, dict[str, list[dict[str, Any]]]] = {}
        for opinion in opinions:
            if opinion.verdict == "up":
                contexts = articles.setdefault(opinion.title, {})
                contexts.setdefault(opinion.context, []).append(_question(opinion))
        return {
            "version": "v2.0",
            "data": [
                {"title": title, "paragraphs": [{"context": text, "qas": qas} for text, qas in contexts.items()]}
                for title, contexts in articles.items()
            ],
            "disputed": [_disputed(opinion) for opinion in opinions if opinion.verdict != "up"],
        }

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=10)) as connection:
                yield connection
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "")
            todo = next((todo for start, todo in _HELP.items() if name.startswith(start)), "move the file away")
            raise StoreError(f"cannot use the feedback in {self._path}: {error}; {todo}") from error


def _question(opinion: Opinion) -> dict[str, Any]:
    said = opinion.answer is not None
    answers = [{"text": opinion.answer, "answer_start": opinion.answer_start}] if said else []
    return {"id": opinion.id, "question": opinion.question, "answers": answers, "is_impossible": not said}


def _disputed(opinion: Opinion) -> dict[str, Any]:
    return {
        "id": opinion.id,
        "question": opinion.question,
        "answer": opinion.answer,
        "comment": opinion.comment,
        "title": opinion.title,
        "source": opinion.source,
        "generation": opinion.generation,
        "given": opinion.given,
    }
