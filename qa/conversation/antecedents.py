"""What a pronoun, a definite phrase or a missing topic of a follow-up stands for: the likeliest of many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from qa.confidence import LIKELY
from qa.conversation.frames import Frame, parse
from qa.conversation.phrases import (
    Kind,
    Mention,
    kind_of_noun,
    mentions,
    singular,
    tokenize,
)
from qa.conversation.turn import Turn
from qa.conversation.vocabulary import (
    BE,
    COLLECTIVE_NOUNS,
    FEMALE_NAMES,
    FEMALE_NOUNS,
    FUNCTION_WORDS,
    GENERIC_WORDS,
    MALE_NAMES,
    MALE_NOUNS,
    PREPOSITIONS,
    RELATIONAL_NOUNS,
    TIME_NOUNS,
)

# `circumstance`: the answer to when or where, which a later `it` never means.
Origin = Literal["answer", "circumstance", "question", "title"]
Reference = Literal["he", "she", "it", "they", "there", "then"]

REFERENCES: dict[str, Reference] = {
    "he": "he", "him": "he", "his": "he", "she": "she", "her": "she", "hers": "she", "it": "it", "its": "it",
    "they": "they", "them": "they", "their": "they", "theirs": "they", "there": "there", "then": "then",
}  # fmt: skip

_LOOK_BACK = 4  # turns; older ones are hardly ever meant
_MAX_TEXT = 400  # characters of a question that are looked at: it bounds the work
_MAX_ANSWER_WORDS = 8  # a longer answer is a statement, not the name of something
_TOPIC_MALUS: dict[Origin, float] = {"answer": 1.0, "circumstance": 1.0, "title": 0.5, "question": 0.0}
_UNSURE_MALUS = 0.6  # of an answer that is likely wrong
_MAX_TITLE = 200  # characters
_MAX_TITLE_WORDS = 5  # a longer title is a headline, not the name of something

_EMPTY_WORDS = frozenset(("best", "term", "example", "idea", "request", "amount", "group", "fact", "case"))
# How well a kind of thing fits a pronoun: 2 naturally, 1 possibly, 0 not at all.
_FIT: dict[Reference, dict[Kind, float]] = {
    "he": {"person": 2, "unknown": 1},
    "she": {"person": 2, "unknown": 1},
    "it": {"thing": 2, "event": 2, "place": 2, "unknown": 1},
    "they": {"thing": 1, "place": 0.8, "unknown": 0.8},
    "there": {"place": 2, "unknown": 1, "event": 1},
    "then": {"time": 2},
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that was talked about: how many turns ago, where it stood, and how early in that place."""

    mention: Mention
    distance: int
    origin: Origin
    rank: int
    titled: bool
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Context:
    """The turns before a question, as far as they help to understand it."""

    question: str
    frame: Frame | None
    answer: str | None
    candidates: tuple[Candidate, ...]
    continued: frozenset[Reference]

    @classmethod
    def of(cls, turns: Sequence[Turn]) -> Context | None:
        """The context that `turns` make, or None if they hold no question."""
        asked = [turn for turn in turns if (turn.asked_as or turn.question).strip()][-_LOOK_BACK:]
        if not asked:
            return None
        question = _text_of(asked[-1])
        candidates = [c for distance, turn in enumerate(reversed(asked)) for c in _candidates(turn, distance)]
        said = {t.lower for t in tokenize(asked[-1].question[:_MAX_TEXT])}
        continued = frozenset(REFERENCES[word] for word in said & REFERENCES.keys())
        frame = parse(question)
        needed = frame is not None and frame.gap == "subject"  # "Why was … disqualified?" asks for a name
        answer = _answer_of(asked[-1]) if needed or _is_sure(asked[-1]) else None
        return cls(question, frame, answer, tuple(candidates), continued)

    def referent(self, reference: Reference, excluded: Sequence[str] = ()) -> Mention | None:
        """What a pronoun stands for; `excluded` names what it cannot be."""
        best: tuple[float, Mention] | None = None
        for candidate in self.candidates:
            fit = _fit(reference, candidate)
            if not fit or candidate.mention.text.lower() in excluded:
                continue
            score = fit - candidate.distance - candidate.rank / 100 + 0.3 * candidate.titled
            if candidate.origin in ("answer", "circumstance"):
                named = candidate.mention.is_name and reference not in self.continued
                score += 0.5 if named else -0.5
                score -= _UNSURE_MALUS * (not candidate.sure)
            score -= 0.6 * (candidate.origin == "title") + 0.5 * _is_bare(candidate.mention)
            if best is None or score > best[0]:
                best = score, candidate.mention
        return best[1] if best else None

    def topic(self) -> Mention | None:
        """What the conversation is about: what a question without a topic of its own asks of."""
        weights = {"event": 1.0, "place": 0.4, "thing": 0.4, "unknown": 0.4, "person": 0.3, "time": -9.0}
        best: tuple[float, Mention] | None = None
        for candidate in self.candidates:
            mention = candidate.mention
            score = weights[mention.kind] + 0.5 * mention.is_name - candidate.distance - candidate.rank / 100
            score += 0.6 * candidate.titled - _TOPIC_MALUS[candidate.origin]
            score -= 1.0 if mention.head in RELATIONAL_NOUNS and not mention.is_name else 0.0
            if score > -8 and (best is None or score > best[0]):
                best = score, mention
        return best[1] if best else None

    def called(self, noun: str) -> Mention | None:
        """What was called by this noun and more words: `the Treaty of Versailles` for `treaty`."""
        for candidate in self.candidates:
            mention = candidate.mention
            if singular(mention.head) == singular(noun) and len(tokenize(mention.text)) > 2 - mention.is_name:
                return mention
        return None

    def classed(self, noun: str, *, certain: bool) -> Mention | None:
        """The name of what `that city` can mean; `certain` asks for more than not knowing the name's kind."""
        kind = kind_of_noun(noun)
        names = [c for c in self.candidates if c.mention.is_name]
        exact = [c.mention for c in names if c.mention.kind == kind]
        loose = [c.mention for c in names if c.mention.kind == "unknown" and not (certain and c.origin == "title")]
        return next(iter(exact or loose), None)


