"""How much answers: tables, lists, sentences and comparisons, from spans set by hand."""

import pytest

from index import Article, Hit, Passage
from qa.answer import compose
from qa.extent import size_of
from qa.extent.side_by_side import sides_of
from qa.reader import Ranked, Reading, Span
from qa.reader.readable import readable
from qa.tables import tables_in

RESULTS = (
    "The race was cold.\n\n| Place | Name | Age | Time |\n| --- | --- | --- | --- |\n"
    "| 1 | Ada Berg | 24 | 1:04 |\n| 2 | Ida Falk | 31 | 1:05 |\n\nThe prize was cheese."
)
TOOLS = "For this you need:\n\n- two levers;\n- a sheet of sandpaper;\n- a pump.\n\nIt takes an hour."
SEA = (
    "The sea warms every year. The ice of the north melts because the water is warm. Whales come in spring. "
    "Melting is fast where the wind blows too."
)


def hit_of(text: str, number: int = 1) -> Hit:
    article = Article(f"{number:016x}", f"Title {number}", f"{number}.txt", None, text)
    return Hit(Passage(f"{number}-0", article.id, None, 0, len(text), text), article, 1.0, 1, 1)


def span_of(hit: Hit, words: str, score: float = 5.0) -> Span:
    start = hit.article.text.index(words)
    return Span(hit, start, start + len(words), score)


def answered(question: str, hit: Hit, best: str, marks: dict[str, float] | None = None) -> tuple[str, ...]:
    """The parts of the answer where the reader chose `best` and marked other words with these scores."""
    spans = tuple(span_of(hit, words, score) for words, score in (marks or {}).items())
    reading = Reading(hit, (span_of(hit, best),), 5.0, spans)
    answer = compose(question, [Ranked(reading, 1.0)], 0.9, 0.5)
    assert answer.text == answer.parts[0]
    for citation in answer.citations:
        assert citation.article.text[citation.answer_start : citation.answer_end] == citation.answer
    return answer.parts


@pytest.mark.parametrize(
    ("question", "size"),
    [
        ("Who leads Russia?", "words"),
        ("Who owns the bank?", "words"),
        ("How was the boy called?", "words"),
        ("What is the capital of Peru?", "words"),
        ("Which countries joined in 2024?", "list"),
        ("Crew of Apollo 11?", "list"),
        ("Where did the dishes of the telescope stand?", "list"),
        ("What are coprolites?", "sentence"),
        ("define dew point", "sentence"),
        ("fastest marathon", "sentence"),
        ("Did smallpox kill Janet Parker?", "sentence"),
        ("Why do corals bleach?", "sentences"),
        ("Which is heavier, M87 or Sgr A*?", "comparison"),
        ("What number is on the bus or tram?", "words"),
    ],
)
def test_the_size_that_a_question_asks_for(question: str, size: str) -> None:
    assert size_of(question) == size


def test_a_table_is_found_with_its_header_from_any_of_its_rows() -> None:
    (table,) = tables_in(RESULTS, RESULTS.index("| 2 |"), len(RESULTS))
    cells = [[RESULTS[start:end] for start, end in row.cells] for row in (table.header, *table.rows)]
    assert cells == [["Place", "Name", "Age", "Time"], ["1", "Ada Berg", "24", "1:04"], ["2", "Ida Falk", "31", "1:05"]]


def test_a_table_that_no_bars_edge_and_text_without_any() -> None:
    text = "Mode | Range\nLow | 18 m\n\nEnd"
    assert [[text[s:e] for s, e in row.cells] for row in tables_in(text, 0, len(text))[0].rows] == [["Low", "18 m"]]
    assert tables_in("a | b", 0, 5) == ()
    assert tables_in("no bars", 0, 7) == ()


def test_the_row_that_a_question_speaks_of_is_read_with_its_columns_named() -> None:
    hit = hit_of(RESULTS)
    plain, row = readable("How old is Ida Falk?", hit.passage, RESULTS)
    assert row.text == "Place: 2; Name: Ida Falk; Age: 31; Time: 1:05.\n"
    start = row.text.index("31")
    assert row.place(start, start + 2) == (RESULTS.index("31"), RESULTS.index("31") + 2)
    assert row.place(row.text.index("Age"), len(row.text)) is None
    assert plain.place(RESULTS.index("31"), RESULTS.index("31") + 2) is None


