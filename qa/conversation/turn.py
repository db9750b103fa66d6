"""Turn: what a conversation has come to so far, one question at a time."""

from dataclasses import dataclass

from qa.answer import Answer


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation: as typed, as asked of the articles, and the answer (None: it failed)."""

    question: str
    asked_as: str
    answer: Answer | None
