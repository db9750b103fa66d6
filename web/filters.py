"""The filters as a person types them, turned into what the index takes."""

import re
from calendar import monthrange
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import gradio as gr

from index import Filter
from index.articles import visible
from index.errors import InputError
from index.search import MAX_PATTERN_CHARS
from index.store import ArticleInfo

Where = tuple[str, str, str, str]  # title, source, from, to
MAX_CHOICES = 1_000  # of titles and of sources; the rest is typed
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


def to_filter(where: Where) -> Filter | None:
    """None when nothing is filtered. Raises InputError for a date that is none."""
    title, source, since, until = (part.strip() for part in where)
    if not (title or source or since or until):
        return None
    first, last = parse_day(since, last=False), parse_day(until, last=True)
    if first and last and first > last:
        raise InputError(f"the filter's dates are the wrong way round: from {first} to {last}; swap them")
    return Filter(source=source or None, title=title or None, published_from=first, published_to=last)


def parse_day(text: str, *, last: bool) -> date | None:
    """A day, month or year as its first day, or its last; None for nothing. Raises InputError."""
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) if part else None for part in match.groups())
        month = month or (12 if last else 1)
        return date(year or 0, month, day or (monthrange(year or 0, month)[1] if last else 1))
    except ValueError as error:
        raise InputError(f'"{visible(text[:40])}" is no date: write 2024, 2024-05 or 2024-05-20') from error


def describe(where: Where) -> str:
    """The filters in words, or nothing when there are none."""
    title, source, since, until = (part.strip() for part in where)
    parts = [
        f"titled “{title}”" if title else "",
        f"from “{source}”" if source else "",
        f"published from {since}" if since else "",
        f"{'to' if since else 'published up to'} {until}" if until else "",
    ]
    said = " ".join(part for part in parts if part)
    return f"Only articles {said}" if said else ""


def scope_of(where: Where, articles: Sequence[ArticleInfo]) -> str:
    """The filters in words with how many articles they leave, or nothing when there are none.

    Raises InputError when they leave none.
    """
    found = to_filter(where)
    if found is None:
        return ""
    left = sum(found.admits(one.source, one.title, one.published) for one in articles)
    dated = found.published_from or found.published_to
    others = replace(found, published_from=None, published_to=None)
    undated = sum(
        dated is not None and one.published is None and others.admits(one.source, one.title, None) for one in articles
    )
    without = f"; {undated:,} without a date left out" if undated else ""
    if not left:
        raise InputError(
            f"no article passes the filters ({describe(where)[0].lower()}{describe(where)[1:]}{without}): widen them"
        )
    return f"{describe(where)}: {left:,} of {len(articles):,}{without}"


def choices(articles: Sequence[ArticleInfo], shown: Callable[[str], str]) -> tuple[gr.Dropdown, gr.Dropdown]:
    """What the boxes for title and source offer; any part of either can be typed all the same."""
    some = articles[:MAX_CHOICES]
    titles, sources = ({one.title for one in some}, {shown(one.source) for one in some})
    return gr.Dropdown(choices=["", *sorted(titles)]), gr.Dropdown(choices=["", *sorted(sources)])


def filter_boxes() -> tuple[gr.Dropdown | gr.Textbox, ...]:
    """The four boxes in which they are chosen or typed."""
    named: dict[str, Any] = {"value": "", "choices": [""], "allow_custom_value": True, "min_width": 160}
    day: dict[str, Any] = {"min_width": 110, "max_lines": 1, "max_length": 20}
    title, source = gr.Dropdown(label="Title contains", **named), gr.Dropdown(label="Source contains", **named)
    title.max_length = source.max_length = MAX_PATTERN_CHARS  # looked at by web.doors.calls
    since = gr.Textbox("", label="Published from", placeholder="2024-05", **day)
    return title, source, since, gr.Textbox("", label="Published to", placeholder="2024-12-31", **day)
