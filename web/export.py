"""Answers and conversations as text to take along: plain for the clipboard, Markdown with footnotes for a file."""

import re
from collections.abc import Sequence

from qa import Citation
from qa.confidence import in_words
from qa.text import quotation_marks
from web.conversations import Conversation, Exchange
from web.filters import describe

PARTED = " … "  # between the parts of an answer
NOT_SAID = "The articles do not say."
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")


def answer_text(exchange: Exchange) -> str:
    """One answer with how sure it is and its citations, or a refusal with its passages, for the clipboard."""
    said = exchange.said
    if said is None:
        return exchange.question
    if said.text is None:
        lines = [said.note or NOT_SAID, *(["", "Closest passages:"] if said.related else [])]
    else:
        lines = [
            f"{PARTED.join(map(_line, said.parts))}{''.join(f' [{cited.number}]' for cited in said.citations)}",
            sure(said.confidence),
        ]
    notes = [f"[{one.number}] {_quoted(one)} {_place(one)}" for one in said.citations or said.related]
    return "\n".join((exchange.question, "", *lines, "", *notes)).rstrip()


def sure(confidence: float) -> str:
    """The confidence in words and as a share."""
    return f"{in_words(confidence)[0]} (confidence {confidence:.0%})"


def conversation_markdown(conversation: Conversation) -> str:
    """The conversation with a footnote for each citation, numbered through."""
    body: list[str] = [f"# {_plain(conversation.title)}", ""]
    notes: list[str] = []
    for exchange in conversation.exchanges:
        body += _exchange_lines(exchange, notes)
    return "\n".join((*body, *notes)).rstrip() + "\n"


def _exchange_lines(exchange: Exchange, notes: list[str]) -> list[str]:
    lines = [f"## {_plain(exchange.question)}", ""]
    if exchange.asked_as and exchange.asked_as != exchange.question:
        lines += [f"Asked as: {_plain(exchange.asked_as)}", ""]
    if described := exchange.scope or describe(exchange.where):
        lines += [f"{_plain(described)}.", ""]
    said = exchange.said
    if said is None:
        return [*lines, _plain(exchange.problem or "No answer yet."), ""]
    if said.text is None:
        return [*lines, _plain(said.note or NOT_SAID) + _footnotes(said.related, notes, " Closest:"), ""]
    return [
        *lines,
        _plain(PARTED.join(said.parts)) + _footnotes(said.citations, notes),
        "",
        f"{sure(said.confidence)}.",
        "",
    ]


def _footnotes(cited: Sequence[Citation], notes: list[str], lead: str = "") -> str:
    references = ""
    for one in cited:
        references += f"[^{len(notes) + 1}]"
        notes.append(f"[^{len(notes) + 1}]: {_plain(_quoted(one))} {_plain(_place(one))}")
    return f"{lead}{references}" if references else ""


def _quoted(cited: Citation) -> str:
    opening, closing = quotation_marks(cited.quote)
    return f"{opening}{_line(cited.quote)}{closing}"


def _place(cited: Citation) -> str:
    about = cited.article
    published = about.published.isoformat() if about.published else ""
    parts = [about.author, about.title, about.source, published, f"page {cited.page}" if cited.page else ""]
    return ", ".join([part for part in parts if part] + [f"characters {cited.start}–{cited.end}"])


def _line(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _line(text))
