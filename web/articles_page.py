"""The page of the articles: what is in the store, and, for those who may, changing it."""

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr
from gradio.data_classes import GradioRootModel

from index import ArticleQAError, InputError, history, rollback, verify
from index.articles.formats import FORMATS
from index.store import ArticleInfo
from web.doors.visitor import visitor_of
from web.examples import examples
from web.header import Header
from web.jobs import Work
from web.reception import MAX_AT_ONCE, MAX_UPLOAD_BYTES
from web.render import fragment, notice, script
from web.site import INSTANT, PRIVATE, Site, one_line
from web.status import articles_html, history_html, job_html, problems_html, store_html
from web.uploads import WhenTaken

POLL_SECONDS = 1.0
ORDERS = ("title", "source", "published", "passages")


class _Tokens(GradioRootModel):  # type: ignore[misc]
    """Uploaded files as they come past the doors."""

    root: list[str]


class ArticlesPage:
    """Builds the page and answers its events; every change asks the gate first."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._header = Header(site, "articles")

    def build(self, blocks: gr.Blocks) -> None:
        """Lay the page out within the open Blocks context."""
        shown, order = gr.State(-1), gr.State("source")  # the generation in the table, and how it is sorted
        waiting = gr.State([])  # uploads whose names are taken, until a person says what then
        header = self._header.build(blocks)
        gr.HTML('<h1 class="panel-title">Articles</h1>', apply_default_css=False)
        store = gr.HTML(elem_id="store", apply_default_css=False)
        with gr.Column(elem_id="progress"):
            job = gr.HTML(elem_id="job", apply_default_css=False)
            refused = gr.HTML(elem_id="refused", apply_default_css=False)
            with gr.Column(visible=False, elem_id="taken") as asking:
                names = gr.HTML(apply_default_css=False)
                with gr.Row():
                    choices = {how: gr.Button(label, size="sm") for how, label in _CHOICES.items()}
        with gr.Column(elem_id="changing") as changing:
            files, rebuild = self._changing()
        may_not = gr.HTML(elem_id="may-not", apply_default_css=False)
        find = gr.Textbox(
            "", label="Search titles and sources", placeholder="all", max_lines=1, max_length=200, elem_id="find"
        )
        table = gr.HTML(elem_id="articles", js_on_load=script("articles.js"), apply_default_css=False)
        with gr.Accordion("Is the store whole? Earlier generations", open=False):
            check = gr.Button("Verify every byte")
            found = gr.HTML(elem_id="verified", apply_default_css=False)
            earlier = gr.HTML(elem_id="history", js_on_load=script("articles.js"), apply_default_css=False)
        everything = [shown, header, store, table, job, earlier]
        blocks.load(self.load, [find, order], [*everything, changing, may_not], **INSTANT)
        gr.Timer(POLL_SECONDS).tick(self.poll, [shown, find, order], everything, **INSTANT)
        find.change(self.find, [find, order], table, **INSTANT)
        table.sort(self.sort, [find, order], [order, table], **INSTANT)
        changed = [refused, job]
        files.upload(self.add, [files, waiting], [files, waiting, asking, names, *changed], preprocess=False, **INSTANT)
        for how, button in choices.items():
            button.click(self._settling(how), waiting, [waiting, asking, *changed], **INSTANT)
        table.remove(self.remove, None, changed, **INSTANT)
        rebuild.click(self.rebuild, None, changed, **INSTANT)
        check.click(self.verify, None, found, concurrency_limit=1, **PRIVATE)
        earlier.back(self.back, None, found, concurrency_limit=1, **PRIVATE)

    def _changing(self) -> tuple[gr.File, gr.Button]:
        with gr.Row(equal_height=True):
            files = gr.File(
                label=f"Add articles: {', '.join(FORMATS)}; up to {MAX_AT_ONCE} files of "
                f"{MAX_UPLOAD_BYTES // 10**6} MB",
                file_count="multiple", height=190, scale=4, elem_id="upload",
            )  # fmt: skip
            files.data_model = _Tokens  # no path goes through Gradio
            rebuild = gr.Button("Read all files again", scale=1, min_width=160, elem_id="rebuild")
        return files, rebuild

    def load(self, find: str, order: str, request: gr.Request) -> tuple[Any, ...]:
        """The page as it is for this person."""
        may, users = self._may(request), self._site.gate.users is not None
        why = fragment("may_not.html", name=visitor_of(request).name, users=users, may=may)
        return (*self._everything(find, order, request), gr.Column(visible=may), why)

    def poll(self, shown: int, find: str, order: str, request: gr.Request) -> tuple[Any, ...]:
        """What has changed since the last look: a running change, a new generation."""
        if self._site.snapshot().generation != shown:
            return self._everything(find, order, request)
        return gr.skip(), gr.skip(), gr.skip(), gr.skip(), self._job(), gr.skip()

    def find(self, find: str, order: str, request: gr.Request) -> str:
        """The table's rows whose title or source holds the words."""
        return self._table(find, order, request)

    def sort(self, find: str, order: str, event: gr.EventData, request: gr.Request) -> tuple[str, str]:
        """The table by another column, or the other way round."""
        by = str(getattr(event, "by", ""))
        if by in ORDERS:
            order = f"-{by}" if order == by else by
        return order, self._table(find, order, request)

    def _everything(self, find: str, order: str, request: gr.Request) -> tuple[Any, ...]:
        snapshot, may = self._site.snapshot(), self._may(request)
        examples(self._site)  # of a new generation they are chosen now, not when the first person comes
        return (
            snapshot.generation,
            self._header.html(visitor_of(request)),
            store_html(snapshot.manifest, self._site.qa.reader_name),
            self._table(find, order, request),
            self._job(),
            history_html(self._site.store, history(self._site.store), self._site.shown, may=may),
        )

    def _job(self) -> str:
        return job_html(self._site.jobs.latest, self._site.snapshot().generation, self._site.shown)

    def _table(self, find: str, order: str, request: gr.Request) -> str:
        listed = rows(self._site.snapshot().articles(), find, order, self._site.shown)
        return articles_html(listed, order, self._site.shown, may=self._may(request))

    def add(self, files: list[str] | None, waiting: list[str], request: gr.Request) -> tuple[Any, ...]:
        """Keep the uploaded files, which the doors turned into their tokens, and add their articles.

        Where a name is taken all of them wait until a person has said what then.
        """
        tokens = [*waiting, *(files or [])]
        names = self._site.taken(tokens) if self._may(request) else []
        if names:
            return None, tokens, gr.Column(visible=True), fragment("taken.html", names=names), "", gr.skip()
        return None, [], gr.Column(visible=False), "", *self._adding(tokens, "replace", request)

    def _settling(self, how: WhenTaken) -> Callable[..., tuple[Any, ...]]:
        def settle(tokens: list[str], request: gr.Request) -> tuple[Any, ...]:
            return [], gr.Column(visible=False), *self._adding(tokens, how, request)

        return settle

    def _adding(self, tokens: list[str], how: WhenTaken, request: gr.Request) -> tuple[str, str]:
        said = self._change(request, "Adding", lambda: self._site.adding(tokens, how))
        self._site.inbox.drop(tokens)
        return said

    def remove(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Remove the article of a row."""
        article = str(getattr(event, "article", ""))
        return self._change(request, "Removing", lambda: self._site.removing(article))

    def rebuild(self, request: gr.Request) -> tuple[str, str]:
        """Read every article's file again."""
        return self._change(request, "Reading again", self._site.rebuilding)

    def verify(self) -> str:
        """Check every byte of the store."""
        try:
            return problems_html(verify(self._site.store))
        except ArticleQAError as error:
            return notice(one_line(error), "alert")

    def back(self, event: gr.EventData, request: gr.Request) -> str:
        """Make another generation live."""
        try:
            self._check(request)
            live = rollback(self._site.store, int(str(getattr(event, "generation", ""))))
        except (ArticleQAError, OSError, ValueError) as error:
            return notice(one_line(error), "alert")
        return notice(f"Generation {live.generation} answers now.")

    def _change(self, request: gr.Request, name: str, make: Callable[[], Work]) -> tuple[str, str]:
        """Make a change if this person may; why it was refused, and what to show of the latest one."""
        refused = ""
        try:
            self._check(request)
            self._site.jobs.start(name, make())
        except (ArticleQAError, OSError) as error:
            refused = notice(one_line(error), "alert")
        return refused, self._job()

    def _may(self, request: gr.Request) -> bool:
        return self._site.gate.may_change(visitor_of(request).name)

    def _check(self, request: gr.Request) -> None:
        """Raises InputError unless this person may change articles, and now."""
        if not self._may(request):
            raise InputError("only operators may change articles: sign in")
        if self._site.jobs.running:
            raise InputError("another change is running: wait until it is done")


_CHOICES: dict[WhenTaken, str] = {"replace": "Replace", "both": "Keep both", "leave": "Leave the new ones out"}


def rows(articles: Sequence[ArticleInfo], find: str, order: str, shown: Callable[[str], str]) -> list[ArticleInfo]:
    """The articles whose title or source, as it is shown, holds every word of `find`, in that order."""
    words = find.casefold().split()
    found = [one for one in articles if all(word in f"{one.title} {shown(one.source)}".casefold() for word in words)]

    def key(one: ArticleInfo) -> Any:
        by = order.removeprefix("-")
        value = getattr(one, by)
        return value if by == "passages" else str(value or "").casefold()

    return sorted(found, key=key, reverse=order.startswith("-"))
