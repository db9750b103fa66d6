"""Builds, stores and searches passages of articles; knows nothing of answers."""

from index.articles import Article, Skipped, read_articles
from index.building import BuildSummary, Progress
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
from index.passages import Passage, split
from index.search import Filter
from index.snapshot import Hit, Snapshot
from index.store import GenerationInfo, Problem, default_store, history, rollback, verify

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
