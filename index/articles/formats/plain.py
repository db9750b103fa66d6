"""Plain text and Markdown: the text is the file's own, so that an offset holds in the file itself."""

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import yaml

from index.articles.article import Article, Unreadable, make_article
from index.articles.formats.decode import decode, parse_date

FRONT_MATTER_CHARS = 100_000  # YAML is read at about 100 kB/s; real front matter is under 2 kB
MAX_INDENT = 3  # spaces before a heading or a fence; more make it code

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}+(?=[^`]*\Z)|~{3,}+)")
_ATX_HEADING = re.compile(r" {0,3}#{1,6}[ \t]+")
_TEXT = re.compile(r" {0,3}\S")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-{2,})[ \t]*\Z")
# No alternative goes past what the next one could begin with: n open brackets are n steps.
_INLINE_MARKUP = re.compile(r"!?\[([^\[\]]*)\]\([^)\[]*\)|[*`]+|(?<!\w)_+|(?<!_)_++(?!\w)")


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
    above = ""  # the line before, where that may be a heading by its underline
    fence = ""  # what closes the block
    for line in _lines(text, start):
        if fence:
            fence = "" if line.lstrip(" ").startswith(fence) and _indent(line) <= MAX_INDENT else fence
            continue
        if opened := _FENCE.match(line):
            fence, above = opened[1], ""
            continue
        atx = _ATX_HEADING.match(line)
        underlined = above if _UNDERLINE.match(line) else ""
        found = line[atx.end() :].rstrip(" \t#") if atx else underlined
        if words := _INLINE_MARKUP.sub(r"\1", found).strip():
            return words
        above = line if _TEXT.match(line) and not (atx or underlined) else ""
    return None


def _lines(text: str, start: int) -> Iterator[str]:
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


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
