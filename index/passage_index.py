"""PassageIndex: the handle on a store, which takes up new generations by itself."""

import logging
import shlex
import threading
import time
from collections.abc import Collection, Iterable, Sized
from contextlib import suppress
from pathlib import Path

from index.articles import Article
from index.building import BuildSummary, OnProgress, update
from index.errors import ArticleQAError, StoreDamaged, StoreError, StoreMismatch
from index.passages import Passage
from index.search import Embedder, Filter, load_embedder
from index.snapshot import Hit, Snapshot
from index.store import (
    ARTICLES,
    CODES,
    KEEP,
    LEXICAL,
    VECTORS,
    ArticleInfo,
    Database,
    Manifest,
    check_generation,
    default_store,
    folder_of,
    live_generation,
    remedy,
)

PATIENCE_SECONDS = 1.0  # that a question waits for a new generation to open, which mostly takes some 20 ms
RETRY_SECONDS = 5.0  # between two attempts at a new generation that cannot be opened

logger = logging.getLogger(__name__)


def _load(root: Path, generation: int, embedder: Embedder | None) -> Snapshot:
    """Open a generation. Raises StoreDamaged or StoreMismatch."""
    from index.search.dense import DenseIndex
    from index.search.lexical import ANALYZER, LexicalIndex

    manifest = check_generation(root, generation)
    embedder = embedder or load_embedder(manifest.embedder)
    if embedder.digest != manifest.embedder_digest or manifest.analyzer != ANALYZER:
        other = embedder.digest != manifest.embedder_digest
        raise StoreMismatch(
            f"the store at {root} was built with "
            + (_other(manifest.embedder, embedder.name) if other else "another version's word index")
            + f": rebuild it with `python -m index build PATH... --store {shlex.quote(str(root))} "
            f"--embedder {embedder.name}`"
        )
    folder = folder_of(root, generation)
    try:
        dense = DenseIndex.load(folder / VECTORS, folder / CODES)
        lexical = LexicalIndex.load(folder / LEXICAL, count=manifest.passages)
        return Snapshot(manifest, embedder, Database(folder / ARTICLES), dense, lexical)
    except (OSError, ValueError) as error:
        raise StoreDamaged(f"{folder} cannot be opened ({error}): {remedy(root)}") from error


def _other(built: str, given: str) -> str:
    return f"other weights or another precision of {built}" if built == given else f"the embedder {built}, not {given}"


def _load_live(root: Path, embedder: Embedder | None) -> Snapshot:
    """Open the live generation, also when builds replace it meanwhile."""
    while True:
        generation = live_generation(root)
        try:
            return _load(root, generation, embedder)
        except StoreDamaged:
            if live_generation(root) == generation:
                raise


