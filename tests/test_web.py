"""The parts of the page that need no browser: records, rendering, marks, filters, uploads, users, jobs."""

import doctest
import json
import threading
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import qa.text
from index import (
    Article,
    InputError,
    PassageIndex,
    Skipped,
    StoreBusy,
    StoreError,
    history,
    read_articles,
    rollback,
)
from index.store import ArticleInfo, named_changes
from qa import QA, Answer, Citation
from qa.confidence import LIKELY, VERY_LIKELY, in_words
from qa.feedback import Feedback
from web import names, references
from web.auth import Gate
from web.conversations import (
    Conversation,
    Exchange,
    KeptAnswer,
    KeptCitation,
    conversation_from_json,
    conversation_to_json,
    new_conversation,
)
from web.examples import choose, examples, made
from web.export import answer_text, conversation_markdown
from web.filters import parse_day, scope_of, to_filter
from web.jobs import MAX_SKIPPED, Jobs
from web.names import safe_name
from web.originals import file_of
from web.reading import Reading, reading_of
from web.reception import MAX_AT_ONCE
from web.render import conversation_html, fragment, notice, page, pieces
from web.search_page import bars
from web.site import Site
from web.source import linked_html, locate
from web.status import history_html, job_html
from web.uploads import in_place, left_over, offered, readable, taken
from web.users import Users, add_user

TEXT = "Ada came. Ada went. Ada came. עדה הלכה.\nשלום"
ARTICLE = Article("id", "A <b>title</b>", "seeds/a.md", date(2024, 5, 20), "")
CITED = Citation(1, ARTICLE, "Ada came.", 20, 29, 20, 23, "p", None)
SAID = Answer("Who *came*?", "Ada", 0.9, (CITED,), (), 3)
EXCHANGE = Exchange("e1", "Who *came*?", "Who *came*?", said=SAID)
CONVERSATION = Conversation("c1", "2024-05-20T10:00:00+00:00", (EXCHANGE,))
KEYS = st.sampled_from(
    [*Exchange.__dataclass_fields__, *KeptAnswer.model_fields, *KeptCitation.model_fields, "exchanges", "started"]
)


