"""The order of the pool and of its spans, and the confidence."""

import pytest

from index import Article, Hit, Passage
from qa.reader import Calibration, Reading, Span
from qa.reader.ranking import CONFIDENCE_FEATURES, ORDER_FEATURES, echo, words_beside
from qa.words import content_words

TEXT = "The new locks were opened on 26 June 2016. The Panama Canal was opened on 15 August 1914."
QUESTION = "When was the Panama Canal opened?"


def hit_of(text: str, number: int = 1, score: float = 0.5) -> Hit:
    article = Article(f"{number:016x}", "A canal", f"{number}.txt", None, text)
    passage = Passage(f"{article.id}-0-{len(text)}", article.id, None, 0, len(text), text)
    return Hit(passage, article, score, 1, 1, score, 1.0)


def span_of(hit: Hit, text: str, score: float) -> Span:
    start = hit.article.text.index(text)
    return Span(hit, start, start + len(text), score)


def calibration(**order: float) -> Calibration:
    return Calibration(dict.fromkeys(ORDER_FEATURES, 0.0) | order, dict.fromkeys(CONFIDENCE_FEATURES, 0.0), 0.0, 0.5)


def test_a_span_whose_sentence_holds_the_questions_words_comes_first() -> None:
    hit = hit_of(TEXT)
    later, first = span_of(hit, "26 June 2016", 4.0), span_of(hit, "15 August 1914", 3.0)
    assert words_beside(content_words(QUESTION), first) == 1
    assert words_beside(content_words(QUESTION), later) == pytest.approx(1 / 3)
    (ranked,) = calibration(span=1.0, sentence=2.0).rank(QUESTION, [Reading(hit, (later, first), 2.0)])
    assert [span.text for span in ranked.reading.spans] == ["15 August 1914", "26 June 2016"]
    (ranked,) = calibration(span=1.0).rank(QUESTION, [Reading(hit, (later, first), 2.0)])
    assert ranked.reading.spans == (later, first)


def test_a_span_that_goes_beyond_its_sentence_has_no_words_beside_it() -> None:
    hit = hit_of(TEXT)
    across = span_of(hit, "26 June 2016. The Panama Canal", 4.0)
    assert words_beside(content_words(QUESTION), across) == 0


def test_a_span_that_repeats_the_question_comes_later() -> None:
    hit = hit_of(TEXT)
    same, other = span_of(hit, "Panama Canal", 4.0), span_of(hit, "15 August 1914", 3.0)
    assert (echo(content_words(QUESTION), same), echo(content_words(QUESTION), other)) == (1, 0)
    (ranked,) = calibration(span=1.0, echo=-1.0).rank(QUESTION, [Reading(hit, (same, other), 2.0)])
    assert ranked.reading.spans == (other, same)


def test_the_pool_is_ordered_and_ties_keep_their_place() -> None:
    hits = [hit_of(TEXT, number, score) for number, score in ((1, 0.2), (2, 0.9), (3, 0.2))]
    ranked = calibration(fused=1.0).rank(QUESTION, [Reading(hit, (), -3.0) for hit in hits])
    assert [item.reading.hit.article.source for item in ranked] == ["2.txt", "1.txt", "3.txt"]
    assert ranked[0].reading.spans == ()


def test_the_shipped_confidence_never_falls_with_what_speaks_for_an_answer() -> None:
    shipped = Calibration.load()
    assert set(shipped.order) == set(ORDER_FEATURES)
    assert shipped.confidence.pop("names_missing") <= 0
    assert min(shipped.confidence.values()) >= 0
    assert 0 < shipped.min_confidence < 1
