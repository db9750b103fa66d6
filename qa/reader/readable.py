"""What is read of a passage, and where its characters stand: its text, and rows of its tables with their columns named.

A reader that has learned on prose finds no cell in "| 5 | Hamish Orr | unattached | 58 |"; in "Name: Hamish Orr; Club:
unattached; Age: 58." it does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from index import Passage
from qa.tables import Place, Row, Table, tables_in
from qa.text import sentences_in
from qa.words import content_words, stem

MOST_ROWS = 4  # of a table that are read once more: those with most of the question's words
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters [start, end) of a readable text; in the article they begin at `place`."""

    start: int
    end: int
    place: int


@dataclass(frozen=True, slots=True)
class Readable:
    """A text to read, and the pieces of it that stand in the article; what lies between is no part of an answer."""

    text: str
    pieces: tuple[Piece, ...]
    of_cells: bool

    def parts(self) -> Iterator[Place]:
        """The sentences, or the cells."""
        if self.of_cells:
            yield from ((piece.start, piece.end) for piece in self.pieces)
        else:
            yield from sentences_in(self.text)

    def place(self, start: int, end: int) -> Place | None:
        """Where [start, end) of the text stands in the article, cut where its piece ends; None outside of them."""
        for piece in self.pieces:
            if piece.start <= start < piece.end:
                moved = piece.place - piece.start
                return start + moved, min(end, piece.end) + moved
        return None


def readable(question: str, passage: Passage, text: str) -> Iterator[Readable]:
    """The passage, and where it holds tables the rows that the question speaks of; `text` is its article's."""
    words = {stem(word.lower()) for word in content_words(question)}
    outside, start = [], passage.start
    described = []
    for table in tables_in(text, passage.start, passage.end):
        rows = [row for row in table.rows if passage.start <= row.start and row.end <= passage.end]
        if rows:
            outside.append((start, max(start, table.header.start)))
            start = rows[-1].end
            described.append(_described(text, table, _spoken_of(words, rows, text)))
    outside.append((start, passage.end))
    pieces = tuple(Piece(low - passage.start, high - passage.start, low) for low, high in outside if low < high)
    yield Readable(passage.text, pieces, of_cells=False)
    yield from described


def _spoken_of(words: set[str], rows: list[Row], text: str) -> list[Row]:
    """The rows that share most words with the question, in the table's order."""
    shared = [len(words & {stem(word) for word in WORD.findall(text[row.start : row.end].lower())}) for row in rows]
    return [row for row, count in zip(rows, shared, strict=True) if count == max(shared)][:MOST_ROWS]


def _described(text: str, table: Table, rows: list[Row]) -> Readable:
    said, pieces = "", []
    for row in rows:
        for column, (start, end) in enumerate(row.cells):
            name = text[slice(*table.header.cells[column])] if column < len(table.header.cells) else ""
            said += f"{name}: " if name else ""
            pieces.append(Piece(len(said), len(said) + end - start, start))
            said += text[start:end] + ("; " if column + 1 < len(row.cells) else ".\n")
    return Readable(said, tuple(pieces), of_cells=True)
