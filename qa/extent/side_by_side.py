"""A comparison: the two things that a question puts side by side, and the sentence that speaks best of each."""

import re
from collections.abc import Sequence

from qa.extent.cells import row_of
from qa.reader import Span
from qa.text import sentences_around
from qa.words import WORD, content_words, stem

BETWEEN = re.compile(r"\bbetween\s+(.+?)\s+and\s+(.+)", re.IGNORECASE)
EITHER = re.compile(
    r"(?:.*[,:]\s+|.*\b(?:in|of|for|to|at|is|was|are|were|has|did|does)\s+|)(.+?),?\s+or\s+(.+)", re.IGNORECASE
)
THAN = re.compile(r"^\W*(?:is|was|are|were|did|does|do|has|had)\s+(.+?)\s+than\s+(.+)", re.IGNORECASE)
FROM = re.compile(r"^(?:(?:the|a|an|in|at|from)\s+)+|\s+(?:differ|compare)\b.*", re.IGNORECASE)
SIDE_WORDS = 3  # of the first side, where no word says where it begins


def sides_of(question: str) -> tuple[set[str], set[str]] | None:
    """The stems of the words of both sides that the other does not have; None where there are no two."""
    for rule in (BETWEEN, EITHER, THAN):
        if found := rule.match(question) if rule is not BETWEEN else rule.search(question):
            first, second = (_stems(FROM.sub("", part)) for part in found.groups())
            if rule is THAN:
                first = dict.fromkeys(list(first)[:SIDE_WORDS])
            left, right = set(first) - set(second), set(second) - set(first)
            return (left, right) if left and right else None
    return None


def side_by_side(question: str, spans: Sequence[Span]) -> list[Span]:
    """For each side the best of the sentences that speak of it, the first side first; one where it speaks of both."""
    sides = sides_of(question)
    if sides is None:
        return []
    asked = set(_stems(question))
    found = []
    for side in sides:
        speaking = [(_value(span, side, asked), -place, span) for place, span in enumerate(spans)]
        speaking = [one for one in speaking if one[0] is not None]
        if not speaking:
            return []
        found.append(_sentence(max(speaking, key=lambda one: one[:2])[2]))
    return list(dict.fromkeys(found))


def _value(span: Span, side: set[str], asked: set[str]) -> float | None:
    """How well the span's sentence speaks of a side; None when it does not."""
    sentence = _sentence(span).text
    said = set(_stems(sentence))
    shared = len(side & said) / len(side)
    if not shared:
        return None
    return 10 * shared + 2 * len(asked & said) / len(asked) + span.score / 2


def _sentence(span: Span) -> Span:
    if found := row_of(span):
        return Span(span.hit, found[1].start, found[1].end, span.score)
    return Span(span.hit, *sentences_around(span.hit.passage, span.start, span.end), span.score)


def _stems(text: str) -> dict[str, None]:
    return dict.fromkeys(stem(word.lower()) for word in content_words(text) if WORD.search(word))
