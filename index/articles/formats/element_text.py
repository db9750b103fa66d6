"""Element trees (HTML, XHTML, Word) to text: paragraphs between blank lines, lists, table rows."""

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from index.articles.article import without_surrogates

Marks = tuple[str, str]  # what goes into the text before and after an element

# Marks are made of characters that are taken out of the text itself before: \n parts paragraphs, \v lines; \f
# is a line break (two part paragraphs); \0 and \1 stand around an item.
BLOCK: Marks = ("\n", "\n")
LINE: Marks = ("\v", "\v")
ITEM: Marks = ("\v\0", "\1\v")
ROW: Marks = ("\v", "\v")
CELL: Marks = ("", " | ")
BREAK: Marks = ("\f", "")
INLINE: Marks = ("", "")
IN_A_CELL: Marks = (" ", " ")  # a row stays one line, whatever its cells hold

_SPACE = re.compile(r"[ \t\r\n\f\v]+")
_EMPTY_CELLS = re.compile(r"(?<![ |])[ |]++(?=[\n\v]|\Z)")  # from a run's beginning to its end, or not at all
_UNSTORABLE = str.maketrans("", "", "\0\1")


def text_of(root: Any, marks_of: Callable[[Any, str], Marks | None]) -> str:
    """The text beneath `root`; `marks_of(element, local name)` gives its marks, or None to leave it out.

    A cell that has its row to itself is a block: then the table is layout.
    """
    from lxml import etree

    rows: dict[Any, Counter[Any]] = {}
    pieces: list[str] = []
    within: list[Marks] = []  # the items and cells around the element
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        marks = marks_of(element, etree.QName(element).localname) if event in ("start", "end") else INLINE
        if marks == CELL and _is_only_cell(element, rows):
            marks = BLOCK
        if event == "start" and marks is None:
            walk.skip_subtree()
        elif event == "start" and marks:
            pieces += _placed(marks, within)[0], _flat(element.text)
            if marks in (ITEM, CELL):
                within.append(marks)
        elif event != "start":
            if marks in (ITEM, CELL):
                within.pop()
            pieces += (
                _placed(marks, within)[1] if marks else "",
                _flat(element.tail) if element is not root else "",
            )
    return tidy("".join(pieces))


def _is_only_cell(cell: Any, rows: dict[Any, Counter[Any]]) -> bool:
    """Whether no other cell of its kind stands in its row; `rows` keeps each row's count."""
    row = cell.getparent()
    if row not in rows:
        rows[row] = Counter(child.tag for child in row)
    return rows[row][cell.tag] == 1


def _placed(marks: Marks, within: list[Marks]) -> Marks:
    """The marks of a block inside an item or a cell, which must not be torn apart."""
    if not within or marks not in (BLOCK, LINE, BREAK):
        return marks
    return IN_A_CELL if within[-1] == CELL else LINE


def _flat(text: str | None) -> str:
    return _SPACE.sub(" ", text).translate(_UNSTORABLE) if text else ""


def tidy(text: str) -> str:
    """Text with its marks made newlines and "- ", without empty cells and items."""
    text = re.sub("\v\0\\s*\1", "\v", without_surrogates(text))
    text = re.sub("\0[\\s\0]*", "- ", text).replace("\1", "")
    text = _EMPTY_CELLS.sub("", re.sub(r" {2,}", " ", text))
    return re.sub(r" ?[\n\v\f][ \n\v\f]*", _gap, text).strip()


def _gap(found: re.Match[str]) -> str:
    marks = found.group()
    return "\n\n" if "\n" in marks or marks.count("\f") > 1 else "\n"
