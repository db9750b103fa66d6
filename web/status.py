"""What the articles page says of the store and of changes to it, as HTML. `shown` is what the pages call a source."""

from collections.abc import Callable, Sequence
from pathlib import Path

from index import GenerationInfo, Problem, StoreError
from index.store import ArticleInfo, Manifest, named_changes
from web.jobs import Job
from web.names import for_page
from web.render import fragment

MAX_ROWS = 500  # of the table at once
MAX_NAMES = 20  # of what a generation changed
Shown = Callable[[str], str]


def store_html(manifest: Manifest, reader: str) -> str:
    """The live generation's facts, and which reader answers."""
    return fragment("store.html", manifest=manifest, reader=reader)


def articles_html(listed: Sequence[ArticleInfo], order: str, shown: Shown, *, may: bool) -> str:
    """The articles as a table; with what changes them for those who may."""
    return fragment("articles.html", listed=listed, order=order, shown=shown, may=may, most=MAX_ROWS)


def job_html(job: Job | None, live: int, shown: Shown) -> str:
    """A change: its progress while it runs, then what came of it, file by file."""
    if job is None:
        return ""
    changes = ""
    if job.summary is not None:
        counts = ((job.summary.new, "new"), (job.summary.changed, "changed"), (job.summary.removed, "removed"))
        changes = ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing changed"
    return fragment("job.html", job=job, changes=changes, live=live, shown=shown, problem=for_page(job.problem))


def history_html(store: Path, generations: Sequence[GenerationInfo], shown: Shown, *, may: bool) -> str:
    """The generations that are kept, newest first, with what each changed since the one before."""
    listed = []
    for one in generations:
        try:
            changes = named_changes(store, one.generation)
        except StoreError:  # what is damaged is told where the store is verified; the counts are in the manifest
            changes = []
        listed.append((one, [(what, [shown(source) for source in sources]) for what, sources in changes if sources]))
    return fragment("history.html", generations=listed, may=may, most=MAX_NAMES)


def problems_html(problems: Sequence[Problem]) -> str:
    """What a check of the store found."""
    return fragment("problems.html", problems=[(for_page(one.file), for_page(one.reason)) for one in problems])
