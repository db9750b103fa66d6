"""A busy server and one that dies: the person who waits is told."""

from typing import Any

import pytest

from tests.browser.pages import ANSWERED, Server, occupy

pytestmark = pytest.mark.browser


def test_a_server_killed_during_an_answer_says_what_happened(server: Server, open_page: Any) -> None:
    first = Server(server.store)
    page = open_page(first.url)
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", ANSWERED)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(".working")
    first.process.kill()
    page.get_by_text("Connection to the server was lost").wait_for()
    first.stop()
    again = Server(server.store, port=first.port)
    try:
        page.wait_for_selector(".problem")
        assert "the server stopped" in page.locator(".problem").inner_text()
        page.get_by_role("button", name="Ask again").click()
        page.wait_for_selector(".answer")
        assert page.locator(".exchange").count() == 1
    finally:
        again.stop()


def test_a_typed_question_outlives_a_restart_of_the_server(server: Server, open_page: Any) -> None:
    first = Server(server.store)
    page = open_page(first.url)
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", ANSWERED)
    page.evaluate("document.querySelector('.welcome').dataset.before = 'yes'")
    first.process.kill()
    first.stop()
    page.press("#question textarea", "Enter")  # to a server that is gone
    page.get_by_text("Connection to the server was lost").first.wait_for()
    again = Server(server.store, port=first.port)
    try:
        page.wait_for_function("() => document.querySelector('.welcome:not([data-before])')")
        page.wait_for_function("text => document.querySelector('#question textarea').value === text", arg=ANSWERED)
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".answer")
        page.reload()
        page.wait_for_selector(".answer")
        page.wait_for_timeout(500)
        assert page.input_value("#question textarea") == ""
    finally:
        again.stop()


def test_the_queue_tells_a_waiting_person_their_place(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.wait_for_selector(".welcome")
    page.fill("#question textarea", ANSWERED)
    occupy(server)
    page.press("#question textarea", "Enter")
    page.locator("#status").get_by_text("queue: ").wait_for()
    page.fill("#question textarea", "How long is a marathon?")
    page.press("#question textarea", "Enter")
    page.get_by_text("Wait for the answer to the question before.").wait_for()
    page.wait_for_selector(".answer")
    assert page.input_value("#question textarea") == "How long is a marathon?"
    page.press("#question textarea", "Enter")
    page.locator(".exchange").nth(1).locator(".answer, .not-said").wait_for()
    assert page.locator(".question").all_inner_texts() == [ANSWERED, "How long is a marathon?"]
