"""The yardstick of questions as people ask them: its golds stand in the articles, and it judges as an asker would."""

import doctest
import json
from collections import Counter, defaultdict
from itertools import chain
from pathlib import Path

import pytest

import benchmarks.verdicts
from benchmarks.people import (
    ARTICLES,
    FIRST,
    FOLLOW_UP,
    SINGLE,
    Judged,
    ask_conversations,
    ask_singles,
    document,
    figures,
    load,
    separation,
    table,
    words,
)
from benchmarks.verdicts import (
    MOST_CHARACTERS,
    PARTLY,
    REFUSED_RIGHTLY,
    REFUSED_WRONGLY,
    RIGHT,
    WRONG,
    Gold,
    Shown,
    is_too_long,
    judge,
    stands_in,
)
from index import Article, PassageIndex, Skipped, read_articles
from qa import QA
from qa.answer import Answer, Citation

PROJECT = Path(__file__).parent.parent
LEAST = {  # of each kind
    "factoid": 50, "definition": 20, "list": 25, "why_how": 25, "keyword": 20, "misspelt": 15, "yes_no": 15,
    "comparison": 10, "table_cell": 20, "number_unit": 20, "unanswerable": 35,
}  # fmt: skip
QUESTIONS, CONVERSATIONS = load("all")
TURNS = [turn for talk in CONVERSATIONS for turn in talk["turns"]]
ROWS = [*QUESTIONS, *TURNS]


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """The text of every article as it is read, by its file; a table's rows together."""
    found: dict[str, list[str]] = defaultdict(list)
    for article in read_articles(ARTICLES, strict=True):
        assert article.file is not None
        found[article.file].append(article.text)
    return {file: "\n\n".join(parts) for file, parts in found.items()}


def test_all_articles_are_read(texts: dict[str, str]) -> None:
    skipped: list[Skipped] = []
    assert len(list(read_articles(ARTICLES, on_skip=skipped.append))) == 43  # of the glossary each word is one
    assert not skipped
    assert Counter(Path(file).suffix for file in texts) == {".md": 27, ".html": 1, ".txt": 1, ".csv": 1}


def test_new_articles_are_about_as_long_as_the_seeds(texts: dict[str, str]) -> None:
    new = {file: len(text.split()) for file, text in texts.items() if file.startswith("tests/")}
    assert len(new) == 12
    assert {file: length for file, length in new.items() if not 350 <= length <= 750} == {}


def test_there_is_enough_of_each_kind_and_of_each_article(texts: dict[str, str]) -> None:
    kinds = Counter(row["kind"] for row in QUESTIONS)
    assert {kind: min(kinds[kind], least) for kind, least in LEAST.items()} == LEAST
    assert set(kinds) == set(LEAST) == set(kinds) | {turn["kind"] for turn in TURNS}
    assert {row["article"] for row in QUESTIONS} - {None} == set(texts)
    assert len(CONVERSATIONS) >= 40
    assert {len(talk["turns"]) for talk in CONVERSATIONS} == {2, 3, 4}


def test_ids_and_questions_are_unique() -> None:
    ids = [row["id"] for row in (*QUESTIONS, *CONVERSATIONS)]
    assert len(set(ids)) == len(ids)
    assert len({row["question"] for row in QUESTIONS}) == len(QUESTIONS)


def test_halves_hold_as_much_of_each_kind() -> None:
    rows = [*((row["kind"], row["half"]) for row in QUESTIONS), *(("talk", talk["half"]) for talk in CONVERSATIONS)]
    counts = Counter(rows)
    assert {half for _, half in counts} == {"tuning", "held"}
    assert all(abs(counts[kind, "tuning"] - counts[kind, "held"]) <= 1 for kind in {*LEAST, "talk"})


def test_no_fact_is_asked_for_in_both_halves() -> None:
    halves = defaultdict(set)
    for half, row in chain(
        ((row["half"], row) for row in QUESTIONS),
        ((talk["half"], turn) for talk in CONVERSATIONS for turn in talk["turns"]),
    ):
        if row["answerable"]:
            halves[row["article"], tuple(row["must"])].add(half)
    assert [fact for fact, found in halves.items() if len(found) > 1] == []


def test_answerable_and_unanswerable_are_told_apart() -> None:
    for row in ROWS:
        assert row["answerable"] == (row["kind"] != "unanswerable") == bool(row["must"]) == bool(row["article"]), row


@pytest.mark.parametrize("file", sorted({row["article"] for row in ROWS} - {None}))
def test_golds_stand_in_their_article(file: str, texts: dict[str, str]) -> None:
    text = texts[file]
    for row in (row for row in ROWS if row["article"] == file):
        required = list(chain(*Gold.of(row).lists))
        assert all(required), row["question"]
        assert [gold for gold in required if gold not in text or not stands_in(gold, [text])] == []


