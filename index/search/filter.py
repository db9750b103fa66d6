"""Filter: which articles a search looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from index.errors import InputError

MAX_PATTERN_CHARS = 1000  # titles have at most 200, sources seldom more than a path's 100


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles are searched. A pattern ignores case; it is a glob if it holds * or ?, else a part.

    Raises InputError for a pattern longer than MAX_PATTERN_CHARS.
    """

    source: str | None = None
    title: str | None = None
    published_from: date | None = None
    published_to: date | None = None

    def __post_init__(self) -> None:
        for name, pattern in (("source", self.source), ("title", self.title)):
            if pattern is not None and len(pattern) > MAX_PATTERN_CHARS:
                raise InputError(
                    f"the filter on the {name} has {len(pattern):,} characters: give at most {MAX_PATTERN_CHARS:,}"
                )

    def admits(self, source: str, title: str, published: date | None) -> bool:
        """Whether an article passes; one without a date passes no bound on dates."""
        if (self.published_from or self.published_to) and published is None:
            return False
        return (
            _like(source, self.source)
            and _like(title, self.title)
            and (self.published_from is None or (published is not None and published >= self.published_from))
            and (self.published_to is None or (published is not None and published <= self.published_to))
        )


def _like(text: str, pattern: str | None) -> bool:
    if pattern is None:
        return True
    text, pattern = text.casefold(), pattern.casefold()
    if "*" not in pattern and "?" not in pattern:
        return pattern in text
    return compiled(pattern).matches(text)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern as bits, one for each of its characters that are no star, and one for its end.

    A set bit says that the text so far may reach that place. All places move on at once with each character, so the
    time is that of the text's length, whatever stars the pattern holds: there is nothing to go back to.
    """

    places: Mapping[str, int]  # a character of the pattern -> the places that it may stand at
    any: int  # the places of question marks
    stars: int  # the places before which a star stands: what has come so far waits there
    end: int

    def matches(self, text: str) -> bool:
        """Whether the whole text fits the pattern."""
        reached = 1
        for character in text:
            reached = (reached & self.places.get(character, self.any)) << 1 | reached & self.stars
            if not reached:
                return False
        return reached & self.end != 0


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Glob:
    """The glob that `pattern` spells: * stands for any characters, ? for one."""
    anything = stars = 0
    place = 1
    places: dict[str, int] = {}
    for character in pattern:
        if character == "*":
            stars |= place
            continue
        if character == "?":
            anything |= place
        else:
            places[character] = places.get(character, 0) | place
        place <<= 1
    return Glob({character: at | anything for character, at in places.items()}, anything, stars, place)
