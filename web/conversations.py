"""Conversations: records here, plain JSON in the browser that keeps them.

What comes from a browser is not trusted: pydantic takes what has the right shape, `conversation_from_json` drops the
rest. Of a cited article the browser keeps what names it, never its text.
"""

import secrets
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    OnErrorOmit,
    PlainSerializer,
    TypeAdapter,
    ValidationError,
)
from pydantic.dataclasses import dataclass

from index import Article
from qa import Answer, Citation

MAX_EXCHANGES = 200  # in one conversation
MAX_CITED = 50  # citations of one answer
MAX_TEXT = 20_000  # characters of any one text taken back from a browser
MAX_FILTER = 200
TITLE_CHARS = 60
Text = Annotated[str, AfterValidator(lambda text: text[:MAX_TEXT])]
Typed = Annotated[str, AfterValidator(lambda text: text[:MAX_FILTER])]
Number = Annotated[int, Field(strict=True, ge=0, lt=2**53)]  # larger ones are none of JavaScript's
Where = tuple[Typed, Typed, Typed, Typed]  # title, source, from, to: as typed


def _last(values: Any, most: int) -> Any:
    """The last of a list that may be too long."""
    return values[-most:] if isinstance(values, list | tuple) else values


class KeptCitation(BaseModel):
    """A citation as the browser keeps it."""

    number: Number
    quote: Text
    start: Number
    end: Number
    answer_start: Number | None = None
    answer_end: Number | None = None
    passage_id: Text
    page: Number | None = None
    header: Text | None = None
    article_id: Text
    title: Text
    source: Text
    author: Text | None = None
    published: Annotated[date | None, BeforeValidator(lambda value: value or None)] = None

    @classmethod
    def of(cls, citation: Citation) -> "KeptCitation":
        """From the record."""
        about = citation.article
        return cls(
            number=citation.number, quote=citation.quote, start=citation.start, end=citation.end,
            answer_start=citation.answer_start, answer_end=citation.answer_end, passage_id=citation.passage_id,
            page=citation.page, header=citation.header, article_id=about.id, title=about.title, source=about.source,
            author=about.author,
            published=about.published,
        )  # fmt: skip

    def record(self) -> Citation:
        """Back to the record, whose article has no text."""
        article = Article(self.article_id, self.title, self.source, self.published, "", self.author)
        return Citation(
            self.number, article, self.quote, self.start, self.end, self.answer_start, self.answer_end,
            self.passage_id, self.page, self.header,
        )  # fmt: skip


Quotes = Annotated[list[OnErrorOmit[KeptCitation]], BeforeValidator(partial(_last, most=MAX_CITED))]


class KeptAnswer(BaseModel):
    """An answer as the browser keeps it."""

    question: Text = ""
    text: Text | None
    confidence: Annotated[float, Field(ge=0, le=1)]
    generation: Number
    citations: Quotes = []
    related: Quotes = []
    others: Quotes = []
    asked_as: Text = ""
    note: Text = ""

    @classmethod
    def of(cls, answer: Answer) -> "KeptAnswer":
        """From the record."""
        citations, related, others = (
            [KeptCitation.of(one) for one in some] for some in (answer.citations, answer.related, answer.others)
        )
        return cls(
            question=answer.question, text=answer.text, confidence=answer.confidence, generation=answer.generation,
            citations=citations, related=related, others=others, asked_as=answer.asked_as, note=answer.note,
        )  # fmt: skip

    def record(self) -> Answer:
        """Back to the record."""
        citations, related, others = (
            tuple(one.record() for one in some) for some in (self.citations, self.related, self.others)
        )
        return Answer(
            self.question, self.text, self.confidence, citations, related, self.generation, others, self.asked_as,
            self.note,
        )  # fmt: skip


def _answer(value: Any) -> Answer | None:
    if value is None or isinstance(value, Answer):
        return value
    return KeptAnswer.model_validate(value).record()


def _kept_answer(answer: Answer | None) -> dict[str, Any] | None:
    return None if answer is None else KeptAnswer.of(answer).model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and what came of it; waiting while `said` and `problem` are both missing."""

    id: Text
    question: Text
    asked_as: Text = ""
    where: Where = ("", "", "", "")
    scope: Text = ""  # what the filters left, in words
    said: Annotated[Answer | None, BeforeValidator(_answer), PlainSerializer(_kept_answer)] = None
    problem: Text = ""
    verdict: Literal["up", "down", ""] = ""
    remarked: bool = False

    @property
    def waiting(self) -> bool:
        """Whether it still waits for its answer."""
        return self.said is None and not self.problem


@dataclass(frozen=True, slots=True)
class Conversation:
    """Exchanges in the order in which they were asked."""

    id: Text
    started: Text
    exchanges: Annotated[tuple[OnErrorOmit[Exchange], ...], BeforeValidator(partial(_last, most=MAX_EXCHANGES))] = ()
    name: Text = ""  # given by a person

    @property
    def title(self) -> str:
        """Its name, or the first question cut to a line."""
        if self.name:
            return self.name
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


_CONVERSATION = TypeAdapter(Conversation)


def fresh_id() -> str:
    """An id for an exchange or a conversation, unguessable and short."""
    return secrets.token_hex(8)


def new_conversation() -> Conversation:
    """An empty conversation that starts now."""
    return Conversation(fresh_id(), datetime.now(UTC).isoformat(timespec="seconds"))


def conversation_to_json(conversation: Conversation) -> dict[str, Any]:
    """The conversation as the browser keeps it."""
    kept: dict[str, Any] = _CONVERSATION.dump_python(conversation, mode="json")
    return kept


def conversation_from_json(value: object) -> Conversation:
    """The conversation a browser gave back, or a new one when it gave none; damaged exchanges are left out."""
    try:
        return _CONVERSATION.validate_python(value)
    except (ValidationError, RecursionError):
        return new_conversation()
