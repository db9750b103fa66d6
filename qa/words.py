"""The words that say what is asked about, and their stems."""

import re

WORD = re.compile(r"\w+(?:['’.-]\w+)*")
STOP_WORDS = frozenset(
    """
    a an and are as at be been but by can could did do does for from had has have how i in is it its many much of on
    or s that the their there these they this those to was were what when where which while who whom whose why will
    with would
    """.split()  # noqa: SIM905 - a list of words is read more easily so
)


def content_words(text: str) -> list[str]:
    """The words that say what is asked about."""
    return [word for word in WORD.findall(text) if word.lower() not in STOP_WORDS]


def stem(word: str) -> str:
    """A word by its first letters: enough to match most inflections."""
    return word[:6] if len(word) > 6 else word.removesuffix("'s").removesuffix("’s").rstrip("s")
