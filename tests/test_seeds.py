"""The seed articles and the question files over them: facts that plain Python can check."""

import datetime
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

PROJECT = Path(__file__).parent.parent
DATA = PROJECT / "tests" / "data"
ARTICLES = sorted(path for path in (PROJECT / "seeds").glob("*.md") if path.name != "README.md")
FRONT_MATTER = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)


def load(name: str, key: str) -> list[dict[str, Any]]:
    """The rows under `key` of a JSON file in tests/data."""
    rows: list[dict[str, Any]] = json.loads((DATA / name).read_text(encoding="utf-8"))[key]
    return rows


def parts(path: Path) -> tuple[dict[str, Any], str]:
    """Front matter and body of a seed article."""
    text = path.read_text(encoding="utf-8")
    match = FRONT_MATTER.match(text)
    assert match, f"{path.name} does not begin with front matter"
    return yaml.safe_load(match[1]), text[match.end() :]


SEED_QUESTIONS = load("seed_questions.json", "questions")
ANSWERABLE = [row for row in SEED_QUESTIONS if row["answerable"]]
RAW_QUESTIONS = load("raw_article_questions.json", "questions")
CONVERSATIONS = load("conversations.json", "conversations")


def test_there_are_enough_articles() -> None:
    assert len(ARTICLES) >= 16


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_article_is_well_formed(path: Path) -> None:
    front, body = parts(path)
    assert set(front) == {"title", "source", "published", "licence"}
    assert isinstance(front["title"], str)
    assert isinstance(front["published"], datetime.date)
    assert (front["source"], front["licence"]) == ("Article QA seeds", "CC0-1.0")
    assert body.count("\n# ") == 1
    assert body.count("\n## ") >= 3
    assert 350 <= len(body.split()) <= 900
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*\.md", path.name)


def test_titles_differ() -> None:
    assert len({parts(path)[0]["title"] for path in ARTICLES}) == len(ARTICLES)


@pytest.mark.parametrize(("rows", "each"), [(SEED_QUESTIONS, 20), (RAW_QUESTIONS, 10)], ids=["seeds", "raw"])
def test_half_of_the_questions_are_answerable(rows: list[dict[str, Any]], each: int) -> None:
    assert Counter(row["answerable"] for row in rows) == {True: each, False: each}
    assert all(bool(row["answers"]) == row["answerable"] == bool(row["source"]) for row in rows)


def test_ids_and_questions_are_unique() -> None:
    rows = [*SEED_QUESTIONS, *RAW_QUESTIONS]
    ids = [row["id"] for row in [*rows, *CONVERSATIONS]]
    assert len(set(ids)) == len(ids)
    assert len({row["question"] for row in rows}) == len(rows)


@pytest.mark.parametrize("row", ANSWERABLE, ids=lambda row: row["id"])
def test_seed_answers_stand_in_their_article(row: dict[str, Any]) -> None:
    _, body = parts(PROJECT / row["source"])
    assert [answer for answer in row["answers"] if answer not in body] == []
    assert row["question"] not in body


def test_there_are_enough_conversations() -> None:
    later = [turn for talk in CONVERSATIONS for turn in talk["turns"][1:]]
    about = Counter(talk["about"].startswith("seeds/") for talk in CONVERSATIONS)
    assert about == {True: 40, False: 26}
    assert all(len(talk["turns"]) in (2, 3) for talk in CONVERSATIONS)
    assert 0.2 <= sum(turn.get("untouched", False) for turn in later) / len(later) <= 0.3


@pytest.mark.parametrize("talk", CONVERSATIONS, ids=lambda talk: talk["id"])
def test_conversation_is_well_formed(talk: dict[str, Any]) -> None:
    first, *later = talk["turns"]
    assert first["standalone"] == first["question"]
    for turn in later:
        assert (turn["standalone"] == turn["question"]) == turn.get("untouched", False)
    assert all(turn["answers"] for turn in talk["turns"])
    if talk["about"].startswith("seeds/"):
        _, body = parts(PROJECT / talk["about"])
        assert [answer for turn in talk["turns"] for answer in turn["answers"] if answer not in body] == []
    else:
        assert talk["about"].startswith("xquad:")
