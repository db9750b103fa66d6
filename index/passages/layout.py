"""The layout of an article: which stretches are prose, under which heading, and which are not to be read.

Articles off the web carry more than their text: the title once more, photo credits, captions, newsletter
footers. The text is never changed, since every offset points into it; a block says what a stretch is instead.
The rules are few and careful: what is not surely noise stays prose, and a caption, which holds facts, stays a
block of its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from index.articles import TITLE_CHARS, Article, one_line
from index.passages.sentences import Bounds

HEADING_WORDS = 12  # a longer line without an end mark is a sentence that lacks one
WRAP_WIDTH = 120  # lines up to this long may be one paragraph wrapped by hand ...
WRAP_SLACK = 25  # ... when all but the last come this close to the longest
FOOTER_LINES = 10
FOOTER_LINE_WORDS = 25

_BLANK_LINES = re.compile(r"\n[ \t\r\f\v\u00a0]*\n\s*|\f")
_HASHES = re.compile(r"#{1,6}[ \t]+")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*\Z")
_RULE = re.compile(r"[-*_=~#·•. \t]{3,}\Z")
_LIST_ITEM = re.compile(r"(?:[-*+•‣◦]|\d{1,3}[.)]|[a-z][.)])[ \t]")
_END_MARK = re.compile(r"[.!?…:;,。！？؟۔।][\"'”’»)\]」』*_]*\Z")

_AGENCY = r"Getty|AFP|Reuters|REUTERS|AP Photo|EPA|Shutterstock|Bloomberg|Xinhua|Unsplash|iStock|Wikimedia"
_CREDIT = rf"(?:\b(?:{_AGENCY})\b|\b[Pp]hotos?\b|\bImages\b|\b[Cc]ourtesy of\b|\b[Cc]redit:)"
_CAPTION = re.compile(rf"\([^()]{{0,100}}{_CREDIT}[^()]{{0,60}}\)[.]?\Z")
_CREDIT_LINE = re.compile(
    rf"\(?(?:(?:[Pp]hoto|[Ii]mage|[Pp]icture|[Ii]llustration)s?(?: [Cc]redits?)?(?: by\b|:|/).*"
    rf"|(?:[A-Z][\w.&-]*[ /]){{0,4}}(?:Photos?|Getty Images|{_AGENCY}))\)?\Z"
)
_FOOTER = re.compile(
    r"sign up (?:for|to)\b|subscribe (?:to|now)\b|(?:by|when) (?:registering|subscribing|signing up)\b.*\b"
    r"(?:agree|accept|privacy|terms)|.*\bnewsletter icon\b|all rights reserved"
    r"|(?:©|copyright (?:©|\(c\)|\d{4}))"
    r"|(?:advertisement|share this (?:article|story)|read more:?|click here to [^\n]*+)\W*+\Z"
    r"|(?:follow|like|find) us on \w+\W*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Block:
    """[start, end) of the article's text: one paragraph, list item or caption."""

    start: int
    end: int
    heading: str | None
    joins: bool  # may share a passage with the block before it


class _Paragraph(NamedTuple):
    start: int
    end: int
    alone: bool  # as a heading stands: see _stands_alone
    first: bool  # of a stretch that `skip` leaves


def blocks(article: Article) -> list[Block]:
    """The stretches of an article that are read, in order."""
    found: list[Block] = []
    heading: str | None = None
    joins, started = False, False
    paragraphs = list(_paragraphs(article))
    for number, (start, end, alone, first) in enumerate(paragraphs):
        text = article.text[start:end]
        joins = joins and not first
        repeats_title = not started and number + 1 < len(paragraphs) and _same(_plain(text), article.title)
        if _is_noise(text) or repeats_title:
            joins = False
            continue
        title = _heading(text, alone, article.text, paragraphs[number + 1 : number + 2])
        if title is not None:
            heading, joins = (None if _same(title, article.title) else _bounded(title)), False
            continue
        caption = _CAPTION.search(text[-200:]) is not None
        found.append(Block(start, end, heading, joins and not caption))
        joins = not caption
        started = started or not caption
    return found


def _paragraphs(article: Article) -> Iterator[_Paragraph]:
    """Each paragraph outside `skip`."""
    for start, end in _kept(article):
        first = True
        for low, high in _groups(article.text, start, end):
            lines = list(_lines(article.text, low, high))
            if _is_footer(article.text, lines):
                continue
            joined = _join_wrapped(article.text, lines)
            for number, span in enumerate(joined):
                yield _Paragraph(*span, _stands_alone(article.text, joined, number), first)
                first = False


def _stands_alone(text: str, group: list[Bounds], number: int) -> bool:
    """Whether a paragraph has blank lines about it or, in an article without, stands between two of prose."""
    if len(group) == 1:
        return True
    if number + 1 == len(group):
        return False
    below = text[slice(*group[number + 1])]
    after_end = number == 0 or _END_MARK.search(text[slice(*group[number - 1])][-8:]) is not None
    return after_end and len(below.split()) > HEADING_WORDS and _END_MARK.search(below[-8:]) is not None


