"""Texts and queries in, rows and rankings out: the embedder, dense and lexical search, their fusion, the filter.

Knows rows only, not the passages behind them nor the generations on disk. `dense` and `lexical` are imported where
they are needed, because numpy and FAISS take their time to load.
"""

from index.search.default_model import (
    DEFAULT_DIGEST,
    DEFAULT_EMBEDDER,
    DEFAULT_MAX_TOKENS,
    default_folder,
    word_pieces,
)
from index.search.embedder import Embedder, check_rows, load_embedder
from index.search.filter import MAX_PATTERN_CHARS, Filter
from index.search.function_words import FUNCTION_WORDS
from index.search.fusion import Ranking, fuse

__all__ = [
    "DEFAULT_DIGEST",
    "DEFAULT_EMBEDDER",
    "DEFAULT_MAX_TOKENS",
    "FUNCTION_WORDS",
    "MAX_PATTERN_CHARS",
    "Embedder",
    "Filter",
    "Ranking",
    "check_rows",
    "default_folder",
    "fuse",
    "load_embedder",
    "word_pieces",
]
