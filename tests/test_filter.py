import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import Filter, InputError
from index.search.filter import MAX_PATTERN_CHARS, Glob, compiled

LETTERS = st.text("ab?*.\n[", max_size=9)


class Counted(dict[str, int]):
    """A glob's places, counting how often they are looked at."""

    looks = 0

    def get(self, key: str, default: int = 0) -> int:  # type: ignore[override]
        self.looks += 1
        return super().get(key, default)


@given(LETTERS, LETTERS)
def test_a_glob_matches_what_its_spelling_says(pattern: str, text: str) -> None:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    assert compiled(pattern).matches(text) == (re.fullmatch("".join(parts), text, re.DOTALL) is not None)


@pytest.mark.parametrize("pattern", ["*?" * 500, "*a" * 500, "*" * 999 + "b", "?" * 1000, "*a?" * 333 + "b"])
def test_each_character_of_the_text_is_looked_at_once(pattern: str) -> None:
    glob = compiled(pattern)
    places = Counted(glob.places)
    Glob(places, glob.any, glob.stars, glob.end).matches("a" * 4096)
    assert places.looks <= 4096


def test_a_filter_of_stars_and_question_marks_does_not_freeze() -> None:
    where = Filter(title="*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?*?~", source="*a" * 400 + "~")
    assert not where.admits("a" * 4000, "b" * 200, None)
    assert Filter(title="*?*?*?*?*").admits("x", "four", None)


@pytest.mark.parametrize("name", ["title", "source"])
def test_an_overlong_pattern_is_the_users_mistake(name: str) -> None:
    def of(pattern: str) -> Filter:
        return Filter(title=pattern) if name == "title" else Filter(source=pattern)

    assert of("?" * MAX_PATTERN_CHARS) != Filter()
    with pytest.raises(InputError, match=f"the filter on the {name} has 1,001 characters: give at most 1,000"):
        of("x" * (MAX_PATTERN_CHARS + 1))
