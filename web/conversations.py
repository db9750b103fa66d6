"""Conversations as the browser keeps them: plain JSON there, frozen records here.

What comes from a browser is not trusted: `from_json` takes what has the right shape and drops the rest.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from qa.answer import Answer, Citation

MAX_EXCHANGES = 200  # in one conversation
MAX_TEXT = 20_000  # characters of any one text taken back from a browser
MAX_NUMBER = 2**53  # larger ones are none of JavaScript's
TITLE_CHARS = 60
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation, or one close passage of an answer that is none: where it stands, and its words then."""

    number: int
    quote: str
    start: int
    end: int
    answer_start: int | None
    answer_end: int | None
    passage_id: str
    page: int | None
    article_id: str
    title: str
    source: str
    published: str

    @classmethod
    def of(cls, citation: Citation) -> "Cited":
        """From the record that `qa` gives."""
        article = citation.article
        published = article.published.isoformat() if article.published else ""
        return cls(
            citation.number, citation.quote, citation.start, citation.end, citation.answer_start,
            citation.answer_end, citation.passage_id, citation.page, article.id, article.title,
            article.source, published,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What the articles said to a question; `text` is None when they do not say."""

    text: str | None
    confidence: float
    generation: int
    citations: tuple[Cited, ...]
    related: tuple[Cited, ...]

    @classmethod
    def of(cls, answer: Answer) -> "Said":
        """From the record that `qa` gives."""
        return cls(
            answer.text,
            answer.confidence,
            answer.generation,
            tuple(map(Cited.of, answer.citations)),
            tuple(map(Cited.of, answer.related)),
        )


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and what came of it; waiting while `said` and `problem` are both missing."""

    id: str
    question: str
    asked_as: str = ""
    where: tuple[str, str, str, str] = ("", "", "", "")  # title, source, from, to: as typed
    said: Said | None = None
    problem: str = ""
    verdict: str = ""  # "up", "down" or none
    remarked: bool = False

    @property
    def waiting(self) -> bool:
        """Whether it still waits for its answer."""
        return self.said is None and not self.problem


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges in the order in which they were asked."""

    id: str
    started: str
    exchanges: tuple[Exchange, ...] = ()

    @property
    def title(self) -> str:
        """The first question, cut to a line."""
        first = " ".join(self.exchanges[0].question.split()) if self.exchanges else "New conversation"
        return first if len(first) <= TITLE_CHARS else first[: TITLE_CHARS - 1].rstrip() + "…"

    @property
    def waiting(self) -> bool:
        """Whether a question in it still waits for its answer."""
        return any(exchange.waiting for exchange in self.exchanges)

    def find(self, exchange_id: str) -> Exchange | None:
        """The exchange of that id."""
        return next((exchange for exchange in self.exchanges if exchange.id == exchange_id), None)

    def put(self, exchange: Exchange) -> "Conversation":
        """With `exchange` in the place of the one of its id, or at the end."""
        if self.find(exchange.id) is None:
            return replace(self, exchanges=(*self.exchanges, exchange)[-MAX_EXCHANGES:])
        kept = tuple(exchange if old.id == exchange.id else old for old in self.exchanges)
        return replace(self, exchanges=kept)

    def before(self, exchange_id: str) -> tuple[Exchange, ...]:
        """The exchanges that came before the one of that id."""
        ids = [exchange.id for exchange in self.exchanges]
        return self.exchanges[: ids.index(exchange_id)] if exchange_id in ids else self.exchanges


def fresh_id() -> str:
    """An id for an exchange or a conversation, unguessable and short."""
    return secrets.token_hex(8)


def new_conversation() -> Conversation:
    """An empty conversation that starts now."""
    return Conversation(fresh_id(), datetime.now(UTC).isoformat(timespec="seconds"))


def conversation_from_json(value: object) -> Conversation:
    """The conversation a browser gave back, or a new one when it gave none; damaged exchanges are left out."""
    if not isinstance(value, dict):
        return new_conversation()
    try:
        kept = Conversation(_text(value, "id"), _text(value, "started"))
    except ValueError:
        return new_conversation()
    return replace(kept, exchanges=tuple(_each(value.get("exchanges"), _exchange, MAX_EXCHANGES)))


def _exchange(value: dict[str, Any]) -> Exchange:
    where = value.get("where")
    if not isinstance(where, list) or len(where) != 4:
        where = ["", "", "", ""]
    said = value.get("said")
    return Exchange(
        id=_text(value, "id"),
        question=_text(value, "question"),
        asked_as=_text(value, "asked_as"),
        where=(str(where[0])[:200], str(where[1])[:200], str(where[2])[:20], str(where[3])[:20]),
        said=_said(said) if isinstance(said, dict) else None,
        problem=_text(value, "problem"),
        verdict=verdict if (verdict := value.get("verdict")) in ("up", "down") else "",
        remarked=value.get("remarked") is True,
    )


def _said(value: dict[str, Any]) -> Said:
    text = value.get("text")
    return Said(
        None if text is None else _text(value, "text"),
        _share(value, "confidence"),
        _number(value, "generation"),
        tuple(_each(value.get("citations"), _cited, 50)),
        tuple(_each(value.get("related"), _cited, 50)),
    )


def _cited(value: dict[str, Any]) -> Cited:
    def maybe(key: str) -> int | None:
        return None if value.get(key) is None else _number(value, key)

    return Cited(
        _number(value, "number"), _text(value, "quote"), _number(value, "start"), _number(value, "end"),
        maybe("answer_start"), maybe("answer_end"), _text(value, "passage_id"), maybe("page"),
        _text(value, "article_id"), _text(value, "title"), _text(value, "source"), _day(value, "published"),
    )  # fmt: skip


def _each(values: object, make: Callable[[dict[str, Any]], T], limit: int) -> list[T]:
    made: list[T] = []
    for value in values[:limit] if isinstance(values, list) else []:
        try:
            if isinstance(value, dict):
                made.append(make(value))
        except (ValueError, TypeError):  # altered or of an older version: left out
            continue
    return made


def _text(value: dict[str, Any], key: str) -> str:
    text = value.get(key, "")
    if not isinstance(text, str):
        raise ValueError(key)
    return text[:MAX_TEXT]


def _day(value: dict[str, Any], key: str) -> str:
    day = _text(value, key)
    return date.fromisoformat(day).isoformat() if day else ""


def _share(value: dict[str, Any], key: str) -> float:
    share = value.get(key)
    if not isinstance(share, int | float) or not 0 <= share <= 1:
        raise ValueError(key)
    return float(share)


def _number(value: dict[str, Any], key: str) -> int:
    number = value.get(key)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < MAX_NUMBER:
        raise ValueError(key)
    return number
