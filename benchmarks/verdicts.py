"""What an asker would say of an answer: right, partly, wrong, or refused; by the words shown as the answer alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from index.passages import sentences

# What a person reads as an answer: the longest list in these articles takes 507 characters, and five sentences on end
# 393 in the middle, 811 at most. In anything longer the answer has still to be looked for.
MOST_CHARACTERS = 900
MOST_SENTENCES = 5

RIGHT, PARTLY, WRONG = "right", "partly", "wrong"
REFUSED_WRONGLY, REFUSED_RIGHTLY = "wrongly refused", "rightly refused"
VERDICTS = (RIGHT, PARTLY, WRONG, REFUSED_WRONGLY, REFUSED_RIGHTLY)

FROM_THE_QUOTE = ("definition", "why_how", "yes_no", "comparison")  # whole sentences answer: those shown count
OF_ANY_SENTENCES = ("list",)  # each bullet is a sentence of its own; characters bound these
ONE_CELL_EACH = ("table_cell",)  # a whole row leaves open which of its cells was meant
CELL = "|"  # parts the cells of a row, in Markdown and in what is read from HTML


@dataclass(frozen=True, slots=True)
class Gold:
    """A question or turn of the yardstick. One of `lists` has to be shown whole; none means no article answers."""

    question: str
    kind: str
    lists: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, row: dict[str, Any]) -> "Gold":
        """From a row of `people.json`."""
        lists = (row["must"], *row.get("any", ())) if row["answerable"] else ()
        return cls(row["question"], row["kind"], tuple(map(tuple, lists)))


class Cited(Protocol):
    """A citation, of `qa` or of the web chat."""

    @property
    def quote(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def answer_start(self) -> int | None: ...
    @property
    def answer_end(self) -> int | None: ...


class Said(Protocol):
    """An answer of `qa`, or what the web chat keeps of it."""

    @property
    def text(self) -> str | None: ...
    @property
    def confidence(self) -> float: ...
    @property
    def citations(self) -> Sequence[Cited]: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of an answer: the answers' words and the quotes, each once, in order; none when refused."""

    words: tuple[str, ...]
    quotes: tuple[str, ...]
    confidence: float

    @classmethod
    def of(cls, said: Said) -> "Shown":
        """From an answer."""
        if said.text is None:
            return cls((), (), said.confidence)
        words = (said.text, *map(_answer_words, said.citations))
        quotes = (citation.quote for citation in said.citations)
        return cls(tuple(dict.fromkeys(filter(None, words))), tuple(dict.fromkeys(quotes)), said.confidence)


def judge(gold: Gold, shown: Shown) -> str:
    """One of VERDICTS; of several lists of strings the one that the answer meets best decides."""
    if not shown.words:
        return REFUSED_WRONGLY if gold.lists else REFUSED_RIGHTLY
    return min((_met(required, gold.kind, shown) for required in gold.lists), key=VERDICTS.index, default=WRONG)


def _met(required: Sequence[str], kind: str, shown: Shown) -> str:
    words = shown.words
    if kind in FROM_THE_QUOTE:
        words += tuple(_read(shown.quotes, kind))
    in_words = sum(stands_in(text, words) for text in required)
    too_much = is_too_long(shown.words, kind) or (kind in ONE_CELL_EACH and _cells(shown.words) > len(required))
    if in_words == len(required) and not too_much:
        return RIGHT
    in_quotes = all(stands_in(text, shown.words + shown.quotes) for text in required)
    return PARTLY if in_words or in_quotes else WRONG


def stands_in(text: str, texts: Sequence[str]) -> bool:
    """Whether one of `texts` holds `text` as whole words, whatever the letters' case; "63" is not in "63.5".

    >>> stands_in("sony", ["Sony brought it"]), stands_in("10", ["10:30", "110"])
    (True, False)
    """
    words = re.escape(" ".join(text.split()))
    whole = re.compile(rf"(?<!\w)(?<!\d[.,:]){words}(?!\w)(?![.,:]\d)", re.IGNORECASE)
    return any(whole.search(" ".join(one.split())) for one in texts)


def is_too_long(words: Sequence[str], kind: str) -> bool:
    """Whether what is shown as the answer is more than a person takes for one."""
    if sum(map(len, words)) > MOST_CHARACTERS:
        return True
    return kind not in OF_ANY_SENTENCES and sum(len(sentences(text)) for text in words) > MOST_SENTENCES


def _cells(words: Sequence[str]) -> int:
    return sum(bool(cell.strip()) for text in words for cell in text.split(CELL))


def _read(quotes: Sequence[str], kind: str) -> Iterator[str]:
    """The first quotes, as many as are together no longer than an answer may be."""
    for number, quote in enumerate(quotes, start=1):
        if is_too_long(quotes[:number], kind):
            return
        yield quote


def _answer_words(citation: Cited) -> str:
    if citation.answer_start is None or citation.answer_end is None:
        return ""
    return citation.quote[citation.answer_start - citation.start : citation.answer_end - citation.start]
