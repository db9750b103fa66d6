"""Articles into passages.

A passage is whole sentences, about a paragraph's worth, never across a heading, and repeats the last sentence
of the one before. With its title and heading it fits what the embedder reads of a text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.articles import Article
from index.errors import InputError
from index.passages.embedded_text import LABEL_TOKENS, label
from index.passages.layout import Block, blocks
from index.passages.passage import Passage, passage_of
from index.passages.sentences import sentences
from index.search import DEFAULT_DIGEST, DEFAULT_MAX_TOKENS, Embedder, word_pieces

_WORD = re.compile(r"\S+")

CountTokens = Callable[[Sequence[str]], list[int]]

VERSION = 2  # goes up when the same article gives other passages
TARGET_TOKENS = 220  # of a passage's own text, about 170 English words: see benchmarks/README.md
OVERLAP_TOKENS = 80  # a longer last sentence is not repeated
CUT_CHARACTERS = 60  # of a word in a sentence that is cut; a character gives three word pieces at most
MAX_CHARACTERS = 1500  # of a passage, whatever its tokens: a long run without spaces counts as one
LABEL_SHARE = 4  # title and heading take at most this part of what the embedder reads: 64 of 256
LEAST_TOKENS = 16  # left for a passage's own text; an embedder that leaves less cannot be used


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How articles are split. `max_tokens` counts no special tokens; a store keeps all of it in its manifest."""

    version: int = VERSION
    target_tokens: int = TARGET_TOKENS
    max_tokens: int = DEFAULT_MAX_TOKENS
    label_tokens: int = LABEL_TOKENS
    overlap_tokens: int = OVERLAP_TOKENS
    max_characters: int = MAX_CHARACTERS


@dataclass(frozen=True, slots=True)
class Splitter:
    """How articles become passages: the settings, and what gives each text's tokens, without special ones."""

    settings: SplitSettings = SplitSettings()
    count_tokens: CountTokens = word_pieces

    @classmethod
    def fitting(cls, embedder: Embedder) -> "Splitter":
        """The one whose passages, title and heading included, this embedder reads whole."""
        if embedder.digest == DEFAULT_DIGEST:
            return cls()
        most = embedder.max_tokens
        label_tokens = min(LABEL_TOKENS, max(1, most // LABEL_SHARE))
        return cls(SplitSettings(max_tokens=most, label_tokens=label_tokens), embedder.count_tokens)


DEFAULT_SPLITTER = Splitter()


def split(article: Article, splitter: Splitter = DEFAULT_SPLITTER) -> list[Passage]:
    """An article's passages in order.

    Raises InputError when the settings leave no room for text beside title and heading.
    """
    return [
        passage_of(article, start, end, run[0].heading)
        for run in _runs(blocks(article))
        for start, end in _Run(article, run, splitter).passages()
    ]


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


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one too long for a passage."""

    start: int
    end: int
    tokens: int


class _Run:
    """The blocks under one heading, to be cut into passages of at most `budget` tokens of their own."""

    def __init__(self, article: Article, run: list[Block], splitter: Splitter) -> None:
        settings, count = splitter.settings, splitter.count_tokens
        self._text = article.text
        self._run = run
        self._settings = settings
        self._count = count
        self._label = label(article.title, run[0].heading, settings.label_tokens)
        self._budget = min(settings.target_tokens, settings.max_tokens - count([self._label])[0])
        if self._budget < LEAST_TOKENS:
            raise InputError(
                f"the embedder reads {settings.max_tokens} tokens of a text, too few beside the title and heading of "
                f"{article.source}: choose another with --embedder"
            )

    def passages(self) -> Iterator[tuple[int, int]]:
        """[start, end) of as many sentences as fit; the next repeats the last one where there is room."""
        units = self._units()
        first = 0
        while first < len(units):
            after = self._reach(units, first)
            yield from self._fitting(units[first].start, units[after - 1].end)
            if after == len(units):
                return
            short = units[after - 1].tokens <= self._settings.overlap_tokens
            again = short and after - 1 > first and self._reach(units, after - 1) > after
            first = after - 1 if again else after

    def _units(self) -> list[_Unit]:
        """The sentences, those too long for a passage in pieces."""
        spans = [
            (block.start + start, block.start + end)
            for block in self._run
            for start, end in sentences(self._text[block.start : block.end])
        ]
        counts = self._count([self._text[start:end] for start, end in spans])
        units: list[_Unit] = []
        for (start, end), tokens in zip(spans, counts, strict=True):
            if tokens <= self._budget and end - start <= self._settings.max_characters:
                units.append(_Unit(start, end, tokens))
            else:
                units.extend(self._cut(start, end))
        return units

    def _cut(self, start: int, end: int) -> Iterator[_Unit]:
        """A sentence too long for a passage, cut between words, or inside a word longer than CUT_CHARACTERS."""
        words = [
            (low, min(low + CUT_CHARACTERS, match.end()))
            for match in _WORD.finditer(self._text, start, end)
            for low in range(match.start(), match.end(), CUT_CHARACTERS)
        ]
        counts = self._count([self._text[low:high] for low, high in words])
        piece: _Unit | None = None
        for (low, high), tokens in zip(words, counts, strict=True):
            if piece is None:
                piece = _Unit(low, high, tokens)
            elif self._has_room(piece.tokens + tokens, high - piece.start):
                piece = _Unit(piece.start, high, piece.tokens + tokens)
            else:
                yield piece
                piece = _Unit(low, high, tokens)
        if piece is not None:
            yield piece

    def _reach(self, units: list[_Unit], first: int) -> int:
        """The number of the first sentence that no longer fits into a passage from sentence `first`."""
        tokens = 0
        for number in range(first, len(units)):
            tokens += units[number].tokens
            length = units[number].end - units[first].start
            room = self._has_room(tokens, length) and self._fits(units[first].start, units[number].end)
            if number > first and not room:
                return number
        return len(units)

    def _has_room(self, tokens: int, characters: int) -> bool:
        return tokens <= self._budget and characters <= self._settings.max_characters

    def _fits(self, start: int, end: int) -> bool:
        """Whether the embedder reads it whole. Word pieces add up; other tokens may depend on what is beside them."""
        if self._count is word_pieces:
            return True
        return self._count([self._label + self._text[start:end]])[0] <= self._settings.max_tokens

    def _fitting(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """[start, end), halved at a space until it fits."""
        if self._fits(start, end) or end - start == 1:
            yield start, end
            return
        middle = (start + end) // 2
        cut = max(self._text.rfind(" ", start, middle) + 1, 0) or middle
        for low, high in ((start, cut), (cut, end)):
            body = self._text[low:high].strip()
            first = self._text.find(body, low)
            if body:
                yield from self._fitting(first, first + len(body))
