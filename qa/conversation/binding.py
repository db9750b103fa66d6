"""Whether a pronoun means something in its own question, something said before, or nothing at all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from qa.conversation import frames
from qa.conversation.antecedents import Reference
from qa.conversation.phrases import Mention, Token, is_plural, is_verb, kind_of_noun, tokenize
from qa.conversation.vocabulary import (
    AUXILIARIES,
    BE,
    CLAUSE_WORDS,
    DETERMINERS,
    FUNCTION_WORDS,
    PREPOSITIONS,
    QUESTION_WORDS,
)

_POSSESSIVES = frozenset(("his", "its", "their", "her", "theirs", "hers"))
_SUBJECTS = frozenset(("he", "she", "it", "they"))
DEMONSTRATIVES = frozenset(("this", "that", "these", "those"))
_PERSON_ENDING = re.compile(r"(?:ian|ist|eer|er|or|ant|ee)$")
_EXPLETIVE_IT = re.compile(
    r"\b(?:is|was|isn't|wasn't|be|makes?|made|finds?|found) it (?:so |very |more |not )?\w{1,20} "
    r"(?:that|to|for|if|when|of)\b"
    r"|\bit (?:is|was|be) (?:so |very |not )?\w{1,20} (?:that|to|for|if|when)\b"
    r"|\bit (?:rains?|snows?|seems?|appears?|comes to|been since|ain't|means? (?:when|if|to|that)|cost to)\b"
    r"|\b(?:is|was) it that\b|\bwhat time is it\b|\bhow is it (?:that|possible)\b",
    re.IGNORECASE,
)
_IT_TAKES = re.compile(r"\bit (?:\w{1,20} )?(?:take|took|takes)(?: \w{1,20})? (?:to|for) ", re.IGNORECASE)
_THERE_IS = re.compile(
    r"\b(?:is|are|was|were|isn't|aren't|wasn't|weren't|be|been|has|have|had|shall|will|exist) there\b"
    r"|\bthere(?:'s| (?:is|are|was|were|be|been|shall|will|has|have|exist|any?|an)\b)",
    re.IGNORECASE,
)


def is_possessive(tokens: tuple[Token, ...], i: int) -> bool:
    token = tokens[i]
    if token.lower == "her":
        return _is_possessive_her(tokens, i)
    if token.lower == "it" and token.possessive:  # "it's" written for "its": no clause begins here
        return i > 0 and tokens[i - 1].lower not in QUESTION_WORDS | CLAUSE_WORDS | {"that"}
    return token.lower in _POSSESSIVES


def _is_possessive_her(tokens: tuple[Token, ...], i: int) -> bool:
    following = tokens[i + 1].lower if i + 1 < len(tokens) else ""
    return bool(following) and (
        following not in FUNCTION_WORDS or following in ("own", "first", "last", "most", "other")
    )


def is_bare_demonstrative(question: str, tokens: tuple[Token, ...], i: int) -> bool:
    """`that` or `these` standing for something: at the end or before a verb, not joining clauses."""
    if tokens[i].lower not in DEMONSTRATIVES:
        return False
    if i + 1 == len(tokens):
        return True
    before, after = tokens[i - 1].lower if i else "", tokens[i + 1].lower
    if tokens[i].lower == "that":
        return before in BE | {"did", "does", "of", "after", "before", "about", "for", "to"} and (
            is_verb(after) or after in PREPOSITIONS
        )
    return is_verb(after)


def is_expletive(question: str, tokens: tuple[Token, ...], i: int) -> bool:
    """`it` and `there` that mean nothing: `Is it true that`, `How many are there`."""
    token = tokens[i]
    if token.lower == "there":
        return any(m.start() <= token.start < m.end() for m in _THERE_IS.finditer(question))
    if token.lower == "then":
        return i + 1 != len(tokens) and tokens[i - 1].lower not in PREPOSITIONS
    if token.lower not in ("it", "that", "this"):
        return False
    if any(m.start() <= token.start < m.end() for m in _EXPLETIVE_IT.finditer(question)):
        return True
    takes = _IT_TAKES.search(question)
    if takes is None or takes.start() != token.start:
        return False
    return len(tokenize(question[takes.end() :])) > 1  # "to build?" leaves out what: `it` is that


def is_internal(question: str, tokens: tuple[Token, ...], i: int, reference: Reference, own: Sequence[Mention]) -> bool:
    """Whether the pronoun stands for something in its own question, before it."""
    token = tokens[i]
    before = [m for m in own if m.end <= token.start and _agrees(reference, m) and _is_free(question, m, token)]
    if reference == "then":
        return "if" in {t.lower for t in tokens[:i]} or any(m.kind == "time" for m in before)
    if is_possessive(tokens, i):
        return bool(before) or _is_of_asked(tokens, i, reference)
    crosses = _crosses_clause(question, tokens, i, reference)
    asked = tokens[0].lower in ("who", "whom") or _is_of_asked(tokens, i, reference)
    return crosses and (bool(before) or (asked and reference == "they"))


def _crosses_clause(question: str, tokens: tuple[Token, ...], i: int, reference: Reference) -> bool:
    """Whether a clause begins before the pronoun: in its own clause it can be none of the names there."""
    asked = frames.asked_end(tokens)
    said = {t.lower for t in tokens[max(asked, 1) : i]}
    if said & (CLAUSE_WORDS | QUESTION_WORDS) or "," in question[: tokens[i].start]:
        return True
    if tokens[i].lower in _SUBJECTS and tokens[i - 1].lower not in FUNCTION_WORDS and not is_verb(tokens[i - 1].lower):
        return i > 0  # "the land they own"
    infinitive = any(a.lower == "to" and is_verb(b.lower) for a, b in pairwise(tokens[:i]))
    return infinitive and reference in ("he", "she", "they")


def _is_of_asked(tokens: tuple[Token, ...], i: int, reference: Reference) -> bool:
    """`their` in `Which countries sent their troops?`: what is asked for is the owner."""
    asked = [token.lower for token in tokens[: frames.asked_end(tokens)]]
    following = tokens[len(asked)].lower if len(asked) < len(tokens) else ""
    if len(asked) == 1 and following not in AUXILIARIES:
        return reference == {"who": "they", "what": "it"}.get(asked[0]) and i > 2
    if len(asked) < 2 or following in BE:
        return False
    if reference == "they":
        return is_plural(asked[-1])
    kind = kind_of_noun(asked[-1])
    return kind == "person" if reference in ("he", "she") else kind in ("thing", "place")


def _agrees(reference: Reference, mention: Mention) -> bool:
    if mention.kind == "time":
        return reference == "then"
    if reference in ("he", "she"):
        person = mention.kind in ("person", "unknown") or _PERSON_ENDING.search(mention.head) is not None
        return person and not mention.plural
    if reference == "they":
        return mention.plural or mention.kind == "thing"
    return mention.kind != "person" and not mention.plural


def _is_free(question: str, mention: Mention, pronoun: Token) -> bool:
    """Not `the name of his wife`: a phrase that the pronoun is part of cannot be what it stands for."""
    between = [token.lower for token in tokenize(question[mention.end : pronoun.start])]
    return not (between and all(word in PREPOSITIONS | DETERMINERS for word in between)) or mention.is_name