def test_questions_that_the_docs_ask_are_for_tuning() -> None:
    asked = {row["question"] for row in QUESTIONS if row["half"] == "tuning"}
    assert asked > {
        "Who was the first person to walk on the Moon?", "Who built the Panama Canal?", "What is smallpox?",
        "When did the Panama Canal open?", "When did Raisi die?", "Crew of Apollo 11?",
        "When did Belarus join the SCO?", "Who succeeded Raisi?", "How far is M87?",
    }  # fmt: skip


def test_a_half_is_loaded_alone() -> None:
    questions, conversations = load("held")
    assert {row["half"] for row in (*questions, *conversations)} == {"held"}
    assert len(questions) + len(load("tuning")[0]) == len(QUESTIONS)


# What the judge says of answers made by hand.


def gold(*required: str, kind: str = "factoid", any_of: tuple[tuple[str, ...], ...] = ()) -> Gold:
    return Gold("?", kind, (required, *any_of) if required else ())


def shown(*said: str, quotes: tuple[str, ...] = (), confidence: float = 0.5) -> Shown:
    return Shown(said, quotes or said, confidence)


def test_right_needs_every_string_in_the_words() -> None:
    crew = gold("Armstrong", "Aldrin", "Collins", kind="list")
    assert judge(crew, shown("Neil Armstrong, Buzz Aldrin and Michael Collins")) == RIGHT
    assert judge(crew, shown("Armstrong", "ALDRIN", "Collins")) == RIGHT  # one citation each
    assert judge(crew, shown("Neil Armstrong and Michael Collins")) == PARTLY
    assert judge(crew, shown("three men born in 1930")) == WRONG


def test_words_in_the_quote_alone_are_partly_right_unless_sentences_are_asked_for() -> None:
    sentence = "In July 1978 she fell ill; she died on 11 September."
    said = shown("1978", quotes=(sentence,))
    assert judge(gold("died on 11 September"), said) == PARTLY
    for kind in ("definition", "why_how", "yes_no", "comparison"):
        assert judge(gold("died on 11 September", kind=kind), said) == RIGHT
    assert judge(gold("died on 12 September", kind="yes_no"), said) == WRONG


