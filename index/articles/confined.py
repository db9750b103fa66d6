"""One file read in a worker process: what it says turned into articles, and into reasons where it is lost.

In an archive another worker goes on after the member that one was lost over.
"""

import datetime
import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from index.articles import limits
from index.articles.article import Article, Skipped, id_of
from index.articles.formats import ARCHIVE
from index.articles.workers import Worker, WorkerLost, lent


def read_confined(file: BinaryIO, suffix: str, source: str) -> Iterator[Article | Skipped]:
    """What an open file holds, read as the format of `suffix`; whatever goes wrong becomes a Skipped."""
    reading = _Reading(file, suffix, source)
    while not reading.ended:
        yield from reading.go_on()


class _Reading:
    """One file, being read."""

    def __init__(self, file: BinaryIO, suffix: str, source: str) -> None:
        self._file = file
        self._suffix = suffix
        self._source = source
        self._left: float = limits.seconds_for(os.fstat(file.fileno()).st_size)
        self._left += limits.ARCHIVE_SECONDS if suffix == ARCHIVE else 0
        self._member: tuple[int, str] | None = None  # that is being read
        self._first = 0  # member that is still to be read
        self._lost = 0  # members
        self._characters = 0  # of all texts so far
        self.ended = False

    def go_on(self) -> Iterator[Article | Skipped]:
        """What one worker gives: all there is, or all up to what it is lost over."""
        self._member = None
        try:
            yield from self._heard()
            self.ended = True
        except WorkerLost as loss:
            yield from self._after(loss)

    def _heard(self) -> Iterator[Article | Skipped]:
        request = {"suffix": self._suffix, "source": self._source, "first": self._first, "seconds": self._left}
        with lent(self._file, request) as worker:
            try:
                while (word := worker.hear())[:1] != ["end"]:
                    if item := self._item(worker, word):
                        yield item
                worker.fit = word == ["end", True]
            finally:
                self._left -= worker.waited

    def _item(self, worker: Worker, word: list[Any]) -> Article | Skipped | None:
        match word:
            case ["article", dict() as values]:
                article = article_of(values)
                self._characters += len(article.text)
                if self._characters > limits.MAX_OUTPUT_CHARACTERS:
                    raise WorkerLost(f"it unpacks to over {limits.MAX_OUTPUT_CHARACTERS:,} characters")
                return article
            case ["skipped", str() as place, str() as reason]:
                return Skipped(place, reason)
            case ["member", int() as number, str() as place, int() | float() as seconds]:
                self._member, worker.seconds = (number, place), seconds
                return None
        raise WorkerLost("its reader went astray")

    def _after(self, loss: WorkerLost) -> Iterator[Skipped]:
        """The reason; an archive is given up when too much of it was lost."""
        rest = "what follows was not read"
        if self._member is None:
            self.ended = True
            yield Skipped(self._source, f"{loss}: {rest}" if self._first or self._characters else str(loss))
            return
        number, place = self._member
        yield Skipped(place, str(loss))
        self._first, self._lost = number + 1, self._lost + 1
        if self._lost == limits.LOST_MEMBERS or self._left <= 0:
            self.ended = True
            yield Skipped(self._source, f"given up after {place}: {rest}")


def article_of(values: dict[str, Any]) -> Article:
    """The article that `worker.plain` made values of. Raises WorkerLost when they are none."""
    try:
        published = values.pop("published")
        pages, skip = tuple(values.pop("pages")), tuple((start, end) for start, end in values.pop("skip"))
        day = published and datetime.date.fromisoformat(published)
        return Article(id=id_of(values["source"]), published=day, pages=pages, skip=skip, **values)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WorkerLost("its reader went astray") from None
