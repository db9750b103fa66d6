"""Definite phrases: "the crash", "that treaty", "the capital", "that year"."""

from __future__ import annotations

from qa.conversation.antecedents import Context
from qa.conversation.binding import DEMONSTRATIVES
from qa.conversation.edits import definite_form, edited, time_link
from qa.conversation.phrases import Token, is_verb, kind_of_noun, mentions, singular, tokenize
from qa.conversation.vocabulary import (
    BE,
    CLASS_NOUNS,
    DO,
    FUNCTION_WORDS,
    MODAL,
    PERSON_NOUNS,
    PREPOSITIONS,
    RELATIONAL_NOUNS,
    SAYING_VERBS,
    TIME_NOUNS,
    word_set,
)

_COMPLEMENTS = frozenset(("of", "that", "who", "which", "whose", "where", "when"))
# Nouns that point at the text itself, not at something in the conversation.
_NOT_SAID_BEFORE = word_set("case way paragraph text passage article question sentence")
# Nouns by which a name can be called again; "the engine" after a name is more likely a thing of its own.
_CLASSIFIERS = word_set(
    "country city town village state region island river lake mountain volcano company firm "
    "organization organisation team university school college museum church bridge castle tower film "
    "movie book novel war battle treaty dynasty empire tournament festival ship species game dam canal "
    "cathedral"
)


def definite(question: str, context: Context) -> str | None:
    tokens = tokenize(question)
    for i, token in enumerate(tokens[:-1]):
        if token.lower not in DEMONSTRATIVES | {"the"}:
            continue
        end = _phrase_end(question, tokens, i)
        if end == i + 1 or not _is_demonstrative_here(tokens, i, end):
            continue
        replaced = _phrase(question, tokens, i, end, context)
        if replaced is not None:
            return replaced
    return None


def _phrase_end(question: str, tokens: tuple[Token, ...], i: int) -> int:
    end = i + 1
    while end < len(tokens) and end - i <= 3 and tokens[end].lower not in FUNCTION_WORDS and not tokens[end].is_capital:
        if end > i + 1 and is_verb(tokens[end].lower) and tokens[end].lower not in CLASS_NOUNS | RELATIONAL_NOUNS:
            break
        end += 1
        if tokens[end - 1].possessive or (
            end < len(tokens) and question[tokens[end - 1].end : tokens[end].start] != " "
        ):
            break
    asked = (
        i > 0
        and tokens[i - 1].lower in DO | MODAL
        and (end == len(tokens) or tokens[end].lower in FUNCTION_WORDS - {"be"})
    )
    verb_last = asked and end - i > 2 and tokens[end - 1].lower not in CLASS_NOUNS
    return end - 1 if verb_last else end  # "did this concept contradict"


def _is_demonstrative_here(tokens: tuple[Token, ...], i: int, end: int) -> bool:
    """Not the `that` of `the treaty that ended`, nor of `say that people`."""
    if tokens[i].lower != "that":
        return True
    before = tokens[i - 1].lower if i else ""
    if is_verb(tokens[i + 1].lower) and kind_of_noun(tokens[i + 1].lower) == "thing":
        return False
    if before in PREPOSITIONS | BE | DO | {"", "happened", "else"}:
        return True
    closed = end == len(tokens) or tokens[end].lower in PREPOSITIONS
    verb = is_verb(before) or singular(tokens[end - 1].lower) in CLASS_NOUNS
    return closed and verb and before not in SAYING_VERBS


def _phrase(question: str, tokens: tuple[Token, ...], i: int, end: int, context: Context) -> str | None:
    """The question with the phrase `tokens[i:end]` made explicit; None if it needs or finds nothing."""
    noun, demonstrative = tokens[end - 1].lower, tokens[i].lower in DEMONSTRATIVES
    following = tokens[end] if end < len(tokens) else None
    if noun in _NOT_SAID_BEFORE or (following and (following.lower in _COMPLEMENTS or following.is_capital)):
        return None
    if demonstrative and noun in TIME_NOUNS:
        return _timed(question, tokens, i, tokens[end - 1].end, context)
    others = [m for m in mentions(question) if m.end <= tokens[i].start or m.start >= tokens[end - 1].end]
    if not demonstrative and any(m.is_name for m in others):
        return None
    bare_noun = end - i == 2
    meant = context.called(noun) if bare_noun or demonstrative else None
    before_preposition = following is not None and following.lower in PREPOSITIONS
    if meant is None and demonstrative and noun in CLASS_NOUNS:
        meant = context.classed(noun, certain=False) if noun in _CLASSIFIERS | PERSON_NOUNS else None
    elif meant is None and bare_noun and noun in _CLASSIFIERS and not before_preposition:
        meant = context.classed(noun, certain=True)
    text = definite_form(meant.text) if meant else None
    relational = noun in RELATIONAL_NOUNS and all(m.kind == "time" for m in others)
    if text is None and (demonstrative or (relational and not before_preposition and not tokens[end - 1].possessive)):
        text = _of_topic(question[tokens[i + 1].start : tokens[end - 1].end], question, context)
    if text is None or text.lower() in question.lower():
        return None
    return edited(question, [(tokens[i].start, tokens[end - 1].end, text)])


def _of_topic(noun: str, question: str, context: Context) -> str | None:
    """`the capital` of what the conversation is about."""
    topic = context.topic()
    if topic is None or topic.text.lower() in question.lower() or noun.lower() in topic.text.lower().split():
        return None
    return f"the {noun} of {definite_form(topic.text)}"


def _timed(question: str, tokens: tuple[Token, ...], i: int, stop: int, context: Context) -> str | None:
    time = context.referent("then")
    if time is None:
        return None
    before = tokens[i - 1] if i and tokens[i - 1].lower in PREPOSITIONS else None
    start = before.start if before and before.lower in ("at", "in", "on", "during") else tokens[i].start
    link = "" if before and start == tokens[i].start else time_link(time.text) + " "
    return edited(question, [(start, stop, link + time.text)])
