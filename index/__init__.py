"""Builds, stores and searches passages of articles; knows nothing of answers."""

from index.articles.read import Article, Skipped, read_articles
from index.building.builder import BuildSummary
from index.building.progress import Progress
from index.errors import (
    ArticleQAError,
    InputError,
    StoreBusy,
    StoreDamaged,
    StoreError,
    StoreMismatch,
    StoreMissing,
)
from index.passage_index import PassageIndex
from index.passages.split import Passage, split
from index.search.filter import Filter
from index.snapshot import Hit, Snapshot
from index.store.paths import GenerationInfo, default_store, history, rollback
from index.store.verify import Problem, verify

__all__ = [
    "Article",
    "ArticleQAError",
    "BuildSummary",
    "Filter",
    "GenerationInfo",
    "Hit",
    "InputError",
    "Passage",
    "PassageIndex",
    "Problem",
    "Progress",
    "Skipped",
    "Snapshot",
    "StoreBusy",
    "StoreDamaged",
    "StoreError",
    "StoreMismatch",
    "StoreMissing",
    "default_store",
    "history",
    "read_articles",
    "rollback",
    "split",
    "verify",
]