def test_a_long_answer_or_quote_is_at_most_partly_right() -> None:
    needle = "It is a gale."
    six = "One is here. " * 5 + needle
    assert judge(gold("gale"), shown(six)) == PARTLY
    assert judge(gold("gale", kind="list"), shown(six)) == RIGHT  # bullets are sentences
    assert judge(gold("gale", kind="list"), shown("word " * (MOST_CHARACTERS // 5) + needle)) == PARTLY
    assert judge(gold("gale", kind="definition"), shown("wind", quotes=(six,))) == PARTLY
    assert judge(gold("gale", kind="definition"), shown("wind", quotes=(needle, six))) == RIGHT
    assert is_too_long(["x" * MOST_CHARACTERS, "y"], "list")


def test_a_whole_row_is_no_cell() -> None:
    roof = gold("1,465", kind="table_cell")
    assert judge(roof, shown("1,465")) == RIGHT
    assert judge(roof, shown("1,200 | 1,465 | −265")) == PARTLY
    assert judge(gold("Joan Tetley", "21 March", kind="table_cell"), shown("Joan Tetley | 21 March")) == RIGHT
    assert judge(roof, shown("1,200", quotes=("| Roof of the hut | 1,200 | 1,465 | −265 |",))) == PARTLY


def test_the_best_alternative_counts() -> None:
    built = gold("The Americans", any_of=(("Stevens", "Goethals"),))
    assert judge(built, shown("John Stevens and George Goethals")) == RIGHT
    assert judge(built, shown("George Washington Goethals")) == PARTLY
    assert judge(built, shown("Ferdinand de Lesseps")) == WRONG


def test_refusals() -> None:
    assert judge(gold("Sony"), shown()) == REFUSED_WRONGLY
    assert judge(gold(kind="unanswerable"), shown()) == REFUSED_RIGHTLY
    assert judge(gold(kind="unanswerable"), shown("Sony")) == WRONG


@pytest.mark.parametrize(
    ("text", "shown_words", "stands"),
    [
        ("sony", "Sony brought it", True),
        ("20", "2,120 books", False),
        ("20", "20 books", True),
        ("8", "at 8:30", False),
        ("2:15", "2:15:25", False),
        ("1,200", "more than 1,200 metres.", True),
        ("two  weeks", "for two\nweeks", True),
        ("men", "women", False),
        ("7.00", "7.00 euros", True),
        ("16.5 °C", "16.5 °C at eight", True),
    ],
)
def test_strings_are_found_as_whole_words(text: str, shown_words: str, stands: bool) -> None:
    assert stands_in(text, [shown_words]) is stands


def test_docstring_examples() -> None:
    found = doctest.testmod(benchmarks.verdicts)
    assert (found.failed, found.attempted) == (0, 1)


def test_what_is_shown_of_an_answer() -> None:
    article = Article("1", "Batteries", "b.md", None, "Sony sold it in 1991. Others followed.")

    def cited(start: int, end: int) -> Citation:
        return Citation(1, article, article.text[0:21], 0, 21, start, end, "p")

    answer = Answer("?", "Sony", 0.7, (cited(0, 4), cited(16, 20), cited(0, 4)), ())
    assert Shown.of(answer) == Shown(("Sony", "1991"), ("Sony sold it in 1991.",), 0.7)
    related = (Citation(1, article, "Others followed.", 22, 38, None, None, "p"),)
    assert Shown.of(Answer("?", None, 0.1, (), related)) == Shown((), (), 0.1)


def made(verdict: str, confidence: float, kind: str = "factoid", said: str = "Sony") -> Judged:
    refused = verdict in (REFUSED_RIGHTLY, REFUSED_WRONGLY)
    given = Shown((), (), confidence) if refused else shown(said, confidence=confidence)
    wanted = gold("Sony", kind=kind) if verdict != REFUSED_RIGHTLY else gold(kind=kind)
    return Judged("id", SINGLE, wanted, given, verdict)


def test_figures_count_and_average() -> None:
    judged = [
        made(RIGHT, 0.9),
        made(RIGHT, 0.7),
        Judged("id", SINGLE, gold("Sony", kind="definition"), shown("1991", quotes=("Sony in 1991",)), RIGHT),
        Judged("id", SINGLE, gold("Sony", kind="list"), shown("- It is so.\n" * 6 + "- Sony", confidence=0.7), RIGHT),
        made(PARTLY, 0.2),
        made(WRONG, 0.4),
        made(REFUSED_WRONGLY, 0.1),
        made(REFUSED_RIGHTLY, 0.1),
    ]
    found = figures(judged)
    assert {key: found[key] for key in ("n", RIGHT, "by its words", PARTLY, WRONG, REFUSED_WRONGLY)} == {
        "n": 8, RIGHT: 5, "by its words": 4, PARTLY: 1, WRONG: 1, REFUSED_WRONGLY: 1,
    }  # fmt: skip
    assert (found["confidence right"], found["confidence wrong"]) == pytest.approx((0.7, 0.4))


def test_words_and_separation_leave_refusals_out() -> None:
    judged = [made(RIGHT, 0.95), made(RIGHT, 0.3), made(WRONG, 0.4), made(PARTLY, 0.9), made(REFUSED_RIGHTLY, 0.99)]
    found = words(judged)
    assert sum(row["answers"] for row in found.values()) == 4
    surest = next(iter(found.values()))
    assert (surest["answers"], surest[RIGHT], surest[PARTLY], surest["share right"]) == (2, 1, 1, 0.5)
    assert separation(judged) == {"confidence": 0.5, "words": 0.75}


def test_questions_and_conversations_are_asked_and_judged(tmp_path: Path) -> None:
    sources = [PROJECT / "seeds/apollo-11.md", PROJECT / "tests/data/people/weather-words.csv"]
    PassageIndex.build(read_articles(sources), store=str(tmp_path))
    asked = [row for row in QUESTIONS if row["id"] == "people-number-unit-02"]  # the height of the rocket
    talks = [talk for talk in CONVERSATIONS if talk["turns"][0]["question"] == "Who commanded Apollo 11?"]
    qa = QA.open(tmp_path)
    judged = [*ask_singles(qa, asked), *ask_conversations(qa, tmp_path, talks)]
    qa.close()
    assert [one.place for one in judged] == [SINGLE, FIRST, FOLLOW_UP, FOLLOW_UP]
    assert [one.gold.question for one in judged] == [asked[0]["question"], *(t["question"] for t in talks[0]["turns"])]
    assert [one.verdict for one in judged[:2]] == [RIGHT, RIGHT]
    assert len({one.id for one in judged}) == 4
    lines = "\n".join(table(judged))
    assert "number_unit" in lines and "follow-ups" in lines
    json.dumps(document(judged, show=True), allow_nan=False)
    assert len(document(judged, show=True)["questions"]) == 4
