"""PDF: the text layer, page after page, with the lines that repeat on most pages marked as no passage."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any, BinaryIO

from index.articles.article import Article, Unreadable, clean_text, make_article
from index.articles.formats.quiet import quiet

EDGE_LINES = 3  # how deep into a page its header and its footer may reach
# A header may stand on left or right pages alone: half of the pages, less those that open a chapter.
REPEAT_SHARE = 0.4
MIN_REPEATS = 3
FULL_WIDTH_SHARE = 0.75  # a line shorter than this share of the page's widest lines was ended by its author

# pypdf leaves ligatures as the font has them; nobody types them into a question.
LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st", "\u00ad": None}
)
_NO_TITLE = re.compile(r"microsoft word -|untitled|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|rtf|odt)$", re.IGNORECASE)
_ENDS = (".", "!", "?", ":", "…")


@quiet()
def read_pdf(file: BinaryIO, source: str) -> list[Article]:
    """A PDF with a text layer. Raises Unreadable for one without, and for one that does not open without a password."""
    from pypdf import PdfReader

    reader = PdfReader(file)
    _unlock(reader)
    page_lines = [_lines(page.extract_text()) for page in reader.pages]
    if not any(page_lines):
        raise Unreadable("no text layer: run text recognition (OCR) on it first")
    text, pages, skip = _joined(page_lines)
    about = {str(key): str(value) for key, value in (reader.metadata or {}).items()}
    title = about.get("/Title", "").strip()
    return [
        make_article(
            text,
            source,
            title=None if _NO_TITLE.match(title) else title,
            body_start=_first_shown(text, skip),
            author=about.get("/Author"),
            language=_language(reader),
            pages=pages,
            skip=skip,
        )
    ]


def _unlock(reader: Any) -> None:
    from pypdf.errors import DependencyError

    try:
        locked = reader.is_encrypted and not reader.decrypt("")
    except DependencyError:
        locked = True
    if locked:
        raise Unreadable("encrypted: save a copy without a password")


def _lines(page: str) -> list[str]:
    text = clean_text(page).translate(LIGATURES)
    return [line.strip() for line in text.split("\n") if line.strip()]


def _joined(page_lines: list[list[str]]) -> tuple[str, list[int], list[tuple[int, int]]]:
    """The whole text, the offset of each page, and the stretches that are running headers and footers."""
    running = _running_lines(page_lines)
    pieces: list[str] = []
    pages: list[int] = []
    skip: list[tuple[int, int]] = []
    offset = 0
    for lines in page_lines:
        pages.append(offset)
        top, bottom = _edges(lines, running)
        body = _paragraphs(lines[top:bottom])
        for number, line in enumerate((*lines[:top], *body, *lines[bottom:])):
            pieces.append(line + "\n")
            if not top <= number < top + len(body):
                skip.append((offset, offset + len(line) + 1))
            offset += len(line) + 1
    return "".join(pieces), pages, skip


def _running_lines(page_lines: list[list[str]]) -> set[str]:
    """The keys of the lines that stand at the top or the bottom of many pages."""
    counts: Counter[str] = Counter()
    for lines in page_lines:
        counts.update({_key(line) for line in lines[:EDGE_LINES] + lines[-EDGE_LINES:]})
    least = max(MIN_REPEATS, REPEAT_SHARE * sum(map(bool, page_lines)))
    return {key for key, count in counts.items() if count >= least}


def _key(line: str) -> str:
    """What stays the same of a running line from page to page: all but its numbers."""
    return re.sub(r"\d+|\b[ivxlc]+\b", "#", line.casefold())


def _edges(lines: list[str], running: set[str]) -> tuple[int, int]:
    """Where the page's own lines begin and end: running lines count only from the edge inwards."""
    top, bottom = 0, len(lines)
    while top < min(EDGE_LINES, bottom) and _key(lines[top]) in running:
        top += 1
    while bottom > max(top, len(lines) - EDGE_LINES) and _key(lines[bottom - 1]) in running:
        bottom -= 1
    return top, bottom


def _paragraphs(lines: list[str]) -> list[str]:
    """`lines` with an empty one after each line that ends a paragraph or is a heading.

    A text layer knows lines only. A line that stops short of the page's width at the end of a sentence ends a
    paragraph; one that stops short without a full stop, after a paragraph and before a capital, is a heading.
    """
    if not lines:
        return []
    width = FULL_WIDTH_SHARE * sorted(map(len, lines))[len(lines) * 9 // 10]
    spaced: list[str] = []
    after_end = True
    for line, following in pairwise((*lines, "")):
        ends = line.rstrip("\"'”’»)]").endswith(_ENDS)
        heading = after_end and not ends and not line.endswith((",", ";", "-")) and not following[:1].islower()
        after_end = len(line) < width and (ends or heading)
        spaced += [line, ""] if after_end and following else [line]
    return spaced


def _first_shown(text: str, skip: list[tuple[int, int]]) -> int:
    """Where to look for the title: a header on the first page may be it, unless it holds a number."""
    start = 0
    for a, b in skip:
        if a == start and re.search(r"\d", text[a:b]):
            start = b
    return start if text[start:].strip() else 0


def _language(reader: Any) -> str | None:
    value = reader.root_object.get("/Lang")
    return str(value) if isinstance(value, str) else None