def test_a_cell_is_that_of_the_column_asked_for_and_its_quote_the_row() -> None:
    hit = hit_of(RESULTS)
    assert answered("What time did Ida Falk have?", hit, "31") == ("1:05",)
    answer = compose("What time did Ida Falk have?", [Ranked(Reading(hit, (span_of(hit, "31"),), 5.0), 1.0)], 0.9, 0.5)
    citation = answer.citations[0]
    assert (citation.quote, citation.header) == ("| 2 | Ida Falk | 31 | 1:05 |", "| Place | Name | Age | Time |")
    assert answer.to_json()["citations"][0]["header"] == citation.header


def test_a_column_is_a_list() -> None:
    assert answered("Which swimmers took part?", hit_of(RESULTS), "Ada Berg") == ("Ada Berg", "Ida Falk")


@pytest.mark.parametrize("best", ["two levers", "you need"])
def test_bullets_come_whole_from_an_item_or_from_what_announces_them(best: str) -> None:
    marks = {"two levers": 5.0, "sandpaper": 4.0, "a pump": 3.0}
    assert answered("Which tools do I need?", hit_of(TOOLS), best, marks) == (
        "two levers", "a sheet of sandpaper", "a pump",
    )  # fmt: skip


def test_a_word_of_one_bullet_is_no_list() -> None:
    assert answered("Which sheets are rough?", hit_of(TOOLS), "sandpaper", {"sandpaper": 5.0}) == ("sandpaper",)


def test_items_of_several_sentences_come_in_their_order() -> None:
    text = "First Peru and Chile joined. Nothing came of it. A year later Bolivia joined too."
    marks = {"Peru": 4.0, "Nothing": -3.0, "Bolivia": 4.5}
    assert answered("Which countries joined?", hit_of(text), "Bolivia", marks) == ("Peru and Chile", "Bolivia")


def test_sentences_are_chosen_by_what_the_reader_marked_and_those_side_by_side_are_one() -> None:
    marks = {"warms": 3.0, "the water is warm": 5.0, "spring": -4.0, "the wind blows": 4.0}
    first, second = answered("Why does the ice of the north melt?", hit_of(SEA), "the water is warm", marks)
    assert first == SEA[: SEA.index(" Whales")]
    assert second == "Melting is fast where the wind blows too."


def test_a_definition_begins_with_its_term() -> None:
    text = "It was seen by a whaler. A krill is a small animal of the sea. Whales eat krill."
    hit = hit_of(text)
    marks = {"seen by a whaler": 1.0, "a small animal": 2.0, "eat": 4.0}
    reading = Reading(hit, (span_of(hit, "eat"),), 5.0, tuple(span_of(hit, w, s) for w, s in marks.items()))
    assert compose("What is krill?", [Ranked(reading, 1.0)], 0.9, 0.5).text == "A krill is a small animal of the sea."


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("Which is heavier, M87 or Sgr A*?", ({"m87"}, {"sgr"})),
        ("What's the difference between hail and sleet?", ({"hail"}, {"sleet"})),
        ("Was peak inflation higher in America or in Britain?", ({"americ"}, {"britai"})),
        ("Was 2022 a better year than last year?", ({"2022", "better"}, {"last"})),
    ],
)
def test_the_sides_of_a_comparison(question: str, sides: tuple[set[str], set[str]]) -> None:
    assert sides_of(question) == sides


def test_a_comparison_is_two_sentences_from_wherever_they_stand() -> None:
    hail, sleet = hit_of("Hail is balls of ice. It hurts."), hit_of("Sleet is rain and snow. It is wet.", 2)
    readings = [
        Reading(hit, (span_of(hit, words),), 5.0, (span_of(hit, words),))
        for hit, words in ((sleet, "rain and snow"), (hail, "balls of ice"))
    ]
    ranked = [Ranked(reading, 1.0) for reading in readings]
    answer = compose("What is the difference between hail and sleet?", ranked, 0.9, 0.5)
    assert answer.parts == ("Hail is balls of ice.", "Sleet is rain and snow.")


def test_the_next_likely_answers_are_told() -> None:
    first, second = hit_of("The harvest failed."), hit_of("The bridge fell.", 2)
    ranked = [
        Ranked(Reading(hit, (span_of(hit, words),), 5.0), 1.0)
        for hit, words in ((first, "The harvest"), (second, "The bridge"))
    ]
    answer = compose("What came down?", ranked, 0.9, 0.5)
    assert [one.answer for one in answer.others] == ["The bridge"]