class Words(HTMLParser):
    """The text of a page and its elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text, self.tags = "", list[str]()
        self.feed(page)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)


def opened(store: Path) -> Site:
    return Site(QA.open(store), store, Gate(None, False, True), Feedback(store))


def article(text: str) -> Article:
    return Article("id", "T", "seeds/a.md", None, text)


def shown_lines(text: str, mark: tuple[int, int, str]) -> str:
    return fragment("reading.html", reading=reading_of(replace(article(text), source="a.txt"), [mark]))


@given(st.text())
def test_escaped_text_reads_the_same_and_holds_no_markup(text: str) -> None:
    shown = notice(text)
    assert not set(shown) & set("{}$`")
    words = Words(shown.replace("\r", "&#13;").replace("\0", "&#65533;"))
    assert words.tags == ["p"]
    assert words.text.rstrip("\n") == text.replace("\0", "\ufffd").rstrip("\n")


def test_what_gradio_would_fill_in_never_reaches_it_from_a_template_or_a_value() -> None:
    odd = "{{7*7}} ${1+1} `x`"
    asked = Conversation("c", "", (Exchange("e", odd, odd + "?", problem=odd),))
    shown = conversation_html(asked)
    assert not set(shown) & set("{}$`")
    assert Words(shown).text.count(odd) == 3
    assert "{ color-scheme" in page("login.html", problem="", after="")  # which Gradio never sees


@given(st.text(alphabet="ab <&\n\u05d0\U0001f600"), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_marks_change_no_character(text: str, start: int, end: int, answer: int) -> None:
    cut = pieces(text, 5, [(start, end, "quote-mark"), (answer, answer + 2, "answer-mark")])
    assert "".join(piece for piece, _ in cut) == text
    if text.strip() and "\n" not in text:
        reading = Reading([], False, [], [("", cut)], False, False)
        assert Words(fragment("reading.html", reading=reading)).text == f"{text}\n"


def test_the_marks_stand_where_the_citation_points_though_the_words_stand_twice() -> None:
    assert locate(article(TEXT), CITED) == [(20, 29, "quote-mark"), (20, 23, "answer-mark")]


def test_a_citation_follows_its_words_when_the_article_grew() -> None:
    grown = "New. " + TEXT.replace("Ada came. Ada went. ", "Ada went. ")
    (start, end, _), (answer_start, answer_end, _) = locate(article(grown), CITED)
    assert (grown[start:end], grown[answer_start:answer_end]) == ("Ada came.", "Ada")


def test_words_that_are_gone_or_ambiguous_are_not_marked() -> None:
    assert locate(article("Nobody came."), CITED) == []
    assert locate(article("x" + TEXT), CITED) == []


def test_each_line_has_its_own_direction() -> None:
    page = shown_lines(TEXT, (30, len(TEXT), "quote-mark"))
    assert page.count('<p dir="auto"') == 2
    assert page.count('<mark class="quote-mark">') == 2


def test_a_long_article_is_cut_around_the_quote() -> None:
    text = "line\n" * 200_000 + "here it is\n" + "line\n" * 200_000
    start = text.index("here")
    page = shown_lines(text, (start, start + 10, "quote-mark"))
    assert len(page) < 3_000_000
    assert '<mark class="quote-mark">here it is</mark>' in page
    assert page.count("left out here") == 2


def test_a_conversation_comes_back_from_the_browser_as_it_was() -> None:
    stored = json.loads(json.dumps(conversation_to_json(CONVERSATION)))
    assert conversation_from_json(stored) == CONVERSATION
    stored["exchanges"][0]["said"]["citations"].append({"number": "one"})
    stored["exchanges"] = [{"id": 3}, *stored["exchanges"]]
    assert conversation_from_json(stored) == CONVERSATION
    stored["exchanges"] *= 200
    assert len(conversation_from_json(stored).exchanges) == 100


def test_a_conversation_that_an_earlier_version_kept_is_read() -> None:
    (exchange,) = conversation_to_json(CONVERSATION)["exchanges"]
    del exchange["said"]["question"]
    exchange["said"]["citations"][0]["published"] = ""
    (read,) = conversation_from_json({"id": "c1", "started": "2024", "exchanges": [exchange]}).exchanges
    assert read.said is not None
    assert read.said.citations[0].article.published is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner),
        max_leaves=20,
    )
)
def test_whatever_a_browser_sends_can_be_shown(value: Any) -> None:
    conversation = conversation_from_json(value)
    assert conversation_html(conversation)
    assert conversation_markdown(conversation)


@pytest.mark.parametrize("confidence", [10**400, "nan", -1, 1.5, None, [0.5]])
def test_an_exchange_whose_confidence_is_none_is_left_out(confidence: object) -> None:
    stored = json.loads(json.dumps(conversation_to_json(CONVERSATION)))
    stored["exchanges"][0]["said"]["confidence"] = confidence
    assert conversation_from_json(stored).exchanges == ()


def test_a_citation_of_no_day_is_left_out() -> None:
    stored = json.loads(json.dumps(conversation_to_json(CONVERSATION)))
    stored["exchanges"][0]["said"]["citations"][0]["published"] = "yesterday"
    (exchange,) = conversation_from_json(stored).exchanges
    assert exchange.said is not None
    assert exchange.said.citations == ()


def test_a_title_with_markup_is_text() -> None:
    page = Words(conversation_html(CONVERSATION))
    assert "A <b>title</b>" in page.text
    assert "b" not in page.tags


def test_an_exchange_is_replaced_in_its_place() -> None:
    other = Exchange("e2", "And?")
    edited = Exchange("e1", "Who went?")
    assert CONVERSATION.put(other).put(edited).exchanges == (edited, other)
    assert new_conversation().put(other).title == "And?"


def test_markdown_has_a_footnote_for_each_citation() -> None:
    saved = conversation_markdown(CONVERSATION)
    assert saved == (
        "# Who \\*came\\*?\n\n## Who \\*came\\*?\n\nAda[^1]\n\nVery likely right (confidence 90%).\n\n"
        "[^1]: “Ada came.” A \\<b\\>title\\</b\\>, seeds/a.md, 2024-05-20, characters 20–29\n"
    )


def test_a_copied_answer_names_its_sources() -> None:
    assert answer_text(EXCHANGE) == (
        "Who *came*?\n\nAda [1]\nVery likely right (confidence 90%)\n\n"
        "[1] “Ada came.” A <b>title</b>, seeds/a.md, 2024-05-20, characters 20–29"
    )


def test_a_copied_refusal_has_its_passages() -> None:
    close = replace(CITED, answer_start=None, answer_end=None)
    refused = replace(EXCHANGE, said=Answer("", None, 0.1, (), (close,), 3))
    place = "A <b>title</b>, seeds/a.md, 2024-05-20, characters 20–29"
    assert answer_text(refused) == (
        f"Who *came*?\n\nThe articles do not say.\n\nClosest passages:\n\n[1] “Ada came.” {place}"
    )


def test_a_quote_that_brings_its_quotation_marks_gets_no_others_and_the_author_is_named() -> None:
    spoken = replace(CITED, quote="“Ada came,” he said.", article=replace(ARTICLE, author="Eve Berg"))
    text = answer_text(replace(EXCHANGE, said=replace(SAID, citations=(spoken,))))
    assert "\n[1] “Ada came,” he said. Eve Berg, A <b>title</b>" in text
    kept = conversation_to_json(
        replace(CONVERSATION, exchanges=(replace(EXCHANGE, said=replace(SAID, citations=(spoken,))),))
    )
    assert "Eve Berg · seeds/a.md" in Words(conversation_html(conversation_from_json(kept))).text


def test_filters_say_how_many_articles_they_leave_and_how_many_have_no_date() -> None:
    def info(title: str, published: date | None) -> ArticleInfo:
        return ArticleInfo(title, title, f"{title}.md", published, None, None, None, None, 1, 1)

    articles = [info("old", date(2020, 1, 1)), info("new", date(2024, 1, 1)), info("undated", None)]
    assert scope_of(("", "", "", ""), articles) == ""
    assert scope_of(("", "", "2024", ""), articles) == (
        "Only articles published from 2024: 1 of 3; 1 without a date left out"
    )
    assert scope_of(("ne", "", "2024", ""), articles) == "Only articles titled “ne” published from 2024: 1 of 3"
    with pytest.raises(InputError, match=r"no article passes the filters \(only articles .*2025; 1 without a date"):
        scope_of(("", "", "2025", ""), articles)


def test_ranks_on_the_axis_are_whole(tmp_path: Path) -> None:
    PassageIndex.build([article("The lamp of Unst is green.\n\n# B\n\nThe lamp of Yell is red.")], tmp_path / "store")
    hits = PassageIndex.open(tmp_path / "store").search("lamp", 2)
    assert set(bars(hits)["rank"]) == {str(rank) for rank in range(1, len(hits) + 1)}


def test_a_link_opens_an_article_at_its_characters_or_says_that_it_is_gone(tmp_path: Path) -> None:
    PassageIndex.build([article(TEXT)], store=tmp_path / "store")
    site = opened(tmp_path / "store")
    (one,) = site.snapshot().articles()
    shown = linked_html(site, f"?article={one.id}&start=20&end=29")
    assert shown is not None
    assert '<mark class="quote-mark">Ada came.</mark>' in shown
    for query in (f"?article={one.id}&start=9999999&end=-1", f"?article={one.id}&start=x", f"?article={one.id}"):
        assert "<mark" not in (linked_html(site, query) or "")
    assert "not in the store" in (linked_html(site, "?article=0") or "")
    assert linked_html(site, "?view=api") is None
    site.qa.close()


def test_what_a_generation_changed_is_named_and_any_kept_one_can_be_made_live(tmp_path: Path) -> None:
    store = tmp_path / "store"
    one, two = article("The lamp of Unst is green."), replace(article("Red."), id="2", source="b.md")
    PassageIndex.build([one, two], store=store)
    PassageIndex.build([replace(one, text="It is blue."), replace(two, id="3", source="c.md")], store=store)
    assert named_changes(store, 1) == []
    assert named_changes(store, 2) == [("added", ["c.md"]), ("changed", ["seeds/a.md"]), ("removed", ["b.md"])]
    shown = Words(history_html(store, history(store), str, may=True)).text
    assert "1 added: c.md" in shown
    assert shown.count("Make live") == 1
    assert rollback(store, 1).generation == 1
    assert rollback(store, 2).generation == 2
    with pytest.raises(StoreError, match="not kept"):
        rollback(store, 7)


def test_examples_are_kept_with_their_generation(tmp_path: Path) -> None:
    store = tmp_path / "store"
    canal = replace(article("The Panama Canal is an artificial waterway that was opened in 1914."), source="canal.md")
    PassageIndex.build([canal], store=store)
    first = opened(store)
    choose(first)
    kept = examples(first)
    assert kept == ["What is the Panama Canal?"]
    first.qa.close()
    second = opened(store)
    assert examples(second) == kept
    assert not second.examples  # nothing is chosen anew
    PassageIndex.build([article("The Kiel Canal is the busiest of all.")], store=store)
    assert second.snapshot().generation == 2
    (store / "examples.json").write_text("{")
    assert examples(second) == []
    next(one for one in threading.enumerate() if one.name == "examples").join()
    assert examples(second) == ["What is the Kiel Canal?"]
    second.qa.close()


def test_what_pages_call_sources_and_say_in_errors_shows_no_folder_of_the_server() -> None:
    for module in (names, references, qa.text):
        assert doctest.testmod(module).failed == 0


def test_confidence_in_words() -> None:
    levels = [in_words(value)[1] for value in (1.0, VERY_LIKELY, LIKELY, LIKELY - 0.01)]
    assert levels == ["very", "very", "likely", "unsure"]


def test_dates_are_days_months_or_years() -> None:
    assert parse_day("2024-02", last=True) == date(2024, 2, 29)
    assert parse_day("2024", last=False) == date(2024, 1, 1)
    assert to_filter(("", " ", "", "")) is None
    for wrong in ("soon", "2024-13", "2024-02-30", "0000"):
        with pytest.raises(InputError, match="is no date"):
            parse_day(wrong, last=False)
    with pytest.raises(InputError, match="wrong way round"):
        to_filter(("", "", "2025", "2024"))


@given(st.text(max_size=300))
def test_an_uploaded_name_is_one_plain_part(name: str) -> None:
    safe = safe_name(name)
    assert safe
    assert Path(safe).name == safe
    assert not safe.startswith(".")
    assert len(safe.encode("utf-8", "replace")) <= 200


def test_names_that_look_the_same_once_plain_stay_apart() -> None:
    names = [
        "a?.md",
        "a!.md",
        "a_.md",
        "a\n.md",
        "x" * 300 + "1.md",
        "x" * 300 + "2.md",
        "\u4e2d" * 90 + ".md",
        "?",
        "!",
    ]
    assert len({safe_name(name) for name in names}) == len(names)
    assert safe_name("plain name.md") == safe_name("folder/plain name.md") == "plain name.md"


def test_each_upload_is_taken_or_told_why_not(tmp_path: Path) -> None:
    paths = [uploaded(tmp_path, name, b"text", str(n)) for n, name in enumerate(("a.md", "a.md", "x.exe", "b.txt"))]
    skipped: list[Skipped] = []
    found = offered(tmp_path / "uploads", paths, skipped.append, "replace")
    assert [(one.target.name, one.what) for one in found] == [("a.md", "added"), ("b.txt", "added")]
    reasons = [(Path(one.source).name, one.reason) for one in skipped]
    assert reasons[0] == ("a.md", "another of these files has its name: rename it, or upload it by itself")
    assert reasons[1][0] == "x.exe"
    assert reasons[1][1].startswith("not a format that is read")
    with pytest.raises(InputError, match="too many"):
        offered(tmp_path / "uploads", paths[:1] * (MAX_AT_ONCE + 1), skipped.append, "replace")


def test_a_name_that_is_taken_is_replaced_kept_beside_or_left_out(tmp_path: Path) -> None:
    uploads, skipped = tmp_path / "uploads", list[Skipped]()
    uploads.mkdir()
    (uploads / "a.md").write_text("old")
    (uploads / "same.md").write_text("same")
    paths = [uploaded(tmp_path, "a.md", b"new"), uploaded(tmp_path, "same.md", b"same", "1")]
    assert taken(uploads, paths) == ["a.md"]
    places = {
        how: [(one.target.name, one.what) for one in offered(uploads, paths, skipped.append, how)]
        for how in ("replace", "both", "leave")
    }
    assert places == {
        "replace": [("a.md", "changed"), ("same.md", "unchanged")],
        "both": [("a (2).md", "added"), ("same.md", "unchanged")],
        "leave": [("same.md", "unchanged")],
    }
    assert [one.reason for one in skipped] == ["left out: the one of that name stays"]


def test_one_bad_file_keeps_no_other_out(tmp_path: Path) -> None:
    PassageIndex.build([article("The lamp of Unst is green.")], store=tmp_path / "store")
    site = opened(tmp_path / "store")
    tokens: list[str] = []
    for name, data in (("a.txt", b"The lamp of Yell is red."), ("b.exe", b"MZ"), ("c.txt", b""), ("d.md", b"Fetlar.")):
        path = uploaded(tmp_path / "store", name, data, f"t{len(tokens)}")
        tokens.append(site.inbox.keep(path, "me", 0))
    site.jobs.start("Adding", site.adding(tokens, "replace"))
    job = site.jobs.wait()
    assert job.files == (("a.txt", "added"), ("d.md", "added"))
    shown = Words(job_html(job, 2, site.shown)).text
    assert "b.exe: skipped, not a format" in shown
    assert "c.txt: skipped, empty" in shown
    assert str(tmp_path) not in shown
    assert "Generation 2 answers." in shown
    assert "answers." not in Words(job_html(job, 1, site.shown)).text  # another one was made live since
    site.qa.close()


def uploaded(store: Path, name: str, data: bytes, folder: str = "0") -> Path:
    """A file as the inbox holds it."""
    path = store / "incoming" / folder / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_a_broken_file_does_not_take_the_place_of_a_good_one(tmp_path: Path) -> None:
    uploads, skipped = tmp_path / "uploads", list[Skipped]()
    uploads.mkdir()
    (uploads / "a.pdf").write_text("the good one")
    paths = [uploaded(tmp_path, "a.pdf", b"%PDF-1.4 broken"), uploaded(tmp_path, "b.md", b"B.", "1")]
    files = offered(uploads, paths, skipped.append, "replace")
    with in_place(readable(files, skipped.append)) as places:
        assert places == [uploads / "b.md"]
    assert (uploads / "a.pdf").read_text() == "the good one"
    assert [(Path(one.source).name, one.reason.endswith("the one of before stays")) for one in skipped] == [
        ("a.pdf", True)
    ]


def test_what_the_store_cannot_take_leaves_the_uploads_as_they_were(tmp_path: Path) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    (uploads / "a.md").write_text("old")
    paths = [uploaded(tmp_path, "a.md", b"new"), uploaded(tmp_path, "b.md", b"new", "1")]
    files = offered(uploads, paths, print, "replace")
    with pytest.raises(OSError, match="No space"), in_place(files):
        assert (uploads / "a.md").read_text() == "new"
        raise OSError("No space")
    assert {path.name: path.read_text() for path in uploads.iterdir()} == {"a.md": "old"}


def test_what_a_killed_server_left_is_told_apart(tmp_path: Path) -> None:
    assert left_over(tmp_path / "incoming") == left_over(tmp_path)
    whole = uploaded(tmp_path, "a.md", b"A.")
    uploaded(tmp_path, ".part", b"half of", "1")
    left = left_over(tmp_path / "incoming")
    assert (left.whole, left.broken, left.begun) == ((whole,), 1, False)
    assert [path.name for path in (tmp_path / "incoming").iterdir()] == ["0"]
    uploaded(tmp_path, ".before", b"old", "2")  # killed after the new one had taken its place
    assert left_over(tmp_path / "incoming").begun


def test_users_are_hashed_private_and_checked(tmp_path: Path) -> None:
    path = tmp_path / "users"
    add_user(path, "ada", "correct horse")
    add_user(path, "bob", "battery staple", "reader")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "horse" not in path.read_text()
    users = Users.read(path)
    assert users.check("ada", "correct horse") is not None
    assert users.check("ada", "wrong horse") is None
    assert users.check("nobody", "correct horse") is None
    assert (users.role("ada"), users.role("bob"), users.role("eve")) == ("operator", "reader", "")
    path.chmod(0o644)
    with pytest.raises(InputError, match="chmod 600"):
        Users.read(path)


@pytest.mark.parametrize(("name", "password", "said"), [("a:b", "long enough", "name"), ("ada", "short", "too short")])
def test_users_that_cannot_be(tmp_path: Path, name: str, password: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        add_user(tmp_path / "users", name, password)


def test_one_change_at_a_time_and_its_problem_is_kept() -> None:
    jobs = Jobs()

    def fails(*_: Any) -> Any:
        with pytest.raises(StoreBusy, match="still running"):
            jobs.start("Second", fails)
        raise InputError("no such article")

    jobs.start("First", fails)
    job = jobs.wait()
    assert (job.name, job.problem, job.summary) == ("First", "no such article", None)
    assert not jobs.running


def test_of_what_is_skipped_the_first_are_kept_and_all_are_counted() -> None:
    jobs = Jobs()

    def skips(on_skip: Any, _: Any) -> Any:
        for number in range(MAX_SKIPPED + 200):
            on_skip(Skipped(f"rows.csv#{number}", "no <text>"))
        raise InputError("no article")

    jobs.start("Adding", skips)
    job = jobs.wait()
    assert [one.source for one in job.skipped] == [f"rows.csv#{number}" for number in range(MAX_SKIPPED)]
    shown = job_html(job, 1, str)
    assert "and 200 more" in shown
    assert "no &lt;text&gt;" in shown


def test_reading_again_never_reads_what_a_row_claims_to_come_from(tmp_path: Path) -> None:
    secret, table = tmp_path / "secret.txt", tmp_path / "rows.csv"
    secret.write_text("Nothing for the page.\n")
    table.write_text(f"title,text,source\nRow,The lamp of the row is green.,{secret}\n")
    PassageIndex.build(read_articles([table]), store=tmp_path / "store")
    site = opened(tmp_path / "store")
    (article,) = (site.snapshot().article(info.id) for info in site.snapshot().articles())
    assert article.source == str(secret)
    assert site.files() == [table]
    assert file_of(article) is None
    site.qa.close()


def test_reading_again_names_the_files_that_are_gone(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text(f"The lamp of {name} is green.\n")
    PassageIndex.build(read_articles([tmp_path / "a.txt", tmp_path / "b.txt"]), store=tmp_path / "store")
    site = opened(tmp_path / "store")
    (tmp_path / "b.txt").unlink()
    skipped: list[Skipped] = []
    summary = site.rebuilding()(skipped.append, lambda _: None)
    assert (summary.changed, summary.removed) == (0, 0)
    assert [(Path(one.source).name, one.reason) for one in skipped] == [
        ("b.txt", "the file is gone; what the store has of it stays")
    ]
    site.qa.close()


def test_questions_are_made_from_what_articles_say_of_their_subject() -> None:
    text = "It was a day.\nThe Panama Canal is an artificial waterway.\n"
    assert list(made([article(text)])) == ["What is the Panama Canal?"]
