"""Pronouns: "How old was he?", "What is its height?", "Who ruled Egypt then?"."""

from __future__ import annotations

from qa.conversation.antecedents import REFERENCES, Context, Reference
from qa.conversation.binding import is_bare_demonstrative, is_expletive, is_internal, is_possessive
from qa.conversation.edits import definite_form, edited, time_link
from qa.conversation.phrases import Mention, Token, mentions, tokenize
from qa.conversation.vocabulary import PREPOSITIONS

_SINGULAR = {"were": "was", "are": "is", "have": "has", "do": "does"}


def pronouns(question: str, context: Context) -> str | None:
    tokens = tokenize(question)
    own = mentions(question)
    used: dict[Reference, str] = {}
    edits: list[tuple[int, int, str]] = []
    for i, token in enumerate(tokens):
        reference = REFERENCES.get(token.lower)
        if reference is None and is_bare_demonstrative(question, tokens, i):
            reference = "they" if token.lower in ("these", "those") else "it"
        if reference is None or reference in used or is_internal(question, tokens, i, reference, own):
            continue
        if is_expletive(question, tokens, i) or {"or"} & {t.lower for t in tokens[max(i - 1, 0) : i + 2]}:
            continue  # "he or she" means anyone
        excluded = [mention.text.lower() for mention in own] + [text.lower() for text in used.values()]
        edit = _replacement(tokens, i, reference, context, excluded)
        if edit:
            used[reference] = edit[0][2] if reference != "then" else ""
            edits += edit
    if not edits:
        return None
    return edited(question, edits)


def _replacement(
    tokens: tuple[Token, ...], i: int, reference: Reference, context: Context, excluded: list[str]
) -> list[tuple[int, int, str]]:
    token = tokens[i]
    mention = context.referent(reference, excluded)
    if mention is None:
        return []
    text = definite_form(mention.text)
    if reference in ("there", "then"):
        has_preposition = i > 0 and tokens[i - 1].lower in PREPOSITIONS
        return [(token.start, token.end, text if has_preposition else f"{time_link(text)} {text}")]
    if is_possessive(tokens, i):
        end = token.end + 2 * token.possessive
        return [(token.start, end, _possessive(text, mention.plural))]
    if token.possessive:  # it's
        return [(token.start, token.end + 2, f"{text} is")]
    return [(token.start, token.end, text), *_agreement(tokens, i, mention)]


def _possessive(text: str, plural: bool) -> str:
    return text + ("'" if plural and text.endswith("s") else "'s")


def _agreement(tokens: tuple[Token, ...], i: int, mention: Mention) -> list[tuple[int, int, str]]:
    """`were they` -> `was Harvard`: the verb beside `they` follows what takes its place."""
    if tokens[i].lower != "they" or mention.plural:
        return []
    for j in (i - 1, i + 1):
        if 0 <= j < len(tokens) and tokens[j].lower in _SINGULAR:
            verb = _SINGULAR[tokens[j].lower]
            return [(tokens[j].start, tokens[j].end, verb.capitalize() if tokens[j].is_capital else verb)]
    return []
