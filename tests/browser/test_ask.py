"""Asking, citations and the source panel, as a person sees them."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.pages import ANSWERED, UNANSWERED, Server, ask

pytestmark = pytest.mark.browser
HTML = "<img src=x onerror=alert(1)>"


def shown_mark(page: Any) -> str:
    mark = page.locator("#source mark.answer-mark").first
    mark.wait_for()
    return str(mark.inner_text())


def in_view(page: Any, selector: str) -> bool:
    """Whether an element lies within the visible part of the source's text."""
    return bool(
        page.evaluate(
            """(selector) => {
              const box = document.querySelector('#source .text').getBoundingClientRect();
              const mark = document.querySelector(selector).getBoundingClientRect();
              return mark.top >= box.top && mark.bottom <= box.bottom;
            }""",
            selector,
        )
    )


def test_an_answer_stands_in_its_quote_and_its_article_opens_at_the_words(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, ANSWERED)
    answer = exchange.locator(".answer-text span").first.inner_text()
    assert answer in exchange.locator(".citation .quote").first.inner_text()
    assert "1980" in answer
    assert exchange.locator(".citation mark.answer-mark").first.inner_text() == answer
    page.wait_for_selector("#source mark.quote-mark")
    assert "".join(page.locator("#source mark.answer-mark").all_inner_texts()) == answer
    page.wait_for_timeout(300)
    assert in_view(page, "#source mark.answer-mark")
    assert "seeds/end-of-smallpox.md" in page.locator("#source .facts").inner_text()
    assert exchange.locator(".sure").inner_text().strip()
    assert not page.errors


def test_another_citation_moves_the_highlight_by_mouse_and_by_keyboard(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, UNANSWERED)
    citations = exchange.locator(".citation")
    assert citations.count() >= 2
    page.wait_for_selector("#source mark.quote-mark")
    first = page.locator("#source mark.quote-mark").first.inner_text()
    citations.nth(1).click()
    page.wait_for_selector("#source .source[data-number='2']")
    second = page.locator("#source mark.quote-mark").first.inner_text()
    assert second != first
    assert citations.nth(1).get_attribute("aria-current") == "true"
    assert citations.nth(0).get_attribute("aria-current") is None
    page.wait_for_timeout(300)
    assert in_view(page, "#source mark.quote-mark")
    page.keyboard.press("Alt+ArrowUp")
    page.wait_for_selector("#source .source[data-number='1']")
    assert page.locator("#source mark.quote-mark").first.inner_text() == first


def test_what_the_articles_do_not_say_looks_different_and_offers_the_closest(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, UNANSWERED)
    assert "The articles do not say" in exchange.locator(".not-said-text").inner_text()
    assert exchange.locator(".answer").count() == 0
    assert exchange.locator(".citation").count() >= 1


def test_html_in_a_question_is_shown_as_text(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, HTML)
    assert exchange.locator(".question").inner_text() == HTML
    assert page.locator(".exchange img").count() == 0
    page.wait_for_timeout(500)
    assert not page.errors


