"""The page of the articles: what is in the store, and, for those who may, changing it."""

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.data_classes import GradioRootModel

from index import ArticleQAError, InputError, Snapshot, history, rollback, verify
from index.articles.formats import FORMATS
from web.doors.visitor import visitor_of
from web.jobs import Work
from web.reception import MAX_AT_ONCE, MAX_UPLOAD_BYTES
from web.render import fragment, notice
from web.site import INSTANT, PRIVATE, Site, one_line
from web.status import history_html, job_html, problems_html, store_html

HEADERS = ["Title", "Source", "Published", "Passages"]
POLL_SECONDS = 1.0
MAX_SOURCE = 10_000  # characters: a path of the longest, and a member's in it
_SURE_REMOVE = "(source) => !source || confirm(`Remove ${source} from the store?`) ? source : null"
_SURE_BACK = "() => confirm('Go back to the generation before this one?')"


class _Tokens(GradioRootModel):  # type: ignore[misc]
    """Uploaded files as they come past the doors."""

    root: list[str]


class ArticlesPage:
    """Builds the page and answers its events; every change asks the gate first."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def build(self, blocks: gr.Blocks) -> None:
        """Lay the page out within the open Blocks context."""
        shown = gr.State(-1)  # the generation in the table
        gr.HTML('<h1 class="panel-title">Articles</h1>', apply_default_css=False)
        store = gr.HTML(elem_id="store", apply_default_css=False)
        find = gr.Textbox(
            "", label="Search titles and sources", placeholder="all", max_lines=1, max_length=200, elem_id="find"
        )
        table = gr.Dataframe(
            headers=HEADERS, datatype=["str", "str", "str", "number"], interactive=False, label="In the store",
            wrap=True, elem_id="articles", max_height=480,
            column_widths=["40%", "34%", "14%", "12%"],
        )  # fmt: skip
        job = gr.HTML(elem_id="job", apply_default_css=False)
        refused = gr.HTML(elem_id="refused", apply_default_css=False)
        with gr.Column(elem_id="changing") as changing:
            files, remove, source, rebuild = self._changing()
        sign_in = gr.HTML(elem_id="sign-in", apply_default_css=False)
        with gr.Accordion("Is the store whole? Earlier generations", open=False):
            with gr.Row():
                check, back = gr.Button("Verify every byte"), gr.Button("Roll back one generation")
            found = gr.HTML(elem_id="verified", apply_default_css=False)
            earlier = gr.HTML(elem_id="history", apply_default_css=False)
        everything = [shown, store, table, job, earlier]
        blocks.load(self.load, find, [*everything, changing, sign_in, back], **INSTANT)
        gr.Timer(POLL_SECONDS).tick(self.poll, [shown, find], everything, **INSTANT)
        find.change(self.find, find, table, **INSTANT)
        table.select(self.select, None, source, **INSTANT)
        files.upload(self.add, files, [files, refused, job], preprocess=False, **INSTANT)
        remove.click(self.remove, source, [source, refused, job], js=_SURE_REMOVE, **INSTANT)
        rebuild.click(self.rebuild, None, [refused, job], **INSTANT)
        check.click(self.verify, None, found, concurrency_limit=1, **PRIVATE)
        back.click(self.back, sign_in, found, js=_SURE_BACK, concurrency_limit=1, **PRIVATE)

    def _changing(self) -> tuple[gr.File, gr.Button, gr.Textbox, gr.Button]:
        gr.HTML('<h2 class="panel-title">Change the articles</h2>', apply_default_css=False)
        files = gr.File(
            label=f"Add articles: {', '.join(FORMATS)}; up to {MAX_AT_ONCE} files of {MAX_UPLOAD_BYTES // 10**6} MB",
            file_count="multiple", height=140, elem_id="upload",
        )  # fmt: skip
        files.data_model = _Tokens  # no path goes through Gradio
        with gr.Row(equal_height=True):
            source = gr.Textbox(
                label="Article to remove", placeholder="choose it in the table, or write its source", max_lines=1,
                max_length=MAX_SOURCE, scale=3, elem_id="remove-source",
            )  # fmt: skip
            remove = gr.Button("Remove", scale=1, min_width=100, elem_id="remove")
            rebuild = gr.Button("Read all files again", scale=1, min_width=160, elem_id="rebuild")
        return files, remove, source, rebuild

    def load(self, find: str, request: gr.Request) -> tuple[Any, ...]:
        """The page as it is for this person."""
        may = self._site.gate.may_change(visitor_of(request).name)
        name, users = visitor_of(request).name, self._site.gate.users is not None
        signing_in = fragment("may_change.html", name=name, users=users, may=may)
        return (*self._everything(find), gr.Column(visible=may), signing_in, gr.Button(visible=may))

    def poll(self, shown: int, find: str) -> tuple[Any, ...]:
        """What has changed since the last look: a running change, a new generation."""
        if self._site.snapshot().generation != shown:
            return self._everything(find)
        return gr.skip(), gr.skip(), gr.skip(), job_html(self._site.jobs.latest), gr.skip()

    def find(self, find: str) -> list[list[Any]]:
        """The table's rows whose title or source holds the words."""
        return rows(self._site.snapshot(), find)

    def _everything(self, find: str) -> tuple[Any, ...]:
        snapshot = self._site.snapshot()
        earlier = history_html(history(self._site.store))
        return (
            snapshot.generation,
            store_html(snapshot.manifest, self._site.qa.reader_name),
            rows(snapshot, find),
            job_html(self._site.jobs.latest),
            earlier,
        )

    def select(self, event: gr.SelectData) -> str:
        """The source of the chosen row."""
        return str(event.row_value[1])

    def add(self, files: list[str] | None, request: gr.Request) -> tuple[Any, ...]:
        """Keep the uploaded files, which the doors turned into their tokens, and add their articles."""
        tokens = files or []
        said = self._change(request, "Adding", lambda: self._site.adding(tokens))
        self._site.inbox.drop(tokens)
        return None, *said

    def remove(self, source: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Remove the article of that source; None when the person thought better of it."""
        if source is None:
            return gr.skip(), gr.skip(), gr.skip()
        if not source.strip():
            return "", _problem(InputError("choose an article in the table first")), gr.skip()
        return "", *self._change(request, "Removing", lambda: self._site.removing(source.strip()))

    def rebuild(self, request: gr.Request) -> tuple[str, str]:
        """Read every article's file again."""
        return self._change(request, "Reading again", self._site.rebuilding)

    def verify(self) -> str:
        """Check every byte of the store."""
        try:
            return problems_html(verify(self._site.store))
        except ArticleQAError as error:
            return _problem(error)

    def back(self, sure: object, request: gr.Request) -> str:
        """Make the generation before live again."""
        if sure is not True:
            return ""
        try:
            self._check(request)
            live = rollback(self._site.store)
        except (ArticleQAError, OSError) as error:
            return _problem(error)
        return notice(f"Generation {live.generation} answers again.")

    def _change(self, request: gr.Request, name: str, make: Callable[[], Work]) -> tuple[str, str]:
        """Make a change if this person may; why it was refused, and what to show of the latest one."""
        refused = ""
        try:
            self._check(request)
            self._site.jobs.start(name, make())
        except (ArticleQAError, OSError) as error:
            refused = _problem(error)
        return refused, job_html(self._site.jobs.latest)

    def _check(self, request: gr.Request) -> None:
        """Raises InputError unless this person may change articles, and now."""
        if not self._site.gate.may_change(visitor_of(request).name):
            raise InputError("only operators may change articles: sign in")
        if self._site.jobs.running:
            raise InputError("another change is running: wait until it is done")


def rows(snapshot: Snapshot, find: str) -> list[list[Any]]:
    """The articles whose title or source holds every word of `find`, as lines of the table."""
    words = find.casefold().split()
    return [
        [info.title, info.source, info.published.isoformat() if info.published else "", info.passages]
        for info in snapshot.articles()
        if all(word in f"{info.title} {info.source}".casefold() for word in words)
    ]


def _problem(error: Exception) -> str:
    return notice(one_line(error), "alert")
