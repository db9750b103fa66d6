"""Names, noun phrases and times in a question, found by rules: no model, no part-of-speech tagger.

It is made for the short, clean sentences that questions are. What it cannot know (whether `Tesla` is a person
or a company) it calls `unknown`, and leaves to the caller. Every loop moves forward over the tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qa.conversation.vocabulary import (
    CLASS_NOUNS,
    DO,
    EVENT_NOUNS,
    FEMALE_NAMES,
    FUNCTION_WORDS,
    GENERIC_WORDS,
    HONORIFICS,
    INSTITUTIONS,
    LINKS,
    MALE_NAMES,
    MODAL,
    NOT_PARTICIPLES,
    OPENERS,
    PERSON_CUES,
    PERSON_NOUNS,
    PLACE_NOUNS,
    PLACE_PREFIXES,
    PLACES,
    QUESTION_WORDS,
    THING_NOUNS,
    TIME_NOUNS,
    VERBS,
)

Kind = Literal["person", "place", "time", "event", "thing", "unknown"]

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_TIME = re.compile(
    rf"(?:(?:\d{{1,2}}(?:st|nd|rd|th)? )?(?:{_MONTHS})(?: \d{{1,2}}(?:st|nd|rd|th)?)?(?:,? \d{{4}})?"
    r"|(?:[Tt]he )?(?:early |late |mid-)?\d{2,3}0s|1\d{3}|20\d{2}|\d{1,4} (?:BC|AD|BCE|CE)"
    r"|[Tt]he (?:early |late |mid-)?\w{1,20} century|(?:last|next) (?:year|month|week|century|decade))"
    r"(?![\w-])"
)
_QUOTED = re.compile(r'["“”]([^"“”\n]{2,120})["“”]')
_WORD = re.compile(r"\w+(?:[-'’&.]\w+)*")
_DEMONYM = re.compile(r"(?:[a-z]ian|[a-z]an|ish|ese|ean|french|dutch|greek|czech|swiss|iraqi|israeli|pakistani)$")
_CACHED = 512  # short texts; the rules ask for the same ones again and again
_MAX_NOUNS = 4  # words in a lower-case noun phrase


@dataclass(frozen=True, slots=True)
class Token:
    """One word; a possessive 's (or the 's of "what's") is not part of it but noted."""

    text: str
    start: int
    end: int
    possessive: bool
    lower: str  # in lower case, with a straight apostrophe

    @property
    def is_capital(self) -> bool:
        """Whether it begins as names do."""
        return self.text[0].isupper()


@dataclass(frozen=True, slots=True)
class Mention:
    """Something a text talks about: `text[start:end]`, with its kind and number."""

    text: str
    start: int
    end: int
    kind: Kind
    plural: bool = False
    is_name: bool = False

    @property
    def head(self) -> str:
        """The noun it turns on, in lower case: `treaty` for `the Treaty of Versailles`."""
        words = [token.lower for token in tokenize(re.split(r" of ", self.text, maxsplit=1)[0])]
        return words[-1] if words else ""


@lru_cache(maxsize=_CACHED)
def tokenize(text: str) -> tuple[Token, ...]:
    """The words of `text` in order, with their places."""
    tokens = []
    for match in _WORD.finditer(text):
        word, end = match.group(), match.end()
        possessive = len(word) > 2 and word[-2] in "'’" and word[-1] in "sS"
        if possessive:
            word, end = word[:-2], end - 2
        lower = word.lower().replace("’", "'")
        tokens.append(Token(word, match.start(), end, possessive, lower))
    return tuple(tokens)


def singular(word: str) -> str:
    """A lower-case noun without its plural ending, as far as spelling tells."""
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


def is_plural(word: str) -> bool:
    """Whether a lower-case noun looks like more than one."""
    return singular(word) != word or word in ("people", "men", "women", "children", "bacteria")


def is_participle(word: str) -> bool:
    """Whether a lower-case word looks like a regular past or an -ing form."""
    return len(word) > 3 and word.endswith(("ed", "ing")) and word not in NOT_PARTICIPLES and word not in CLASS_NOUNS


def is_verb(word: str) -> bool:
    """Whether a lower-case word is one that questions use as a verb."""
    return word in VERBS or is_participle(word) or (word.endswith("s") and word[:-1] in VERBS)


def kind_of_noun(noun: str) -> Kind:
    """The kind of thing that a lower-case common noun names."""
    word = singular(noun)
    for kind, nouns in (
        ("person", PERSON_NOUNS),
        ("event", EVENT_NOUNS),
        ("place", PLACE_NOUNS),
        ("time", TIME_NOUNS),
        ("thing", THING_NOUNS),
    ):
        if word in nouns or noun in nouns:
            return kind  # type: ignore[return-value]
    return "person" if word in ("people", "men", "women", "children") else "thing"


@lru_cache(maxsize=_CACHED)
def mentions(text: str) -> tuple[Mention, ...]:
    """What `text` talks about, in order; a noun phrase with `of` comes before the shorter ones inside it."""
    tokens = tokenize(text)
    found: list[Mention] = []
    i = 0
    while i < len(tokens):
        start, end, mention = _at(text, tokens, i)
        if mention is None:
            i += 1
            continue
        longer = _with_complement(text, tokens, start, end, mention)
        found += [longer, mention] if longer else [mention]
        i = end
    return tuple(found)


def _at(text: str, tokens: tuple[Token, ...], i: int) -> tuple[int, int, Mention | None]:
    token = tokens[i]
    if quoted := _QUOTED.match(text, token.start - 1) if token.start else None:
        end = _index_after(tokens, i, quoted.end())
        return i, end, Mention(quoted.group(), quoted.start(), quoted.end(), "thing", is_name=True)
    if time := _TIME.match(text, token.start):
        end = _index_after(tokens, i, time.end())
        return i, end, Mention(time.group(), time.start(), time.end(), "time")
    first = i + 1 if token.lower in ("the", "a", "an") and i + 1 < len(tokens) else i
    if _begins_name(tokens, first):
        end = _name_end(text, tokens, first)
        return i, end, _name(text, tokens, i, first, end)
    end = _nouns_end(text, tokens, i, first)
    start = first
    if first == i and i == 1 and tokens[0].lower in ("who", "what") and end - i > 1:
        start = i + 1  # "What surrounds chloroplasts?": the verb comes first
    if end <= start or (first == i and _is_generic(tokens[start:end])):
        return i, i, None
    phrase = _noun_phrase(text, tokens, i if first > i else start, end)
    if first > i and _has_name_beside(text, tokens, i, end):
        end = _name_end(text, tokens, end)
        span = text[phrase.start : tokens[end - 1].end]
        return i, end, Mention(_lower_the(span), phrase.start, tokens[end - 1].end, phrase.kind, is_name=True)
    return i, end, phrase


def _has_name_beside(text: str, tokens: tuple[Token, ...], i: int, end: int) -> bool:
    """`the black hole Sagittarius A`: the noun says what the name after it is of."""
    if end == len(tokens) or not tokens[end].is_capital or text[tokens[end - 1].end : tokens[end].start] != " ":
        return False
    noun = singular(tokens[end - 1].lower) in CLASS_NOUNS
    return not tokens[end - 1].possessive and (noun or i == 0 or tokens[i - 1].lower not in DO | MODAL)


def _index_after(tokens: tuple[Token, ...], i: int, offset: int) -> int:
    while i < len(tokens) and tokens[i].start < offset:
        i += 1
    return i


def _begins_name(tokens: tuple[Token, ...], i: int) -> bool:
    token = tokens[i]
    if not token.is_capital:
        return singular(token.lower) in PLACES or token.lower in PLACES
    if i == 0:
        return token.lower not in FUNCTION_WORDS and token.lower not in OPENERS
    return token.lower not in FUNCTION_WORDS or (token.text.isupper() and len(token.text) > 1)


def _name_end(text: str, tokens: tuple[Token, ...], i: int) -> int:
    """The index after a name from token `i`: capitals, numbers, `of` between capitals, a class noun."""
    end = i + 1
    while end < len(tokens) and not tokens[end - 1].possessive:
        step = _name_step(text, tokens, end)
        if not step:
            break
        end += step
    if tokens[end - 1].possessive:
        return end
    adjective = end == i + 1 and _DEMONYM.search(tokens[i].lower) is not None
    for size in (3, 2, 1):
        nouns = tokens[end : end + size]
        if len(nouns) == size and _is_noun_tail(text, tokens, (end, end + size), adjective, i):
            return end + size
    return end


def _name_step(text: str, tokens: tuple[Token, ...], end: int) -> int:
    """How many tokens from `end` go on with the name: 0 when it is over."""
    gap = text[tokens[end - 1].end : tokens[end].start]
    token = tokens[end]
    if gap not in (" ", ". ", "-", " & ") or (gap == ". " and len(tokens[end - 1].text) > 3):
        return 0
    if (token.is_capital and token.lower not in QUESTION_WORDS) or token.text.isdigit():
        return 1
    following = tokens[end + 1] if end + 1 < len(tokens) else None
    after = tokens[end + 2] if end + 2 < len(tokens) else None
    if following is None or not (following.is_capital or following.lower == "the"):
        return 0
    if token.lower in LINKS or (token.lower == "for" and tokens[end - 1].lower in INSTITUTIONS):
        size = 2 if following.is_capital else 3
        return size if size == 2 or (after and after.is_capital) else 0
    joined = token.lower == "and" and following.is_capital and after and after.lower in CLASS_NOUNS and after.is_capital
    return 3 if joined else 0


def _is_noun_tail(text: str, tokens: tuple[Token, ...], tail: tuple[int, int], adjective: bool, i: int) -> bool:
    """Whether lower-case words after a name belong to it: `Amazon rainforest`, `the German army`."""
    nouns, before = tokens[slice(*tail)], tokens[tail[0] - 1]
    last = nouns[-1].lower
    preceded_by_the = i > 0 and tokens[i - 1].lower == "the"
    known = singular(last) in CLASS_NOUNS and (preceded_by_the or not is_verb(last))
    if not (known or (adjective and len(nouns) == 1 and last not in FUNCTION_WORDS and not is_verb(last))):
        return False
    if any(token.lower in FUNCTION_WORDS or is_verb(token.lower) or token.is_capital for token in nouns[:-1]):
        return False
    return text[before.end : nouns[-1].end].count(" ") == len(nouns) and not any(
        c in text[before.end : nouns[-1].end] for c in ",;:?("
    )


def _name(text: str, tokens: tuple[Token, ...], i: int, first: int, end: int) -> Mention:
    start = i if tokens[i].lower == "the" else first
    span = text[tokens[start].start : tokens[end - 1].end]
    words = [token.lower for token in tokens[first:end]]
    plural = words[-1].endswith("s") and first > i and not words[-1].endswith(("ss", "us", "is")) and len(words) < 3
    kind = _kind_of_name(tokens, first, end)
    return Mention(_lower_the(span), tokens[start].start, tokens[end - 1].end, kind, plural and kind != "place", True)


def _lower_the(text: str) -> str:
    return "the" + text[3:] if text.startswith("The ") else text


def _kind_of_name(tokens: tuple[Token, ...], first: int, end: int) -> Kind:
    words = [token.lower for token in tokens[first:end]]
    head = words[words.index("of") - 1] if "of" in words else words[-1]
    if (
        head in PLACES
        or (words[-1] in PLACES and len(words) <= 2)
        or " ".join(words) in ("united states", "united kingdom")
    ):
        return "place"
    if words[0] in HONORIFICS and len(words) > 1:
        return "person"
    if singular(head) in CLASS_NOUNS:
        return kind_of_noun(head)
    if words[0] in PLACE_PREFIXES and len(words) > 1:
        return "place"
    after_the = first > 0 and tokens[first - 1].lower in ("the", "a", "an")
    written = [token for token in tokens[first:end] if token.lower not in LINKS]
    if after_the or "of" in words or not all(_is_name_like(t.text) for t in written):
        return "thing"
    cue = not _follows_place_preposition(tokens, first) and any(t.lower in PERSON_CUES for t in tokens)
    named = words[0] in FEMALE_NAMES | MALE_NAMES and len(words) > 1
    return "person" if cue or named or _asks_who_is(tokens, first) else "unknown"


def _is_name_like(word: str) -> bool:
    """`Nicholas`, or the `II` after it; not an abbreviation or a number."""
    return word[0].isupper() and (not word.isupper() or set(word) <= set("IVX"))


def _follows_place_preposition(tokens: tuple[Token, ...], first: int) -> bool:
    return first > 0 and tokens[first - 1].lower in ("in", "at", "near", "from", "to")


def _asks_who_is(tokens: tuple[Token, ...], first: int) -> bool:
    """`Who was Luther?`, `How old is Putin?`: the name after the verb is a person."""
    words = [token.lower for token in tokens[:first]]
    return words[-2:] in (["who", "was"], ["who", "is"], ["old", "was"], ["old", "is"])


def _nouns_end(text: str, tokens: tuple[Token, ...], i: int, first: int) -> int:
    """The index after a lower-case noun phrase from token `first` on (`first` when there is none)."""
    end = first
    determined = first > i
    while end < len(tokens) and end - first < _MAX_NOUNS and _goes_on(text, tokens, first, end, determined):
        end += 1
        if tokens[end - 1].possessive:
            return end
    before = tokens[i - 1].lower if i else ""
    sentence_end = end == len(tokens) or tokens[end].lower in FUNCTION_WORDS or tokens[end].is_capital
    if before in DO | MODAL and end - first > 1 and sentence_end and singular(tokens[end - 1].lower) not in CLASS_NOUNS:
        stopped_by_verb = end < len(tokens) and is_verb(tokens[end].lower)
        return end if stopped_by_verb else end - 1  # "did the volcano erupt in": the last word is the verb
    return end


def _goes_on(text: str, tokens: tuple[Token, ...], first: int, end: int, determined: bool) -> bool:
    token = tokens[end]
    if token.lower in FUNCTION_WORDS and not (
        determined and end == first and token.lower in ("first", "last", "most", "other")
    ):
        return False
    if end > first and text[tokens[end - 1].end : token.start] != " ":
        return False
    if token.is_capital and end > first:
        return False
    opening = determined and end == first
    return (
        opening
        or not is_verb(token.lower)
        or (
            determined
            and singular(token.lower) in CLASS_NOUNS
            and end == first + 1
            and not (end + 1 < len(tokens) and tokens[end + 1].lower == "the")
        )
    )


def _is_generic(tokens: tuple[Token, ...]) -> bool:
    return all(token.lower in GENERIC_WORDS or token.text.isdigit() for token in tokens)


def _noun_phrase(text: str, tokens: tuple[Token, ...], start: int, end: int) -> Mention:
    last = tokens[end - 1]
    span = text[tokens[start].start : last.end]
    plural = is_plural(last.lower)
    return Mention(_lower_the(span), tokens[start].start, last.end, kind_of_noun(last.lower), plural)


def _with_complement(text: str, tokens: tuple[Token, ...], start: int, end: int, first: Mention) -> Mention | None:
    """`the president of Iran`, `Iran's ambassador`: the phrase that `first` begins, or None."""
    if end >= len(tokens) or first.kind == "time":
        return None
    if tokens[end - 1].possessive:
        stop = _nouns_end(text, tokens, end, end)
        if stop == end or (stop - end == 1 and is_verb(tokens[end].lower)):
            return None
        whole = _noun_phrase(text, tokens, start, stop)
        return Mention(whole.text, first.start, whole.end, whole.kind, whole.plural)
    if first.is_name or tokens[end].lower != "of" or end + 1 >= len(tokens):
        return None
    _, stop, inner = _at(text, tokens, end + 1)
    if inner is None:
        return None
    return Mention(_lower_the(text[first.start : inner.end]), first.start, inner.end, first.kind, first.plural)
