"""Text as answers are compared by it, and the sentences around a stretch of a passage."""

import re
import string
from functools import lru_cache

from index import Passage
from index.passages import sentences

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_OPENING = ("“", "„", "«", "‟", '"')
_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(text: str) -> str:
    """`text` as SQuAD compares it: lower case, no ASCII punctuation, no a/an/the, single spaces."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_NO_PUNCTUATION)).split())


def sentences_around(passage: Passage, start: int, end: int) -> tuple[int, int]:
    """The sentences of the passage that characters [start, end) of its article touch."""
    touched = [(s, e) for s, e in _sentences_of(passage) if s < end and e > start]
    if not touched:
        return start, end
    return min(start, touched[0][0]), max(end, touched[-1][1])


@lru_cache(maxsize=256)  # each of a passage's spans asks for them
def _sentences_of(passage: Passage) -> list[tuple[int, int]]:
    return [(passage.start + s, passage.start + e) for s, e in sentences(passage.text)]


def quotation_marks(quote: str) -> tuple[str, str]:
    """What stands around a quote: nothing where it begins with a quotation mark of its own.

    >>> quotation_marks("He came."), quotation_marks("“I came,” he said.")
    (('“', '”'), ('', ''))
    """
    return ("", "") if quote.startswith(_OPENING) else ("“", "”")
