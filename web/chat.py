"""The page for asking: conversation, question box, filters, source panel, and how they act on each other."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from qa.feedback import MAX_COMMENT, Opinion
from web import export
from web.asking import AT_ONCE, answers
from web.conversations import (
    MAX_KEPT,
    Conversation,
    Exchange,
    Said,
    conversation_from_json,
    fresh_id,
    new_conversation,
    shelf_from_json,
)
from web.examples import examples
from web.render import action, conversation_html, escape
from web.site import Site
from web.source import EMPTY, source_html

STATIC = Path(__file__).parent / "static"
# Gradio encrypts what a browser keeps; with a fixed key it can still be read after the server was restarted.
BROWSER_KEY = "article-qa"
INTERRUPTED = "No answer arrived: the page was reloaded, or the server stopped, while this was being answered."
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
INSTANT: dict[str, Any] = {**PRIVATE, "queue": False, "show_progress": "hidden"}
_DOWNLOAD = """(text) => { if (!text) return text;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = 'conversation.md'; link.click(); URL.revokeObjectURL(link.href); return text; }"""
Json = Any  # what a browser gave back: see web.conversations


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that the events read and write."""

    current: gr.BrowserState  # the conversation on the page
    shelf: gr.BrowserState  # the others, latest first
    editing: gr.State  # the id of the exchange that is asked anew, or ""
    conversation: gr.HTML
    status: gr.HTML
    question: gr.Textbox
    source: gr.HTML
    earlier: gr.Dropdown
    filters: tuple[gr.Textbox, ...]


