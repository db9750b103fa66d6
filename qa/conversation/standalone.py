"""Follow-up questions -> questions that stand alone, by rules over the turns before: no language model.

A question is a follow-up when it is a fragment ("Why?", "And in 2021?", "What about Egypt?"), asks about an
event by `it` or `that` ("Where did it happen?"), holds a pronoun or a definite phrase that nothing in it
explains, or is made of words without a topic of their own ("How many people died?"). Anything else stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from qa.conversation import frames
from qa.conversation.antecedents import Context
from qa.conversation.definites import definite
from qa.conversation.fragments import event, fragment
from qa.conversation.pronouns import pronouns
from qa.conversation.topics import topicless
from qa.conversation.turn import Turn

MAX_QUESTION = 400  # characters; a longer text is no follow-up, and the limit bounds the work


def standalone(question: str, turns: Sequence[Turn]) -> str:
    """`question` with what it leaves unsaid filled in from `turns`, oldest first; else as it is.

    >>> first = "How tall was the tower in 1990?"
    >>> standalone("And in 2021?", [Turn(first, first, None)])
    'How tall was the tower in 2021?'
    """
    if len(question) > MAX_QUESTION or not question.strip():
        return question
    context = Context.of(turns)
    if context is None:
        return question
    for rule in _RULES:
        rewritten = rule(question, context)
        if rewritten is not None:
            return rewritten if _differs(rewritten, question) else question
    return question


def _differs(rewritten: str, question: str) -> bool:
    return frames.bare(rewritten).lower() != frames.bare(question).lower()


_RULES: tuple[Callable[[str, Context], str | None], ...] = (
    fragment,
    event,
    pronouns,
    definite,
    topicless,
)
