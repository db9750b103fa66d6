"""The page for people who tune: the passages for a query with both sides' ranks and scores."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
import pandas as pd  # type: ignore[import-untyped]

from index import ArticleQAError, Hit
from web.asking import AT_ONCE
from web.filters import choices, filter_boxes, scope_of, to_filter
from web.header import Header
from web.render import fragment, notice
from web.site import INSTANT, PRIVATE, Site, one_line

MOST = 50  # passages
_COLOURS = {"score": "#0f7a83", "dense": "#c77d17", "words": "#7a5ea8"}


class SearchPage:
    """Builds the page and answers its one event."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self, blocks: gr.Blocks) -> None:
        """Lay the page out within the open Blocks context."""
        Header(self._site, "search").build(blocks)
        gr.HTML('<h1 class="panel-title">Search the passages</h1>', apply_default_css=False)
        with gr.Row(equal_height=True):
            query = gr.Textbox(label="Query", scale=5, max_lines=1, max_length=2000, elem_id="query", autofocus=True)
            k = gr.Slider(1, MOST, 10, step=1, label="Passages", scale=2, min_width=160)
        with gr.Row(equal_height=True):
            ordered = gr.Checkbox(False, label="In the reader's order", scale=1, min_width=160)
            search = gr.Button("Search", variant="primary", scale=1, elem_id="search")
        with gr.Accordion("Filters", open=False), gr.Row():
            filters = filter_boxes()
        said = gr.HTML(elem_id="said", apply_default_css=False)
        plot = gr.LinePlot(
            x="rank", y="share of the best", color="side", color_map=_COLOURS,
            title="Scores, each side against its best", sort=[str(rank) for rank in range(1, MOST + 1)],
            height=240, visible=False, elem_id="scores", y_lim=[0.0, 1.0],
        )  # fmt: skip
        table = gr.HTML(elem_id="hits", apply_default_css=False)
        blocks.load(self.load, None, list(filters[:2]), **INSTANT)
        gr.on(
            [query.submit, search.click], self.search, [query, k, ordered, *filters], [said, plot, table],
            concurrency_id="ask", concurrency_limit=AT_ONCE, show_progress="minimal", **PRIVATE,
        )  # fmt: skip

    def load(self) -> tuple[gr.Dropdown, gr.Dropdown]:
        """What the filters offer."""
        return choices(self._site.snapshot().articles(), self._site.shown)

    def search(  # noqa: PLR0917 - Gradio passes by position
        self, query: str, k: int, ordered: bool, title: str, source: str, since: str, until: str
    ) -> tuple[Any, Any, Any]:
        """The passages as a table and a plot, or what was wrong."""
        where = (title or "", source or "", since, until)
        try:
            scope = scope_of(where, self._site.snapshot().articles() if any(where) else ())
            hits = self._site.qa.retrieve(query, int(k), rerank=bool(ordered), where=to_filter(where))
        except ArticleQAError as error:
            return notice(one_line(error), "alert"), gr.LinePlot(visible=False), ""
        number = f"{len(hits)} passage{'s' if len(hits) != 1 else ''}, best first." if hits else "No passage."
        said = notice(f"{number} {scope}".strip())
        return said, gr.LinePlot(bars(hits), visible=bool(hits)), fragment("hits.html", hits=hits)


def bars(hits: Sequence[Hit]) -> pd.DataFrame:
    """Each side's scores as shares of its best, since the sides count in units of their own."""
    sides: dict[str, list[float | None]] = {
        "score": [hit.score for hit in hits],
        "dense": [hit.dense_score for hit in hits],
        "words": [hit.lexical_score for hit in hits],
    }
    found = []
    for side, scores in sides.items():
        best = max((score for score in scores if score is not None), default=0.0)
        for rank, score in enumerate(scores, start=1):
            share = score / best if score is not None and best > 0 else 0.0
            found.append((str(rank), round(max(share, 0.0), 4), side))  # text: there is no rank between two
    return pd.DataFrame(found, columns=["rank", "share of the best", "side"])
