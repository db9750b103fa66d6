"""Questions without a topic of their own, such as "How many people died?"."""

from __future__ import annotations

from qa.conversation import frames
from qa.conversation.antecedents import Context
from qa.conversation.edits import appended, capitalised, definite_form
from qa.conversation.phrases import Token, is_verb, mentions, singular, tokenize
from qa.conversation.vocabulary import FUNCTION_WORDS, GENERIC_WORDS, PREPOSITIONS, RELATIONAL_NOUNS, word_set

_MAX_WORDS = 8  # a longer question that repeats words of the one before says what it is about
_SPEAKERS = frozenset(("you", "i", "me", "my", "your", "we"))  # "Who are you?" is about no article
# Verbs that take the topic directly: "Who won?" -> "Who won Super Bowl 50?".
_TRANSITIVE = word_set(
    "won win founded found wrote write built build directed direct designed design invented invent "
    "discovered discover attended attend survived survive caused cause led lead joined join signed sign "
    "owned owns own created create ruled rule started start ended end visited visit destroyed destroy "
    "rebuilt composed painted published lost lose"
)


def topicless(question: str, context: Context) -> str | None:
    """A question made of words that say nothing of what it is about, with the topic of the turns before."""
    text = frames.bare(question)
    tokens = tokenize(text)
    words = {token.lower for token in tokens}
    if words & _SPEAKERS or not (frames.asked_end(tokens) or frames.parse(question)):
        return None
    topic = context.topic()
    timed = any(mention.kind == "time" for mention in mentions(text))
    if _has_own_topic(tokens, context) or (timed and topic and topic.kind not in ("event", "place")):
        return None
    return _with_tail(question, tokens, context) or about_topic(text, context)


def _has_own_topic(tokens: tuple[Token, ...], context: Context) -> bool:
    """Whether a word says what the question is about; verbs of the question before it do not."""
    said = {t.lower for t in tokenize(context.question)} if len(tokens) <= _MAX_WORDS else set()
    named = {singular(t.lower) for c in context.candidates for t in tokenize(c.mention.text)}
    content = [t for t in tokens if t.lower not in FUNCTION_WORDS | GENERIC_WORDS and not _is_year(t.text)]
    repeated = [t for t in content if t.lower in said and singular(t.lower) not in named and not t.is_capital]
    return len(repeated) < len(content) or len(content) > 2


def _is_year(word: str) -> bool:
    return word.isdigit() and len(word) == 4


def _with_tail(question: str, tokens: tuple[Token, ...], context: Context) -> str | None:
    """`Who else was killed?` after `Who was killed in the crash?` takes over `in the crash`."""
    last = tokens[-1].lower
    if not is_verb(last):
        return None
    text = frames.bare(context.question)
    for token in tokenize(text):
        tail = text[token.end :].strip()
        if (
            tail
            and len(last) > 2
            and token.lower[:3] == last[:3]
            and is_verb(token.lower)
            and abs(len(token.lower) - len(last)) < 4
        ):
            return appended(capitalised(frames.bare(question)), tail)
    return None


def about_topic(text: str, context: Context) -> str | None:
    topic = context.topic()
    if topic is None:
        return None
    named = definite_form(topic.text)
    last = tokenize(text)[-1].lower
    if last in _TRANSITIVE and topic.kind != "person":
        link = ""
    elif last in ("happened", "happen"):
        link = "to" if topic.kind in ("person", "thing", "unknown") else "in"
    elif last in PREPOSITIONS:
        link = ""
    else:
        link = "of" if topic.kind == "person" or last in RELATIONAL_NOUNS else "in"
    return appended(capitalised(text), f"{link} {named}")
