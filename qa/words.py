"""The words that say what is asked about, and their stems."""

import re

from index.search import FUNCTION_WORDS

WORD = re.compile(r"\w+(?:['’.-]\w+)*")
STOP_WORDS = FUNCTION_WORDS | frozenset(
    "been can could from had has have i its many much s those were while would".split()  # noqa: SIM905
)


def content_words(text: str) -> list[str]:
    """The words that say what is asked about."""
    return [word for word in WORD.findall(text) if word.lower() not in STOP_WORDS]


def stem(word: str) -> str:
    """A word by its first letters: enough to match most inflections."""
    return word[:6] if len(word) > 6 else word.removesuffix("'s").removesuffix("’s").rstrip("s")
