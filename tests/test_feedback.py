"""Feedback: kept, replaced, exported so that the answer stands at its place."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index import InputError, StoreError
from qa.feedback import FILE, Feedback, Opinion

UP = Opinion("a-1", "up", "Who?", "Ada", 3, "Title", "seeds/x.md", "It was Ada who did.", 7)
NOT_SAID = Opinion("a-2", "up", "Why?", None, 3, "Title", "seeds/x.md", "It was Ada who did.", None)
DOWN = Opinion("a-3", "down", "When?", "1871", 3, "Title", "seeds/x.md", "In 1871.", 3, comment="too early")


def test_good_answers_become_questions_and_bad_ones_are_listed(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    for opinion in (UP, NOT_SAID, DOWN):
        feedback.keep(opinion)
    exported = feedback.squad()
    (paragraph,) = exported["data"][0]["paragraphs"]
    asked, impossible = paragraph["qas"]
    start, text = asked["answers"][0]["answer_start"], asked["answers"][0]["text"]
    assert paragraph["context"][start : start + len(text)] == text == "Ada"
    assert (impossible["is_impossible"], impossible["answers"]) == (True, [])
    assert [one["comment"] for one in exported["disputed"]] == ["too early"]


def test_a_second_opinion_replaces_the_first(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path)
    feedback.keep(UP)
    feedback.keep(Opinion("a-1", "down", "Who?", "Ada", 3, "Title", "seeds/x.md", "It was Ada who did.", 7))
    assert [(one.id, one.verdict) for one in feedback.all()] == [("a-1", "down")]


def test_no_feedback_is_the_users_mistake(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no feedback is kept"):
        Feedback(tmp_path).squad()


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"not a database, at all" * 100)
    with pytest.raises(StoreError, match="move the file away"):
        Feedback(tmp_path).all()


def connecting(monkeypatch: pytest.MonkeyPatch, pragma: str) -> None:
    """Have SQLite meet its limit of itself."""
    connect = sqlite3.connect

    def limited(*given: Any, **named: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = connect(*given, **named)
        connection.execute(pragma)
        return connection

    monkeypatch.setattr("qa.feedback.sqlite3.connect", limited)


@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        ("PRAGMA max_page_count = 1", "disk is full; make room"),
        ("PRAGMA query_only = 1", "readonly database; make the store"),
    ],
)
def test_a_disk_that_takes_nothing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pragma: str, said: str
) -> None:
    connecting(monkeypatch, pragma)
    with pytest.raises(StoreError, match=said):
        Feedback(tmp_path).keep(UP)


def test_there_is_an_end_to_what_is_kept(tmp_path: Path) -> None:
    feedback = Feedback(tmp_path, max_bytes=60_000)
    with pytest.raises(StoreError, match="export it, then move"):
        for number in range(100):
            feedback.keep(replace(UP, id=str(number), context="x" * 10_000))
    assert 1 < len(feedback.all()) < 50
