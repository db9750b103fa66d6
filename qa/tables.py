"""Tables in an article's text: rows of cells between "|", as Markdown writes them and as other formats are read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

BAR = "|"
RULE = re.compile(r"[\s|:-]+\Z")  # the line below a Markdown header
MOST_LINES = 400  # of one table: what lies further from a row is not looked at

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table, [start, end) of the text, and its cells' places without the space around them."""

    start: int
    end: int
    cells: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The row that names the columns, and the rows below."""

    header: Row
    rows: tuple[Row, ...]

    def row_at(self, place: int) -> Row | None:
        """The row that a character stands in."""
        return next((row for row in self.rows if row.start <= place < row.end), None)


@lru_cache(maxsize=256)  # asked for again by each span of a passage
def tables_in(text: str, start: int, end: int) -> tuple[Table, ...]:
    """The tables of which rows stand in [start, end), whole: a header may stand before it."""
    if BAR not in text[start:end]:
        return ()
    low = start = text.rfind("\n", 0, start) + 1
    for _ in range(MOST_LINES):
        above = text.rfind("\n", 0, max(low - 1, 0)) + 1
        if low == 0 or BAR not in text[above:low]:
            break
        low = above
    return tuple(_tables(text, low, end))


def _tables(text: str, start: int, end: int) -> Iterator[Table]:
    found: list[Row] = []
    while start < len(text):
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        if BAR in text[start:stop] and len(found) < MOST_LINES:
            if not RULE.match(text, start, stop):
                found.append(_row(text, start, stop))
        else:
            if len(found) > 1:
                yield Table(found[0], tuple(found[1:]))
            found = []
            if start >= end:
                return
        start = stop + 1
    if len(found) > 1:
        yield Table(found[0], tuple(found[1:]))


def _row(text: str, start: int, end: int) -> Row:
    line = text[start:end]
    first = start + len(line) - len(line.lstrip())
    last = start + len(line.rstrip())
    cells = []
    at = first + text.startswith(BAR, first)
    while at <= last:
        stop = text.find(BAR, at, last)
        stop = last if stop < 0 else stop
        if stop < last or text[at:stop].strip():
            cell = text[at:stop]
            left = at + len(cell) - len(cell.lstrip())
            cells.append((left, max(left, at + len(cell.rstrip()))))
        at = stop + 1
    return Row(first, last, tuple(cells))
