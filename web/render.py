"""Jinja2 templates -> HTML. All that is filled in is escaped, whether it comes from an article, a question or a name.

The templates lie in templates/; macros.html has what more than one of them shows.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from qa import Citation
from qa.confidence import in_words
from web import export
from web.conversations import Conversation
from web.filters import describe

TEMPLATES, STATIC = (Path(__file__).parent / name for name in ("templates", "static"))
# Gradio fills its own templates; these characters never reach it as themselves.
_GRADIO = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})
Mark = tuple[int, int, str]  # start, end, class
Piece = tuple[str, str]  # text, classes


def fragment(template: str, **values: Any) -> str:
    """A part of a page, to be shown by Gradio."""
    return page(template, **values).translate(_GRADIO)


def page(template: str, **values: Any) -> str:
    """A whole page, which Gradio never sees."""
    return _environment.get_template(template).render(values)


def script(name: str) -> str:
    """What a component runs in the browser, from static/."""
    return (STATIC / name).read_text("utf-8")


def notice(text: str, role: str = "status") -> str:
    """A line for the person: a `status`, or an `alert` for what went wrong."""
    return fragment("notice.html", text=text, role=role)


def conversation_html(conversation: Conversation, step: str = "") -> str:
    """The whole conversation; `step` is what is being done for a waiting question."""
    return fragment("conversation.html", conversation=conversation, step=step or "Waiting…")


def pieces(text: str, offset: int, marks: Iterable[Mark]) -> list[Piece]:
    """`text`, which starts at `offset` in its article, cut where the marks (article offsets) begin and end."""
    inside = [(max(s - offset, 0), min(e - offset, len(text)), name) for s, e, name in marks]
    inside = [(start, end, name) for start, end, name in inside if start < end]
    cuts = sorted({0, len(text), *(cut for start, end, _ in inside for cut in (start, end))})
    return [
        (text[start:end], " ".join(name for s, e, name in inside if s <= start and end <= e))
        for start, end in pairwise(cuts)
    ]


def quoted(citation: Citation) -> list[Piece]:
    """A quote, with the answer in it marked."""
    if citation.answer_start is None or citation.answer_end is None:
        return [(citation.quote, "")]
    return pieces(citation.quote, citation.start, [(citation.answer_start, citation.answer_end, "answer-mark")])


def _when(created: str) -> str:
    return f"{datetime.fromisoformat(created).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _made() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.globals |= {"quoted": quoted, "in_words": in_words, "copied": export.answer_text, "describe": describe}
    environment.filters |= {"when": _when, "grouped": "{:,}".format}
    return environment


_environment = _made()
