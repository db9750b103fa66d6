"""Text as answers are compared by it, and the sentences around a stretch of a passage."""

import re
import string
from functools import lru_cache

from index import Passage
from index.passages import sentences

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_OPENING = ("“", "„", "«", "‟", '"')
_ROW = re.compile(r"\|.*\n|\n.*\|")  # of a table of several
_LINE, _ALL = re.compile(r"[^\n]*\S"), re.compile(r"(?s).+")
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """`text` as SQuAD compares it: lower case, no ASCII punctuation, no a/an/the, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def sentences_around(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """The sentences of the passage that characters [start, end) of its article touch."""
    start, end = start - passage.start, end - passage.start
    touched = [(s, e) for s, e in sentences_in(passage.text) if s < end and e > start]
    if touched:
        start, end = min(start, touched[0][0]), max(end, touched[-1][1])
    return passage.start + start, passage.start + end


@lru_cache(maxsize=256)  # each of a passage's spans asks for them
def sentences_in(text: str) -> tuple[tuple[int, int], ...]:
    """The sentences of a text, and the rows of its tables, in order as [start, end)."""
    return tuple(
        (start + line.start(), start + line.end())
        for start, end in sentences(text)
        for line in (_LINE if _ROW.search(text, start, end) else _ALL).finditer(text[start:end])
    )


def quotation_marks(quote: str) -> tuple[str, str]:
    """What stands around a quote: nothing where it begins with a quotation mark of its own.

    >>> quotation_marks("He came."), quotation_marks("“I came,” he said.")
    (('“', '”'), ('', ''))
    """
    return ("", "") if quote.startswith(_OPENING) else ("“", "”")
