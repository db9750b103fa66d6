"""What the articles page says of the store and of changes to it, as HTML."""

from collections.abc import Sequence

from index import GenerationInfo, Problem
from index.store import Manifest
from web.jobs import Job
from web.render import escape


def store_html(manifest: Manifest, reader: str) -> str:
    """The live generation's facts, and which reader answers."""
    facts = (
        ("Live generation", f"{manifest.generation}, made {_when(manifest.created)}"),
        ("Holds", f"{manifest.articles:,} articles in {manifest.passages:,} passages"),
        ("Embedder", manifest.embedder),
        ("Reader", reader),
    )
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    return f'<dl class="facts-list" aria-live="polite">{rows}</dl>'


def job_html(job: Job | None) -> str:
    """A change: its progress while it runs, then what came of it, with each skipped file and its reason."""
    if job is None:
        return ""
    if job.ended is None:
        return f'<div class="job">{_progress(job)}</div>'
    if job.summary is None:
        failed = f'<p class="bad">{escape(job.name)} failed: {escape(job.problem)}</p>'
        return f'<div class="job" role="alert">{failed}{_skipped(job)}</div>'
    summary = job.summary
    counts = ((summary.new, "new"), (summary.changed, "changed"), (summary.removed, "removed"))
    changes = ", ".join(f"{number} {what}" for number, what in counts if number) or "nothing changed"
    return (
        f'<div class="job" role="status"><p>{escape(job.name)} is done in {summary.seconds:.1f} s: {changes}. '
        f"Generation {summary.generation} answers.</p>{_skipped(job)}</div>"
    )


def _progress(job: Job) -> str:
    progress = job.progress
    if progress is None:
        return f'<p role="status">{escape(job.name)}…</p><progress aria-label="Progress"></progress>'
    left = f", about {max(round(progress.seconds_left), 1)} s left" if progress.seconds_left is not None else ""
    total = f" of {progress.total:,}" if progress.total is not None else ""
    bar = f' value="{progress.done}" max="{progress.total}"' if progress.total else ""
    return (
        f"<p>{escape(job.name)}: {escape(progress.stage)} {progress.done:,}{total}{left}</p>"
        f'<progress aria-label="{escape(job.name)}"{bar}></progress>'
    )


def _skipped(job: Job) -> str:
    if not job.skipped:
        return ""
    listed = "".join(f"<li><code>{escape(one.source)}</code>: {escape(one.reason)}</li>" for one in job.skipped)
    more = job.skipped_count - len(job.skipped)
    rest = f"<li>and {more:,} more</li>" if more > 0 else ""
    return f"<p>Skipped:</p><ul>{listed}{rest}</ul>"


def history_html(generations: Sequence[GenerationInfo]) -> str:
    """The generations that are kept, newest first."""
    rows = "".join(
        f"<tr><td>{one.generation}{' (live)' if one.live else ''}</td><td>{_when(one.created)}</td>"
        f"<td>{one.articles:,}</td><td>{one.passages:,}</td><td>{one.bytes / 1e6:.1f} MB</td></tr>"
        for one in generations
    )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("Generation", "Made", "Articles", "Passages", "Size"))
    return f'<table class="plain-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def problems_html(problems: Sequence[Problem]) -> str:
    """What a check of the store found."""
    if not problems:
        return '<p role="status">The store is whole: every byte is what was written.</p>'
    listed = "".join(f"<li><code>{escape(one.file)}</code>: {escape(one.reason)}</li>" for one in problems)
    return f'<div class="job" role="alert"><p class="bad">The store is damaged:</p><ul>{listed}</ul></div>'


def _when(created: str) -> str:
    return escape(created.replace("T", " ").replace("+00:00", " UTC"))
