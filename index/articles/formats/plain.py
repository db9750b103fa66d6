"""Plain text and Markdown: the text is the file's own, so that an offset holds in the file itself."""

import re
from typing import Any, BinaryIO

import yaml

from index.articles.article import Article, Unreadable, make_article
from index.articles.formats.decode import decode, parse_date

FRONT_MATTER_CHARS = 100_000  # YAML is read at about 100 kB/s; real front matter is under 2 kB

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```+(?=[^`\n]*$)|~~~+).*?(?:^ {0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.*?)[ \t#]*$|^ {0,3}(\S.*)\n {0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_INLINE_MARKUP = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|[*`]+|(?<!\w)_+|_+(?!\w)")


def read_txt(file: BinaryIO, source: str) -> list[Article]:
    """A `.txt` file. Front matter counts only where it is well formed and names a title."""
    text = _normalised(file)
    try:
        fields, body_start = front_matter(text)
    except Unreadable:
        fields, body_start = {}, 0
    if not fields.get("title"):
        fields, body_start = {}, 0
    return [_article(text, source, fields, body_start, fields.get("title"))]


def read_md(file: BinaryIO, source: str) -> list[Article]:
    """A Markdown file, titled by its front matter or its first heading."""
    text = _normalised(file)
    fields, body_start = front_matter(text)
    return [_article(text, source, fields, body_start, fields.get("title") or first_heading(text, body_start))]


def front_matter(text: str) -> tuple[dict[str, str], int]:
    """The fields of the YAML mapping that `text` opens with, and the offset at which the article begins.

    A text that opens with a rule (`---`) around anything but a mapping has no front matter. Raises Unreadable
    when it is not YAML.
    """
    found = _FRONT_MATTER.match(text, 0, FRONT_MATTER_CHARS)
    if not found:
        return {}, 0
    try:
        # BaseLoader makes strings, lists and mappings only: no objects, and no date that could be impossible.
        content: Any = yaml.load(found.group(1), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        where = "" if line is None else f" (line {line + 2})"
        raise Unreadable(f"its front matter is not YAML{where}") from None
    if not isinstance(content, dict):
        return {}, found.end() if not content else 0
    fields = {str(key).lower(): value.strip() for key, value in content.items() if isinstance(value, str)}
    return {key: value for key, value in fields.items() if value.lower() not in ("", "~", "null")}, found.end()


def first_heading(text: str, start: int) -> str | None:
    """The words of the first Markdown heading from `start` on that stands outside a fenced block."""
    fences = [found.span() for found in _FENCE.finditer(text, start)]
    for found in _HEADING.finditer(text, start):
        if not any(a <= found.start() < b for a, b in fences):
            words = _INLINE_MARKUP.sub(r"\1", found.group(1) or found.group(2) or "").strip()
            if words:
                return words
    return None


def _normalised(file: BinaryIO) -> str:
    return decode(file.read()).replace("\r\n", "\n").replace("\r", "\n")


def _article(text: str, source: str, fields: dict[str, str], body_start: int, title: str | None) -> Article:
    return make_article(
        text,
        source,
        title=title,
        body_start=body_start,
        published=parse_date(fields.get("published") or fields.get("date")),
        author=fields.get("author"),
        language=fields.get("language") or fields.get("lang"),
        origin=fields.get("source"),
        skip=[(0, body_start)] if body_start else [],
    )
