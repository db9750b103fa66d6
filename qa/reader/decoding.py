"""From start and end logits to spans of characters: jointly decoded, whole words, nothing dangling. Pure."""

import math
import re

import numpy as np
from numpy.typing import NDArray

from qa.reader.atoms import whole

MAX_ANSWER_TOKENS = 40  # longer than 99 % of the answers in the training data
TOP_SPANS = 5  # kept for each passage
MOST_ROUNDS = 8  # of taking off and balancing; every round of a span that needs more takes off what the last took in
PAIRS = {"(": ")", "[": "]", "“": "”", "«": "»"}
DANGLING = " \t\n\r,;:.!?…-–—/|*_#>·•،؛؟。、'’‘`"
ABBREVIATION = re.compile(r"(?:^|[\W\d])(?:[^\W\d_]\.)+$|\b(?:Inc|Ltd|Co|Corp|Jr|Sr|St|Mr|Mrs|Dr|No|vs|etc)\.$")

ITEM_NUMBER = re.compile(r"^[ \t]*\(?(\d{1,3})[.)][ \t]", re.MULTILINE)  # of a numbered list or heading

Floats = NDArray[np.floating]


def best_pairs(start: Floats, end: Floats, count: int, longest: int = MAX_ANSWER_TOKENS) -> list[tuple[int, int]]:
    """The `count` best (first, last) token pairs with first <= last < first + longest, best first, ties by place.

    `start` and `end` are the tokens' logits, each of shape (tokens,).
    """
    size = len(start)
    longest = min(longest, size)
    # Row i, column j: a span from i to i + j.
    padded = np.concatenate([end, np.full(longest, -np.inf)])
    sums = start[:, None] + np.lib.stride_tricks.sliding_window_view(padded, longest)[:size]
    flat = sums.ravel()
    top = np.argsort(-flat, kind="stable")[:count] if len(flat) <= count else _largest(flat, count)
    return [(int(i) // longest, int(i) // longest + int(i) % longest) for i in top if flat[i] > -np.inf]


def _largest(flat: Floats, count: int) -> NDArray[np.intp]:
    edge = np.partition(flat, -count)[-count]
    some = np.flatnonzero(flat >= edge)
    return some[np.argsort(-flat[some], kind="stable")][:count]


def evidence(start: Floats, end: Floats, null_start: float, null_end: float) -> float:
    """How much more any answer than none: the mean log-odds of the start and of the end, each of shape (tokens,)."""
    return ((_logsumexp(start) - null_start) + (_logsumexp(end) - null_end)) / 2


def _logsumexp(values: Floats) -> float:
    top = float(values.max())
    return top + math.log(float(np.exp(values - top).sum()))


def tidy(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The span without stray punctuation, brackets and quotes balanced; None when nothing is left.

    Words, numbers with their units, dates and names are never cut (`qa.reader.atoms`).
    """
    start, end = _whole(text, start, end)
    for _ in range(MOST_ROUNDS):
        if start >= end:
            return None
        before = (start, end)
        start = _after_item_number(text, start)
        while start < end and text[start] in DANGLING and not _keeps_first(text, start, end):
            start += 1
        while start < end and text[end - 1] in DANGLING and not _keeps_last(text, start, end):
            end -= 1
        start, end = _balanced(text, start, end)
        if (start, end) == before:
            break
    return _whole(text, start, end) if start < end else None


def _after_item_number(text: str, start: int) -> int:
    """The number of a list's item is no part of an answer."""
    found = ITEM_NUMBER.match(text, text.rfind("\n", 0, start) + 1)
    return found.end() if found is not None and start < found.end() else start


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    return whole(text, *_whole_words(text, start, end))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while 0 < start < len(text) and _joined(text[start - 1], text[start]):
        start -= 1
    while 0 < end < len(text) and _joined(text[end - 1], text[end]):
        end += 1
    return start, end


def _joined(left: str, right: str) -> bool:
    """Whether no word can end between the two: letters, digits, and what combines with them."""
    return (_of_word(left) and _of_word(right)) or _combines(right) or right == "\u200d" or left == "\u200d"


def _of_word(character: str) -> bool:
    return character.isalnum() or _combines(character)


def _combines(character: str) -> bool:
    import unicodedata

    return unicodedata.category(character) in {"Mn", "Me", "Mc"} or 0xFE00 <= ord(character) <= 0xFE0F


def _keeps_first(text: str, start: int, end: int) -> bool:
    """A sign or decimal point before a digit ("-5", ".5") is part of the answer."""
    return text[start] in "-–." and end - start > 1 and text[start + 1].isdigit()


def _keeps_last(text: str, start: int, end: int) -> bool:
    """The stop of an abbreviation ("U.S.", "Jr.") is part of the answer."""
    return text[end - 1] == "." and bool(ABBREVIATION.search(text[max(start, end - 12) : end]))


def _balanced(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the missing partner of a bracket or quote when it stands right beside, else leave the lone one out."""
    for opening, closing in [*PAIRS.items(), ('"', '"')]:
        inside = text[start:end]
        lone_open, lone_close = _lone(inside, opening, closing)
        if lone_open is not None:
            if text[end : end + 1] == closing:
                end += 1
            elif lone_open == 0:
                start += 1
            elif lone_open == len(inside) - 1:
                end -= 1
            else:
                end = start + lone_open
        elif lone_close is not None:
            if start > 0 and text[start - 1] == opening:
                start -= 1
            elif lone_close == len(inside) - 1:
                end -= 1
            elif lone_close == 0:
                start += 1
            else:
                start += lone_close + 1
    return start, end


def _lone(inside: str, opening: str, closing: str) -> tuple[int | None, int | None]:
    """Place of an opening without closing, or of a closing without opening."""
    if opening == closing:
        return (inside.rindex(opening), None) if inside.count(opening) % 2 else (None, None)
    open_places: list[int] = []
    for place, character in enumerate(inside):
        if character == opening:
            open_places.append(place)
        elif character == closing:
            if not open_places:
                return None, place
            open_places.pop()
    return (open_places[-1] if open_places else None), None
