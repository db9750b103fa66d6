"""Passages: exact offsets, whole sentences, headings and noise, length limits, odd texts."""

import itertools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Article, InputError
from index.articles import make_article
from index.passages import (
    DEFAULT_SPLITTER,
    Passage,
    SplitSettings,
    Splitter,
    embedding_text,
    passage_of,
    sentences,
    split,
)
from index.passages.embedded_text import LABEL_TOKENS
from index.search import default_folder, load_embedder, word_pieces
from index.search.default_model import DEFAULT_MAX_TOKENS
from index.search.embedder import SentenceTransformerEmbedder

NEWS = """Moscow Consoles Ally

Moscow Consoles Ally
Rescue workers stand at the site on May 20, 2024. (A. Person/AFP via Getty Images)

The president sent a message to Mr. Amir in the U.S. capital. The minister sent another one.

The causes remain unclear.

NTD Photo
The minister holds a conference in Moscow on Oct. 6, 2021. (K. Person/Pool via Getty Images)

Burgeoning Relationship

During the search the president offered aircraft. He also praised the leader.

From The Daily Times

daily newsletter icon
Sign up for The Daily
What you need to know, summarized in one email.
By registering for the newsletter, you agree to the Privacy Policy.
"""
ODD = st.text(
    alphabet=st.sampled_from(list('aB .\n#-*!?"”()é\u0301😀。한글؟\r\t\u200fאב1|=')) | st.characters(codec="utf-8"),
    max_size=400,
)


def article(text: str, title: str = "A title", skip: Sequence[tuple[int, int]] = ()) -> Article:
    return make_article(text, "a.txt", title=title, skip=skip)


def check(read: Article, splitter: Splitter = DEFAULT_SPLITTER) -> list[Passage]:
    """What holds for the passages of every article."""
    found = split(read, splitter)
    assert all(read.text[p.start : p.end] == p.text == p.text.strip() != "" for p in found)
    assert all(p.id == f"{read.id}-{p.start}-{p.end}" and p.article_id == read.id for p in found)
    assert len({p.id for p in found}) == len(found)
    assert all(a.start < b.start and a.end < b.end for a, b in itertools.pairwise(found))
    texts = [embedding_text(read.title, p, splitter.settings.label_tokens) for p in found]
    assert all(length <= splitter.settings.max_tokens for length in splitter.count_tokens(texts))
    return found


def texts(text: str, title: str = "A title") -> list[tuple[str | None, str]]:
    return [(passage.heading, passage.text) for passage in check(article(text, title))]


def test_a_news_page() -> None:
    assert texts(NEWS, "Moscow Consoles Ally") == [
        (None, "Rescue workers stand at the site on May 20, 2024. (A. Person/AFP via Getty Images)"),
        (
            None,
            "The president sent a message to Mr. Amir in the U.S. capital. The minister sent another one.\n\n"
            "The causes remain unclear.",
        ),
        (
            None,
            "The minister holds a conference in Moscow on Oct. 6, 2021. (K. Person/Pool via Getty Images)",
        ),
        (
            "Burgeoning Relationship",
            "During the search the president offered aircraft. He also praised the leader.\n\nFrom The Daily Times",
        ),
    ]


def test_markdown_headings_and_the_repeated_title() -> None:
    text = (
        "# A Title\n\nIntro.\n\n## First part ##\nOne. Two.\n\n### Deeper: why?\n\nThree.\n\n"
        "Setext\n======\n\nFour.\n\n## Sagittarius A*\n\nFive.\n\n**Bold line**\n\nSix.\n"
    )
    assert texts(text) == [
        (None, "Intro."),
        ("First part", "One. Two."),
        ("Deeper: why?", "Three."),
        ("Setext", "Four."),
        ("Sagittarius A*", "Five."),
        ("Bold line", "Six."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "It ends with a mark.",
        "A question?",
        "A list follows:",
        "small letters begin it",
        "- an item",
        "1. An item",
        "This line has far too many words in it to be the heading of anything",
        "https://example.org/page",
        "| a | table |",
        "1945",
    ],
)
def test_lines_that_are_no_headings(line: str) -> None:
    assert [heading for heading, _ in texts(f"Before it.\n\n{line}\n\nAfter it.")] == [None]


def test_of_a_run_of_short_lines_only_the_last_heads_and_none_is_lost() -> None:
    found = texts("Some text.\n\nFlour\n\nSugar\n\nMethod\n\nMix it all well.")
    assert found == [(None, "Some text.\n\nFlour\n\nSugar"), ("Method", "Mix it all well.")]


def test_a_short_line_at_the_end_is_text() -> None:
    assert texts("Some text.\n\nThe End") == [(None, "Some text.\n\nThe End")]


def test_headings_without_blank_lines() -> None:
    long = "The river flows through five countries before it reaches the wide green sea in the north."
    assert texts(f"{long}\nThe source\n{long}") == [(None, long), ("The source", long)]


def test_a_wrapped_paragraph_is_one() -> None:
    text = "The river flows through five countries before it\nreaches the sea, and Many\nTowns stand on it."
    assert texts(text) == [(None, text)]


@pytest.mark.parametrize(
    "noise",
    [
        "Photo: A. Person",
        "(Reuters)",
        "Getty Images",
        "* * *",
        "Advertisement",
        "Subscribe to our newsletter",
        "© 2024 The Daily. All rights reserved.",
        "By signing up, you agree to our Terms of Service.",
    ],
)
def test_noise_is_in_no_passage(noise: str) -> None:
    assert texts(f"Before it.\n\n{noise}\n\nAfter it.") == [(None, "Before it."), (None, "After it.")]


