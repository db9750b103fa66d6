"""The cells of a table that answer: of the row that the reader chose, in the columns that the question names."""

import re

from qa.reader import Span
from qa.tables import Place, Row, Table, tables_in

WORD = re.compile(r"\w+")
# Words of a column's name that say nothing of what stands in it; "how long", "who" and "when" do.
EMPTY = frozenset(["a", "an", "and", "the", "of", "in", "on", "to", "is", "was", "for", "what", "which", "per"])
SHORTEST = 3  # letters of a word that another may go on from: "run", "running"


def row_of(span: Span) -> tuple[Table, Row] | None:
    """The table and the row that the span stands in, if it stands in one."""
    passage = span.hit.passage
    for table in tables_in(span.hit.article.text, passage.start, passage.end):
        if row := table.row_at(span.start):
            return table, row
    return None


def cells_at(question: str, span: Span, table: Table, row: Row) -> list[Place]:
    """The cells of the row that the question asks for: of the columns it names, else the one that the reader chose."""
    text = span.hit.article.text
    chosen = next((n for n, (start, end) in enumerate(row.cells) if start <= span.start < max(end, start + 1)), 0)
    said = _words(question)
    named = {
        column: shared
        for column, place in enumerate(table.header.cells[: len(row.cells)])
        if (shared := _shared(said, _words(text[slice(*place)]))) and not _is_key(said, text[slice(*row.cells[column])])
    }
    if " and " in question.lower():
        whole = [c for c in named if named[c] == len(_words(text[slice(*table.header.cells[c])]))]
        if len(whole) > 1:
            return [row.cells[column] for column in whole]
    best = [column for column in named if named[column] == max(named.values())]
    return [row.cells[best[0] if len(best) == 1 else chosen]]


def column_at(span: Span, table: Table, row: Row) -> list[Place]:
    """The cells of the span's column, from top to bottom, without those that are empty."""
    column = next((n for n, (start, end) in enumerate(row.cells) if start <= span.start < max(end, start + 1)), 0)
    cells = [other.cells[column] for other in table.rows if column < len(other.cells)]
    return [(start, end) for start, end in cells if start < end]


def is_named(question: str, text: str, table: Table, row: Row) -> bool:
    """Whether the question speaks of this row more than of the others."""
    said = _words(question)
    counts = {one: _shared(said, _words(text[one.start : one.end])) for one in table.rows}
    return counts[row] > min(counts.values())


def _is_key(said: frozenset[str], cell: str) -> bool:
    """Whether the question says what the cell says: it is asked about, not asked for."""
    words = _words(cell)
    return bool(words) and _shared(said, words) == len(words)


def _words(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") or word for word in WORD.findall(text.lower()) if word not in EMPTY)


def _shared(said: frozenset[str], words: frozenset[str]) -> int:
    return sum(any(_alike(one, word) for one in said) for word in words)


def _alike(one: str, other: str) -> bool:
    return one == other or (len(one) >= SHORTEST and one.isalpha() and other.startswith(one))
