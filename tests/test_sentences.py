"""Sentences: the hard cases kept as data, exact offsets, odd texts, threads."""

import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.passages import sentences
from index.passages.sentences import WINDOW

CASES = json.loads((Path(__file__).parent / "data" / "sentences.json").read_text(encoding="utf-8"))
KNOWN_FAILURES = {"German"}  # "an." is an abbreviation to nupunkt
ODD = st.text(
    alphabet=st.sampled_from(list("aA .\n!?…\"”“'()[1]é\u0301😀。」؟।\r\t\u200f،")) | st.characters(codec="utf-8"),
    max_size=200,
)


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(("name", "text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_hard_cases(name: str, text: str, expected: list[str]) -> None:
    assert (cut(text) == expected) is (name not in KNOWN_FAILURES)


def test_empty_and_blank() -> None:
    assert sentences("") == sentences(" \n\t\u2003\n") == []


def check(text: str) -> None:
    spans = sentences(text)
    assert all(start < end and text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    covered = {place for start, end in spans for place in range(start, end)}
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


@given(ODD)
def test_every_character_stands_in_exactly_one_sentence(text: str) -> None:
    check(text)


@pytest.mark.parametrize("piece", ["x", "word ", '."', "[1]", "。", "A. ", "\n", "Yes it is. "])
def test_very_long_lines(piece: str) -> None:
    check(piece * (3 * WINDOW // len(piece)))


def test_a_long_paragraph_is_cut_at_ends_of_sentences() -> None:
    text = "This is one of very many sentences. " * (2 * WINDOW // 36)
    assert set(cut(text)) == {"This is one of very many sentences."}


def test_threads_agree() -> None:
    text = " ".join(case[1] for case in CASES)
    with ThreadPoolExecutor(4) as pool:
        assert all(spans == sentences(text) for spans in pool.map(sentences, [text] * 20))