def _text_of(turn: Turn) -> str:
    return (turn.asked_as or turn.question)[:_MAX_TEXT]


def _is_sure(turn: Turn) -> bool:
    """Whether the answer can be built upon: after one that is likely wrong the question's own words are safer."""
    return turn.answer is not None and turn.answer.confidence >= LIKELY


def _answer_of(turn: Turn) -> str | None:
    """The answer's words if they can stand in a question, without leading preposition and closing dot."""
    text = (turn.answer.text or "") if turn.answer else ""
    words = text.strip().split(" ", _MAX_ANSWER_WORDS + 1)
    if words[0].lower() in ("in", "on", "at", "by", "from", "to", "during", "since"):
        words = words[1:]
    if not 0 < len(words) <= _MAX_ANSWER_WORDS:
        return None
    return " ".join(words).rstrip(".,;:") or None


def _candidates(turn: Turn, distance: int) -> Iterator[Candidate]:
    title = _title_of(turn)
    known = {token.lower for token in tokenize(title)}
    question = _text_of(turn)
    frame = parse(question)
    own = _own_mentions(question)
    answer = None if _is_about_a_name(frame, own) else _answer_mention(turn, frame)
    if answer and frame:
        origin: Origin = "circumstance" if _asks_where(frame) else "answer"
        yield Candidate(answer, distance, origin, 0, False, _is_sure(turn))
    if frame and (counted := _counted_ones(frame)):
        yield Candidate(counted, distance, "question", 0, False)
    named = frame.rest.lower() if answer and frame and frame.gap == "identity" else ""
    for rank, mention in enumerate(own):
        if named.startswith(mention.text.lower()) and not mention.is_name:
            continue  # "the capital of Peru" is what the answer names
        words = {t.lower for t in tokenize(mention.text)} - FUNCTION_WORDS
        yield Candidate(mention, distance, "question", rank, bool(words & known))
    if title and len(tokenize(title)) <= _MAX_TITLE_WORDS:
        found = next((m for m in mentions(title) if m.start == 0 and m.end == len(title)), None)
        whole = found or Mention(title, 0, len(title), "unknown", is_name=True)
        yield Candidate(whole, distance, "title", 0, True)


def _is_about_a_name(frame: Frame | None, own: Sequence[Mention]) -> bool:
    """`Who was Kelvin Kiptum?`: whatever the answer, it is Kiptum that is talked about."""
    rest = frame.rest.lower() if frame and frame.gap == "identity" else ""
    return bool(rest) and any(mention.is_name and mention.text.lower() == rest for mention in own)


def _asks_where(frame: Frame) -> bool:
    """`When did …`, `In which city …`, and `Which river is Jacksonville on?`"""
    stranded = frame.auxiliary in BE and frame.rest.rsplit(" ", 1)[-1] in PREPOSITIONS
    return frame.gap == "circumstance" or stranded


def _own_mentions(question: str) -> list[Mention]:
    """What the question speaks of, not what it asks for (`company` in `Which company`)."""
    tokens = tokenize(question)
    words = [token.lower for token in tokens]
    asked = {
        tokens[i + 1].start for i in range(len(tokens) - 1) if words[i] in ("what", "which", "whose", "many", "much")
    }
    found = [
        mention
        for mention in mentions(question)
        if mention.is_name or (mention.start not in asked and not _is_generic(mention))
    ]
    pairs = _pairs(question, found)
    return pairs + found


