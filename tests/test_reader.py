"""Both readers on passages of our own making."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from index import Article, Hit, InputError, Passage
from qa.reader import ExtractiveReader, reading_prefix
from qa.reader.checkpoint import load_checkpoint
from qa.reader.choice import SMALL_FOLDER, choose


def hit_of(text: str, title: str = "", start: int = 0, end: int | None = None, heading: str | None = None) -> Hit:
    end = len(text) if end is None else end
    article = Article("a" * 16, title, "a.txt", None, text)
    return Hit(Passage(f"a-{start}-{end}", article.id, heading, start, end, text[start:end]), article, 1.0, 1, 1)


@pytest.fixture(scope="session", params=["small", "large"])
def reader(request: pytest.FixtureRequest) -> ExtractiveReader:
    choice = choose(request.param)
    return ExtractiveReader(load_checkpoint(choice.weights, choice.name))


def test_finds_the_words_with_exact_offsets(reader: ExtractiveReader) -> None:
    text = "😀 The café opened in 1987. It was founded by Zoë Müller in Graz. Its coffee is strong."
    (reading,) = reader.read("Who founded the café?", [hit_of(text)])
    span = reading.spans[0]
    assert span.text == text[span.start : span.end] == "Zoë Müller"


def test_the_title_is_read_but_never_an_answer(reader: ExtractiveReader) -> None:
    text = "He was born in Vienna. He studied law."
    (reading,) = reader.read("Where was Karl Huber born?", [hit_of(text, title="Karl Huber")])
    assert reading.spans[0].text == "Vienna"
    assert all(0 <= span.start < span.end <= len(text) for span in reading.spans)


def test_a_passage_that_answers_has_more_evidence_than_one_that_does_not(reader: ExtractiveReader) -> None:
    answering = hit_of("The bridge was finished in 1932 after eight years of work.")
    other = hit_of("Bread is baked from flour, water, salt and yeast.")
    first, second = reader.read("When was the bridge finished?", [answering, other])
    assert first.evidence > 0 > second.evidence
    assert first.spans[0].text == "1932"


def test_a_passage_scores_the_same_whatever_else_is_in_the_pool(reader: ExtractiveReader) -> None:
    hits = [hit_of(f"The tower number {n} was built in {1900 + n} by its owner.") for n in range(4)]
    question = "When was the tower number 2 built?"
    together = reader.read(question, hits)[2]
    alone = reader.read(question, [hits[2]])[0]
    assert together.evidence == pytest.approx(alone.evidence, abs=1e-5)
    assert [s.text for s in together.spans] == [s.text for s in alone.spans]


def test_a_long_passage_is_read_to_its_end(reader: ExtractiveReader) -> None:
    filler = "The weather was mild and the market stayed open until the evening. " * 60
    text = filler + "The treasure was hidden by Captain Ferro under the lighthouse."
    (reading,) = reader.read("Who hid the treasure?", [hit_of(text)])
    assert reading.spans[0].text.startswith("Captain Ferro")


def test_no_answer_goes_beyond_a_paragraph(reader: ExtractiveReader) -> None:
    text = "The mill was built in 1871.\n\n1872 was a year of storms."
    (reading,) = reader.read("When was the mill built?", [hit_of(text)])
    assert reading.spans[0].text == "1871"
    assert not [span.text for span in reading.spans if "\n\n" in span.text]


def test_spans_lie_in_the_passage_not_only_in_the_article(reader: ExtractiveReader) -> None:
    text = "Anna was born in Rome. " * 3 + "Paul was born in Oslo and lives there."
    start = text.index("Paul")
    (reading,) = reader.read("Where was Paul born?", [hit_of(text, start=start)])
    assert reading.spans[0].text == "Oslo"
    assert all(span.start >= start for span in reading.spans)


@pytest.mark.parametrize("question", ["?", "क्या हुआ?", "a" * 1900, "why " * 400, "\u200d\u200d", "<b>&amp;</b> who"])
def test_odd_questions_are_read(reader: ExtractiveReader, question: str) -> None:
    (reading,) = reader.read(question, [hit_of("Short text of a few words.")])
    assert np.isfinite(reading.evidence)


@pytest.mark.parametrize("text", ["x", "…", "😀", "a" * 5000, "שלום לכולם, נולד בשנת 1950.", "l\r\nm\r\n" * 50])
def test_odd_passages_are_read(reader: ExtractiveReader, text: str) -> None:
    (reading,) = reader.read("Who is it?", [hit_of(text)])
    assert all(span.text.strip() == span.text for span in reading.spans)


def test_an_unknown_reader_is_one_line() -> None:
    with pytest.raises(InputError, match="cannot be loaded") as caught:
        load_checkpoint("/nowhere/at/all")
    assert "\n" not in str(caught.value)


def test_any_checkpoint_in_hugging_face_format_reads(tmp_path: Path) -> None:
    from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

    default = load_checkpoint(SMALL_FOLDER)
    config = BertConfig(hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertForQuestionAnswering(config).save_pretrained(tmp_path)
    make: Any = PreTrainedTokenizerFast
    make(tokenizer_object=default.tokenizer, cls_token="[CLS]", sep_token="[SEP]").save_pretrained(tmp_path)
    reader = ExtractiveReader(load_checkpoint(tmp_path))
    (reading,) = reader.read("Who came?", [hit_of("Nobody came to the feast but Ida.")])
    assert reading.spans


def test_prefix() -> None:
    assert reading_prefix("Karl Huber", "Youth.") == "Karl Huber. Youth. "
    assert reading_prefix("", None) == ""
