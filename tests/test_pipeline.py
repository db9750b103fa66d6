"""The whole way from articles to answers, with the real embedder and the real reader."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from index import Filter, InputError, PassageIndex, StoreMissing, read_articles
from qa import QA
from qa.evaluation import f1
from qa.pipeline import MAX_QUESTION_CHARS
from qa.reader import Models

ROOT = Path(__file__).parent.parent
QUESTIONS = json.loads((ROOT / "tests/data/seed_questions.json").read_text(encoding="utf-8"))["questions"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeds") / "store"
    PassageIndex.build(read_articles([ROOT / "seeds"]), store=folder)
    return folder


@pytest.fixture(scope="module")
def qa(store: Path) -> Iterator[QA]:
    opened = QA.open(store)
    yield opened
    opened.close()


def test_answers_and_refusals_on_the_seeds(qa: QA) -> None:
    """Floors below what was measured; the figures themselves come from `python -m benchmarks.questions`."""
    answers = [(question, qa.ask(question["question"])) for question in QUESTIONS]
    right = sum(f1(a.text, q["answers"]) >= 0.5 for q, a in answers if q["answerable"])
    refused = sum(not a.answered for q, a in answers if not q["answerable"])
    assert right >= RIGHT_FLOOR
    assert refused >= REFUSED_FLOOR


RIGHT_FLOOR = 6
REFUSED_FLOOR = 14


def test_every_citation_slices_its_article(qa: QA) -> None:
    for question in QUESTIONS:
        answer = qa.ask(question["question"], min_confidence=0.0)
        assert answer.citations
        for citation in answer.citations:
            text = qa.index.article(citation.article.id).text
            assert text[citation.start : citation.end] == citation.quote
            assert text[citation.answer_start : citation.answer_end] == citation.answer
            assert citation.answer in answer.parts
        assert answer.text == answer.citations[0].answer


def test_offsets_hold_in_the_file_itself(qa: QA) -> None:
    (citation, *_) = qa.ask("Who was the first man on the Moon?", min_confidence=0.0).citations
    text = (ROOT / citation.article.source).read_text(encoding="utf-8")
    assert text[citation.start : citation.end] == citation.quote


def test_retrieve_reorders_what_the_index_finds(qa: QA) -> None:
    query = "Which ship was the first to pass through the Panama Canal officially?"
    fused = qa.retrieve(query, 10, rerank=False)
    ordered = qa.retrieve(query, 10)
    assert {hit.passage.id for hit in fused} == {hit.passage.id for hit in ordered}
    assert [hit.score for hit in ordered] == sorted((hit.score for hit in ordered), reverse=True)
    assert len(qa.retrieve(query, 3)) == 3


def test_more_hits_than_are_read_keep_falling_scores(qa: QA) -> None:
    hits = qa.retrieve("canal", 70)
    assert len(hits) == 70
    assert all(a.score >= b.score for a, b in pairwise(hits))


def test_a_filter_limits_what_answers(qa: QA) -> None:
    answer = qa.ask("How many people were on board?", where=Filter(source="*apollo*"), min_confidence=0.0)
    assert {citation.article.source for citation in answer.citations} == {"seeds/apollo-11.md"}


def test_a_filter_that_nothing_passes_gives_no_answer(qa: QA) -> None:
    answer = qa.ask("Who?", where=Filter(source="no such article"))
    assert (answer.text, answer.confidence, answer.related) == (None, 0.0, ())


@pytest.mark.parametrize("question", ["", "   \n", "?", "…!", "🤔"])
def test_a_question_without_a_word_is_refused(qa: QA, question: str) -> None:
    with pytest.raises(InputError, match="no word"):
        qa.ask(question)


def test_a_huge_question_is_refused(qa: QA) -> None:
    with pytest.raises(InputError, match=f"{MAX_QUESTION_CHARS:,}"):
        qa.ask("word " * 20_000)


@pytest.mark.parametrize("question", ["Кто построил канал?", "<script>alert(1)</script>", "7", "من هو رئيس إيران؟"])
def test_odd_questions_get_an_answer_or_none(qa: QA, question: str) -> None:
    answer = qa.ask(question)
    assert answer.answered == bool(answer.citations)


def test_threads_get_the_answers_of_one(qa: QA) -> None:
    questions = [question["question"] for question in QUESTIONS[:8]]
    alone = [qa.ask(question).to_json() for question in questions]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda question: qa.ask(question).to_json(), questions)) == alone


def test_steps_are_told(qa: QA) -> None:
    steps: list[str] = []
    qa.ask("Who was the first man on the Moon?", on_step=steps.append)
    assert steps == ["retrieving", "reading"]


def test_no_store_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(StoreMissing):
        QA.open(tmp_path / "none")


def test_models_loaded_ahead_answer_alike(store: Path, qa: QA) -> None:
    question = "Which plant is tea made from?"
    ahead = QA.open(store, ahead=True)
    ahead.warm()
    assert ahead.ask(question) == qa.ask(question)
    ahead.close()


def test_without_a_store_no_model_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[Models] = []
    monkeypatch.setattr(Models, "load", loaded.append)
    with pytest.raises(StoreMissing):
        QA.open(tmp_path / "none", ahead=True)
    assert loaded == []


def test_the_module_s_own_functions_use_the_default_store(store: Path) -> None:
    code = "from qa import ask, retrieve; print(len(retrieve('canal', k=2)), ask('Who?', min_confidence=1.0).answered)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"ARTICLE_QA_STORE": str(store), "HF_HUB_OFFLINE": "1", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.stdout.split() == ["2", "False"]
