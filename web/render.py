"""Records -> HTML. Everything from an article, a question or a file name goes through `escape`."""

from collections.abc import Iterable
from html import escape as _escape
from itertools import pairwise

from web import export
from web.confidence import in_words
from web.conversations import Cited, Conversation, Exchange, Said
from web.filters import describe

# Gradio fills its own templates; these characters never reach it as themselves.
_TEMPLATE = str.maketrans({"{": "&#123;", "}": "&#125;", "$": "&#36;", "`": "&#96;"})
Mark = tuple[int, int, str]  # start, end, class


def escape(text: object) -> str:
    """Text that is safe between tags, within quoted attributes and in Gradio's templates."""
    return _escape(str(text), quote=True).translate(_TEMPLATE)


def action(label: str, do: str, *, style: str = "quiet", title: str = "", **data: object) -> str:
    """A button that raises the page's event `do` with `data`."""
    values = "".join(f' data-{name.replace("_", "-")}="{escape(value)}"' for name, value in data.items())
    hint = f' title="{escape(title)}" aria-label="{escape(title)}"' if title else ""
    return f'<button type="button" class="{style}" data-do="{do}"{values}{hint}>{escape(label)}</button>'


def marked(text: str, offset: int, marks: Iterable[Mark]) -> str:
    """`text`, which starts at `offset` in its article, with the marks (article offsets) drawn where they overlap it."""
    inside = [(max(s - offset, 0), min(e - offset, len(text)), name) for s, e, name in marks]
    inside = [(start, end, name) for start, end, name in inside if start < end]
    cuts = sorted({0, len(text), *(cut for start, end, _ in inside for cut in (start, end))})
    parts = []
    for start, end in pairwise(cuts):
        names = [name for s, e, name in inside if s <= start and end <= e]
        piece = escape(text[start:end])
        parts.append(f'<mark class="{" ".join(names)}">{piece}</mark>' if names else piece)
    return "".join(parts)


def citation_marks(cited: Cited) -> list[Mark]:
    """Only the answer, for showing inside its quote."""
    if cited.answer_start is None or cited.answer_end is None:
        return []
    return [(cited.answer_start, cited.answer_end, "answer-mark")]


def conversation_html(conversation: Conversation, step: str = "") -> str:
    """The whole conversation; `step` is what is being done for a waiting question."""
    exchanges = "".join(exchange_html(exchange, step) for exchange in conversation.exchanges)
    return f'<div class="log" role="log" aria-label="Conversation" aria-live="polite">{exchanges}</div>'


def exchange_html(exchange: Exchange, step: str = "") -> str:
    """One question with what came of it."""
    asked = exchange.asked_as and exchange.asked_as != exchange.question
    lines = [
        f'<h2 class="question" dir="auto">{escape(exchange.question)}</h2>',
        f'<p class="asked-as">Asked as: <q dir="auto">{escape(exchange.asked_as)}</q></p>' if asked else "",
        f'<p class="scope">{escape(described)}</p>' if (described := describe(exchange.where)) else "",
    ]
    if exchange.said is None:
        lines.append(_problem(exchange) if exchange.problem else _working(step))
    elif exchange.said.text is None:
        lines.append(_not_said(exchange, exchange.said))
    else:
        lines.append(_answer(exchange, exchange.said))
    return f'<section class="exchange" data-exchange="{escape(exchange.id)}">{"".join(lines)}</section>'


def _working(step: str) -> str:
    said = escape(step or "Waiting…")
    return f'<p class="working" role="status"><span class="dots" aria-hidden="true"></span>{said}</p>'


def _problem(exchange: Exchange) -> str:
    again = action("Ask again", "again", exchange=exchange.id)
    edit = action("Edit the question", "edit", exchange=exchange.id)
    return f'<div class="problem" role="alert"><p dir="auto">{escape(exchange.problem)}</p><p>{again} {edit}</p></div>'


def _answer(exchange: Exchange, said: Said) -> str:
    words, level = in_words(said.confidence)
    numbers = "".join(
        action(
            str(cited.number),
            "cite",
            style="number",
            title=f"Citation {cited.number}: {cited.title}",
            exchange=exchange.id,
            number=cited.number,
        )
        for cited in said.citations
    )
    quotes = "".join(_citation(exchange.id, cited, "cite") for cited in said.citations)
    return (
        f'<div class="answer"><p class="answer-text"><span dir="auto">{escape(said.text)}</span> '
        f'<span class="numbers">{numbers}</span></p>'
        f'<p class="sure {level}"><span aria-hidden="true" class="level"></span>{words}</p>'
        f'<ol class="citations">{quotes}</ol>{_tools(exchange)}</div>'
    )


def _not_said(exchange: Exchange, said: Said) -> str:
    close = "".join(_citation(exchange.id, cited, "related") for cited in said.related)
    reason = (
        "No sentence in them answers this with enough certainty. These passages come closest:"
        if close
        else "Nothing in them comes close to this question."
    )
    listed = f'<ol class="citations">{close}</ol>' if close else ""
    return (
        f'<div class="not-said"><p class="not-said-text">The articles do not say.</p><p class="reason">{reason}</p>'
        f"{listed}{_tools(exchange)}</div>"
    )


def _citation(exchange_id: str, cited: Cited, do: str) -> str:
    # A quote's offsets are the article's; drawn here against its own start.
    quote = marked(cited.quote, cited.start, citation_marks(cited))
    page = f", page {cited.page}" if cited.page else ""
    about = f"{cited.source}{' · ' + cited.published if cited.published else ''}{page}"
    return (
        f'<li><button type="button" class="citation" data-do="{do}" data-exchange="{escape(exchange_id)}" '
        f'data-number="{cited.number}"><span class="number" aria-hidden="true">{cited.number}</span>'
        f'<span class="body"><span class="quote" dir="auto">{quote}</span>'
        f'<span class="title" dir="auto">{escape(cited.title)}</span>'
        f'<span class="about" dir="auto">{escape(about)}</span>'
        f"</span></button></li>"
    )


def _tools(exchange: Exchange) -> str:
    copy = action("Copy", "copy", title="Copy the answer with its citations", copy=export.answer_text(exchange))
    edit = action("Edit", "edit", title="Edit the question and ask again", exchange=exchange.id)
    thumbs = "".join(
        action(
            label,
            "judge",
            style="quiet chosen" if exchange.verdict == verdict else "quiet",
            title=title,
            exchange=exchange.id,
            verdict=verdict,
        )
        for label, verdict, title in (("Good", "up", "A good answer"), ("Not good", "down", "Not a good answer"))
    )
    return f'<div class="tools">{copy}{edit}{thumbs}</div>{_remark(exchange)}'


def _remark(exchange: Exchange) -> str:
    if not exchange.verdict:
        return ""
    if exchange.remarked:
        return '<p class="thanks" role="status">Kept. Thank you.</p>'
    return (
        f'<form class="remark" data-do="remark" data-exchange="{escape(exchange.id)}">'
        f'<label>A word on it, if you like <input name="words" maxlength="1000" autocomplete="off"></label>'
        f'<button type="submit" class="quiet">Send</button></form>'
    )
