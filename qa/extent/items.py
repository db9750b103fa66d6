"""The items of a list, wherever they stand: below each other, in a column, in one sentence or in several."""

import re
from collections.abc import Iterator, Sequence

from qa.extent.cells import column_at, is_named, row_of
from qa.extent.lists import whole_list
from qa.reader import Span
from qa.tables import Place
from qa.text import normalise, sentences_around

BULLET = re.compile(r"^[ \t]*(?:[-*+•‣◦]|\d{1,3}[.)])[ \t]+(?=\S)", re.MULTILINE)
NAME = re.compile(r"\W*([^:\n]{2,60}?)[*_]*:")
TO_COME = re.compile(r":\W*\Z")  # ends a sentence that a list follows
NEXT_LINE = re.compile(r"\s*\n\s*")
MOST_ITEMS = 12
LONG_ITEM = 160  # characters; longer ones, on average, are steps or paragraphs
# How far below the best a sentence's span may score to be an item too: benchmarks/README.md, "How much answers".
LIST_MARGIN = 3.0  # of a question for several things
ITEM_MARGIN = 6.0  # of items below each other
WORDS_MARGIN = 1.0  # of any other: several people often did what "who" asks for


def items_of(question: str, span: Span, others: Sequence[Span]) -> list[Span]:
    """The items of the list that the span belongs to, in the text's order; `others`: the best span of each sentence."""
    if found := row_of(span):
        table, row = found
        if not is_named(question, span.hit.article.text, table, row):
            return _spans(span, column_at(span, table, row)[:MOST_ITEMS])
        return []
    places = _bullets(span)
    if names := _names(span, places):
        return _spans(span, names[:MOST_ITEMS])
    if places and _answer_alike(span, places, others):
        return _spans(span, places[:MOST_ITEMS])
    near = [other for other in others if other.score >= span.score - LIST_MARGIN and not row_of(other)]
    return list(_without_repeats([_whole(one) for one in _in_order([span, *near])]))[:MOST_ITEMS]


def rivals_of(span: Span, others: Sequence[Span]) -> list[Span]:
    """The span, then what the reader marked nearly as surely in other sentences, in the text's order."""
    found = [span]
    for other in others:
        if (
            other.score >= span.score - WORDS_MARGIN
            and not row_of(other)
            and not any(_same(other, one) for one in found)
        ):
            found.append(other)
    return found


def _same(one: Span, other: Span) -> bool:
    first, second = (f" {normalise(span.text)} " for span in (one, other))
    return first in second or second in first or max(one.start, other.start) < min(one.end, other.end)


def _bullets(span: Span) -> list[Place]:
    """The items of the list that the span stands in or announces."""
    text, passage = span.hit.article.text, span.hit.passage
    start, end = sentences_around(passage, span.start, span.end)
    if TO_COME.search(text[start:end]) and (gap := NEXT_LINE.match(text, end)):
        start = gap.end()
    line = text.rfind("\n", 0, start) + 1
    if not BULLET.match(text, line):
        return []
    first = line
    while first > 0 and BULLET.match(text, above := text.rfind("\n", 0, first - 1) + 1):
        first = above
    found = []
    while bullet := BULLET.match(text, first):
        stop = text.find("\n", first)
        stop = len(text) if stop < 0 else stop
        found.append((bullet.end(), bullet.end() + len(text[bullet.end() : stop].rstrip(" \t;,."))))
        first = stop + 1
    return found if len(found) > 1 else []


def _names(span: Span, places: Sequence[Place]) -> list[Place]:
    """What stands before the colon of each item ("Higher costs: oil is dearer"), when the span is one of these."""
    named = [NAME.match(span.hit.article.text, *place) for place in places]
    names = [found.span(1) for found in named if found]
    marked = any(start <= span.start and span.end <= end for start, end in names)
    return names if marked and len(names) == len(places) else []


def _answer_alike(span: Span, places: Sequence[Place], others: Sequence[Span]) -> bool:
    """Whether the items are asked for: short ones, half of them marked by the reader, or announced by the span."""
    if sum(end - start for start, end in places) / len(places) > LONG_ITEM:
        return False
    near = [one for one in others if one.score >= span.score - ITEM_MARGIN]
    marked = sum(any(start <= one.start < end for one in near) for start, end in places)
    return 2 * marked >= len(places) or not any(start <= span.start < end for start, end in places)


def _whole(span: Span) -> Span:
    first, last = sentences_around(span.hit.passage, span.start, span.end)
    start, end = whole_list(span.hit.article.text[first:last], span.start - first, span.end - first)
    return Span(span.hit, first + start, first + end, span.score)


def _in_order(spans: Sequence[Span]) -> list[Span]:
    return sorted(set(spans), key=lambda one: (one.start, -one.end))


def _without_repeats(spans: Sequence[Span]) -> Iterator[Span]:
    """Without what another span holds, by its place or by its words."""
    words = [f" {normalise(span.text)} " for span in spans]
    for place, said in enumerate(words):
        again = any(said in earlier for earlier in words[:place])
        if said.strip() and not again and not any(said in later and said != later for later in words[place + 1 :]):
            yield spans[place]


def _spans(span: Span, places: Sequence[Place]) -> list[Span]:
    return [Span(span.hit, start, end, span.score) for start, end in places]
