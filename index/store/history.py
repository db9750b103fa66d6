"""The generations that are kept, and going back one."""

import shlex
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index.errors import StoreError
from index.store import durable
from index.store.database import ARTICLES, Database
from index.store.lock import writing
from index.store.manifest import MANIFEST, Change, Manifest, read_manifest
from index.store.paths import (
    check_generation,
    default_store,
    earlier,
    folder_of,
    generations,
    live_generation,
    remedy,
    switch,
)
from index.store.verify import generation_problems


@dataclass(frozen=True, slots=True)
class GenerationInfo:
    """One line of the history: a generation's number, age, content and size in bytes."""

    generation: int
    live: bool
    created: str
    articles: int
    passages: int
    embedder: str
    bytes: int
    change: Change


def history(store: str | Path | None = None) -> list[GenerationInfo]:
    """The store's generations, newest first; those with an unreadable manifest are left to `verify`."""
    root = Path(store or default_store())
    live = live_generation(root)
    found = []
    for number in reversed(generations(root)):
        try:
            manifest = read_manifest(folder_of(root, number) / MANIFEST, remedy(root))
        except StoreError:
            continue
        found.append(info_of(manifest, live=number == live))
    return found


def info_of(manifest: Manifest, *, live: bool) -> GenerationInfo:
    """A manifest as a line of the history."""
    return GenerationInfo(
        generation=manifest.generation,
        live=live,
        created=manifest.created,
        articles=manifest.articles,
        passages=manifest.passages,
        embedder=manifest.embedder,
        bytes=manifest.bytes,
        change=manifest.change,
    )


def named_changes(store: Path, generation: int) -> list[tuple[str, list[str]]]:
    """The sources that a generation "added", "changed" and "removed"; empty where the one before is not kept.

    Raises StoreDamaged for articles that are not what was written.
    """
    before = [number for number in generations(store) if number < generation]
    return _named_changes(store, before[-1], generation) if before else []


@lru_cache(maxsize=16)
def _named_changes(root: Path, before: int, after: int) -> list[tuple[str, list[str]]]:
    old, new = (_digests(root, number) for number in (before, after))
    changed = [source for source in new if source in old and old[source] != new[source]]
    return [("added", sorted(new.keys() - old)), ("changed", changed), ("removed", sorted(old.keys() - new))]


def _digests(root: Path, generation: int) -> dict[str, str]:
    """The version of each article of a generation, by source."""
    check_generation(root, generation)
    database = Database(folder_of(root, generation) / ARTICLES)
    try:
        return dict(database.query("SELECT source, digest FROM articles ORDER BY source"))
    finally:
        database.close()


def rollback(store: str | Path | None = None, generation: int | None = None) -> GenerationInfo:
    """Make a kept generation live: by its number, else the newest whole one before. Raises StoreError."""
    root = Path(store or default_store())
    if not generations(root):
        live_generation(root)  # says that there is no store
    with writing(root):
        for number in reversed(earlier(root)) if generation is None else {generation} & set(generations(root)):
            if not generation_problems(root, number):
                with durable.storing(root):
                    switch(root, number)
                return info_of(read_manifest(folder_of(root, number) / MANIFEST, remedy(root)), live=True)
    if generation is not None:
        raise StoreError(f"generation {generation} of {root} is not kept, or not whole: choose another")
    command = f"`python -m index build PATH... --store {shlex.quote(str(root))}`"
    raise StoreError(f"the store at {root} has no earlier whole generation to go back to: rebuild it with {command}")