class ChatPage:
    """Builds the page and answers its events; it keeps nothing, the browser keeps the conversations."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self, blocks: gr.Blocks) -> None:
        """Lay the page out within the open Blocks context."""
        current = gr.BrowserState(None, storage_key="article-qa.current", secret=BROWSER_KEY)
        shelf = gr.BrowserState([], storage_key="article-qa.earlier", secret=BROWSER_KEY)
        editing = gr.State("")
        exported = gr.Textbox(visible=False)
        gr.HTML('<h1 class="visually-hidden">Article QA</h1>', apply_default_css=False)
        with gr.Row(elem_id="ask-page", equal_height=False):
            with gr.Column(scale=6, min_width=340, elem_id="ask-column"):
                with gr.Row(elem_id="shelf"):
                    earlier = gr.Dropdown([], label="Earlier conversations", scale=3, min_width=160)
                    new = gr.Button("New conversation", size="sm", scale=1, min_width=120)
                    save = gr.Button("Save as Markdown", size="sm", scale=1, min_width=120)
                conversation = gr.HTML(
                    elem_id="conversation", js_on_load=_script("conversation.js"), apply_default_css=False
                )
                with gr.Column(elem_id="asking"):
                    status = gr.HTML(elem_id="status", apply_default_css=False)
                    with gr.Row(elem_id="question-row"):
                        question = gr.Textbox(
                            label="Your question", placeholder="Ask the articles…", lines=1, max_lines=5,
                            max_length=2000, scale=6, min_width=200, elem_id="question", autofocus=True,
                        )  # fmt: skip
                        ask = gr.Button("Ask", variant="primary", scale=1, min_width=80, elem_id="ask")
                    with gr.Accordion("Filters", open=False, elem_id="filters"), gr.Row():
                        filters = filter_boxes()
            with gr.Column(scale=5, min_width=340, elem_id="source-column"):
                source = gr.HTML(EMPTY, elem_id="source", js_on_load=_script("source.js"), apply_default_css=False)
        parts = _Parts(current, shelf, editing, conversation, status, question, source, earlier, filters)
        self._wire_asking(parts, ask)
        self._wire_reading(parts)
        self._wire_shelf(blocks, parts, new, save, exported)

    def _wire_asking(self, parts: _Parts, ask: gr.Button) -> None:
        begun = [parts.current, parts.conversation, parts.question, parts.editing, parts.status]
        given = [parts.current, parts.question, parts.editing, *parts.filters]
        asked = gr.on([parts.question.submit, ask.click], self.begin, given, begun, **INSTANT)
        example = parts.conversation.example(self.begin_example, [parts.current, *parts.filters], begun, **INSTANT)
        again = parts.conversation.again(self.begin_again, parts.current, begun, **INSTANT)
        for begin in (asked, example, again):
            begin.success(
                self.finish, parts.current, [parts.current, parts.conversation, parts.source],
                concurrency_limit=AT_ONCE, concurrency_id="ask", show_progress="minimal",
                show_progress_on=[parts.status], **PRIVATE,
            )  # fmt: skip
        edited = [parts.question, parts.editing, parts.status]
        parts.conversation.edit(self.edit, parts.current, edited, **INSTANT)

    def _wire_reading(self, parts: _Parts) -> None:
        parts.conversation.cite(self.cite, parts.current, parts.source, **INSTANT)
        parts.conversation.related(self.related, parts.current, parts.source, **INSTANT)
        for event in (parts.conversation.judge, parts.conversation.remark):
            event(self.judge, parts.current, [parts.current, parts.conversation], **INSTANT)

    def _wire_shelf(
        self, blocks: gr.Blocks, parts: _Parts, new: gr.Button, save: gr.Button, exported: gr.Textbox
    ) -> None:
        both = [parts.current, parts.shelf]
        page = [*both, parts.conversation, parts.source, parts.earlier]
        blocks.load(self.load, both, page, **INSTANT)
        new.click(self.new, both, page, **INSTANT)
        parts.earlier.input(self.switch, [*both, parts.earlier], page, **INSTANT)
        save.click(self.save, parts.current, exported, **INSTANT).then(None, exported, exported, js=_DOWNLOAD)
        # Examples are found in the background; the welcome shows them as soon as they are there.
        timer = gr.Timer(2.0)
        timer.tick(self.welcome, parts.current, [parts.conversation, timer], **INSTANT)

    def begin(  # noqa: PLR0917 - Gradio passes by position
        self, current: Json, question: str, editing: str, title: str, source: str, since: str, until: str
    ) -> tuple[Any, ...]:
        """Put the question on the page, before it is its turn."""
        if not (question or "").strip():
            return gr.skip(), gr.skip(), gr.skip(), gr.skip(), _said("Write a question first.")
        conversation = conversation_from_json(current)
        known = conversation.find(editing) is not None
        exchange = Exchange(editing if known else fresh_id(), question.strip(), where=(title, source, since, until))
        return self._begun(conversation.put(exchange))

    def begin_example(  # noqa: PLR0917
        self, current: Json, title: str, source: str, since: str, until: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        """The same for an example that was clicked."""
        return self.begin(current, str(event.question), "", title, source, since, until)

    def begin_again(self, current: Json, event: gr.EventData) -> tuple[Any, ...]:
        """Ask a question that came to nothing once more."""
        conversation = conversation_from_json(current)
        exchange = conversation.find(str(event.exchange))
        if exchange is not None:
            conversation = conversation.put(replace(exchange, problem="", said=None))
        return self._begun(conversation)

    def _begun(self, conversation: Conversation) -> tuple[Any, ...]:
        return asdict(conversation), conversation_html(conversation), "", "", ""

    def finish(self, current: Json) -> Iterator[tuple[Any, ...]]:
        """Answer what waits, showing each step."""
        conversation = conversation_from_json(current)
        for exchange in conversation.exchanges:
            if not exchange.waiting:
                continue
            for step in answers(self._site, conversation, exchange):
                if isinstance(step, str):
                    yield gr.skip(), conversation_html(conversation, step), gr.skip()
                    continue
                conversation = conversation.put(step)
                yield asdict(conversation), conversation_html(conversation), self._first_source(step)

    def _first_source(self, exchange: Exchange) -> str:
        said = exchange.said
        if said is None:
            return EMPTY
        shown, do = (said.citations, "cite") if said.citations else (said.related, "related")
        return source_html(self._site.snapshot(), shown[0], exchange.id, do) if shown else EMPTY

    def edit(self, current: Json, event: gr.EventData) -> tuple[Any, ...]:
        """Take a question back into the box."""
        exchange = conversation_from_json(current).find(str(event.exchange))
        if exchange is None:
            return gr.skip(), gr.skip(), gr.skip()
        return gr.Textbox(exchange.question, autofocus=True), exchange.id, _said("Asking replaces the question above.")

    def cite(self, current: Json, event: gr.EventData) -> str:
        """Open a citation's article at its words."""
        return self._open(current, event, "cite")

    def related(self, current: Json, event: gr.EventData) -> str:
        """Open a close passage's article."""
        return self._open(current, event, "related")

    def _open(self, current: Json, event: gr.EventData, do: str) -> str:
        exchange = conversation_from_json(current).find(str(event.exchange))
        said = exchange.said if exchange else None
        listed = (said.citations if do == "cite" else said.related) if said else ()
        for cited in listed:
            if str(cited.number) == str(event.number) and exchange is not None:
                return source_html(self._site.snapshot(), cited, exchange.id, do)
        return EMPTY

    def judge(self, current: Json, event: gr.EventData) -> tuple[Any, ...]:
        """Keep a thumb, or the word that follows it."""
        conversation = conversation_from_json(current)
        exchange = conversation.find(str(event.exchange))
        words = str(getattr(event, "words", ""))[:MAX_COMMENT]
        verdict = exchange.verdict if exchange and words else str(getattr(event, "verdict", ""))
        said = exchange.said if exchange else None
        if exchange is None or said is None or verdict not in ("up", "down"):
            return gr.skip(), gr.skip()
        exchange = replace(exchange, verdict=verdict, remarked=bool(words))
        self._site.feedback.keep(_opinion(conversation.id, exchange, said, words))
        conversation = conversation.put(exchange)
        return asdict(conversation), conversation_html(conversation)

    def load(self, current: Json, shelf: Json) -> tuple[Any, ...]:
        """Show what the browser kept; a question that was under way says that it was interrupted."""
        conversation = conversation_from_json(current)
        for exchange in conversation.exchanges:
            if exchange.waiting:
                conversation = conversation.put(replace(exchange, problem=INTERRUPTED))
        return self._page(conversation, shelf_from_json(shelf))

    def new(self, current: Json, shelf: Json) -> tuple[Any, ...]:
        """Put the conversation on the shelf and begin another."""
        return self._page(new_conversation(), _shelved(conversation_from_json(current), shelf_from_json(shelf)))

    def switch(self, current: Json, shelf: Json, chosen: str) -> tuple[Any, ...]:
        """Go on with an earlier conversation."""
        others = _shelved(conversation_from_json(current), shelf_from_json(shelf))
        found = next((one for one in others if one.id == chosen), None)
        if found is None:
            return tuple(gr.skip() for _ in range(5))
        return self._page(found, [one for one in others if one.id != chosen])

    def _page(self, conversation: Conversation, shelf: list[Conversation]) -> tuple[Any, ...]:
        answered = [exchange for exchange in conversation.exchanges if exchange.said]
        source = self._first_source(answered[-1]) if answered else EMPTY
        choices = [(f"{one.title} · {one.started[:10]}", one.id) for one in shelf]
        earlier = gr.Dropdown(choices, value=None, visible=bool(choices))
        kept = [asdict(one) for one in shelf]
        return asdict(conversation), kept, self._shown(conversation), source, earlier

    def _shown(self, conversation: Conversation) -> str:
        return conversation_html(conversation) if conversation.exchanges else welcome_html(self._site)

    def welcome(self, current: Json) -> tuple[Any, Any]:
        """The examples once they are there; then the timer stops."""
        if conversation_from_json(current).exchanges:
            return gr.skip(), gr.Timer(active=False)
        found = examples(self._site)
        return (welcome_html(self._site), gr.Timer(active=False)) if found else (gr.skip(), gr.skip())

    def save(self, current: Json) -> str:
        """The conversation as Markdown, which the browser saves; nothing for an empty one."""
        conversation = conversation_from_json(current)
        return export.conversation_markdown(conversation) if conversation.exchanges else ""


