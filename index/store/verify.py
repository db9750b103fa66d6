"""Whether a store is whole: every byte, every offset, every vector, and a query on each side."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.articles import Article
from index.errors import ArticleQAError, StoreDamaged, StoreError
from index.passages import check_passage, embedded_digest, words_digest
from index.search import check_rows
from index.store.database import ARTICLES, Database, StoredPassage
from index.store.manifest import CURRENT, MANIFEST, Manifest, read_manifest
from index.store.paths import (
    CODES,
    LEXICAL,
    VECTORS,
    default_store,
    file_problems,
    folder_of,
    generations,
    live_generation,
    remedy,
)

BLOCK = 8192  # vectors looked at together


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: the file's path within the store, and what about it."""

    file: str
    reason: str


def verify(store: str | Path | None = None) -> list[Problem]:
    """Everything that is wrong with a store, in any of its generations; empty when it is whole."""
    root = Path(store or default_store())
    problems = []
    try:
        live = live_generation(root)
        if not folder_of(root, live).is_dir():
            problems.append(Problem(CURRENT, f"names generation {live}, which is missing"))
    except StoreDamaged as error:
        problems.append(Problem(CURRENT, str(error)))
    for number in generations(root):
        found = generation_problems(root, number)
        if folder_of(root, number).is_dir():  # else a build has let it go meanwhile
            problems += found
    return problems


def generation_problems(root: Path, generation: int) -> list[Problem]:
    """What is wrong with one generation."""
    folder = folder_of(root, generation)
    name = folder.relative_to(root)
    return [Problem((name / problem.file).as_posix(), problem.reason) for problem in folder_problems(folder, root)]


def folder_problems(folder: Path, root: Path) -> list[Problem]:
    """What is wrong with a generation's folder; its content is looked at only when its bytes are right."""
    try:
        manifest = read_manifest(folder / MANIFEST, remedy(root))
    except StoreError as error:
        return [Problem(MANIFEST, str(error))]
    problems = [Problem(file, reason) for file, reason in file_problems(folder, manifest)]
    return problems or list(_content(folder, manifest))


def _content(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    database = Database(folder / ARTICLES)
    try:
        for reason in _articles(database, manifest):
            yield Problem(ARTICLES, reason)
    finally:
        database.close()
    for name, check in ((VECTORS, _vectors), (LEXICAL, _lexical)):
        try:
            check(folder / name, manifest)
        except (ArticleQAError, ValueError, OSError) as error:
            yield Problem(name, str(error))


def _articles(database: Database, manifest: Manifest) -> Iterator[str]:
    infos = database.infos()
    if (len(infos), sum(info.passages for info in infos)) != (manifest.articles, manifest.passages):
        yield "the number of articles or passages is not the manifest's"
    row = 0
    for info in infos:
        passages = database.passages_of(info.id)
        try:
            article = database.article(info.id)
        except StoreDamaged:
            article = None
        if article is None:
            yield f"{info.source}: the article is not what was stored"
            continue
        if [passage.row for passage in passages] != list(range(row, row + info.passages)):
            yield f"{info.source}: its passages are not numbered in order"
        row += info.passages
        if not all(_right(stored, article, manifest.label_tokens) for stored in passages):
            yield f"{info.source}: a passage is not the text at its offsets"


def _right(stored: StoredPassage, article: Article, label_tokens: int) -> bool:
    passage = stored.of(article)
    try:
        check_passage(article, passage)
    except StoreError:
        return False
    return (embedded_digest(article, passage, label_tokens), words_digest(passage)) == (stored.embedded, stored.words)


def _vectors(path: Path, manifest: Manifest) -> None:
    from index.search.dense import DenseIndex

    vectors = np.load(path, mmap_mode="r", allow_pickle=False)
    shape = (manifest.passages, manifest.dimension)
    if vectors.shape != shape:
        raise ValueError(f"has the shape {vectors.shape}, not {shape}")
    for first in range(0, len(vectors), BLOCK):
        block = vectors[first : first + BLOCK]
        check_rows(block, block.shape, path.name)
    found = DenseIndex.load(path, path.with_name(CODES)).search(vectors[0], 1)
    if not found or found[0][1] < 1 - 1e-3:
        raise ValueError("a passage's own vector does not find it")


def _lexical(folder: Path, manifest: Manifest) -> None:
    from index.search.lexical import ANALYZER, LexicalIndex

    if manifest.analyzer != ANALYZER:  # whole, though of another version: it is built anew, not repaired
        return
    index = LexicalIndex.load(folder, count=manifest.passages)
    index.check()
    index.search("probe", 1)
