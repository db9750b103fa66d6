import pytest

from index import Article, Hit, Passage
from qa.answer import compose
from qa.extent.question_size import DEFINITION, OPEN_ENDED
from qa.reader import Reading, Span
from qa.reader.ranking import Ranked

TEXT = (
    "Iran joined the BRICS group along with Egypt, Ethiopia, and the United Arab Emirates early this year. "
    "The harvest failed. It failed because the rains came late."
)


def reading(article: Article, answer: str, order: float = 1.0) -> Ranked:
    passage = Passage(f"{article.id}-0-{len(article.text)}", article.id, None, 0, len(article.text), article.text)
    hit = Hit(passage, article, 1.0, 1, 1)
    start = article.text.index(answer)
    return Ranked(Reading(hit, (Span(hit, start, start + len(answer), 5.0),), 5.0), order)


def article(number: int, text: str = TEXT) -> Article:
    return Article(f"{number:016x}", f"Title {number}", f"{number}.txt", None, text)


def test_the_quote_is_the_sentence_around_the_answer() -> None:
    answer = compose("What failed?", [reading(article(1), "The harvest")], 0.9, 0.5)
    assert answer.text == "The harvest"
    assert answer.citations[0].quote == "The harvest failed."


def test_a_list_comes_whole() -> None:
    answer = compose("Which countries joined along with Iran?", [reading(article(1), "Egypt")], 0.9, 0.5)
    assert answer.text == "Egypt, Ethiopia, and the United Arab Emirates"


def test_a_question_for_one_thing_gets_one() -> None:
    answer = compose("Where did it start?", [reading(article(1), "Egypt")], 0.9, 0.5)
    assert answer.text == "Egypt"


def test_why_gets_the_sentence() -> None:
    answer = compose("Why did the harvest fail?", [reading(article(1), "the rains came late")], 0.9, 0.5)
    assert answer.text == "It failed because the rains came late."


def test_the_same_answer_in_two_articles_is_one_answer_with_two_citations() -> None:
    ranked = [reading(article(1), "The harvest", 2.0), reading(article(2, "The harvest was lost."), "The harvest")]
    answer = compose("What failed?", ranked, 0.9, 0.5)
    assert answer.text == "The harvest"
    assert [(c.number, c.article.source) for c in answer.citations] == [(1, "1.txt"), (2, "2.txt")]
    assert all(c.article.text[c.answer_start : c.answer_end] == answer.text for c in answer.citations)


def test_below_the_threshold_there_is_no_answer_but_the_closest_passages() -> None:
    answer = compose("What failed?", [reading(article(1), "The harvest")], 0.3, 0.5)
    shown = answer.to_json()
    assert (shown["answered"], shown["answer"], shown["citations"]) == (False, None, [])
    assert shown["related"][0]["quote"] == TEXT
    assert "answer_start" not in shown["related"][0]


@pytest.mark.parametrize(
    ("question", "is_open"),
    [
        ("Why did it crash?", True),
        ("How did the talks end?", True),
        ("What does the article say about Syria?", True),
        ("How many people died?", False),
        ("How old was he?", False),
        ("Who is the ambassador?", False),
    ],
)
def test_open_ended_questions(question: str, is_open: bool) -> None:
    assert bool(OPEN_ENDED.search(question)) is is_open


@pytest.mark.parametrize(
    ("question", "defines"),
    [
        ("What is inflation?", True),
        ("what are coral reefs", True),
        ("Who was Kelvin Kiptum?", True),
        ("What is a black hole?", True),
        ("What is the capital of Peru?", False),
        ("What is Iran's capital called?", False),
        ("Who is the president?", False),
        ("What was made in Mainz?", False),
    ],
)
def test_questions_for_a_definition(question: str, defines: bool) -> None:
    assert bool(DEFINITION.search(question)) is defines


def test_a_question_for_yes_or_no_gets_the_sentence_that_settles_it() -> None:
    answer = compose("Did the harvest fail?", [reading(article(1), "harvest")], 0.9, 0.5)
    assert answer.text == "The harvest failed."
