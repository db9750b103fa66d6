"""Each citation opens at its own characters: repeated words, several lines, right to left, pages of a PDF."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from index import PassageIndex, read_articles
from tests.browser.pages import Server, ask
from tests.test_formats import pdf

pytestmark = pytest.mark.browser
LIT = "The lighthouse of Quendale was lit for the first time on 3 March 1871."
GREEN = "The gate of Sandness was painted green."
ARTICLES = {
    "pilot.md": f"# The pilot's book\n\nShips come in from the north. {LIT} Pilots took note of it.\n",
    "letters.md": f"# Letters from the island\n\nDear sister, the winter was hard. {LIT} We all came to look.\n",
    "gate.md": f"# The gate of Sandness\n\n## The first year\n\nThe town had no money. {GREEN} Nobody liked it.\n\n"
    f"## The tenth year\n\nA new mayor came from Unst. {GREEN} People cheered.\n",
    "tower.md": "# The tower of *Fetlar*\n\nThe tower of Fetlar was built in **1807** by the "
    "[crew](javascript:alert(1)) of the Ceres.\n\n| year | keeper |\n|---|---|\n| 1807 | Magnus |\n",
    "mill.html": "<html><head><title>The mill of Unst</title></head><body><article><h1>The mill of Unst</h1>"
    "<p>The mill of Unst was built by Rasmus Inkster in the year 1790, when barley was still sown there.</p>"
    "</article></body></html>",
    "ferry.txt": "The ferry\n\nThe ferry Solveig was built in the yard of\nLeirvik by the shipwright\nMagnus Tait, who "
    "had\nlearned his trade in Bergen.\n",
    "jaffa.md": "# המגדלור של יפו\n\nהמגדלור של יפו נבנה בשנת 1865 על ידי מהנדסים צרפתים. שומר המגדלור היה יוסף כהן.\n",
}
PAGES = (
    ["The bridge of Lund", "The bridge crosses the river below the mill. It is made of oak."],
    ["The carpenter Olaf Berg built the bridge of Lund in the summer of 1902."],
)


@pytest.fixture(scope="module")
def citing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for these articles."""
    folder = tmp_path_factory.mktemp("citing")
    (folder / "articles").mkdir()
    for name, text in ARTICLES.items():
        (folder / "articles" / name).write_text(text, encoding="utf-8")
    (folder / "articles" / "bridge.pdf").write_bytes(pdf(*PAGES))
    PassageIndex.build(read_articles([folder / "articles"]), folder / "store")
    started = Server(folder / "store")
    yield started
    started.stop()


def open_citation(page: Any, exchange: Any, number: int) -> str:
    """Choose a citation; what the source panel then marks as its quote."""
    exchange.locator(".citation").nth(number - 1).click()
    page.wait_for_selector(f"#source .source[data-number='{number}'] mark.quote-mark")
    return "".join(page.locator("#source mark.quote-mark").all_inner_texts())


def before_the_mark(page: Any) -> str:
    """The article's text in the panel that stands before the quote."""
    return str(
        page.evaluate(
            """() => {
              const range = document.createRange();
              range.setStart(document.querySelector('#source .text'), 0);
              range.setEndBefore(document.querySelector('#source mark.quote-mark'));
              return range.toString();
            }"""
        )
    )