def test_template_marks_in_a_question_are_shown_as_text(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    odd = "what is {{7*7}} ${1+1} `x`"
    assert ask(page, odd).locator(".question").inner_text() == odd


def test_nothing_is_asked_of_another_origin(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.goto(server.url + "/articles")
    page.get_by_text("seeds/apollo-11.md").first.wait_for()
    page.goto(server.url + "/search")
    page.fill("#query :is(textarea, input)", "marathon")
    page.press("#query :is(textarea, input)", "Enter")
    page.wait_for_selector("#hits table")
    page.wait_for_selector("#scores canvas, #scores svg")
    others = {url for url in page.asked if urlsplit(url).scheme in ("http", "https", "ws", "wss")}
    assert len(others) > 10
    assert {urlsplit(url).netloc for url in others} == {f"127.0.0.1:{server.port}"}


def test_an_empty_question_is_told(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.wait_for_selector(".welcome")
    page.click("#ask")
    page.get_by_text("Write a question first.").wait_for()
    assert page.locator(".exchange").count() == 0


def test_a_question_without_a_word_says_what_to_do(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, "???")
    assert "write what you want to know" in exchange.locator(".problem").inner_text()


def test_an_example_is_one_click(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    example = page.locator("button.example").first
    example.wait_for()
    question = example.inner_text()
    example.click()
    page.wait_for_selector(".answer")
    assert page.locator(".question").inner_text() == question


def test_filters_leave_out_other_articles_and_show_in_the_answer(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Title contains").fill("coral")
    exchange = ask(page, ANSWERED)
    assert exchange.locator(".scope").inner_text() == "Only articles titled “coral”: 1 of 18"
    sources = exchange.locator(".citation .about").all_inner_texts()
    assert all("coral-reefs" in source for source in sources)
    page.get_by_label("Published from").fill("2030")
    assert "no article passes the filters" in ask(page, ANSWERED).locator(".problem").inner_text()
    page.get_by_label("Published from").fill("soon")
    assert "is no date" in ask(page, ANSWERED).locator(".problem").inner_text()


def test_a_title_is_picked_from_a_list_or_typed_in_part(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.get_by_role("button", name="Filters").click()
    page.get_by_label("Title contains").click()
    page.get_by_label("Title contains").type("maratho")
    page.get_by_role("option", name="The marathon, or how a legend got its length").click()
    exchange = ask(page, "How long is a marathon?")
    assert "titled “The marathon, or how a legend got its length”: 1 of 18" in exchange.locator(".scope").inner_text()


def test_a_link_of_a_citation_opens_the_article_at_the_quote(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.wait_for_selector("#source mark.answer-mark")
    quote = "".join(page.locator("#source mark.quote-mark").all_inner_texts())
    page.get_by_role("button", name="Copy a link that opens the article here").click()
    page.locator("#source").get_by_text("Copied").wait_for()
    link = page.evaluate("navigator.clipboard.readText()")
    other = open_page(link)
    other.wait_for_selector("#source mark.quote-mark")
    assert "".join(other.locator("#source mark.quote-mark").all_inner_texts()) == quote
    assert other.locator(".exchange").count() == 0
    other.wait_for_function("() => document.querySelector('#source .text').scrollTop > 0")
    assert in_view(other, "#source mark.quote-mark")


def test_words_are_found_in_the_article(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.wait_for_selector("#source mark.answer-mark")
    text = page.locator("#source .text").inner_text().lower()
    page.get_by_label("Find in the article").fill("Smallpox")
    number = text.count("smallpox")
    page.locator("#source output").get_by_text(f"1 of {number}").wait_for()
    page.get_by_label("Find in the article").press("Enter")
    page.locator("#source output").get_by_text(f"2 of {number}").wait_for()
    assert page.evaluate("[...CSS.highlights.get('found')].every(one => one.toString().toLowerCase() === 'smallpox')")
    assert page.locator("#source mark.answer-mark").count() == 1


def test_a_search_row_opens_the_article_at_the_passage(server: Server, open_page: Any) -> None:
    page = open_page(server.url + "/search")
    page.fill("#query :is(textarea, input)", "length of the marathon")
    page.press("#query :is(textarea, input)", "Enter")
    passage = page.locator("#hits .passage").first.inner_text()
    page.locator("#hits a").first.click()
    page.wait_for_selector("#source mark.quote-mark")
    marks = page.locator("#source mark.quote-mark")
    marked = marks.evaluate_all("all => all.map(one => one.textContent).join('')")
    assert "".join(marked.split()) == "".join(passage.split())


def test_the_head_says_what_this_is(server: Server, open_page: Any) -> None:
    for path in ("", "/articles", "/search"):
        page = open_page(server.url + path)
        page.locator(".masthead").get_by_text("18 articles · read by the").wait_for()


def test_the_original_opens_by_id_and_no_path_leads_elsewhere(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    address = page.get_by_role("link", name="Open the original").get_attribute("href")
    response = page.request.get(f"{server.url}/{address}")
    assert response.ok
    assert response.text().startswith("---\ntitle:")
    assert "sandbox" in response.headers["content-security-policy"]
    for attempt in ("..%2F..%2Fetc%2Fpasswd", "0123456789abcdef", "%2Fetc%2Fpasswd"):
        assert page.request.get(f"{server.url}/originals/{attempt}").status == 404
