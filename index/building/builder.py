"""Makes the next generation: takes articles in, embeds what is new, writes aside, checks, switches."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sized
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.articles import Article
from index.building.base_generation import Base, embedder_of, open_base
from index.building.next_database import Draft
from index.building.progress import Meter, OnProgress
from index.building.summary import BuildSummary
from index.building.take_in import take_in
from index.building.vectors import BATCH, WINDOW, carried_rows, make_vectors
from index.checksum import file_sha256
from index.errors import InputError, StoreError
from index.passages import Splitter
from index.search import Embedder
from index.store import (
    ARTICLES,
    CODES,
    EMBEDDINGS,
    FORMAT,
    KEEP,
    LEXICAL,
    MANIFEST,
    VECTORS,
    WORK,
    Change,
    Manifest,
    StoredFile,
    clean_work,
    durable,
    folder_problems,
    next_generation,
    publish,
    render_manifest,
    writing,
)

REPORT_EVERY = 1000  # passages


def update(
    root: Path,
    articles: Iterable[Article],
    *,
    exact: bool,
    remove: Collection[str] = (),
    embedder: Embedder | None = None,
    skipped: int | Sized = (),
    on_progress: OnProgress | None = None,
    keep: int = KEEP,
    splitter: Splitter | None = None,
    batch: int = BATCH,
) -> BuildSummary:
    """The next generation: the live one with `articles` in and `remove` out; when `exact`, with nothing else.

    `skipped`, a number or what holds so many, is looked at after `articles` has run out. `splitter` is by
    default the one that fits the embedder; `batch` passages a killed build may have to embed again. Raises
    InputError, StoreBusy, StoreError; whatever goes wrong, the live generation stays as it is.
    """
    if keep < 1:
        raise InputError(f"keep must be at least 1, got {keep}: the live generation is always kept")
    began = time.monotonic()
    with writing(root):
        base = open_base(root, needed=bool(remove), replaceable=exact)
        chosen = embedder or embedder_of(base)
        build = _Build(
            root,
            base,
            chosen,
            splitter=splitter or Splitter.fitting(chosen),
            on_progress=on_progress,
            batch=batch,
        )
        try:
            change = build.run(articles, exact, remove, lambda: _number(skipped), keep)
        finally:
            with suppress(OSError):  # the folder is emptied again when the next build begins
                durable.remove(root / WORK / "draft")
                durable.remove(root / WORK / "staging.sqlite")
                durable.remove_empty(root / WORK)
        return BuildSummary(
            generation=build.generation,
            changed_generation=base is None or build.generation != base.manifest.generation,
            new=change.new,
            changed=change.changed,
            unchanged=change.unchanged,
            removed=change.removed,
            skipped=change.skipped,
            passages=build.passages,
            embedded=change.embedded,
            seconds=time.monotonic() - began,
            store=str(root),
        )


def _number(skipped: int | Sized) -> int:
    return skipped if isinstance(skipped, int) else len(skipped)


class _Build:
    """One build: `generation` and `passages` are those of the store after it."""

    def __init__(
        self,
        root: Path,
        base: Base | None,
        embedder: Embedder,
        *,
        splitter: Splitter,
        on_progress: OnProgress | None,
        batch: int,
    ) -> None:
        from index.search.lexical import ANALYZER

        self.root = root
        self.base = base
        self.embedder = embedder
        self.splitter = splitter
        self.on_progress = on_progress
        self.batch = batch
        self.analyzer = ANALYZER
        self.generation = base.manifest.generation if base else next_generation(root)
        self.passages = base.manifest.passages if base else 0
        self.same_vectors = base is not None and base.manifest.embedder_digest == embedder.digest
        self.resplit = base is not None and not (self.same_vectors and base.manifest.split == asdict(splitter.settings))

    def run(
        self,
        articles: Iterable[Article],
        exact: bool,
        remove: Collection[str],
        skipped: Callable[[], int],
        keep: int,
    ) -> Change:
        """Do it all; returns what changed."""
        with durable.storing(self.root):
            aside = clean_work(self.root) / "draft"
            durable.make_folder(aside)
            base = self.base.folder / ARTICLES if self.base else None
            draft = Draft(aside, base, self.splitter)
        with draft:
            held = self.base.manifest.articles if self.base else 0
            change = take_in(draft, articles, self.root, held, exact=exact, remove=remove, on_progress=self.on_progress)
            change = replace(change, skipped=change.skipped + skipped())
            if self._nothing_to_do(change):
                return change
            self.generation = next_generation(self.root)
            change = self._write(draft, aside, change)
        self._check(aside)
        with durable.storing(self.root):
            publish(self.root, aside, self.generation, keep)
            for path in (self.root / WORK).glob(EMBEDDINGS + "*"):
                durable.remove(path)
        return change

    def _nothing_to_do(self, change: Change) -> bool:
        if self.base is None or self.resplit or self.base.manifest.analyzer != self.analyzer:
            return False
        return not (change.new or change.changed or change.removed)

    def _write(self, draft: Draft, aside: Path, change: Change) -> Change:
        with durable.storing(self.root):
            draft.finish(resplit=self.resplit)
        articles, self.passages = draft.counts()
        if not self.passages:
            raise InputError("nothing to search would be left: no article has any text that makes a passage")
        carried = self.base.folder / VECTORS if self.base and self.same_vectors else None
        from index.search.dense import DenseIndex

        meter = Meter("embedding", self.on_progress)
        embedded = make_vectors(draft, aside, self.embedder, carried, report=meter, batch=self.batch)
        with durable.storing(self.root):
            durable.before("write", aside / CODES)
            DenseIndex.build(np.load(aside / VECTORS, mmap_mode="r", allow_pickle=False)).save_codes(aside / CODES)
        self._index_words(draft, aside)
        change = replace(change, embedded=embedded)
        with durable.storing(self.root):
            durable.sync_tree(aside)
            durable.write(aside / MANIFEST, render_manifest(self._manifest(aside, articles, change)))
            durable.sync(aside)
        return change

    def _index_words(self, draft: Draft, aside: Path) -> None:
        from index.search.lexical import LexicalIndex

        meter = Meter("indexing", self.on_progress)
        if self.base is None or self.base.manifest.analyzer != self.analyzer:
            lexical = LexicalIndex.build(_counted(draft.all_embedding_texts(), self.passages, meter))
        else:
            source = carried_rows(draft)
            new = [int(row) for row in np.flatnonzero(source < 0)]
            texts = (
                text
                for first in range(0, len(new), WINDOW)
                for text in draft.embedding_texts(new[first : first + WINDOW])
            )
            before = LexicalIndex.load(self.base.folder / LEXICAL)
            lexical = before.carried(source, _counted(texts, len(new), meter))
        with durable.storing(self.root):
            durable.before("write", aside / LEXICAL)
            lexical.save(aside / LEXICAL)

    def _manifest(self, aside: Path, articles: int, change: Change) -> Manifest:
        paths = sorted(path for path in aside.rglob("*") if path.is_file())
        return Manifest(
            format=FORMAT,
            generation=self.generation,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            embedder=self.embedder.name,
            embedder_digest=self.embedder.digest,
            dimension=self.embedder.dimension,
            split=asdict(self.splitter.settings),
            analyzer=self.analyzer,
            articles=articles,
            passages=self.passages,
            change=change,
            files=tuple(
                StoredFile(path.relative_to(aside).as_posix(), path.stat().st_size, file_sha256(path)) for path in paths
            ),
        )

    def _check(self, aside: Path) -> None:
        meter = Meter("checking", self.on_progress)
        meter(0, self.passages)
        problems = folder_problems(aside, self.root)
        if problems:
            first = problems[0]
            raise StoreError(
                f"the new generation is not whole and was thrown away: {first.file}: {first.reason}; "
                "the store is as it was"
            )
        meter(self.passages, self.passages)


def _counted(texts: Iterable[str], total: int, meter: Meter) -> Iterator[str]:
    for done, text in enumerate(texts):
        if done % REPORT_EVERY == 0:
            meter(done, total)
        yield text
    meter(total, total)