def welcome_html(site: Site) -> str:
    """What an empty conversation shows: what this is, and questions to begin with."""
    number = site.snapshot().manifest.articles
    buttons = "".join(f"<li>{action(text, 'example', style='example', question=text)}</li>" for text in examples(site))
    suggested = f"<p>For example:</p><ul>{buttons}</ul>" if buttons else ""
    return (
        '<div class="welcome"><h2>Ask the articles</h2><p>Answers come in the exact words of '
        f"{number:,} article{'s' if number != 1 else ''}, with citations that open at the very characters. "
        f"When the articles do not say, you are told so.</p>{suggested}</div>"
    )


def filter_boxes() -> tuple[gr.Textbox, ...]:
    """The four boxes that `web.filters` reads."""
    return (
        gr.Textbox("", label="Title contains", placeholder="any", min_width=130, max_lines=1),
        gr.Textbox("", label="Source contains", placeholder="any", min_width=130, max_lines=1),
        gr.Textbox("", label="Published from", placeholder="2024-05", min_width=110, max_lines=1),
        gr.Textbox("", label="Published to", placeholder="2024-12-31", min_width=110, max_lines=1),
    )


def _shelved(conversation: Conversation, shelf: list[Conversation]) -> list[Conversation]:
    others = [one for one in shelf if one.id != conversation.id]
    return ([conversation] if conversation.exchanges else []) + others[: MAX_KEPT - 1]


def _opinion(conversation_id: str, exchange: Exchange, said: Said, words: str) -> Opinion:
    nearest = said.citations[0] if said.citations else said.related[0] if said.related else None
    start = nearest.answer_start - nearest.start if nearest and nearest.answer_start is not None else None
    return Opinion(
        id=f"{conversation_id}-{exchange.id}",
        verdict=exchange.verdict,
        question=exchange.asked_as or exchange.question,
        answer=said.text,
        generation=said.generation,
        title=nearest.title if nearest else "",
        source=nearest.source if nearest else "",
        context=nearest.quote if nearest else "",
        answer_start=start if said.text is not None else None,
        comment=words,
    )


def _said(text: str) -> str:
    return f'<p role="status">{escape(text)}</p>'


def _script(name: str) -> str:
    return (STATIC / name).read_text("utf-8")
