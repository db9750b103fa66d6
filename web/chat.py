"""The page for asking: conversation, question box, filters, source panel, and how they act on each other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from web import export
from web.asking import AT_ONCE, answers
from web.conversations import Conversation, Exchange, conversation_from_json, fresh_id
from web.doors.visitor import visitor_of
from web.examples import examples, welcome_html
from web.filters import choices, filter_boxes
from web.header import Header
from web.keep_feedback import judged
from web.message import (
    DRAFT,
    DRAFTED,
    EARLIER,
    FORGET,
    OPEN,
    OPEN_NEW,
    RENAME,
    SHOWN,
    SHOWN_LINKED,
    Shelf,
    arrived,
    conversation_in,
)
from web.render import conversation_html, notice, script
from web.site import INSTANT, PRIVATE, Site
from web.source import EMPTY, linked_html, source_html

INTERRUPTED = "No answer arrived: the page was left or reloaded, or the server stopped, while this was being answered."
BUSY = "Wait for the answer to the question before."
_DOWNLOAD = """(text) => { if (!text) return text;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  link.download = 'conversation.md'; link.click(); URL.revokeObjectURL(link.href); return text; }"""
Json = Any  # what a browser gave back: see web.conversations


@dataclass(frozen=True, slots=True)
class _Parts:
    """The components that the events read and write."""

    current: gr.JSON  # empty: where events take the open conversation from static/shelf.js
    asked: gr.Textbox  # the conversation with the question that waits, see web.message
    editing: gr.State  # the id of the exchange that is asked anew, or ""
    conversation: gr.HTML
    status: gr.HTML
    question: gr.Textbox
    source: gr.HTML
    earlier: gr.Dropdown
    address: gr.Textbox  # empty: where the query of the page's address is put
    filters: tuple[gr.Dropdown | gr.Textbox, ...]
    shelf: Shelf


class ChatPage:
    """Builds the page and answers its events; it keeps nothing, the browser keeps the conversations."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self, blocks: gr.Blocks) -> None:
        """Lay the page out within the open Blocks context."""
        current = gr.JSON(visible=False)
        editing = gr.State("")
        exported, address = gr.Textbox(visible=False), gr.Textbox(visible=False)
        Header(self._site, "").build(blocks)
        gr.HTML('<h1 class="visually-hidden">Ask the articles</h1>', apply_default_css=False)
        with gr.Row(elem_id="ask-page", equal_height=False):
            with gr.Column(scale=6, min_width=340, elem_id="ask-column"):
                with gr.Row(elem_id="shelf"):
                    earlier = gr.Dropdown([], label="Earlier conversations", visible=False, scale=3, min_width=160)
                    new = gr.Button("New conversation", size="sm", scale=1, min_width=120)
                    rename = gr.Button("Name it", size="sm", scale=1, min_width=80)
                    forget = gr.Button("Delete it", size="sm", scale=1, min_width=80)
                    save = gr.Button("Save as Markdown", size="sm", scale=1, min_width=120)
                conversation = gr.HTML(
                    elem_id="conversation", js_on_load=script("conversation.js"), apply_default_css=False
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
                source = gr.HTML(EMPTY, elem_id="source", js_on_load=script("source.js"), apply_default_css=False)
        shelf = Shelf(conversation, source, earlier)
        parts = _Parts(
            current, shelf.box(), editing, conversation, status, question, source, earlier, address, filters, shelf
        )
        answering = self._wire_asking(parts, ask)
        self._wire_reading(parts)
        self._wire_shelf(blocks, parts, (new, rename, forget), answering)
        save.click(self.save, current, exported, js=SHOWN, **INSTANT).then(None, exported, exported, js=_DOWNLOAD)

    def _wire_asking(self, parts: _Parts, ask: gr.Button) -> list[Any]:
        begun = [parts.asked, parts.question, parts.editing, parts.status]
        taken: dict[str, Any] = {"js": SHOWN, **INSTANT}
        answer = parts.shelf.box()
        given = [parts.current, parts.question, parts.editing, *parts.filters]
        asked = gr.on([parts.question.submit, ask.click], self.begin, given, begun, **taken)
        example = parts.conversation.example(self.begin_example, [parts.current, *parts.filters], begun, **taken)
        again = parts.conversation.again(self.begin_again, parts.current, begun, **taken)
        answering = []
        for begin in (asked, example, again):
            answered = begin.success(
                self.finish, parts.asked, answer,
                concurrency_limit=AT_ONCE, concurrency_id="ask", show_progress="minimal",
                show_progress_on=[parts.status], **PRIVATE,
            )  # fmt: skip
            answered.failure(self.interrupt, parts.asked, answer, **INSTANT)
            answering.append(answered)
        edited = [parts.question, parts.editing, parts.status]
        edit = parts.conversation.edit(self.edit, parts.current, edited, **taken)
        for begin in (asked, example, again, edit):
            begin.then(None, parts.question, None, js=DRAFTED)
        return answering

    def _wire_reading(self, parts: _Parts) -> None:
        parts.conversation.cite(self.cite, parts.current, parts.source, js=SHOWN, **INSTANT)
        parts.conversation.related(self.related, parts.current, parts.source, js=SHOWN, **INSTANT)
        for event in (parts.conversation.judge, parts.conversation.remark):
            event(self.judge, parts.current, parts.shelf.box(), js=SHOWN, **INSTANT)

    def _wire_shelf(
        self, blocks: gr.Blocks, parts: _Parts, buttons: tuple[gr.Button, ...], answering: list[Any]
    ) -> None:
        new, rename, forget = buttons
        # A question whose conversation is put away waits no longer; what comes all the same is kept, not shown.
        gr.on([new.click, forget.click, parts.earlier.input], None, cancels=answering)
        blocks.load(self.open, [parts.current, parts.address], parts.shelf.box(), js=SHOWN_LINKED, **INSTANT)
        blocks.load(None, None, parts.question, js=DRAFT)
        blocks.load(self.load, None, list(parts.filters[:2]), **INSTANT)
        emptied = [parts.question, parts.editing, parts.status]
        new.click(lambda: ("", "", ""), None, emptied, **INSTANT).then(None, parts.question, None, js=DRAFTED)
        for event in (
            new.click(None, None, None, js=OPEN_NEW),
            forget.click(None, None, None, js=FORGET),
            rename.click(None, None, None, js=RENAME),
            parts.earlier.input(None, parts.earlier, None, js=OPEN),
        ):
            opened = [parts.current, parts.address]
            event.then(self.open, opened, parts.shelf.box(), js=SHOWN, **INSTANT)
        # Another window kept a conversation: it belongs among the earlier ones here too.
        parts.conversation.kept(None, None, parts.earlier, js=EARLIER)
        # Examples are found in the background; the welcome shows them as soon as they are there.
        timer = gr.Timer(2.0)
        timer.tick(self.welcome, parts.current, [parts.shelf.box(), timer], js=SHOWN, **INSTANT)

    def begin(  # noqa: PLR0917 - Gradio passes by position
        self, current: Json, question: str, editing: str, title: str, source: str, since: str, until: str
    ) -> tuple[Any, ...]:
        """Put the question on the page, before it is its turn."""
        if not (question or "").strip():
            return gr.skip(), gr.skip(), gr.skip(), notice("Write a question first.")
        conversation = conversation_from_json(current)
        if conversation.waiting:
            return gr.skip(), gr.skip(), gr.skip(), notice(BUSY)
        known = conversation.find(editing) is not None
        where = (title or "", source or "", since or "", until or "")  # a box that was emptied holds null
        exchange = Exchange(editing if known else fresh_id(), question.strip(), where=where)
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
        if exchange is not None and not conversation.waiting:
            conversation = conversation.put(replace(exchange, problem="", said=None))
        return self._begun(conversation)

    def _begun(self, conversation: Conversation) -> tuple[Any, ...]:
        return arrived(conversation), "", "", ""

    def finish(self, message: str) -> Iterator[str]:
        """Answer what waits, showing each step."""
        conversation = conversation_in(message)
        for exchange in conversation.exchanges:
            if not exchange.waiting:
                continue
            for step in answers(self._site, conversation, exchange):
                if isinstance(step, str):
                    yield arrived(conversation, conversation_html(conversation, step))
                    continue
                conversation = conversation.put(step)
                yield arrived(conversation, source=self._first_source(step))

    def _first_source(self, exchange: Exchange) -> str:
        said = exchange.said
        if said is None:
            return EMPTY
        shown, do = (said.citations, "cite") if said.citations else (said.related, "related")
        return source_html(self._site, shown[0], exchange.id, do) if shown else EMPTY

    def edit(self, current: Json, event: gr.EventData) -> tuple[Any, ...]:
        """Take a question back into the box."""
        exchange = conversation_from_json(current).find(str(event.exchange))
        if exchange is None:
            return gr.skip(), gr.skip(), gr.skip()
        return gr.Textbox(exchange.question, autofocus=True), exchange.id, notice("Asking replaces the question above.")

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
                return source_html(self._site, cited, exchange.id, do)
        return EMPTY

    def judge(self, current: Json, event: gr.EventData, request: gr.Request) -> Any:
        """Keep a thumb, or the word that follows it."""
        conversation = judged(self._site, conversation_from_json(current), event, visitor_of(request).address)
        return gr.skip() if conversation is None else arrived(conversation)

    def interrupt(self, message: str) -> str:
        """Say of a question that waits that its answer will not come."""
        return arrived(_interrupted(conversation_in(message)))

    def load(self) -> tuple[gr.Dropdown, gr.Dropdown]:
        """What the filters offer."""
        return choices(self._site.snapshot().articles(), self._site.shown)

    def open(self, current: Json, address: str) -> str:
        """Show what the browser kept, or a new conversation; beside it the article that the address names."""
        conversation = _interrupted(conversation_from_json(current))
        answered = [exchange for exchange in conversation.exchanges if exchange.said]
        linked = linked_html(self._site, address or "")
        source = linked or (self._first_source(answered[-1]) if answered else EMPTY)
        return arrived(conversation, None if conversation.exchanges else welcome_html(self._site), source)

    def welcome(self, current: Json) -> tuple[Any, Any]:
        """The examples once they are there; then the timer stops."""
        conversation = conversation_from_json(current)
        if conversation.exchanges:
            return gr.skip(), gr.Timer(active=False)
        if not examples(self._site):
            return gr.skip(), gr.skip()
        return arrived(conversation, welcome_html(self._site)), gr.Timer(active=False)

    def save(self, current: Json) -> str:
        """The conversation as Markdown, which the browser saves; nothing for an empty one."""
        conversation = conversation_from_json(current)
        return export.conversation_markdown(conversation) if conversation.exchanges else ""


def _interrupted(conversation: Conversation) -> Conversation:
    for exchange in conversation.exchanges:
        if exchange.waiting:
            conversation = conversation.put(replace(exchange, problem=INTERRUPTED))
    return conversation
