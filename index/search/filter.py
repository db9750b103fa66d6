"""Filter: which articles a search looks at."""

import re
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles are searched. A pattern ignores case; it is a glob if it holds * or ?, else a part."""

    source: str | None = None
    title: str | None = None
    published_from: date | None = None
    published_to: date | None = None

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
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None
