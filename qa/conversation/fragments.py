"""Fragments ("Why?", "And in 2021?", "What about Egypt?") and events ("Where did it happen?")."""

from __future__ import annotations

import re
from collections.abc import Sequence

from qa.conversation import frames
from qa.conversation.antecedents import Context
from qa.conversation.edits import appended
from qa.conversation.phrases import Mention, Token, is_plural, is_verb, mentions, singular, tokenize
from qa.conversation.topics import about_topic
from qa.conversation.vocabulary import (
    BE,
    CLASS_NOUNS,
    FUNCTION_WORDS,
    GENERIC_WORDS,
    PREPOSITIONS,
    QUESTION_WORDS,
    RELATIONAL_NOUNS,
    TIME_NOUNS,
    word_set,
)

_MAX_FRAGMENT = 8  # words in "And what about the minister of foreign affairs?"
_HAPPEN = word_set("happen happened occur occurred take place took begin began start started end ended")


def fragment(question: str, context: Context) -> str | None:
    text = frames.bare(question)
    tokens = tokenize(text)
    if not tokens or len(tokens) > _MAX_FRAGMENT:
        return None
    if _stranded(tokens) or (frames.asked_end(tokens) == len(tokens) and _is_plain_asked(tokens)):
        return _asked_again(text, tokens, context)
    about = re.match(r"(?:what|how) about (?=.)", text, re.IGNORECASE)
    joined = bool(about) or not _differs_from_prefix(text, question)
    if about:
        text = text[about.end() :]
    return _swapped(text, context, certain=joined)


def _differs_from_prefix(text: str, question: str) -> bool:
    """Whether `question` began with the words `text` begins with: no `And` was taken off."""
    return question.strip().lower().startswith(text.lower())


def _is_plain_asked(tokens: tuple[Token, ...]) -> bool:
    """`In which year`, `How many`; not `What quotes Mill`, whose verb the rules do not know."""
    known = FUNCTION_WORDS | GENERIC_WORDS | CLASS_NOUNS
    return all(token.lower in known or singular(token.lower) in known for token in tokens)


def _stranded(tokens: tuple[Token, ...]) -> bool:
    """`Why not?`, `What for?`, `By whom?` with nothing else."""
    words = [token.lower for token in tokens]
    return words in (["why", "not"], ["what", "for"], ["how", "so"], ["anyone", "else"], ["anything", "else"])


def _asked_again(text: str, tokens: tuple[Token, ...], context: Context) -> str | None:
    frame = context.frame
    words = " ".join(token.lower for token in tokens)
    asked = {
        "why not": "Why",
        "what for": "Why",
        "how so": "How",
        "anyone else": "Who else",
        "anything else": "What else",
    }.get(words, text)
    if frame is None:
        return about_topic(text, context)
    if words in ("which", "which one", "which ones", "what ones") and (chosen := frames.choose(frame)):
        return chosen
    if words in ("how many", "how many exactly") and (counted := frames.counted(frame)):
        return counted
    if words == "who" and frame.gap != "subject" and frame.auxiliary in BE:
        asked = "By whom"
    whole = frames.combine(asked, _negated(frame) if words == "why not" else frame, context.answer)
    return whole or about_topic(asked, context)


def _negated(frame: frames.Frame) -> frames.Frame:
    contracted = {"can": "can't", "will": "won't"}.get(frame.auxiliary, frame.auxiliary + "n't")
    return frames.Frame(frame.asked, contracted if frame.auxiliary else "", frame.rest, frame.gap)


def _swapped(text: str, context: Context, *, certain: bool) -> str | None:
    """The previous question with the part that `text` replaces exchanged; None if `text` is no such part."""
    tokens = tokenize(text)
    if not tokens or frames.asked_end(tokens) or any(is_verb(t.lower) for t in tokens[:1]):
        return None
    preposition = tokens[0].text if tokens[0].lower in PREPOSITIONS and len(tokens) > 1 else ""
    named = text[tokens[1].start :] if preposition else text
    new = next((m for m in mentions(named) if m.start == 0), None)
    covers = new is not None and new.end >= len(named) - 1
    if not (certain or preposition or (covers and new is not None and new.kind not in ("unknown", "thing", "person"))):
        return None
    if not certain and (frames.parse(text) or any(t.lower in QUESTION_WORDS for t in tokens)):
        return None
    if not covers and not certain:
        return None
    new = new or Mention(named, 0, len(named), "unknown")
    old = _counterpart(new, preposition.lower(), context)
    previous = context.question.strip()
    if old is None:
        return appended(previous, f"{preposition.lower() or _link(new)} {named}")
    return previous[: old[0]] + named + previous[old[1] :]


