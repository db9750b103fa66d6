"""Passages: stretches of an article that are embedded, found and read as one.

A passage is whole sentences, about a paragraph's worth, never across a heading, and repeats the last sentence
of the one before. Always `article.text[passage.start:passage.end] == passage.text`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tokenizers import Tokenizer

from index.articles.article import Article
from index.passages.layout import Block, blocks
from index.passages.sentences import sentences
from index.search.embedder import default_folder

__all__ = ["SPLIT_SETTINGS", "Passage", "embedding_text", "sentences", "split"]

_WORD = re.compile(r"\S+")

CountTokens = Callable[[Sequence[str]], list[int]]

TARGET_TOKENS = 220  # word pieces of a passage's own text, about 170 English words: see benchmarks/README.md
MAX_TOKENS = 256  # what the default embedder reads of a text; the rest it would drop unseen
SPECIAL_TOKENS = 2  # [CLS] and [SEP]
LABEL_TOKENS = 64  # of title and heading together, at most
OVERLAP_TOKENS = 80  # a longer last sentence is not repeated
CUT_CHARACTERS = 60  # of a word in a sentence that is cut; a character gives three word pieces at most
MAX_CHARACTERS = 1500  # of a passage, whatever its tokens: a long run without spaces counts as one

SPLIT_SETTINGS: dict[str, int] = {
    "version": 2,
    "target_tokens": TARGET_TOKENS,
    "max_tokens": MAX_TOKENS,
    "label_tokens": LABEL_TOKENS,
    "overlap_tokens": OVERLAP_TOKENS,
    "max_characters": MAX_CHARACTERS,
}


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch [start, end) of an article's text, and the heading it stands under."""

    id: str
    article_id: str
    heading: str | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one too long for a passage."""

    start: int
    end: int
    tokens: int


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(default_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def word_pieces(texts: Sequence[str]) -> list[int]:
    """The word pieces of each text for the default embedder, without the special tokens."""
    return [len(found) for found in _tokenizer().encode_batch_fast(list(texts), add_special_tokens=False)]


def embedding_text(article_title: str, passage: Passage) -> str:
    """What is embedded and indexed for a passage: title, heading and text, a line each."""
    return _label(article_title, passage.heading) + passage.text


@lru_cache(maxsize=4096)
def _label(title: str, heading: str | None) -> str:
    """Title and heading as lines of their own, cut at a word to LABEL_TOKENS."""
    words = [part.split() for part in (title, heading) if part]
    while words and word_pieces(["\n".join(" ".join(part) for part in words)])[0] > LABEL_TOKENS:
        longest = max(words, key=len)
        if len(longest) == 1:
            longest[0] = longest[0][: len(longest[0]) // 2]
        del longest[max(1, len(longest) * 3 // 4) :]
        words = [part for part in words if part[0]]
    return "".join(" ".join(part) + "\n" for part in words)


def split(article: Article, count_tokens: CountTokens | None = None) -> list[Passage]:
    """An article's passages in order; `count_tokens` counts another embedder's tokens (no special ones)."""
    count = count_tokens or word_pieces
    passages: list[Passage] = []
    for run in _runs(blocks(article)):
        heading = run[0].heading
        budget = _budget(article.title, heading, count)
        for start, end in _pack(_units(article.text, run, budget, count), budget):
            name = f"{article.id}-{start}-{end}"
            passages.append(Passage(name, article.id, heading, start, end, article.text[start:end]))
    return passages


def _runs(found: list[Block]) -> Iterator[list[Block]]:
    """Blocks that may share a passage."""
    run: list[Block] = []
    for block in found:
        if run and not block.joins:
            yield run
            run = []
        run.append(block)
    if run:
        yield run


def _budget(title: str, heading: str | None, count: CountTokens) -> int:
    """The tokens left for a passage's own text."""
    return min(TARGET_TOKENS, MAX_TOKENS - SPECIAL_TOKENS - count([_label(title, heading)])[0])


def _units(text: str, run: list[Block], budget: int, count: CountTokens) -> list[_Unit]:
    """The sentences of a run of blocks, those too long for a passage in pieces."""
    spans = [
        (block.start + start, block.start + end)
        for block in run
        for start, end in sentences(text[block.start : block.end])
    ]
    counts = count([text[start:end] for start, end in spans])
    units: list[_Unit] = []
    for (start, end), tokens in zip(spans, counts, strict=True):
        if tokens <= budget and end - start <= MAX_CHARACTERS:
            units.append(_Unit(start, end, tokens))
        else:
            units.extend(_cut(text, start, end, budget, count))
    return units


def _cut(text: str, start: int, end: int, budget: int, count: CountTokens) -> Iterator[_Unit]:
    """A sentence too long for a passage, cut between words, or inside a word longer than CUT_CHARACTERS."""
    words = [
        (low, min(low + CUT_CHARACTERS, match.end()))
        for match in _WORD.finditer(text, start, end)
        for low in range(match.start(), match.end(), CUT_CHARACTERS)
    ]
    piece: _Unit | None = None
    for (low, high), tokens in zip(words, count([text[low:high] for low, high in words]), strict=True):
        if piece is None:
            piece = _Unit(low, high, tokens)
        elif piece.tokens + tokens <= budget and high - piece.start <= MAX_CHARACTERS:
            piece = _Unit(piece.start, high, piece.tokens + tokens)
        else:
            yield piece
            piece = _Unit(low, high, tokens)
    if piece is not None:
        yield piece


def _pack(units: list[_Unit], budget: int) -> Iterator[tuple[int, int]]:
    """As many sentences as fit to a passage; the next repeats the last one where there is room."""
    first = 0
    while first < len(units):
        after = _reach(units, first, budget)
        yield units[first].start, units[after - 1].end
        if after == len(units):
            return
        again = units[after - 1].tokens <= OVERLAP_TOKENS and _reach(units, after - 1, budget) > after
        first = after - 1 if again and after - 1 > first else after


def _reach(units: list[_Unit], first: int, budget: int) -> int:
    """The number of the first sentence that no longer fits into a passage from sentence `first`."""
    tokens = 0
    for number in range(first, len(units)):
        tokens += units[number].tokens
        if number > first and (tokens > budget or units[number].end - units[first].start > MAX_CHARACTERS):
            return number
    return len(units)
