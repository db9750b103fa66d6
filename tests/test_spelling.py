"""Misspelt words, another language, and questions about the articles as such, over a small store."""

from collections import Counter
from collections.abc import Iterator

import pytest

from index import PassageIndex, Snapshot, read_articles
from qa import QA
from qa.overview import HERE, WELCOME, overview
from qa.spelling import FOREIGN, is_foreign, nearest, respelled

TEA = """# A short history of tea

## Where it comes from

All tea comes from one plant. It grew first in the mountains of Yunnan.

## How it is sold

The tea bag was patented by two women of Milwaukee in 1903. Marathon runners drink it cold.
"""
BRIDGE = "# The bridge of Skarra\n\nThe bridge was finished in 1932. Its engineer was Olaf Berg.\n"


@pytest.fixture(scope="module")
def qa(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QA]:
    folder = tmp_path_factory.mktemp("spelling")
    (folder / "tea.md").write_text(TEA, encoding="utf-8")
    (folder / "bridge.md").write_text(BRIDGE, encoding="utf-8")
    PassageIndex.build(read_articles([folder]), store=folder / "store")
    opened = QA.open(folder / "store", reader="small")
    yield opened
    opened.close()


@pytest.fixture
def snapshot(qa: QA) -> Snapshot:
    return qa.index.current()


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("inveted the teabag", "inveted the tea bag"),
        ("marathn runners", "Marathon runners"),
        ("when was the bridge of Skara finished", "when was the bridge of Skarra finished"),
        ("Who was the engneer?", "Who was the engineer?"),
        ("Who was the “engneer”?", "Who was the “engneer”?"),  # in quotation marks: as typed
        ("Who was the bride of Skarra?", "Who was the bride of Skarra?"),  # English has the word
        ("How does a transistor work?", "How does a transistor work?"),
        ("Who composed Turandot?", "Who composed Turandot?"),
        ("Where does tea come from?", "Where does tea come from?"),
    ],
)
def test_what_no_article_holds_is_taken_for_the_nearest_word(snapshot: Snapshot, typed: str, asked: str) -> None:
    assert respelled(typed, snapshot) == asked


def test_of_words_that_are_equally_near_the_more_frequent_is_taken() -> None:
    assert nearest("batery", Counter({"battery": 1, "batelry": 5})) == "batelry"
    assert nearest("zebra", Counter(["tea"])) is None


def test_an_answer_says_what_was_asked(qa: QA) -> None:
    answer = qa.ask("who patented the teabag", min_confidence=0)
    assert (answer.question, answer.asked_as) == ("who patented the teabag", "who patented the tea bag")
    assert answer.to_json()["asked_as"] == answer.asked_as
    assert "asked_as" not in qa.ask("who patented the tea bag", min_confidence=0).to_json()


@pytest.mark.parametrize(
    ("question", "foreign"),
    [
        ("Wer erfand den Teebeutel?", True),
        ("¿Quién inventó la bolsita de té?", True),
        ("Who invented the rocket engine?", False),
        ("bridge finished year", False),
        ("Teebeutel?", False),  # one word says too little
    ],
)
def test_another_language(snapshot: Snapshot, question: str, foreign: bool) -> None:
    assert is_foreign(question, snapshot) is foreign


def test_a_refused_question_in_another_language_gets_a_line_that_says_so(qa: QA) -> None:
    answer = qa.ask("Wer erfand den Teebeutel?", min_confidence=1)
    assert (answer.text, answer.note) == (None, FOREIGN)
    assert answer.related


@pytest.mark.parametrize(
    ("question", "note"),
    [("Hello!", WELCOME), ("thanks", WELCOME), ("what can I ask?", WELCOME), ("What is here?", HERE)],
)
def test_greetings_and_what_is_here_show_how_the_articles_begin(snapshot: Snapshot, question: str, note: str) -> None:
    answer = overview(question, snapshot, None)
    assert answer is not None
    assert (answer.text, answer.note) == (None, note)
    assert {one.article.title for one in answer.related} == {"A short history of tea", "The bridge of Skarra"}
    assert {one.quote for one in answer.related} == {
        "All tea comes from one plant.",
        "The bridge was finished in 1932.",
    }


@pytest.mark.parametrize(
    "question", ["Summarize the history of tea", "outline of tea", "What does the article on tea say?"]
)
def test_an_outline_is_how_each_section_begins(snapshot: Snapshot, question: str) -> None:
    answer = overview(question, snapshot, None)
    assert answer is not None
    assert [(one.header, one.quote) for one in answer.citations] == [
        ("Where it comes from", "All tea comes from one plant."),
        ("How it is sold", "The tea bag was patented by two women of Milwaukee in 1903."),
    ]
    assert answer.text == answer.citations[0].quote


@pytest.mark.parametrize("question", ["What is tea?", "What does the article say about Yunnan?", "Help the bridge?"])
def test_other_questions_are_asked_of_the_articles(snapshot: Snapshot, question: str) -> None:
    assert overview(question, snapshot, None) is None
