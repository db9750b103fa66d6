"""Widths, light and dark, keyboard alone, and axe-core: what every page has to hold."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import ANSWERED, PROJECT, UNANSWERED, Server, ask

pytestmark = pytest.mark.browser
# A folder, as seen from the project: where it is named, the tests write their screenshots. `docs` for the README's.
PICTURES = os.environ.get("ARTICLE_QA_PICTURES")


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_is_wider_than_its_window(server: Server, open_page: Any, width: int, dark: bool) -> None:
    page = open_page(server.url, width=width, dark=dark)
    ask(page, ANSWERED)
    ask(page, UNANSWERED)
    picture(page, f"ask-{width}-{'dark' if dark else 'light'}")
    for path, ready in (("", ".answer"), ("/articles", "#store dl"), ("/search", "#query")):
        page.goto(server.url + path)
        page.wait_for_selector(ready)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["", "/articles", "/search"])
def test_axe_finds_nothing_serious(server: Server, open_page: Any, path: str, dark: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = open_page(server.url + path, dark=dark)
    if path == "":
        ask(page, ANSWERED)
        ask(page, UNANSWERED)
    elif path == "/search":
        page.fill("#query :is(textarea, input)", "marathon")
        page.press("#query :is(textarea, input)", "Enter")
        page.wait_for_selector("#hits table")
    else:
        page.get_by_text("seeds/apollo-11.md").first.wait_for()
    page.wait_for_timeout(800)
    found = axe.run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in serious] == []


def test_the_keyboard_alone_asks_and_opens_a_citation(server: Server, open_page: Any) -> None:
    page = open_page(server.url)
    page.wait_for_selector(".welcome")
    page.focus("#question textarea")
    page.keyboard.type(ANSWERED)
    page.keyboard.press("Enter")
    page.wait_for_selector(".answer")
    for _ in range(60):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.classList.contains('citation')"):
            break
    else:
        raise AssertionError("no citation was reached with the Tab key")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    page.wait_for_selector("#source mark.answer-mark")


@pytest.mark.skipif(not PICTURES, reason="writes the README's picture only where ARTICLE_QA_PICTURES names a folder")
def test_picture_for_the_readme(server: Server, open_page: Any) -> None:
    page = open_page(server.url, width=1280, height=800)
    ask(page, ANSWERED)
    page.wait_for_selector("#source mark.answer-mark")
    page.wait_for_timeout(800)
    picture(page, "screenshot")
    for name, ready in (("articles", "#store dl"), ("search", "#query")):
        page.goto(f"{server.url}/{name}")
        page.wait_for_selector(ready)
        if name == "search":
            page.fill("#query :is(textarea, input)", "length of the marathon")
            page.press("#query :is(textarea, input)", "Enter")
            page.wait_for_selector("#hits table")
        page.wait_for_timeout(1500)
        picture(page, name)


def picture(page: Any, name: str) -> None:
    """Write a screenshot when pictures are wanted."""
    if PICTURES:
        folder = PROJECT / PICTURES
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