def _link(new: Mention) -> str:
    return "in" if new.kind in ("place", "time", "event") else "for"


def _counterpart(new: Mention, preposition: str, context: Context) -> tuple[int, int] | None:
    """The stretch of the previous question that a new part takes the place of, if there is one."""
    question = context.question
    found = mentions(question)
    if preposition:
        return _after_preposition(question, preposition, new, found)
    relational = [m for m in found if m.head in RELATIONAL_NOUNS and " of " not in m.text]
    if new.head in RELATIONAL_NOUNS and relational:
        return relational[0].start, relational[0].end
    if counted := _counted_noun(question, new):
        return counted
    alike = [m for m in found if m.kind == new.kind]
    alike = [m for m in alike if m.is_name == new.is_name] or alike
    if not alike and new.kind != "time":
        alike = [m for m in found if m.is_name == new.is_name and _may_be_alike(m, new)]
    best = min(alike, key=lambda m: (" of " in m.text and not m.is_name, m.start), default=None)
    return (best.start, best.end) if best else None


def _may_be_alike(one: Mention, other: Mention) -> bool:
    kinds = {one.kind, other.kind}
    if "time" in kinds:
        return False
    return "unknown" in kinds or kinds == {"thing", "place"} or ("place" not in kinds and one.is_name and other.is_name)


def _counted_noun(question: str, new: Mention) -> tuple[int, int] | None:
    """`men` in `How many men crossed the Sahara?`, for another lower-case plural."""
    frame = frames.parse(question)
    if frame is None or not frame.noun or new.is_name or " " in new.text or not is_plural(new.head):
        return None
    start = question.lower().find(frame.noun, question.lower().find(frame.word))
    return (start, start + len(frame.noun)) if start >= 0 else None


def _after_preposition(
    question: str, preposition: str, new: Mention, found: Sequence[Mention]
) -> tuple[int, int] | None:
    """What stands after the same preposition and is of the same kind; a time takes any time's place."""
    tokens = tokenize(question)
    for i, token in enumerate(tokens[:-1]):
        if token.lower == preposition:
            start = tokens[i + 1].start
            old = next((m for m in found if m.start == start), None)
            if old and (old.kind == new.kind or _may_be_alike(old, new)):
                return old.start, old.end
            if old is None and {tokens[i + 1].lower, new.head} <= TIME_NOUNS:
                return start, tokens[i + 1].end
    times = [m for m in found if m.kind == new.kind == "time"]
    return (times[0].start, times[0].end) if times else None


def event(question: str, context: Context) -> str | None:
    text = frames.bare(question)
    tokens = tokenize(text)
    end = frames.asked_end(tokens)
    words = [token.lower for token in tokens]
    if not end or len(words) < end + 2 or words[end + 1] not in ("it", "that", "this", "he", "she", "they"):
        return None
    tail, pronoun = words[end + 2 :], words[end + 1]
    happens = bool(tail) and all(word in _HAPPEN for word in tail) and tail[0] in ("happen", "occur", "take")
    bare_event = not tail and (
        words[end] in ("did", "does", "do") or (words[end] in BE and pronoun in ("that", "this"))
    )
    if not (happens or bare_event) or context.frame is None:
        return None
    asked = text[: tokens[end - 1].end]
    if (
        frames.Frame(asked, "", "", "none").word not in ("when", "where", "why", "how")
        and words[0] not in PREPOSITIONS
        and (words[1] not in TIME_NOUNS)
    ):
        return None
    event = next((c.mention for c in context.candidates if c.mention.kind == "event" and c.distance == 0), None)
    if happens and event and pronoun == "it":
        return None
    return frames.combine(asked, context.frame, context.answer)
