"""The page for people who tune: the passages for a query with both sides' ranks and scores."""

from collections.abc import Sequence
from typing import Any

import gradio as gr
import pandas as pd  # type: ignore[import-untyped]

from index import ArticleQAError, Hit
from web.asking import AT_ONCE
from web.filters import filter_boxes, to_filter
from web.render import notice
from web.site import PRIVATE, Site, one_line

HEADERS = ["#", "Title", "Passage", "Score", "Dense #", "Dense", "Words #", "Words"]
_COLOURS = {"score": "#0f7a83", "dense": "#c77d17", "words": "#7a5ea8"}


class SearchPage:
    """Builds the page and answers its one event."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self) -> None:
        """Lay the page out within the open Blocks context."""
        gr.HTML('<h1 class="panel-title">Search the passages</h1>', apply_default_css=False)
        with gr.Row(equal_height=True):
            query = gr.Textbox(label="Query", scale=5, max_lines=1, max_length=2000, elem_id="query", autofocus=True)
            k = gr.Slider(1, 50, 10, step=1, label="Passages", scale=2, min_width=160)
        with gr.Row(equal_height=True):
            ordered = gr.Checkbox(False, label="In the reader's order", scale=1, min_width=160)
            search = gr.Button("Search", variant="primary", scale=1, elem_id="search")
        with gr.Accordion("Filters", open=False), gr.Row():
            filters = filter_boxes()
        said = gr.HTML(elem_id="said", apply_default_css=False)
        plot = gr.LinePlot(
            x="rank", y="share of the best", color="side", color_map=_COLOURS,
            title="Scores, each side against its best",
            height=240, visible=False, elem_id="scores", y_lim=[0.0, 1.0],
        )  # fmt: skip
        table = gr.Dataframe(
            headers=HEADERS, datatype=["number", "str", "str", *["number"] * 5], interactive=False, wrap=True,
            label="Passages", elem_id="hits", visible=False,
            column_widths=["44px", "160px", "440px", *["84px"] * 5],  # on narrow screens the table scrolls
        )  # fmt: skip
        gr.on(
            [query.submit, search.click], self.search, [query, k, ordered, *filters], [said, plot, table],
            concurrency_id="ask", concurrency_limit=AT_ONCE, show_progress="minimal", **PRIVATE,
        )  # fmt: skip

    def search(  # noqa: PLR0917 - Gradio passes by position
        self, query: str, k: int, ordered: bool, title: str, source: str, since: str, until: str
    ) -> tuple[Any, Any, Any]:
        """The passages as a table and a plot, or what was wrong."""
        try:
            where = to_filter((title, source, since, until))
            hits = self._site.qa.retrieve(query, int(k), rerank=bool(ordered), where=where)
        except ArticleQAError as error:
            return _nothing(one_line(error), "alert")
        if not hits:
            return _nothing("No passage.", "status")
        said = notice(f"{len(hits)} passage{'s' if len(hits) != 1 else ''}, best first.")
        return said, gr.LinePlot(bars(hits), visible=True), gr.Dataframe(rows(hits), visible=True)


def _nothing(said: str, role: str) -> tuple[Any, Any, Any]:
    return notice(said, role), gr.LinePlot(visible=False), gr.Dataframe(visible=False)


def rows(hits: Sequence[Hit]) -> list[list[Any]]:
    """One line of the table for each hit."""
    return [
        [rank, hit.article.title, hit.passage.text, _short(hit.score), hit.dense_rank, _short(hit.dense_score),
         hit.lexical_rank, _short(hit.lexical_score)]
        for rank, hit in enumerate(hits, start=1)
    ]  # fmt: skip


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
            found.append((rank, round(max(share, 0.0), 4), side))
    return pd.DataFrame(found, columns=["rank", "share of the best", "side"])


def _short(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
