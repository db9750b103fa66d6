"""Generations on disk: where they lie, what is in them, whether they are whole; durable writes, the lock, history.

Takes finished files in and gives articles and passages out; does not know how the files are made.
"""

from index.store.database import ARTICLES, ArticleInfo, Database, StoredPassage
from index.store.history import GenerationInfo, history, rollback
from index.store.lock import writing
from index.store.manifest import Change, Manifest
from index.store.paths import (
    CODES,
    KEEP,
    LEXICAL,
    PROJECT,
    VECTORS,
    check_generation,
    default_store,
    folder_of,
    generations,
    live_generation,
    remedy,
)
from index.store.verify import Problem, verify

__all__ = [
    "ARTICLES",
    "CODES",
    "KEEP",
    "LEXICAL",
    "PROJECT",
    "VECTORS",
    "ArticleInfo",
    "Change",
    "Database",
    "GenerationInfo",
    "Manifest",
    "Problem",
    "StoredPassage",
    "check_generation",
    "default_store",
    "folder_of",
    "generations",
    "history",
    "live_generation",
    "remedy",
    "rollback",
    "verify",
    "writing",
]
