"""Articles held against the generation before: what is new, changed, unchanged, removed; each taken in once."""

import logging
from collections.abc import Collection, Iterable
from pathlib import Path

from index.articles import Article
from index.building.next_database import Draft
from index.building.progress import Meter, OnProgress
from index.errors import InputError
from index.store import Change, durable

logger = logging.getLogger(__name__)


def take_in(
    draft: Draft,
    articles: Iterable[Article],
    root: Path,
    held: int,
    *,
    exact: bool,
    remove: Collection[str],
    on_progress: OnProgress | None,
) -> Change:
    """Take `articles` in and the sources to `remove` out, of `held` articles before; when `exact`, all others too.

    Returns what changed; articles that came twice count as skipped. Raises InputError for a source that is not there,
    StoreError when the disk refuses.
    """
    counts = dict.fromkeys(("new", "changed", "unchanged", "repeated", "ignored"), 0)
    meter = Meter("reading", on_progress)
    for number, article in enumerate(articles, start=1):
        with durable.storing(root):
            counts[_take(draft, article)] += 1
        meter(number)
    with durable.storing(root):
        unknown = [source for source in remove if not draft.drop(source)]
        removed = len(set(remove)) + (draft.drop_unseen() if exact else 0)
    if unknown:
        raise InputError(
            f"the store at {root} has no article {unknown[0]!r}, nothing was removed: "
            "`python -m index info --json` lists the sources"
        )
    return Change(
        new=counts["new"],
        changed=counts["changed"],
        unchanged=held - counts["changed"] - removed,
        removed=removed,
        skipped=counts["repeated"],
        embedded=0,
    )


def _take(draft: Draft, article: Article) -> str:
    """Take one article in; returns what it is beside what is there."""
    if not draft.first_sight(article.source):
        if draft.digest(article.source) == article.digest:
            return "ignored"
        logger.warning("skipped a second article with the source %r", article.source)
        return "repeated"
    known = draft.base_digest(article.source)
    if known == article.digest:
        return "unchanged"
    draft.put(article)
    return "changed" if known else "new"
