"""The vectors of a generation: carried over where the embedded text is the same, else embedded once.

`vectors.npy` holds one float32 unit row per passage. It is written in pieces, never through a memory map: on
a full disk a map kills the process, a write raises.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.building.next_database import Draft
from index.building.resume import EmbeddingCache
from index.search import Embedder, check_rows
from index.store import EMBEDDINGS, VECTORS, durable

WINDOW = 4096  # passages whose texts are in memory at once
BATCH = 128  # passages that a killed build may have to embed again

_T = TypeVar("_T")


def make_vectors(
    draft: Draft,
    folder: Path,
    embedder: Embedder,
    base: Path | None,
    *,
    report: Callable[[int, int], None],
    batch: int = BATCH,
) -> int:
    """Write `folder`/vectors.npy, shape (passages, dimension); returns how many texts were embedded.

    `base` is the file to carry rows from; `batch` passages are embedded between two reports. Raises ArticleQAError
    when the embedder gives no unit rows, StoreError when the disk refuses them.
    """
    carried = {key: row for row, key in draft.digests("base")} if base else {}
    name = hashlib.sha256(f"{embedder.digest} {embedder.dimension}".encode()).hexdigest()[:16]
    with durable.storing(folder):
        cache = EmbeddingCache(folder.with_name(EMBEDDINGS + name), embedder.dimension)
    with cache:
        missing = {key: row for row, key in draft.digests() if key not in carried and key not in cache}
        _embed(draft, missing, embedder, cache, report=report, batch=batch)
        old = np.load(base, mmap_mode="r", allow_pickle=False) if base else None
        rows = _rows((key for _, key in draft.digests()), carried, old, cache, embedder.dimension)
        with durable.storing(folder):
            _write(folder / VECTORS, draft.counts()[1], embedder.dimension, rows)
    return len(missing)


def carried_rows(draft: Draft) -> NDArray[np.int64]:
    """Of each row the row of the same text in the generation before, -1 where it is new; none comes twice."""
    before = {key: row for row, key in draft.digests("base")}
    return np.array([before.pop(key, -1) for _, key in draft.digests()], dtype=np.int64)


def _embed(
    draft: Draft,
    missing: dict[bytes, int],
    embedder: Embedder,
    cache: EmbeddingCache,
    *,
    report: Callable[[int, int], None],
    batch: int,
) -> None:
    done = 0
    if missing:
        embedder.encode_query("load")  # what loading takes says nothing of the time that is left
    report(done, len(missing))
    for window in _batched(sorted(missing.items(), key=lambda item: item[1]), WINDOW):
        texts = draft.embedding_texts([row for _, row in window])
        pairs = zip((key for key, _ in window), texts, strict=True)  # long and short as they come: so is the pace
        for some in _batched(pairs, batch):
            vectors = embedder.encode_passages([text for _, text in some])
            check_rows(vectors, (len(some), embedder.dimension), f"the embedder {embedder.name}")
            with durable.storing(cache.path):
                cache.add([key for key, _ in some], vectors)
            done += len(some)
            report(done, len(missing))


def _rows(
    keys: Iterable[bytes],
    carried: dict[bytes, int],
    old: NDArray[np.float32] | None,
    cache: EmbeddingCache,
    dimension: int,
) -> Iterator[NDArray[np.float32]]:
    """All rows in order, in blocks of shape (up to WINDOW, dimension); `old` has the shape of the file before."""
    for some in _batched(keys, WINDOW):
        rows = np.empty((len(some), dimension), dtype="<f4")
        for place, key in enumerate(some):
            rows[place] = cache.get(key) if old is None or key not in carried else old[carried[key]]
        yield rows


def _write(path: Path, count: int, dimension: int, blocks: Iterable[NDArray[np.float32]]) -> None:
    durable.before("write", path)
    with path.open("wb") as handle:
        header = {"descr": "<f4", "fortran_order": False, "shape": (count, dimension)}
        np.lib.format.write_array_header_1_0(handle, header)
        for block in blocks:
            durable.before("write", path)
            handle.write(block.tobytes())


def _batched(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