def _kept(article: Article) -> Iterator[Bounds]:
    """The article outside `skip`, which holds its front matter, a PDF's running headers and the like."""
    start = 0
    for low, high in sorted(article.skip):
        if start < low:
            yield start, low
        start = max(start, high)
    if start < len(article.text):
        yield start, len(article.text)


def _groups(text: str, start: int, end: int) -> Iterator[Bounds]:
    """Runs of lines between blank lines."""
    for match in _BLANK_LINES.finditer(text, start, end):
        if start < match.start():
            yield start, match.start()
        start = match.end()
    if start < end:
        yield start, end


def _lines(text: str, start: int, end: int) -> Iterator[Bounds]:
    """The lines of a group that hold more than white space, trimmed."""
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = text[start:stop]
        if body := line.strip():
            first = start + line.index(body[0])
            yield first, first + len(body)
        start = stop + 1


def _join_wrapped(text: str, lines: list[Bounds]) -> list[Bounds]:
    """The paragraphs of a group: its lines, or one paragraph where a line goes on in the next."""
    lengths = [end - start for start, end in lines]
    longest = max(lengths, default=0)
    wrapped = longest <= WRAP_WIDTH and all(longest - length <= WRAP_SLACK for length in lengths[:-1])
    joined: list[Bounds] = []
    for start, end in lines:
        if joined and _goes_on(text, joined[-1], (start, end), wrapped=wrapped):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _goes_on(text: str, above: Bounds, line: Bounds, *, wrapped: bool) -> bool:
    """Whether `line` continues the paragraph `above`."""
    start = text[line[0] : line[0] + 12]
    if _UNDERLINE.match(text[line[0] : line[1]]):
        return text.find("\n", *above) < 0
    if _LIST_ITEM.match(start) or text[above[0]] == "#" or start[0] in "#|":
        return False
    if _END_MARK.search(text[max(above[0], above[1] - 8) : above[1]]):
        return wrapped
    return wrapped or start[0].islower()


def _is_noise(text: str) -> bool:
    return (
        _RULE.match(text) is not None
        or (len(text) <= 80 and _CREDIT_LINE.match(text) is not None)
        or (len(text.split()) <= FOOTER_LINE_WORDS and _FOOTER.match(text) is not None)
    )


def _is_footer(text: str, lines: list[Bounds]) -> bool:
    """A small block of short lines of which one asks the reader to sign up goes as a whole."""
    if not 2 <= len(lines) <= FOOTER_LINES:
        return False
    texts = [text[start:end] for start, end in lines]
    return all(len(line.split()) <= FOOTER_LINE_WORDS for line in texts) and any(_FOOTER.match(line) for line in texts)


def _heading(text: str, alone: bool, whole: str, below: list[_Paragraph]) -> str | None:
    """The heading that `text` is, without its markup, or None; `below`: the next paragraph, if any."""
    marked = _markdown_heading(text)
    if marked is not None:
        return _plain(marked) or None
    above, _, under = text.rpartition("\n")
    if above and "\n" not in above and _UNDERLINE.match(under):
        return _plain(above)
    if not _short_title(text) or not alone or not below:
        return None
    following = whole[below[0].start : below[0].end]
    other = _is_noise(following) or _short_title(following) or _markdown_heading(following) is not None
    return None if other else _plain(text)


def _markdown_heading(text: str) -> str | None:
    """The words of a line that begins with hashes, without those; None for any other paragraph."""
    found = _HASHES.match(text)
    return None if found is None or "\n" in text else text[found.end() :].rstrip(" \t#")


def _bounded(heading: str) -> str | None:
    """A heading goes with each of its passages: one as long as a paragraph is cut like a title."""
    return heading if len(heading) <= TITLE_CHARS else one_line(heading)


def _short_title(text: str) -> bool:
    """A line that may head what follows: short, begins like a title, ends without an end mark."""
    plain = _plain(text)
    return (
        "\n" not in text
        and 0 < len(plain.split()) <= HEADING_WORDS
        and len(plain) <= 100
        and not plain[0].islower()
        and any(character.isalpha() for character in plain)
        and not _END_MARK.search(plain)
        and not _LIST_ITEM.match(text)
        and "|" not in plain
        and "://" not in plain
    )


def _plain(text: str) -> str:
    """A heading's words without Markdown's marks."""
    words = re.sub(r"\A#{1,6}[ \t]+", "", text).strip()
    return re.sub(r"\A(\*\*|__|\*|_)(.+)\1\Z", r"\2", words).strip()


def _same(text: str, title: str) -> bool:
    return " ".join(text.casefold().split()) == " ".join(title.casefold().split())