class PassageIndex:
    """A handle on a store: answers from the newest generation, which it takes up by itself. Thread-safe."""

    def __init__(
        self,
        root: Path,
        snapshot: Snapshot,
        embedder: Embedder | None,
        *,
        patience: float = PATIENCE_SECONDS,
        retry: float = RETRY_SECONDS,
    ) -> None:
        self._root = root
        self._snapshot = snapshot
        self._embedder = embedder
        self._patience = patience
        self._retry = retry
        self._loading = threading.Lock()
        self._refused: tuple[int, float] | None = None  # a generation that could not be opened, and when

    @classmethod
    def build(
        cls,
        articles: Iterable[Article],
        store: str | Path | None = None,
        *,
        embedder: Embedder | None = None,
        skipped: int | Sized = (),
        on_progress: OnProgress | None = None,
        keep: int = KEEP,
    ) -> BuildSummary:
        """Bring a store to exactly `articles`; only texts that it does not hold yet are embedded.

        Without an `embedder` the store's own is used, else the default. `skipped` is what the summary is to count:
        a number, or a collection that fills while `articles` is read. Raises InputError or StoreError.
        """
        return update(
            Path(store or default_store()),
            articles,
            exact=True,
            embedder=embedder,
            skipped=skipped,
            on_progress=on_progress,
            keep=keep,
        )

    @classmethod
    def add(
        cls,
        articles: Iterable[Article],
        store: str | Path | None = None,
        *,
        embedder: Embedder | None = None,
        skipped: int | Sized = (),
        on_progress: OnProgress | None = None,
        keep: int = KEEP,
    ) -> BuildSummary:
        """Add articles, or update those of the same source; all others stay."""
        return update(
            Path(store or default_store()),
            articles,
            exact=False,
            embedder=embedder,
            skipped=skipped,
            on_progress=on_progress,
            keep=keep,
        )

    @classmethod
    def remove(
        cls,
        sources: Collection[str],
        store: str | Path | None = None,
        *,
        embedder: Embedder | None = None,
        on_progress: OnProgress | None = None,
        keep: int = KEEP,
    ) -> BuildSummary:
        """Remove articles by source. Raises InputError when one is not there; then none is removed."""
        return update(
            Path(store or default_store()),
            (),
            exact=False,
            remove=[sources] if isinstance(sources, str) else sources,
            embedder=embedder,
            on_progress=on_progress,
            keep=keep,
        )

    @classmethod
    def open(
        cls,
        store: str | Path | None = None,
        embedder: Embedder | None = None,
        *,
        patience: float = PATIENCE_SECONDS,
        retry: float = RETRY_SECONDS,
    ) -> "PassageIndex":
        """Open a store. Raises StoreMissing, StoreMismatch, StoreDamaged.

        A question waits `patience` seconds for a new generation to open; one that cannot be opened is tried again
        after `retry` seconds.
        """
        root = Path(store or default_store())
        return cls(root, _load_live(root, embedder), embedder, patience=patience, retry=retry)

    def current(self) -> Snapshot:
        """The newest generation that is open; ask once per question and stay with it.

        A new one is opened aside: the first call that finds it waits for that, at most its patience; it and all
        others go on with the old one until the new one is ready.
        """
        try:
            live = live_generation(self._root)
        except StoreError as error:
            self._refuse(-1, error)
            return self._snapshot
        if live != self._snapshot.generation and not self._recently_refused(live) and not self._loading.locked():
            opening = threading.Thread(target=self._take_up, args=(live,), daemon=True)
            opening.start()
            opening.join(self._patience)
        return self._snapshot

    def _take_up(self, live: int) -> None:
        if not self._loading.acquire(blocking=False):
            return
        try:
            if live != self._snapshot.generation:
                self._snapshot = _load_live(self._root, self._embedder)
        except Exception as error:  # nobody waits for this thread: whatever it is, it goes to the log
            self._refuse(live, error)
        finally:
            self._loading.release()

    def _refuse(self, generation: int, error: Exception) -> None:
        if not self._recently_refused(generation):
            logger.warning("answering from generation %d: %s", self._snapshot.generation, error)
            self._refused = (generation, time.monotonic())

    def _recently_refused(self, generation: int) -> bool:
        refused = self._refused
        return refused is not None and refused[0] == generation and time.monotonic() - refused[1] < self._retry

    def load_embedder(self) -> None:
        """Load the embedder ahead of the first search. What stands against it is told to who searches first."""
        with suppress(ArticleQAError):
            self._snapshot.embed("load")

    @property
    def generation(self) -> int:
        """The number of the generation that answers now."""
        return self.current().generation

    @property
    def manifest(self) -> Manifest:
        """What that generation says of itself."""
        return self.current().manifest

    def search(self, query: str, k: int = 10, *, where: Filter | None = None) -> list[Hit]:
        """See Snapshot.search."""
        return self.current().search(query, k, where=where)

    def article(self, article_id: str) -> Article:
        """See Snapshot.article."""
        return self.current().article(article_id)

    def articles(self) -> list[ArticleInfo]:
        """See Snapshot.articles."""
        return self.current().articles()

    def passages(self, article_id: str) -> list[Passage]:
        """See Snapshot.passages."""
        return self.current().passages(article_id)

    def close(self) -> None:
        """Let go of the generation's file; searching afterwards is a mistake."""
        self._snapshot.close()