@pytest.mark.parametrize(
    "prose",
    [
        "She agreed to sign up for the race and won it.",
        "Photosynthesis needs light.",
        "The firm (a maker of images) closed.",
        "By registering the ship in Panama the owner saved money.",
        "Image processing is a field of its own.",
    ],
)
def test_prose_about_photos_and_newsletters_stays(prose: str) -> None:
    assert texts(f"Before it.\n\n{prose}\n\nAfter it.") == [(None, f"Before it.\n\n{prose}\n\nAfter it.")]


def test_skipped_stretches_are_in_no_passage() -> None:
    text = "---\ntitle: x\n---\nFirst page.\nRUNNING HEADER 7\nSecond page."
    header = text.index("RUNNING")
    found = check(article(text, skip=[(0, 17), (header, header + 17)]))
    assert [p.text for p in found] == ["First page.", "Second page."]


def test_passages_are_whole_sentences_and_repeat_one() -> None:
    text = " ".join(f"Sentence number {n} says that the value of item {n * 7} is high." for n in range(200))
    spans = sentences(text)
    assert len(spans) == 200
    found = check(article(text))
    starts, ends = ({span[side] for span in spans} for side in (0, 1))
    assert all(p.start in starts and p.end in ends for p in found)
    for before, after in itertools.pairwise(found):
        shared = [span for span in spans if after.start <= span[0] and span[1] <= before.end]
        assert len(shared) == 1


def test_never_across_a_heading() -> None:
    text = "\n\n".join(f"## Part {n}\n\nShort text {n}." for n in range(20))
    assert texts(text) == [(f"Part {n}", f"Short text {n}.") for n in range(20)]


@pytest.mark.parametrize("piece", ["x", "word ", "Wort-", "中", "한", "😀", "9,", "a. ", "Ends here. ", "٣ "])
def test_long_runs(piece: str) -> None:
    text = piece * (30_000 // len(piece))
    found = check(article(text))
    covered = {place for p in found for place in range(p.start, p.end)}
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


@pytest.mark.parametrize("title", ["word " * 500, "x" * 3000, "중국어" * 300, "", "中" * 500])
def test_long_titles_leave_room(title: str) -> None:
    read = Article("0" * 16, title, "a.txt", None, f"# {title}x\n\n" + "A sentence of text. " * 300)
    for passage in check(read):
        label = embedding_text(title, passage).removesuffix(passage.text)
        assert word_pieces([label])[0] <= LABEL_TOKENS


def test_embedding_text() -> None:
    read = article("Text")
    assert embedding_text("A  title", passage_of(read, 0, 4, "Why")) == "A title\nWhy\nText"
    assert embedding_text("A title", passage_of(read, 0, 4)) == "A title\nText"


def test_another_counter() -> None:
    read = article("One two three four five six. " * 100)
    by_words = Splitter(count_tokens=lambda texts: [30 * len(text.split()) for text in texts])
    assert len(check(read, by_words)) == 100


def characters(texts: Sequence[str]) -> list[int]:
    """A token for each byte, as of models that read bytes: what two texts come to together is more than their sum."""
    return [len(text.encode()) + 2 * text.count("\n") for text in texts]


@pytest.mark.parametrize("most", [60, 254, 1000])
@pytest.mark.parametrize("piece", ["A sentence of text.\n", "x", "한국어 ", "Ends here. "])
def test_passages_fit_an_embedder_that_reads_bytes(piece: str, most: int) -> None:
    text = piece * (3000 // len(piece))
    splitter = Splitter(SplitSettings(max_tokens=most, label_tokens=8), characters)
    covered = {place for p in check(article(text, "A"), splitter) for place in range(p.start, p.end)}
    assert all(text[place].isspace() for place in range(len(text)) if place not in covered)


def test_passages_fit_another_model(tmp_path: Path) -> None:
    """The default model's own files, bound to 64 tokens and with a prompt before each passage."""
    for path in default_folder().rglob("*"):
        target = tmp_path / path.relative_to(default_folder())
        if path.is_dir():
            target.mkdir()
        elif path.name not in ("config_sentence_transformers.json", "sentence_bert_config.json"):
            target.symlink_to(path)
    (tmp_path / "sentence_bert_config.json").write_text('{"max_seq_length": 64, "do_lower_case": false}')
    (tmp_path / "config_sentence_transformers.json").write_text('{"prompts": {"query": "", "document": "a passage: "}}')
    embedder = SentenceTransformerEmbedder(str(tmp_path))
    splitter = Splitter.fitting(embedder)
    assert (splitter.settings.max_tokens, splitter.settings.label_tokens) == (64 - 2 - 3, 14)
    read = article("The river flows through five countries before it reaches the sea. " * 40, "The long river")
    found = check(read, splitter)
    assert len(found) > len(split(read))
    texts = [embedding_text(read.title, passage, splitter.settings.label_tokens) for passage in found]
    cut = [text[:-20] for text in texts]  # what is dropped unseen changes no vector, what is read does
    assert not np.any(np.all(np.isclose(embedder.encode_passages(texts), embedder.encode_passages(cut)), axis=1))


def test_an_embedder_that_reads_too_little_is_refused() -> None:
    with pytest.raises(InputError, match=r"reads 20 tokens of a text, too few .* a\.txt: choose another"):
        split(article("Text.", "A title of some words"), Splitter(SplitSettings(max_tokens=20)))


def test_the_default_embedder_has_the_default_splitter() -> None:
    assert Splitter.fitting(load_embedder()) == Splitter()
    assert Splitter().settings.max_tokens == DEFAULT_MAX_TOKENS == load_embedder().max_tokens
    assert load_embedder().count_tokens(["Ely", ""]) == word_pieces(["Ely", ""])


@settings(max_examples=300)
@given(ODD, ODD)
def test_odd_texts(text: str, title: str) -> None:
    if text.strip():
        check(Article("0" * 16, title, "a.txt", None, text))
