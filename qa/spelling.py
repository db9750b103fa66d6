"""Misspelt words of a question: what no article holds is taken for the nearest word of the passages found."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index import Filter, Hit, Snapshot
from index.search import word_pieces

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
FOREIGN = "The articles do not say: the question seems to be in another language than they are. Ask in theirs."
LEAST_WORDS = 3  # of a question whose language can be told; shorter words are the same in many
MOST_HELD = 0.6  # share of a question's words that the articles hold where it may be in another language
FEW_HELD = 0.4  # likewise where it is, so that nothing in it is misspelt
ENGLISH = re.compile(
    r"\b(?:the|what|who|whom|whose|when|where|why|how|which|did|does|do|are|were|has|have|of|and)\b", re.IGNORECASE
)
AS_TYPED = re.compile(r"[\"“”„«»]")  # a word between these stays
LOOKED_AT = 30  # passages whose words are candidates
SHORTEST = 4  # letters of a word that is looked at, and of what a word is taken for
LONG = 10  # letters from which on two of them may be wrong
SHORTEST_PART = 3  # letters of a word that was written together with the next


def respelled(question: str, snapshot: Snapshot, where: Filter | None = None) -> str:
    """The question with each word that is no word for the nearest one of the passages that it finds.

    What is in quotation marks stays, as do words that English has, whether or not the articles do.
    """
    if AS_TYPED.search(question) or is_foreign(question, snapshot, FEW_HELD):
        return question
    unknown = [m for m in WORD.finditer(question) if len(m[0]) >= SHORTEST and not _is_known(m[0], snapshot)]
    text = " ".join(_texts(snapshot.search(question, LOOKED_AT, where=where))) if unknown else ""
    words = Counter(word.removesuffix("'s").removesuffix("’s") for word in WORD.findall(text))
    for found in reversed(unknown):
        if near := nearest(found[0], words) or _parted(found[0], text):
            question = question[: found.start()] + near + question[found.end() :]
    return question


def is_foreign(question: str, snapshot: Snapshot, held: float = MOST_HELD) -> bool:
    """Whether the question seems to be in a language that the articles are not in: they hold few of its words."""
    words = [word for word in WORD.findall(question) if len(word) >= SHORTEST_PART]
    if len(words) < LEAST_WORDS or ENGLISH.search(question):
        return False
    return sum(snapshot.holds(word) for word in words) < held * len(words)


def nearest(word: str, words: Counter[str]) -> str | None:
    """The word that is fewest letters away, of equals the most frequent; None when none is near enough.

    >>> nearest("marathn", Counter(["marathon", "marathons", "march"]))
    'marathon'
    """
    most = 2 if len(word) >= LONG and word.islower() else 1
    known = [one for one in words if one[0].lower() == word[0].lower() and len(one) >= SHORTEST]
    found = process.extract(
        word.lower(), [one.lower() for one in known], scorer=OSA.distance, score_cutoff=most, limit=None
    )
    near = [(distance, -words[known[place]], known[place]) for _, distance, place in found]
    return min(near)[2] if near else None


def _parted(word: str, text: str) -> str | None:
    """Two words that were written together, as the text has them: "tea bag" for "teabag"."""
    for place in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
        if found := re.search(rf"\b{word[:place]} {word[place:]}", text, re.IGNORECASE):
            return found[0]
    return None


def _texts(hits: Iterable[Hit]) -> Iterator[str]:
    return (f"{hit.article.title} {hit.passage.heading or ''} {hit.passage.text}" for hit in hits)


def _is_known(word: str, snapshot: Snapshot) -> bool:
    """Whether an article has it, or it is one of the 30,000 words that the embedder knows as words."""
    return snapshot.holds(word) or snapshot.holds(word.removesuffix("s")) or word_pieces([word.lower()]) == [1]
