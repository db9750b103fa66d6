"""Conversations: follow-ups, editing, keeping, copying, saving, judging."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import ANSWERED, PROJECT, UNANSWERED, Server, ask, occupy

pytestmark = pytest.mark.browser


def test_a_reload_keeps_the_conversation(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    answer = page.locator(".answer-text").inner_text()
    page.reload()
    page.wait_for_selector(".answer")
    assert page.locator(".answer-text").inner_text() == answer


def test_a_follow_up_says_what_it_was_asked_as(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, "Who was the first person to walk on the Moon?")
    exchange = ask(page, "When was that?")
    assert exchange.locator(".question").inner_text() == "When was that?"
    assert exchange.locator(".asked-as").inner_text().startswith("Asked as:")


def test_several_conversations_are_kept_apart(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    ask(page, UNANSWERED)
    earlier = page.get_by_label("Earlier conversations")
    earlier.click()
    page.get_by_role("option", name=ANSWERED).click()
    page.wait_for_function("text => document.querySelector('.question')?.innerText === text", arg=ANSWERED)
    assert page.locator(".exchange").count() == 1


def test_two_people_never_see_each_other(server: Server, open_page: Any) -> None:
    one, other = open_page(server.url), open_page(server.url)
    ask(one, ANSWERED)
    other.reload()
    other.wait_for_selector(".welcome")
    assert other.locator(".exchange").count() == 0


def test_an_edited_question_takes_its_old_place(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, UNANSWERED)
    ask(page, ANSWERED)
    page.locator(".exchange").first.get_by_role("button", name="Edit the question and ask again").click()
    page.wait_for_function("text => document.querySelector('#question textarea').value === text", arg=UNANSWERED)
    page.fill("#question textarea", "How many people fit on a bus to Mars?")
    page.press("#question textarea", "Enter")
    page.wait_for_function("() => document.querySelector('.question').innerText.includes('Mars')")
    page.locator(".exchange").first.locator(".answer, .not-said").wait_for()
    assert page.locator(".exchange").count() == 2


def test_copying_takes_the_citations_along(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, ANSWERED)
    exchange.get_by_role("button", name="Copy the answer with its citations").click()
    page.get_by_text("Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(ANSWERED)
    assert "[1] “" in copied
    assert "seeds/end-of-smallpox.md" in copied
    assert "(confidence" in copied


def test_a_conversation_is_saved_as_markdown_with_footnotes(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Save as Markdown").click()
    saved = Path(downloading.value.path()).read_text("utf-8")
    assert f"## {ANSWERED}" in saved
    assert "[^1]" in saved
    assert "\n[^1]: “" in saved


def test_a_conversation_is_named_found_and_deleted(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.evaluate("window.prompt = () => 'For the health desk'")
    page.get_by_role("button", name="Name it").click()
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    ask(page, UNANSWERED)
    page.get_by_label("Earlier conversations").click()
    page.get_by_label("Earlier conversations").type("health")
    page.get_by_role("option", name="For the health desk").click()
    page.wait_for_function("text => document.querySelector('.question')?.innerText === text", arg=ANSWERED)
    page.get_by_role("button", name="Delete it").click()
    page.wait_for_selector(".welcome")
    page.get_by_label("Earlier conversations").click()
    assert page.get_by_role("option").all_inner_texts() == [page.get_by_role("option", name=UNANSWERED).inner_text()]
    assert page.errors == ["dialog: Delete this conversation? It is kept nowhere else."]


def test_editing_and_then_a_new_conversation_empties_the_box(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.get_by_role("button", name="Edit the question and ask again").click()
    page.wait_for_function("text => document.querySelector('#question textarea').value === text", arg=ANSWERED)
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    page.wait_for_function("() => document.querySelector('#question textarea').value === ''")
    ask(page, UNANSWERED)
    assert page.locator(".question").all_inner_texts() == [UNANSWERED]


def test_a_citation_is_copied_as_a_reference(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    ask(page, ANSWERED)
    page.wait_for_selector("#source mark.answer-mark")
    page.get_by_role("button", name="Copy a reference in the style of the APA").click()
    page.locator("#source").get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").startswith("The end of smallpox. (2025, May 8). ")
    page.get_by_role("button", name="Copy a reference as BibTeX").click()
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.clipboard.readText()").startswith("@misc{article")


def test_a_judgement_becomes_an_evaluation_question(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    exchange = ask(page, ANSWERED)
    answer = exchange.locator(".answer-text span").first.inner_text()
    exchange.get_by_role("button", name="A good answer", exact=True).click()
    page.get_by_label("A word on it, if you like").fill("to the point <b>")
    page.get_by_role("button", name="Send").click()
    page.get_by_text("Kept. Thank you.").wait_for()
    command = [sys.executable, "-m", "qa", "feedback", "export", "--store", str(server.store)]
    exported = json.loads(subprocess.run(command, capture_output=True, check=True, text=True, cwd=PROJECT).stdout)
    asked = [qa for article in exported["data"] for part in article["paragraphs"] for qa in part["qas"]]
    assert [qa["question"] for qa in asked] == [ANSWERED]
    context = exported["data"][0]["paragraphs"][0]["context"]
    start = asked[0]["answers"][0]["answer_start"]
    assert context[start : start + len(answer)] == asked[0]["answers"][0]["text"] == answer


def test_a_restart_of_the_server_loses_no_conversation(open_page: Any, tmp_path: Path, server: Server) -> None:
    first = Server(server.store)
    try:
        page = open_page(first.url)
        ask(page, ANSWERED)
    finally:
        first.stop()
    again = Server(server.store, port=first.port)
    try:
        page.goto(first.url)
        page.wait_for_selector(".answer")
        assert page.locator(".question").inner_text() == ANSWERED
    finally:
        again.stop()


def test_a_question_in_flight_when_the_page_goes_says_what_happened(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.wait_for_selector(".welcome")
    page.route("**/gradio_api/queue/data*", lambda route: route.abort())
    page.fill("#question textarea", ANSWERED)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".working")
    page.unroute("**/gradio_api/queue/data*")
    page.reload()
    page.wait_for_selector(".problem")
    assert "reloaded" in page.locator(".problem").inner_text()
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_selector(".answer")


def test_two_windows_lose_none_of_each_others_conversations(server: Server, open_page: Any) -> None:
    one = open_page(server.url)
    other = one.context.new_page()
    other.goto(server.url)
    other.wait_for_selector(".welcome")
    ask(one, ANSWERED)
    ask(other, UNANSWERED)
    ask(one, "How long is a marathon?")
    for page, question in ((one, UNANSWERED), (other, ANSWERED)):
        page.get_by_label("Earlier conversations").click()
        page.get_by_role("option", name=question).wait_for()
        page.keyboard.press("Escape")
        page.reload()
        page.wait_for_selector(".exchange")
    assert one.locator(".question").all_inner_texts() == [ANSWERED, "How long is a marathon?"]
    assert other.locator(".question").all_inner_texts() == [UNANSWERED]


def test_the_same_conversation_in_two_windows_keeps_what_both_asked(server: Server, open_page: Any) -> None:
    one = open_page(server.url)
    ask(one, ANSWERED)
    other = one.context.new_page()
    other.goto(server.url)
    other.get_by_label("Earlier conversations").click()
    other.get_by_role("option", name=ANSWERED).click()
    other.wait_for_selector(".exchange")
    ask(one, "How long is a marathon?")
    ask(other, UNANSWERED)
    one.reload()
    one.locator(".exchange").nth(2).wait_for()
    assert one.locator(".question").all_inner_texts() == [ANSWERED, "How long is a marathon?", UNANSWERED]


def test_a_new_conversation_while_an_answer_is_on_its_way_stays_new(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", ANSWERED)
    occupy(server)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".working")
    page.get_by_role("button", name="New conversation").click()
    page.wait_for_selector(".welcome")
    ask(page, UNANSWERED)
    assert page.locator(".question").all_inner_texts() == [UNANSWERED]
