"""Lists in a sentence: from one item to all of them, "Egypt, Ethiopia, and Iran" for "Egypt"."""

import re

from index.search import FUNCTION_WORDS

MAX_ITEM_WORDS = 6
SEPARATOR = re.compile(r"\s*;\s+|\s*,\s+(?!and\b|or\b)|\s*,?\s+(?:and|or|as well as)\s+(?:also\s+|sometimes\s+)?")
ARTICLE_BEFORE = re.compile(r"\b(?:the|a|an)\s+$", re.IGNORECASE)
JOINS = re.compile(r"\b(?:and|or|as well as)\b")
LAST_TAIL = re.compile(r"\s+of\s+(?:the\s+)?[\w’'-]+|\s+and\s+[A-Z][\w’'-]+")
WORD = re.compile(r"[\w’'.&/-]*\w")
ARTICLES = frozenset(["the", "a", "an"])
LINKS = frozenset(["of", "the", "de", "da", "del", "la", "le", "von", "van", "al", "bin"])  # within names
# Words at which an item that no comma ends is over.
ENDS_ITEM = FUNCTION_WORDS | frozenset(
    """
    about after all also although became because been before between both can could during each from had has have he
    her his i into its may might more most not over she should since so than them then those through under until we
    were while would
    """.split()  # noqa: SIM905 - a list of words is read more easily so
)


def whole_list(sentence: str, start: int, end: int) -> tuple[int, int]:
    """The list that `sentence[start:end]` is an item of, or several; the same bounds where it is none.

    A list is items of one kind (names and numbers, or plain words) between commas, the last after "and" or "or".
    """
    article = ARTICLE_BEFORE.search(sentence, 0, start)
    begin = article.start() if article else start
    lefts, rights = _left(sentence, begin, end), _right(sentence, start, end)
    inside = JOINS.search(sentence[start:end]) is not None
    if rights or (lefts and (inside or JOINS.search(sentence[lefts[0][1] : begin]))):
        return (lefts[-1][0] if lefts else begin), (rights[-1][1] if rights else end)
    return start, end


def _right(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """The items after `end`; none unless the last of them follows "and" or "or"."""
    named, longest = _named(sentence, start, end), _words(sentence[start:end])
    items: list[tuple[int, int]] = []
    while separator := SEPARATOR.match(sentence, end):
        last = JOINS.search(separator.group()) is not None
        begin = separator.end()
        end = _item_end(sentence, begin, named, longest, last=last)
        if end == begin:
            return []
        items.append((begin, end))
        longest = max(longest, _words(sentence[begin:end]))
        if last:
            tail = LAST_TAIL.match(sentence, end)  # "chills and loss of appetite", "... and Bosnia and Herzegovina"
            return [*items[:-1], (begin, tail.end())] if tail else items
    return []


def _item_end(sentence: str, begin: int, named: bool | None, longest: int, *, last: bool) -> int:
    """Where the item that starts at `begin` ends; `begin` when there is none of this kind."""
    words = list(WORD.finditer(sentence, begin))[:MAX_ITEM_WORDS]
    end, taken, own = begin, 0, named
    for i, word in enumerate(words):
        text = word.group()
        gap = sentence[end : word.start()] if i else ""
        if gap.strip() or (i == 0 and word.start() != begin):
            break
        if taken == 0 and text.lower() in ARTICLES:
            end = word.end()
            continue
        if taken == 0 and own is None:
            own = _is_name(text)
        if JOINS.fullmatch(text):
            break
        if own:
            follows = words[i + 1].group() if i + 1 < len(words) else ""
            if not _is_name(text) and not (taken and text.lower() in LINKS and _is_name(follows)):
                break
        elif _is_name(text) or (last and (text.lower() in ENDS_ITEM or taken >= longest)):
            break
        end, taken = word.end(), taken + 1
    if not taken:
        return begin
    return end if last or SEPARATOR.match(sentence, end) else begin


def _left(sentence: str, start: int, end: int) -> list[tuple[int, int]]:
    """The items before `start`, nearest first."""
    named = _named(sentence, start, end)
    items: list[tuple[int, int]] = []
    while True:
        separators = [s for s in SEPARATOR.finditer(sentence, 0, start) if s.end() == start]
        if not separators or (items and JOINS.search(separators[0].group())):
            return items
        stop = separators[0].start()
        begin = _item_start(sentence, stop, named)
        if begin == stop:
            return items
        items.append((begin, stop))
        start = begin


def _item_start(sentence: str, stop: int, named: bool | None) -> int:
    """Where the item that ends at `stop` begins; `stop` when there is none of this kind."""
    begin, taken = stop, 0
    for word in reversed(list(WORD.finditer(sentence, 0, stop))[-MAX_ITEM_WORDS:]):
        text = word.group()
        if sentence[word.end() : begin].strip():
            break
        if taken and text.lower() in ARTICLES:
            begin = word.start()
            break
        if named:
            if not _is_name(text) and not (taken and text.lower() in LINKS):
                break
        elif text.lower() in ENDS_ITEM or (_is_name(text) and word.start() > 0):
            break
        begin, taken = word.start(), taken + 1
    while begin < stop and (link := re.match(r"(?:of|de|da|del|la|le|von|van|al|bin)\s+", sentence[begin:stop])):
        begin += link.end()
    return begin if taken else stop


def _named(sentence: str, start: int, end: int) -> bool | None:
    """Whether the span is a name or a number; None at the start of a sentence, where capitals say nothing."""
    words = [word.group() for word in WORD.finditer(sentence[start:end]) if word.group().lower() not in ARTICLES]
    if not words:
        return None
    return None if start == 0 and len(words) == 1 and not words[0][0].isdigit() else _is_name(words[0])


def _is_name(word: str) -> bool:
    return word[:1].isupper() or word[:1].isdigit()


def _words(text: str) -> int:
    return sum(word.group().lower() not in ARTICLES for word in WORD.finditer(text)) or 1
