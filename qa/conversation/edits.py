"""Pieces of English that every rule needs: putting words in, articles, links."""

from __future__ import annotations

import re

from qa.conversation import frames
from qa.conversation.phrases import tokenize
from qa.conversation.vocabulary import QUESTION_WORDS


def edited(question: str, edits: list[tuple[int, int, str]]) -> str:
    for start, end, text in sorted(edits, reverse=True):
        question = question[:start] + text + question[end:]
    tokens = tokenize(question)
    text = frames.bare(question)
    mark = "?" if question.rstrip().endswith("?") or (tokens and tokens[0].lower in QUESTION_WORDS) else ""
    return text[:1].upper() + text[1:] + mark


def appended(question: str, phrase: str) -> str:
    return question.rstrip("?!. …") + " " + phrase.strip() + "?"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def definite_form(text: str) -> str:
    return re.sub(r"^(?:an?|some) ", "the ", text)


def time_link(text: str) -> str:
    return "on" if re.search(r"[A-Z][a-z]+ \d{1,2}\b(?!\d)|\b\d{1,2} [A-Z]", text) else "in"