def _counted_ones(frame: Frame) -> Mention | None:
    """`the climbers that died on Everest`, for a `they` after `How many climbers died on Everest?`"""
    if frame.gap != "subject" or not frame.asked.lower().startswith("how many ") or not frame.noun:
        return None
    text = " ".join(part for part in (f"the {frame.noun} that", frame.auxiliary, frame.rest) if part)
    return Mention(text, 0, len(text), "person" if frame.noun == "people" else "thing", True)


def _is_generic(mention: Mention) -> bool:
    """`the best way`, `the other term`: nothing that a later question comes back to."""
    said = [token.lower for token in tokenize(mention.text)]
    return all(word in FUNCTION_WORDS | GENERIC_WORDS | _EMPTY_WORDS for word in said)


def _is_bare(mention: Mention) -> bool:
    """A lone lower-case noun without an article: as likely a verb or adjective that the rules do not know."""
    return not (mention.is_name or mention.plural) and " " not in mention.text


def _pairs(question: str, found: Sequence[Mention]) -> list[Mention]:
    """`Russia and Iran`: two names that a `they` can take together."""
    return [
        Mention(question[a.start : b.end], a.start, b.end, a.kind, True, True)
        for a, b in pairwise(found)
        if a.is_name and b.is_name and question[a.end : b.start] == " and "
    ]


def _title_of(turn: Turn) -> str:
    if not turn.answer or not turn.answer.citations:
        return ""
    title: str = turn.answer.citations[0].article.title
    return title[:_MAX_TITLE].replace("_", " ").strip()


def _answer_mention(turn: Turn, frame: Frame | None) -> Mention | None:
    """The answer as something to speak of, its kind from what was asked; None for numbers and statements."""
    text = _answer_of(turn)
    if text is None or frame is None or frame.gap == "none":
        return None
    found = mentions(text)
    whole = next((m for m in found if m.start == 0 and m.end == len(text)), None)
    kind = _kind_asked(frame) or (whole.kind if whole else "unknown")
    if kind == "number" or (text[0].isdigit() and kind != "time") or (frame.word in ("why", "how") and not whole):
        return None
    if kind == "unknown" and frame.word == "what" and not frame.noun:
        kind = "thing"
    plural = whole.plural if whole else " and " in text
    is_name = text[0].isupper() or (whole is not None and whole.is_name)
    if not is_name and kind == "person" and not whole:
        kind = "unknown"
    return Mention(text, 0, len(text), kind, plural or " and " in text, is_name)


def _kind_asked(frame: Frame) -> Kind | Literal["number"] | None:
    if frame.word in ("when", "who", "whom", "where"):
        return {"when": "time", "where": "place"}.get(frame.word, "person")  # type: ignore[return-value]
    if frame.word == "how":
        return "number" if frame.asked.lower() != "how" else None
    if frame.noun in TIME_NOUNS:
        return "time"
    if frame.noun:
        kind = kind_of_noun(frame.noun)
        return None if kind == "thing" else kind
    if frame.gap == "identity":
        noun = next((m for m in mentions(frame.rest) if m.start == 0), None)
        return noun.kind if noun and not noun.is_name and noun.kind in ("person", "place", "time") else None
    return None


def _fit(reference: Reference, candidate: Candidate) -> float:
    mention = candidate.mention
    fit = _FIT[reference].get(mention.kind, 0.0)
    if reference in ("he", "she"):
        words = {token.lower for token in tokenize(mention.text)} if mention.is_name else {mention.head}
        male, female = words & (MALE_NAMES | MALE_NOUNS), words & (FEMALE_NAMES | FEMALE_NOUNS)
        right, wrong = (male, female) if reference == "he" else (female, male)
        fit += 0.6 * (mention.kind == "unknown" and " " in mention.text)
        return 0.0 if mention.plural or (wrong and not right) else fit + 0.7 * bool(right)
    if reference == "they":
        if mention.plural and mention.kind != "time":
            return 2.0
        return fit if mention.is_name or mention.head in COLLECTIVE_NOUNS else 0.0
    if reference in ("it", "there") and mention.plural:
        return 0.0
    if reference == "it" and (candidate.origin == "circumstance" or not _can_be_it(candidate)):
        return 0.0
    relational = mention.head in RELATIONAL_NOUNS and not mention.is_name
    return fit - 1.5 if reference == "it" and relational and candidate.origin == "question" else fit


def _can_be_it(candidate: Candidate) -> bool:
    mention = candidate.mention
    return candidate.origin != "answer" or mention.is_name or mention.text.lower().startswith(("the ", "a ", "an "))
