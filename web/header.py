"""What stands at the head of every page: what this is, what it answers from, and who is signed in."""

import gradio as gr

from web.doors.visitor import Visitor, visitor_of
from web.render import fragment
from web.site import INSTANT, Site


class Header:
    """The head of one page, to which signing in comes back."""

    def __init__(self, site: Site, page: str) -> None:
        self._site, self._page = site, page

    def build(self, blocks: gr.Blocks) -> gr.HTML:
        """Lay it out within the open Blocks context."""
        shown = gr.HTML(elem_id="header", apply_default_css=False)
        blocks.load(self.load, None, shown, **INSTANT)
        return shown

    def load(self, request: gr.Request) -> str:
        """As it is for this person."""
        return self.html(visitor_of(request))

    def html(self, visitor: Visitor) -> str:
        """The same as HTML."""
        return fragment(
            "header.html", articles=self._site.snapshot().manifest.articles, reader=self._site.qa.reader_name,
            name=visitor.name, users=self._site.gate.users is not None, page=self._page,
        )  # fmt: skip
