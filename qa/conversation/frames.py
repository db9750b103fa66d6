"""The frame of a question: what it asks for, and the statement it asks it of. Pure, linear in its length.

parse("In what year did Iran join BRICS?")  ->  asked "In what year", auxiliary "did", rest "Iran join BRICS"
combine("Why", that frame, None)            ->  "Why did Iran join BRICS?"
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from qa.conversation.phrases import (
    Token,
    is_participle,
    is_plural,
    is_verb,
    mentions,
    singular,
    tokenize,
)
from qa.conversation.vocabulary import (
    AUXILIARIES,
    BE,
    DETERMINERS,
    DO,
    FUNCTION_WORDS,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    word_set,
)

# What the question word stands for: a circumstance, object, subject, a side of `A is B`, or nothing (yes/no).
Gap = Literal["circumstance", "object", "subject", "identity", "none"]

_CONNECTIVES = frozenset(("and", "but", "so", "or", "then", "ok", "okay", "also", "well", "now", "plus"))
_HOW_ADVERBS = frozenset(("long", "often", "far", "come", "exactly", "soon", "fast", "quickly", "late", "early"))
_HOW_ADJECTIVES = word_set("old tall high big deep wide large heavy hot cold strong likely successful")
_ASKED_WORDS = frozenset(("else", "exactly", "of", "other", "ones", "one", "more", "others"))
_MAX_ASKED = 7  # words in "In which of the two countries"
_PARTICIPLES = {
    "won": "won", "wrote": "written", "built": "built", "led": "led", "made": "made", "took": "taken",
    "gave": "given", "sold": "sold", "bought": "bought", "held": "held", "sent": "sent", "shot": "shot",
    "sang": "sung", "saw": "seen", "lost": "lost", "found": "found", "drew": "drawn", "broke": "broken",
    "chose": "chosen", "ran": "run", "beat": "beaten", "began": "begun", "overthrew": "overthrown",
    "hit": "hit", "taught": "taught", "met": "met", "fought": "fought",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frame:
    """A question taken apart; `asked` is empty if it is yes/no, `auxiliary` if the verb follows directly."""

    asked: str
    auxiliary: str
    rest: str
    gap: Gap

    @property
    def word(self) -> str:
        """The question word itself, in lower case: `what` in `In what year`."""
        return next((t.lower for t in tokenize(self.asked) if t.lower in QUESTION_WORDS), "")

    @property
    def noun(self) -> str:
        """What is counted or chosen from: `people` in `How many people`; empty if nothing is named."""
        words = [t.lower for t in tokenize(self.asked)]
        last = words[-1] if len(words) > 1 else ""
        return "" if last in FUNCTION_WORDS | _HOW_ADVERBS | _HOW_ADJECTIVES | _ASKED_WORDS else last


def bare(question: str) -> str:
    """`question` without leading `And`/`But`/`So` and without its closing punctuation."""
    text = question.strip().rstrip("?!. …").strip()
    for token in tokenize(text)[:3]:
        if token.lower not in _CONNECTIVES or token.end >= len(text):
            break
        remainder = text[text.index(token.text) + len(token.text) :].lstrip(" ,")
        if not remainder:
            break
        text = remainder
    return text


def asked_end(tokens: tuple[Token, ...]) -> int:
    """How many tokens from the start form the question phrase; 0 if the text does not begin with one."""
    first = 1 if len(tokens) > 1 and tokens[0].lower in PREPOSITIONS else 0
    if not tokens or tokens[first].lower not in QUESTION_WORDS:
        return 0
    end = first + 1
    if tokens[first].possessive:
        return end
    word = tokens[first].lower
    while end < min(len(tokens), _MAX_ASKED) and _is_asked(word, tokens, end, first):
        end += 1
    return end


def _is_asked(word: str, tokens: tuple[Token, ...], i: int, first: int) -> bool:
    token = tokens[i]
    if token.lower in _ASKED_WORDS:
        return token.lower != "of" or word in ("what", "which", "how")
    if word == "how" and i == first + 1:
        return token.lower in _HOW_ADVERBS | _HOW_ADJECTIVES | {"many", "much"}
    counts = word == "how" and tokens[first + 1].lower in ("many", "much")
    if not counts and word not in ("what", "which", "whose"):
        return False
    of_before = tokens[i - 1].lower == "of"
    if word == "how" and i > first + 2 and is_plural(tokens[i - 1].lower):
        return token.lower == "of" or of_before  # "How many countries | border Peru"
    if token.lower in FUNCTION_WORDS:
        return of_before and token.lower in ("the", "these", "those")
    return not is_verb(token.lower) or (of_before and i + 1 < len(tokens))


def parse(question: str) -> Frame | None:
    """The frame of a question, or None for a text that does not begin like one."""
    text = bare(question)
    tokens = tokenize(text)
    if not tokens:
        return None
    if tokens[0].lower in AUXILIARIES and len(tokens) > 1:
        return Frame("", tokens[0].lower, text[tokens[1].start :], "none")
    end = asked_end(tokens)
    if not end or end == len(tokens):
        return None
    asked = text[: tokens[end - 1].end]
    if tokens[end - 1].possessive and tokens[end - 1].lower in QUESTION_WORDS:
        auxiliary, after = "is", end  # "What's"
    elif tokens[end].lower in AUXILIARIES:
        auxiliary, after = tokens[end].lower, end + 1
    else:
        return Frame(asked, "", text[tokens[end].start :], "subject")
    if after == len(tokens):
        return None
    frame = Frame(asked, auxiliary, text[tokens[after].start :], "circumstance")
    return Frame(asked, auxiliary, frame.rest, _gap(frame, tokens[:end], tokens[after:]))


def _gap(frame: Frame, asked: tuple[Token, ...], rest: tuple[Token, ...]) -> Gap:
    words = [token.lower for token in asked]
    counts = "many" in words or "much" in words
    if words[0] in PREPOSITIONS or (frame.word in ("when", "where", "why", "how") and not counts):
        return "circumstance"
    if frame.noun in ("year", "time", "day", "month", "century", "date"):
        return "circumstance"
    if frame.auxiliary in DO:
        return "object"
    first, last = rest[0], rest[-1].lower
    opens_noun = first.is_capital or first.lower in DETERMINERS | PRONOUNS
    if not opens_noun and (is_verb(first.lower) or frame.auxiliary not in BE or counts):
        return "subject"
    if frame.auxiliary in BE and not (len(rest) > 1 and (is_verb(last) or last in PREPOSITIONS)):
        return "identity"
    return "object" if opens_noun else "subject"


def combine(asked: str, frame: Frame, answer: str | None) -> str | None:
    """`asked` of what `frame` states, the frame's own gap filled by `answer`; None if that cannot be said.

    combine("Where", parse("Who founded Harvard?"), None) is "Where was Harvard founded?".
    """
    new = Frame(asked, "", "", "none")
    if _same_slot(new, frame) or frame.gap in ("circumstance", "none"):
        return _question(asked, frame.auxiliary, frame.rest)
    if frame.gap == "object":
        return _question(asked, frame.auxiliary, _with_object(frame.rest, answer) if answer else frame.rest)
    if frame.gap == "identity":
        return _question(asked, frame.auxiliary, answer or "", frame.rest)
    return _of_subject(asked, frame, answer)


def _question(*parts: str) -> str:
    text = " ".join(part for part in parts if part)
    return text[:1].upper() + text[1:] + "?"


def _same_slot(new: Frame, frame: Frame) -> bool:
    slots = {"whom": "who", "which": "what", "whose": "what"}
    word, old = slots.get(new.word, new.word), slots.get(frame.word, frame.word)
    if "how" in (word, old):
        return bool(new.noun) and new.noun == frame.noun
    return word == old and frame.gap != "circumstance" and tokenize(new.asked)[0].lower not in PREPOSITIONS


def _with_object(rest: str, answer: str) -> str:
    """`rest` with its missing object: before the first preposition after the verb, else at the end."""
    tokens = tokenize(rest)
    for i, token in enumerate(tokens):
        if i >= 2 and token.lower in PREPOSITIONS - {"of"} and i + 1 < len(tokens) and is_verb(tokens[i - 1].lower):
            return f"{rest[: token.start]}{answer} {rest[token.start :]}"
    return f"{rest} {answer}"


def _of_subject(asked: str, frame: Frame, answer: str | None) -> str | None:
    subject = answer if answer and not answer[0].isdigit() and not frame.asked.lower().startswith("how") else frame.noun
    if frame.auxiliary:
        return _question(asked, frame.auxiliary, subject, frame.rest) if subject else None
    return _passive(asked, frame.rest) or (_question(asked, "was it that", subject, frame.rest) if subject else None)


def _passive(asked: str, rest: str) -> str | None:
    """`founded Harvard in Boston` -> `<asked> was Harvard founded in Boston?`"""
    tokens = tokenize(rest)
    verb = tokens[0].lower
    if len(tokens) < 2 or not (verb in _PARTICIPLES or (is_participle(verb) and verb.endswith("ed"))):
        return None
    first = next((m for m in mentions(rest) if m.start == tokens[1].start), None)
    if first is None or first.kind == "time":
        return None
    be = "were" if first.plural else "was"
    return _question(asked, be, first.text, _PARTICIPLES.get(verb, verb), rest[first.end :].strip())


def choose(frame: Frame) -> str | None:
    """`How many countries joined BRICS?` -> `Which countries joined BRICS?`; None if nothing is counted."""
    if not frame.noun:
        return None
    which = "Who" if singular(frame.noun) in ("people", "person") and not frame.auxiliary else f"Which {frame.noun}"
    return _question(which, frame.auxiliary, frame.rest)


def counted(frame: Frame) -> str | None:
    """`Who died in it?` -> `How many people died in it?`; None if what is to be counted is not clear."""
    if frame.word in ("what", "which") and frame.noun:
        return _question(f"How many {frame.noun}", frame.auxiliary, frame.rest)
    if frame.word == "who" and frame.gap == "subject":
        auxiliary = {"was": "were", "is": "are", "has": "have"}.get(frame.auxiliary, frame.auxiliary)
        return _question("How many people", auxiliary, frame.rest)
    if frame.gap == "none" and (found := re.match(r"(?:there )?(?:any|some) (\w+)", frame.rest)):
        left = frame.rest[found.end() :].strip()
        there = "there" if found.group().startswith("there") else ""
        return _question(f"How many {found[1]}", frame.auxiliary, there, left)
    return None
