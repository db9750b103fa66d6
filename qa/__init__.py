"""Answers questions in the exact words of the articles of a store."""

import threading
from pathlib import Path
from typing import Any

from index import Filter, Hit, default_store
from qa.answer import Answer, Citation
from qa.pipeline import QA
from qa.reader import Reader, Reading, Span

__all__ = ["QA", "Answer", "Citation", "Filter", "Hit", "Reader", "Reading", "Span", "ask", "retrieve"]

_opened: dict[Path, QA] = {}
_opening = threading.Lock()


def _default() -> QA:
    store = default_store()
    with _opening:
        if store not in _opened:
            _opened[store] = QA.open(store)
        return _opened[store]


def retrieve(query: str, k: int = 10, *, rerank: bool = True, where: Filter | None = None) -> list[Hit]:
    """The `k` best passages of the default store, best first. See QA.retrieve."""
    return _default().retrieve(query, k, rerank=rerank, where=where)


def ask(question: str, **options: Any) -> Answer:
    """The answer of the default store. See QA.ask."""
    return _default().ask(question, **options)
