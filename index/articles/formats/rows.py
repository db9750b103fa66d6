"""One article a row: JSON lines and CSV, read as a stream: a million rows need no more memory than one."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any, BinaryIO, TextIO

from index.articles.article import SOURCE_CHARS, Article, Skipped, Unreadable, clean_text, make_article
from index.articles.formats.decode import parse_date, reason_of, stream_encoding, text_mark, visible

MAX_ROW_CHARS = 10_000_000  # a book of 200,000 words has 1.2 million
DELIMITERS = ",;\t"


def read_jsonl(file: BinaryIO, source: str) -> Iterator[Article | Skipped]:
    """JSON lines: one object a line, with `text` and, where known, `title`, `source`, `published`."""
    encoding = text_mark(file.read(1 << 20)) or "utf-8"
    with _text(file, encoding, newline="\n") as stream:
        for number, line in enumerate(_bounded(stream), start=1):
            if line.strip():
                yield _row_or_reason(line, f"{source}#{number}")


def read_csv(file: BinaryIO, source: str) -> Iterator[Article | Skipped]:
    """A table whose first row names the columns: `text` and, where known, `title`, `source`, `published`.

    Raises Unreadable when there is no such column, and at a row after which nothing can be read.
    """
    encoding = stream_encoding(file)
    csv.field_size_limit(max(MAX_ROW_CHARS, csv.field_size_limit()))
    number = 0
    with _text(file, encoding, newline="") as stream:
        lines = _bounded(stream)
        header = next(lines, "")
        if not header.strip():
            return
        rows = csv.reader(chain([header], map(_refuse_long, lines)), delimiter=max(DELIMITERS, key=header.count))
        columns = _columns(next(rows))
        try:
            for number, values in enumerate(rows, start=1):
                if any(values):
                    yield _article_or_reason(dict(zip(columns, values, strict=False)), f"{source}#{number}")
        except csv.Error as error:
            raise Unreadable(f"not CSV after row {number} ({reason_of(error)}): what follows was not read") from None


@contextmanager
def _text(file: BinaryIO, encoding: str, newline: str) -> Iterator[TextIO]:
    """`file` from its start as text. What cannot be decoded becomes lone surrogates, so the row is found."""
    file.seek(0)
    stream = io.TextIOWrapper(file, encoding=encoding, errors="surrogateescape", newline=newline)
    try:
        yield stream
    finally:
        stream.detach()  # the file is its opener's to close


def _bounded(stream: TextIO) -> Iterator[str]:
    """The lines of `stream`, each cut (and so refused later) when it is longer than a row may be."""
    while line := stream.readline(MAX_ROW_CHARS + 1):
        rest = line
        while len(rest) > MAX_ROW_CHARS and not rest.endswith("\n"):
            rest = stream.readline(MAX_ROW_CHARS + 1)
        yield line


def _refuse_long(line: str) -> str:
    if len(line) > MAX_ROW_CHARS:
        raise Unreadable(f"a row is longer than {MAX_ROW_CHARS:,} characters: what follows was not read")
    return line


def _row_or_reason(line: str, place: str) -> Article | Skipped:
    if len(line) > MAX_ROW_CHARS:
        return Skipped(place, f"longer than {MAX_ROW_CHARS:,} characters")
    try:
        line.encode()
        row = json.loads(line)
    except UnicodeEncodeError:
        return Skipped(place, "not UTF-8")
    except (ValueError, RecursionError) as error:
        return Skipped(place, f"not JSON: {reason_of(error)}")
    if not isinstance(row, dict):
        return Skipped(place, "not a JSON object")
    return _article_or_reason({key.strip().lower(): value for key, value in row.items()}, place)


def _columns(names: Iterable[str]) -> list[str]:
    columns = [name.strip().lower() for name in names]
    if "text" not in columns:
        has = reason_of(ValueError(", ".join(filter(None, columns))))
        raise Unreadable(f"it has no column `text` (its columns: {has})")
    return columns


def _article_or_reason(row: Mapping[str, Any], place: str) -> Article | Skipped:
    try:
        return _article(row, place)
    except Unreadable as reason:
        return Skipped(place, str(reason))


def _article(row: Mapping[str, Any], place: str) -> Article:
    def value(name: str) -> str | None:
        return found.strip() if isinstance(found := row.get(name), str) else None

    text, source = row.get("text"), visible(value("source") or place)
    if not isinstance(text, str):
        raise Unreadable("it has no `text`" if text is None else "its `text` is not a string")
    if len(source) > SOURCE_CHARS:
        raise Unreadable(f"its source is longer than {SOURCE_CHARS:,} characters")
    return make_article(
        clean_text(text),
        source,
        title=value("title"),
        published=parse_date(value("published")),
        author=value("author"),
        language=value("language"),
    )
