"""How much of an article answers: the span itself, its whole list, or its sentences."""

import re

from qa.extent.lists import whole_list
from qa.reader import Span
from qa.text import sentences_around

# Questions that a few words cannot answer.
OPEN_ENDED = re.compile(
    r"^\W*(?:why\b|how come\b|for what reason\b"
    r"|how (?:do|does|did|is|are|was|were|can|could|has|have|should|would|will)\b"
    r"|(?:please )?(?:explain|describe|summari[sz]e|outline|tell me)\b"
    r"|what (?:is|are|was|were) (?:the )?(?:reasons?|causes?|effects?|consequences?|background|significance)\b"
    r"|what (?:do|does|did) (?:the |these |this )?(?:articles?|texts?|sources?) (?:say|tell|report)\b"
    r"|what happened\b|what led to\b|in what ways?\b)",
    re.IGNORECASE,
)
# A question that asks for several things: their list is the answer, not its first item.
ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:which|what|name|list|who)\b(?!\s+(?:is|was)\b)(?:\s+\w+){0,3}?\s+"
    r"(?:(?!(?:this|does|always|perhaps)\b)\w{2,}[^su\W]s\b|are\b|were\b|people\b)",
    re.IGNORECASE,
)


def extent_of(question: str, span: Span) -> tuple[int, int]:
    """Characters of the article: the span, its whole list, or for open questions its sentences."""
    if OPEN_ENDED.search(question):
        return sentences_around(span.hit.passage, span.start, span.end)
    if ASKS_FOR_SEVERAL.search(question):
        return _whole_list(span)
    return span.start, span.end


def _whole_list(span: Span) -> tuple[int, int]:
    """The list that the span is an item of, within its sentence: "Egypt, Ethiopia, and Iran", not "Egypt"."""
    first, last = sentences_around(span.hit.passage, span.start, span.end)
    start, end = whole_list(span.hit.article.text[first:last], span.start - first, span.end - first)
    return first + start, first + end
