"""Numbers with what belongs to them, dates, times and names stay whole, wherever a reader's span is cut."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.atoms import whole
from qa.reader.decoding import tidy

SEEDS = [path.read_text(encoding="utf-8") for path in sorted(Path("seeds").glob("*.md"))]
JOINS = "$€£¥₹%°"


@pytest.mark.parametrize(
    "text, cut, kept",
    [
        ("There were 1,208 burrows.", "208", "1,208"),
        ("It cost £12,870 in all.", "12", "£12,870"),
        ("Reefs warmed by 1.5 °C since.", "5", "1.5 °C"),
        ("Each cell gives 3.7 V at most.", "3", "3.7 V"),
        ("It cost 36 cents a mile.", "36", "36 cents"),
        ("It fell by -5 degrees.", "5", "-5 degrees"),
        ("About 20% of it.", "20", "20%"),
        ("He had US$5.3 billion.", "3", "US$5.3 billion"),
        ("It began at 10:30 a.m. there.", "30", "10:30 a.m."),
        ("On 14 May 1796 he did.", "14 May", "14 May 1796"),
        ("On May 20, 2024 it fell.", "20", "May 20, 2024"),
        ("Jim O'Neill's letters.", "Neill", "O'Neill"),
        ("The eight-year-old boy.", "eight", "eight-year-old"),
        ("Jean-Luc came.", "Luc", "Jean-Luc"),
        ("All of it is CC0-1.0 here.", "1.0", "CC0-1.0"),
        ("It is 3,5 € here.", "3", "3,5 €"),
    ],
)
def test_what_belongs_together_is_taken_in_whole(text: str, cut: str, kept: str) -> None:
    start = text.index(cut)
    span = tidy(text, start, start + len(cut))
    assert span is not None
    assert text[slice(*span)] == kept


@pytest.mark.parametrize(
    "text, span",
    [
        ("On 14 May 1796 he did.", "1796"),
        ("Iran's president died.", "Iran"),
        ("From 1914–1918 it raged.", "1918"),
        ("It took 8 days.", "8"),
        ("In 1961, 400,000 came.", "1961"),
    ],
)
def test_what_may_stand_alone_is_left_alone(text: str, span: str) -> None:
    start = text.index(span)
    assert tidy(text, start, start + len(span)) == (start, start + len(span))


@given(st.data())
def test_no_cut_of_a_seed_leaves_a_letter_digit_or_sign_joined_to_what_is_left_out(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SEEDS))
    start = data.draw(st.integers(0, len(text) - 1))
    span = tidy(text, start, data.draw(st.integers(start + 1, min(len(text), start + 80))))
    if span is not None:
        for place in span:
            left, right = text[place - 1 : place], text[place : place + 1]
            assert not (_of_number_or_word(left) and _of_number_or_word(right)), text[place - 10 : place + 10]
            for mark in ".,":
                assert not (left == mark and right.isdigit() and text[place - 2 : place - 1].isdigit())
                assert not (right == mark and left.isdigit() and text[place + 1 : place + 2].isdigit())


@given(st.text(alphabet="1,. -$€%°aé'’MayCV:\n", max_size=60), st.data())
def test_taking_in_whole_is_done_after_once(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))
    first = whole(text, start, end)
    assert first[0] <= start and end <= first[1]
    if not text[start:end].isdigit():
        assert whole(text, *first) == first


def _of_number_or_word(character: str) -> bool:
    return character.isalnum() or (bool(character) and character in JOINS)
