"""Generations on disk: where they lie, what is in them, whether they are whole; durable writes, the lock, history.

Takes finished files in and gives articles and passages out; does not know how the files are made.
"""

from index.store import durable
from index.store.database import (
    ARTICLE_SQL,
    ARTICLES,
    SCHEMA,
    ArticleInfo,
    Database,
    StoredPassage,
    article_of,
    article_values,
    read_only,
    walk,
)
from index.store.history import GenerationInfo, history, named_changes, rollback
from index.store.lock import writing
from index.store.manifest import FORMAT, MANIFEST, Change, Manifest, StoredFile, render_manifest
from index.store.paths import (
    CODES,
    EMBEDDINGS,
    KEEP,
    LEXICAL,
    VECTORS,
    WORK,
    check_generation,
    clean_work,
    default_store,
    folder_of,
    generations,
    live_generation,
    next_generation,
    publish,
    remedy,
)
from index.store.verify import Problem, folder_problems, verify

__all__ = [
    "ARTICLES",
    "ARTICLE_SQL",
    "CODES",
    "EMBEDDINGS",
    "FORMAT",
    "KEEP",
    "LEXICAL",
    "MANIFEST",
    "SCHEMA",
    "VECTORS",
    "WORK",
    "ArticleInfo",
    "Change",
    "Database",
    "GenerationInfo",
    "Manifest",
    "Problem",
    "StoredFile",
    "StoredPassage",
    "article_of",
    "article_values",
    "check_generation",
    "clean_work",
    "default_store",
    "durable",
    "folder_of",
    "folder_problems",
    "generations",
    "history",
    "live_generation",
    "named_changes",
    "next_generation",
    "publish",
    "read_only",
    "remedy",
    "render_manifest",
    "rollback",
    "verify",
    "walk",
    "writing",
]
