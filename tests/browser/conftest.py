"""One server on a free loopback port with a store built from seeds/, and one headless Chromium, for all tests here."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.pages import PATIENCE, Server


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server that most tests share; they change no articles."""
    started = Server(tmp_path_factory.mktemp("browser") / "store")
    yield started
    started.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """Headless Chromium. It ends with the tests here: Playwright keeps an event loop running in their thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: requirements-dev.txt")
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install the system's package")
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Any]:
    """Opens pages, each in a context of its own; afterwards nothing of theirs was refused by the doors or policy."""
    contexts, pages = [], []

    def opened(url: str, *, width: int = 1280, height: int = 900, dark: bool = False) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light",
            permissions=["clipboard-read", "clipboard-write"],
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.asked, page.refused = [], []
        page.errors = []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("response", lambda answer: page.refused.append(answer.url) if answer.status in (400, 422) else None)
        page.on("console", lambda said: page.refused.append(said.text) if "Content Security" in said.text else None)
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.on("dialog", lambda dialog: (page.errors.append(f"dialog: {dialog.message}"), dialog.accept()))
        pages.append(page)
        page.goto(url)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [url for page in pages for url in page.refused] == []
