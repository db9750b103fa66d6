"""A small dataset of our own, asked of the real pipeline; every check is made against the store itself."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import Article, Hit, InputError, Passage, PassageIndex, Progress, read_articles
from qa import QA
from qa.evaluation import (
    Dataset,
    Evaluation,
    Gold,
    Question,
    evaluate,
    figures,
    gold_rank,
    hits_without_article,
    read_dataset,
)
from qa.evaluation.evaluate import citations_hold, gold_hit
from qa.evaluation.store_match import askable, place

PARAGRAPHS = {
    "Ebdal lighthouse": [
        "The Ebdal lighthouse was finished in 1874. Its first keeper, Torben Lisk, stayed for thirty years.",
        "A storm broke the lamp in 1911. The parish paid for a new one, which was lit with gas from Orrby.",
    ],
    "Hallo cheese": [
        "Hallo cheese is made from the milk of goats. It ripens for nine weeks in caves of limestone.",
    ],
    "Varn railway": [
        "The Varn railway carried slate to the harbour of Quill. It closed in 1958, when the quarry flooded.",
    ],
}
QUESTIONS = [
    ("Ebdal lighthouse", 0, "When was the Ebdal lighthouse finished?", "1874"),
    ("Ebdal lighthouse", 0, "Who was the first keeper of the lighthouse?", "Torben Lisk"),
    ("Ebdal lighthouse", 1, "What broke the lamp in 1911?", "A storm"),
    ("Ebdal lighthouse", 1, "Who painted the lighthouse red?", None),
    ("Hallo cheese", 0, "How long does Hallo cheese ripen?", "nine weeks"),
    ("Varn railway", 0, "What did the Varn railway carry?", "slate"),
    ("Varn railway", 0, "In what year did the Varn railway close?", "1958"),
]


def squad(questions: Sequence[tuple[str, int, str, str | None]]) -> str:
    entries = []
    for title, texts in PARAGRAPHS.items():
        paragraphs: list[dict[str, Any]] = [{"context": text, "qas": []} for text in texts]
        for number, (about, place_, text, answer) in enumerate(questions):
            if about != title:
                continue
            golds = [{"text": answer, "answer_start": texts[place_].index(answer)}] if answer else []
            item = {"id": f"q{number}", "question": text, "answers": golds, "is_impossible": answer is None}
            paragraphs[place_]["qas"].append(item)
        entries.append({"title": title, "paragraphs": paragraphs})
    return json.dumps({"version": "v2.0", "data": entries})


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    file = tmp_path_factory.mktemp("squad") / "own.json"
    file.write_text(squad(QUESTIONS), encoding="utf-8")
    return read_dataset([file])


@pytest.fixture(scope="module")
def store(dataset: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store") / "store"
    PassageIndex.build(dataset.articles, store=folder)
    return folder


@pytest.fixture(scope="module")
def qa(store: Path) -> Iterator[QA]:
    opened = QA.open(store)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def evaluation(dataset: Dataset, store: Path) -> Evaluation:
    return evaluate(dataset, store=store)


def test_an_outcome_is_what_ask_gives(evaluation: Evaluation, qa: QA) -> None:
    assert len(evaluation.outcomes) == len(QUESTIONS)
    for outcome in evaluation.outcomes:
        asked = qa.ask(outcome.question.text, min_confidence=0.0)
        assert outcome.answer == replace(asked, generation=outcome.answer.generation)


def test_ranks_are_those_of_retrieve(evaluation: Evaluation, qa: QA) -> None:
    for outcome in evaluation.outcomes:
        if outcome.question.answerable:
            fused = qa.retrieve(outcome.question.text, 10, rerank=False)
            reranked = qa.retrieve(outcome.question.text, 10)
            assert outcome.fused_rank == gold_rank(fused, outcome.question)
            assert outcome.reranked_rank == gold_rank(reranked, outcome.question)


def test_every_citation_holds_and_easy_questions_are_found(evaluation: Evaluation) -> None:
    found = figures(evaluation)
    assert found["citations"]["valid"].value == 1
    assert found["retrieval"]["fused_r5"].value == 1
    assert found["end_to_end"]["gold_in_first_quote"].value >= 4 / 6
    assert found["gold_passage"]["f1"].n == 6
    assert evaluation.build_seconds is None


def test_only_answerable_questions_are_ranked_and_asked_again(evaluation: Evaluation) -> None:
    for outcome in evaluation.outcomes:
        assert (outcome.absent_confidence is not None) == outcome.question.answerable
        assert outcome.question.answerable or outcome.fused_rank is None


def test_the_left_out_article_is_left_out(dataset: Dataset, qa: QA) -> None:
    snapshot = qa.index.current()
    for question in dataset.questions:
        hits = hits_without_article(snapshot, question, 10)
        assert {hit.article.id for hit in hits} == {a.id for a in dataset.articles} - {question.article_id}


def test_a_store_of_its_own_is_gone_afterwards(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    steps: list[Progress] = []
    sample = dataset.sample(2)
    evaluation = evaluate(sample, on_progress=steps.append)
    assert [outcome.question for outcome in evaluation.outcomes] == list(sample.questions)
    assert evaluation.build_seconds is not None and evaluation.build_seconds > 0
    assert steps[-1] == Progress("asking", 2, 2, 0.0)
    assert list(tmp_path.glob("article-qa-*")) == []


def test_questions_are_placed_in_a_store_of_other_files(dataset: Dataset, tmp_path: Path) -> None:
    for title, texts in PARAGRAPHS.items():
        if title != "Hallo cheese":
            text = f"# {title}\n\nAdded at the front.\n\n" + "\n\n".join(texts)
            (tmp_path / f"{title}.md").write_text(text, encoding="utf-8")
    PassageIndex.build(read_articles([tmp_path]), store=tmp_path / "store")
    snapshot = PassageIndex.open(tmp_path / "store").current()
    placed = place(dataset, snapshot)
    assert len(placed.questions) == len(QUESTIONS) - 1
    for question in placed.questions:
        text = snapshot.article(question.article_id).text
        assert text[question.start : question.end] in {text for texts in PARAGRAPHS.values() for text in texts}
        for gold in question.golds:
            assert text[gold.start : gold.end] == gold.text
    (skipped,) = placed.skipped
    assert skipped.source.endswith("own.json#1 question q4")
    assert "stands in no article of the store" in skipped.reason
    assert {article.id for article in placed.articles} == {q.article_id for q in placed.questions}


def test_a_store_without_any_of_the_paragraphs_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "else.txt").write_text(
        "Nothing of the kind is here.\n\nIt speaks of boats. They are blue.", encoding="utf-8"
    )
    PassageIndex.build(read_articles([tmp_path / "else.txt"]), store=tmp_path / "store")
    with pytest.raises(InputError, match="none of the questions' paragraphs"):
        place(dataset, PassageIndex.open(tmp_path / "store").current())


def test_a_question_nobody_may_ask_is_named(tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_text(squad([*QUESTIONS[:1], ("Hallo cheese", 0, "?!", "goats")]), encoding="utf-8")
    dataset = askable(read_dataset([file]))
    assert [question.id for question in dataset.questions] == ["q0"]
    assert dataset.skipped[0].source == f"{file}#1 question q1"


ARTICLE = Article("a" * 16, "Lamp", "lamp", None, "The lamp was green. The door was red.")
COPY = Article("b" * 16, "Lamp again", "copy", None, "Copied. The lamp was green. The door was red.")
QUESTION = Question("q", "Which colour was the door?", ARTICLE.id, 0, 37, (Gold("red", 33, 36),))


def hit(article: Article, start: int, end: int, *also: Article) -> Hit:
    passage = Passage(f"{article.id}-{start}-{end}", article.id, None, start, end, article.text[start:end])
    return Hit(passage, article, 1.0, 1, None, also=also)


def test_a_hit_covers_a_gold_in_the_right_article() -> None:
    first, second = hit(ARTICLE, 0, 19), hit(ARTICLE, 20, 37)
    assert gold_rank([first, second], QUESTION) == 2
    assert gold_rank([first, hit(ARTICLE, 20, 35)], QUESTION) is None  # cuts the answer
    assert gold_rank([], QUESTION) is None
    assert gold_rank([hit(COPY, 28, 45)], QUESTION) is None  # the words, but of another article
    assert gold_rank([hit(COPY, 28, 45, ARTICLE)], QUESTION) == 1  # a copy that stands for both
    assert gold_rank([hit(COPY, 8, 27, ARTICLE)], QUESTION) is None
    assert gold_rank([gold_hit(ARTICLE, QUESTION)], QUESTION) == 1


def test_a_citation_that_does_not_hold_is_caught(qa: QA) -> None:
    snapshot = qa.index.current()
    answer = qa.ask("When was the Ebdal lighthouse finished?", min_confidence=0.0)
    assert citations_hold(answer, snapshot)
    first = answer.citations[0]
    assert first.answer_start is not None
    wrongs: tuple[dict[str, Any], ...] = (
        {"quote": first.quote + "!"},
        {"start": first.start + 1},
        {"answer_start": first.answer_start + 1},
        {"answer_end": None},
        {"answer_start": first.start - 1},
    )
    for wrong in wrongs:
        assert not citations_hold(replace(answer, citations=(replace(first, **wrong),)), snapshot)
    assert not citations_hold(replace(answer, text="someone else"), snapshot)
