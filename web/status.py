"""What the articles page says of the store and of changes to it, as HTML."""

from collections.abc import Sequence

from index import GenerationInfo, Problem
from index.store import Manifest
from web.jobs import Job
from web.render import fragment


def store_html(manifest: Manifest, reader: str) -> str:
    """The live generation's facts, and which reader answers."""
    return fragment("store.html", manifest=manifest, reader=reader)


def job_html(job: Job | None) -> str:
    """A change: its progress while it runs, then what came of it, with each skipped file and its reason."""
    if job is None:
        return ""
    changes = ""
    if job.summary is not None:
        counts = ((job.summary.new, "new"), (job.summary.changed, "changed"), (job.summary.removed, "removed"))
        changes = ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing changed"
    return fragment("job.html", job=job, changes=changes)


def history_html(generations: Sequence[GenerationInfo]) -> str:
    """The generations that are kept, newest first."""
    return fragment("history.html", generations=generations)


def problems_html(problems: Sequence[Problem]) -> str:
    """What a check of the store found."""
    return fragment("problems.html", problems=problems)
