"""The process in which files are read: one after the other, each within the bounds of `limits`.

It is given open files, never paths, and answers with plain values:
["ready"], then for each file any number of ["article", {...}], ["skipped", source, reason] and, in an archive,
["member", number, source, its seconds], and at last ["end", whether it may be given another file].
"""

import io
import os
import socket
import sys
import time
from contextlib import suppress
from typing import BinaryIO

from index.articles import limits, wire
from index.articles.article import Article, Skipped
from index.articles.formats import MAX_FILE_BYTES, STREAMED, read_stream
from index.articles.formats.decode import reason_of

MAX_REQUEST_BYTES = 1 << 20  # a path and a few numbers


class _Worker:
    """One reading after the other, for the owner at the other end of `connection`."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._until = 0.0  # of this process's own time

    def run(self) -> None:
        """Serve until the owner is gone."""
        self._tell("ready")
        with suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while True:
                request, descriptor = wire.receive_with_file(self._connection, MAX_REQUEST_BYTES)
                with os.fdopen(descriptor, "rb") as file:
                    self._serve(file, **request)
                self._tell("end", limits.peak_bytes() < limits.RENEW_BYTES)

    def _serve(self, file: BinaryIO, suffix: str, source: str, first: int, seconds: float) -> None:
        self._until = time.process_time() + seconds
        limits.confine_seconds(seconds)
        try:
            file.seek(0)
            stream = file if suffix in STREAMED else io.BytesIO(file.read(MAX_FILE_BYTES + 1))
            for item in read_stream(stream, suffix, source, first=first, on_member=self._begin):
                self._send(item)
        except (MemoryError, OSError) as error:  # of the reading itself: parsers' own are reasons already
            if isinstance(error, ConnectionError):
                raise
            self._tell("skipped", source, reason_of(error))

    def _begin(self, number: int, source: str, size: int) -> None:
        """A member of an archive is about to be read."""
        seconds = min(limits.seconds_for(size), max(self._until - time.process_time(), 0.0))
        self._tell("member", number, source, seconds)
        limits.confine_seconds(seconds)

    def _send(self, item: Article | Skipped) -> None:
        if isinstance(item, Skipped):
            self._tell("skipped", item.source, item.reason)
            return
        data = wire.encoded(["article", plain(item)])
        if len(data) > limits.MAX_ARTICLE_BYTES:
            self._tell("skipped", item.source, f"its text is larger than {limits.MAX_ARTICLE_BYTES // 1_000_000} MB")
        else:
            wire.send(self._connection, data)

    def _tell(self, *values: object) -> None:
        wire.send(self._connection, wire.encoded(values))


def plain(article: Article) -> dict[str, object]:
    """An article as values of JSON; its id follows from its source, its file is known to the owner."""
    values = {name: getattr(article, name) for name in Article.__slots__ if name not in ("id", "file")}
    return {**values, "published": article.published and article.published.isoformat()}


def main() -> None:
    """Serve the socket whose descriptor is the first argument."""
    limits.confine()
    _Worker(socket.socket(fileno=int(sys.argv[1]))).run()
