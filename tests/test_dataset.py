"""SQuAD files of our own in, articles with exact gold offsets out; everything unusable is named."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.errors import InputError
from qa.evaluation import read_dataset

LAKE = "The lake froze in January. Skaters came from Ebdal by sledge."
FERRY = "A ferry crossed twice a day. 🚢 Its captain was Mira Holt."


def entry(title: str, *paragraphs: tuple[str, list[Any]]) -> dict[str, Any]:
    return {"title": title, "paragraphs": [{"context": text, "qas": list(qas)} for text, qas in paragraphs]}


def ask(id_: str, question: str, context: str, *answers: str, **more: Any) -> dict[str, Any]:
    golds = [{"text": answer, "answer_start": context.index(answer)} for answer in answers]
    return {"id": id_, "question": question, "answers": golds, **more}


def write(path: Path, *entries: dict[str, Any], **more: Any) -> Path:
    path.write_text(json.dumps({"version": "v2.0", "data": list(entries), **more}), encoding="utf-8")
    return path


@pytest.fixture
def lake_file(tmp_path: Path) -> Path:
    return write(
        tmp_path / "lake.json",
        entry(
            "Ebdal_Lake",
            (LAKE, [ask("q1", "When did the lake freeze?", LAKE, "January", "in January")]),
            (
                FERRY,
                [
                    ask("q2", "Who was the captain?", FERRY, "Mira Holt"),
                    ask("q3", "Who was the cook?", FERRY, is_impossible=True),
                ],
            ),
        ),
    )


def test_golds_point_into_the_joined_text(lake_file: Path) -> None:
    dataset = read_dataset([lake_file])
    (article,) = dataset.articles
    assert article.title == "Ebdal Lake"
    assert article.text == f"{LAKE}\n\n{FERRY}"
    assert [question.answers for question in dataset.questions] == [
        ["January", "in January"],
        ["Mira Holt"],
        [],
    ]
    assert [question.answerable for question in dataset.questions] == [True, True, False]
    for question in dataset.questions:
        assert dataset.article(question.article_id) is article
        assert article.text[question.start : question.end] in (LAKE, FERRY)
        for gold in question.golds:
            assert article.text[gold.start : gold.end] == gold.text
            assert question.start <= gold.start < gold.end <= question.end
    assert dataset.skipped == ()


@given(
    st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip), min_size=1),
    st.data(),
)
def test_any_slice_of_any_paragraph_is_found_again(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], data: st.DataObject
) -> None:
    paragraphs, slices = [], []
    for number, text in enumerate(texts):
        start = data.draw(st.integers(0, len(text) - 1))
        end = data.draw(st.integers(start + 1, len(text)))
        if not text[start:end].strip():
            start, end = 0, len(text)
        slices.append(text[start:end])
        answer = {"text": text[start:end], "answer_start": start}
        paragraphs.append((text, [{"id": str(number), "question": "Which?", "answers": [answer]}]))
    file = write(tmp_path_factory.mktemp("any") / "any.json", entry("Any", *paragraphs))
    dataset = read_dataset([file])
    for question, expected in zip(dataset.questions, slices, strict=True):
        (gold,) = question.golds
        assert dataset.articles[0].text[gold.start : gold.end] == gold.text == expected.strip()


def test_the_same_title_twice_is_two_articles(tmp_path: Path) -> None:
    qas = [ask("q", "When?", LAKE, "January")]
    dataset = read_dataset([write(tmp_path / "two.json", entry("Lake", (LAKE, qas)), entry("Lake", (LAKE, qas)))])
    first, second = dataset.articles
    assert first.id != second.id
    assert (first.source, second.source) == (f"{tmp_path}/two.json#0", f"{tmp_path}/two.json#1")


def test_squad_1_needs_no_is_impossible_and_no_title(tmp_path: Path) -> None:
    file = write(tmp_path / "v1.json", {"paragraphs": [{"context": LAKE, "qas": [ask("q", "When?", LAKE, "January")]}]})
    dataset = read_dataset([file])
    assert dataset.articles[0].title == "v1 1"
    assert dataset.questions[0].answerable


def test_white_space_around_an_answer_is_no_part_of_it(tmp_path: Path) -> None:
    start = LAKE.index("January")
    counted = {"id": "a", "question": "When?", "answers": [{"text": " January", "answer_start": start - 1}]}
    dropped = {"id": "b", "question": "When?", "answers": [{"text": " January", "answer_start": start}]}
    dataset = read_dataset([write(tmp_path / "space.json", entry("Lake", (LAKE, [counted, dropped])))])
    assert [question.golds[0].text for question in dataset.questions] == ["January", "January"]
    assert {question.golds[0].start for question in dataset.questions} == {start}


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (
            {"answers": [{"text": "July", "answer_start": 18}]},
            "answer_start 18 points at 'Janu', not at 'July'",
        ),
        ({"answers": [{"text": "sledge. A", "answer_start": LAKE.index("sledge")}]}, "not at 'sledge. A'"),
        ({"answers": [{"text": "January", "answer_start": -3}]}, "without text or answer_start"),
        ({"answers": [{"text": "January", "answer_start": True}]}, "without text or answer_start"),
        ({"answers": [{"text": " ", "answer_start": 3}]}, "without text or answer_start"),
        ({"answers": ["January"]}, "without text or answer_start"),
        ({"answers": []}, "has no answers"),
        ({"answers": [], "question": " "}, "has no question text"),
        ({"answers": [], "question": "half \ud800"}, "lone surrogate"),
    ],
)
def test_a_bad_question_is_named_and_left_out(tmp_path: Path, bad: Any, reason: str) -> None:
    good = ask("good", "When?", LAKE, "January")
    file = write(tmp_path / "bad.json", entry("Lake", (LAKE, [{"id": "bad", "question": "What?", **bad}, good])))
    dataset = read_dataset([file])
    assert [question.id for question in dataset.questions] == ["good"]
    (skipped,) = dataset.skipped
    assert skipped.source == f"{file}#0 question bad"
    assert reason in skipped.reason


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ({"title": "x"}, 'no list "paragraphs"'),
        ("x", 'no list "paragraphs"'),
        ({"paragraphs": [{"qas": []}]}, 'paragraph 0 has no "context"'),
        ({"paragraphs": [{"context": " "}]}, "holds no text"),
        ({"paragraphs": [{"context": "half \udc00"}]}, "lone surrogate at character 5"),
        ({"paragraphs": [{"context": "text", "qas": 3}]}, '"qas" is not a list'),
    ],
)
def test_a_bad_article_is_named_and_left_out(tmp_path: Path, bad: Any, reason: str) -> None:
    file = write(tmp_path / "bad.json", bad, entry("Lake", (LAKE, [ask("good", "When?", LAKE, "January")])))
    dataset = read_dataset([file])
    assert [question.id for question in dataset.questions] == ["good"]
    assert [(s.source, reason in s.reason) for s in dataset.skipped] == [(f"{file}#0", True)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not JSON"),
        (b"\xff\xfe", "is not JSON"),
        (b"[]", 'no list "data"'),
        (b'{"data": {}}', 'no list "data"'),
        (b'{"data": []}', "no usable question"),
        (b"[" * 200_000, "is not JSON"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "bad.json"
    file.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        read_dataset([file])
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_and_repeated_files_are_named(tmp_path: Path, lake_file: Path) -> None:
    with pytest.raises(InputError, match=r"none\.json: there is no such file"):
        read_dataset([tmp_path / "none.json"])
    with pytest.raises(InputError, match="cannot be read"):
        read_dataset([tmp_path])
    with pytest.raises(InputError, match="given twice"):
        read_dataset([lake_file, tmp_path / "." / "lake.json"])


def test_a_sample_is_repeatable_and_in_file_order(lake_file: Path) -> None:
    dataset = read_dataset([lake_file])
    sample = dataset.sample(2)
    assert sample == dataset.sample(2)
    assert len(sample.questions) == 2
    assert sample.articles == dataset.articles
    ids = [question.id for question in sample.questions]
    assert ids == sorted(ids)
    assert dataset.sample(None) is dataset
    assert dataset.sample(3) is dataset