def test_two_files_with_the_same_sentence_are_two_citations(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    exchange = ask(page, "When was the lighthouse of Quendale lit for the first time?")
    assert exchange.locator(".citation").count() == 2
    facts = set()
    for number in (2, 1):
        assert open_citation(page, exchange, number) == LIT
        facts.add(Path(page.locator("#source .facts").inner_text().split(" · ")[0]).name)
        assert exchange.locator(".citation").nth(number - 1).get_attribute("aria-current") == "true"
    assert facts == {"pilot.md", "letters.md"}
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_selector("#source .source[data-number='2']")
    exchange.get_by_role("button", name="Citation 1: ").click()
    page.wait_for_selector("#source .source[data-number='1']")


def test_words_that_stand_twice_are_marked_where_each_citation_points(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    exchange = ask(page, "What colour was the gate of Sandness painted?")
    assert exchange.locator(".citation").count() == 2
    years = []
    for number in (1, 2):
        assert open_citation(page, exchange, number) == GREEN
        assert page.locator("#source mark.answer-mark").all_inner_texts() == ["green"]
        years.append(before_the_mark(page).count("The gate of Sandness was painted green."))
    assert sorted(years) == [0, 1]


def test_a_quote_of_several_lines_is_marked_in_each(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    exchange = ask(page, "Who was the shipwright of the ferry Solveig?")
    marked = open_citation(page, exchange, 1)
    assert marked == ARTICLES["ferry.txt"].strip().split("\n\n")[1].replace("\n", "")


def test_a_quote_that_crosses_passages_is_marked_from_end_to_end(citing: Server, open_page: Any) -> None:
    store = PassageIndex.open(citing.store)
    article = store.article(next(info.id for info in store.articles() if info.source.endswith("gate.md")))
    first, second = store.passages(article.id)[:2]
    start, end = article.text.index("Nobody"), article.text.index("Unst.") + 5
    assert start < first.end <= second.start < end
    cited = {
        "number": 1, "quote": article.text[start:end], "start": start, "end": end, "answer_start": end - 5,
        "answer_end": end - 1, "passage_id": second.id, "page": None, "article_id": article.id, "title": "Gate",
        "source": article.source, "published": "",
    }  # fmt: skip
    said = {"text": "Unst", "confidence": 0.9, "generation": 1, "citations": [cited], "related": []}
    asked = {"id": "e1", "question": "Where from?", "asked_as": "", "where": ["", "", "", ""], "said": said}
    kept = {"id": "c1", "started": "2024-05-20T10:00:00+00:00", "exchanges": [asked]}
    page = open_page(citing.url)
    page.wait_for_selector(".welcome")
    page.evaluate("kept => localStorage.setItem('article-qa.conversation.c1', kept)", json.dumps(kept))
    page.evaluate("sessionStorage.setItem('article-qa.open', 'c1')")
    page.reload()
    page.wait_for_selector("#source mark.answer-mark")
    marked = page.locator("#source mark.quote-mark:visible").all_inner_texts()
    assert marked == ["Nobody liked it.", "The tenth year", "A new mayor came from ", "Unst", "."]


def test_a_right_to_left_article_reads_from_the_right(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    question = "באיזו שנה נבנה המגדלור של יפו?"
    exchange = ask(page, question)
    quote = exchange.locator(".citation .quote").first
    direction = "element => getComputedStyle(element).direction"
    assert [one.evaluate(direction) for one in (exchange.locator(".question"), quote)] == ["rtl", "rtl"]
    assert open_citation(page, exchange, 1) == quote.inner_text()
    text = page.locator("#source .text p").filter(has=page.locator("mark.quote-mark"))
    assert text.evaluate(direction) == "rtl"
    sides = """element => {
      const box = element.getBoundingClientRect();
      const [line] = element.querySelector('mark').getClientRects();
      return [line.left - box.left, box.right - line.right];
    }"""
    left, right = text.evaluate(sides)
    assert right < left


def test_a_citation_of_a_pdf_names_its_page_and_opens_it_there(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    exchange = ask(page, "Who built the bridge of Lund?")
    assert "Olaf Berg" in exchange.locator(".answer-text").inner_text()
    assert exchange.locator(".citation .about").first.inner_text().endswith("bridge.pdf, page 2")
    open_citation(page, exchange, 1)
    assert "page 2" in page.locator("#source .facts").inner_text()
    address = page.get_by_role("link", name="Open the original").get_attribute("href")
    assert address.endswith("#page=2")
    given = page.request.get(f"{citing.url}/{address}")
    assert given.headers["content-type"] == "application/pdf"
    assert given.body() == pdf(*PAGES)


def test_the_original_of_a_web_page_opens_as_text_and_downloads_as_it_is(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    ask(page, "Who built the mill of Unst?")
    page.wait_for_selector("#source mark.quote-mark")
    address = page.get_by_role("link", name="Open the original").get_attribute("href")
    shown = page.request.get(f"{citing.url}/{address}")
    assert shown.headers["content-type"].startswith("text/plain")
    assert shown.headers["content-disposition"].startswith("inline")
    assert "Rasmus Inkster" in shown.text()
    assert "<p>" not in shown.text()
    given = page.request.get(f"{citing.url}/{address}?download=1")
    assert given.text() == ARTICLES["mill.html"]


def test_markdown_is_shown_rendered_and_its_text_stays_that_of_the_article(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url)
    ask(page, "When was the tower of Fetlar built?")
    page.wait_for_selector("#source mark.answer-mark")
    assert page.locator("#source .markdown").evaluate("element => element.textContent") == ARTICLES["tower.md"]
    quote = page.locator("#source mark.quote-mark").evaluate_all("all => all.map(one => one.textContent).join('')")
    assert quote in ARTICLES["tower.md"]
    assert "**1807**" in quote
    shown = page.locator("#source .markdown").inner_text()
    assert "The tower of Fetlar was built in 1807 by the crew of the Ceres." in shown
    assert not set("#*[]|") & set(shown)
    assert page.locator("#source td").all_inner_texts() == ["1807", "Magnus"]


def test_on_a_narrow_page_the_source_leads_back_to_the_answer(citing: Server, open_page: Any) -> None:
    page = open_page(citing.url, width=390, height=700)
    exchange = ask(page, "When was the lighthouse of Quendale lit for the first time?")
    citation = exchange.locator(".citation").nth(1)
    visible = """selector => {
      const box = document.querySelector(selector).getBoundingClientRect();
      return box.top >= 0 && box.bottom <= window.innerHeight;
    }"""
    chosen = ".citation[data-number='2']"
    citation.click()
    page.wait_for_selector("#source .source[data-number='2']")
    page.wait_for_function(visible, arg="#source mark.answer-mark")
    assert not page.evaluate(visible, chosen)
    page.get_by_role("button", name="Back to the answer").click()
    page.wait_for_function(visible, arg=chosen)
    assert page.evaluate("document.activeElement.className") == "citation"
    page.evaluate("window.scrollTo(0, 0)")
    citation.click()  # what is shown already
    page.wait_for_function(visible, arg="#source mark.answer-mark")
    assert citation.get_attribute("aria-current") == "true"
