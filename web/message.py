"""What goes between the page for asking and the server; static/shelf.js is the other side.

The browser keeps every conversation, the server none. So:

* page -> server: an event brings the open conversation as JSON (`web.conversations`), which shelf.js puts in the place
  of the empty `current`, and what was typed or clicked.
* server -> page: a handler writes an `Arrived` as text into a hidden box (`box`), whose change has shelf.js keep the
  conversation and show what came, unless another one was opened meanwhile. Each sender needs a box of its own: of two
  texts that come into one box at once, the first raises no event.
* A question takes two events: the first puts it into the conversation, so that it is kept before it is answered; the
  second reads that message out of its hidden box and sends one for each step and for the answer.
"""

import json
from dataclasses import dataclass

import gradio as gr

from web.conversations import Conversation, conversation_from_json, conversation_to_json
from web.render import conversation_html

# Functions of static/shelf.js.
SHOWN = "(_, ...others) => [window.articleQA.shown(), ...others]"
SHOWN_LINKED = "() => [window.articleQA.shown(), window.location.search]"
DRAFT = "() => window.articleQA.draft()"  # what was typed and not asked when the page went
DRAFTED = "(question) => window.articleQA.drafted(question)"
RENAME = "() => window.articleQA.rename()"
FORGET = "() => window.articleQA.forget()"
OPEN_NEW = "() => window.articleQA.open('')"
OPEN = "(id) => window.articleQA.open(id)"
EARLIER = "() => window.articleQA.earlier()"
_ARRIVE = "(arrived) => window.articleQA.arrive(arrived)"


@dataclass(frozen=True, slots=True)
class Shelf:
    """The components that a message changes."""

    conversation: gr.HTML
    source: gr.HTML
    earlier: gr.Dropdown

    def box(self) -> gr.Textbox:
        """A hidden box for the messages of one sender."""
        made = gr.Textbox(visible="hidden")  # in the page, as only then it raises its event
        made.change(None, made, [self.conversation, self.source, self.earlier], js=_ARRIVE)
        return made


def arrived(conversation: Conversation, html: str | None = None, source: str | None = None) -> str:
    """A message: `{"conversation": …, "html": how it looks, "source": the source panel or null: as it is}`."""
    shown = conversation_html(conversation) if html is None else html
    return json.dumps({"conversation": conversation_to_json(conversation), "html": shown, "source": source})


def conversation_in(message: str) -> Conversation:
    """The conversation of a message that came back from its box."""
    try:
        found = json.loads(message)
    except ValueError:  # not what `arrived` made
        found = None
    return conversation_from_json(found.get("conversation") if isinstance(found, dict) else None)
