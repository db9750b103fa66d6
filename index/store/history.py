"""The generations that are kept, and going back one."""

import shlex
from dataclasses import dataclass
from pathlib import Path

from index.errors import StoreError
from index.store import durable
from index.store.lock import writing
from index.store.manifest import MANIFEST, Change, Manifest, read_manifest
from index.store.paths import default_store, earlier, folder_of, generations, live_generation, remedy, switch
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


def rollback(store: str | Path | None = None) -> GenerationInfo:
    """Go back to the newest whole generation before the live one. Raises StoreError when there is none."""
    root = Path(store or default_store())
    if not generations(root):
        live_generation(root)  # says that there is no store
    with writing(root):
        for number in reversed(earlier(root)):
            if not generation_problems(root, number):
                with durable.storing(root):
                    switch(root, number)
                return info_of(read_manifest(folder_of(root, number) / MANIFEST, remedy(root)), live=True)
    command = f"`python -m index build PATH... --store {shlex.quote(str(root))}`"
    raise StoreError(f"the store at {root} has no earlier whole generation to go back to: rebuild it with {command}")
