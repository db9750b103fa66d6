"""Changing the articles while the page is open, as an operator does."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.pages import ANSWERED, Server, ask

pytestmark = pytest.mark.browser
TEXT = "The lighthouse of Quendale was lit for the first time on 3 March 1871. Its keeper was Ada Brimble.\n"


@pytest.fixture(scope="module")
def changing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose articles may be changed."""
    started = Server(tmp_path_factory.mktemp("changing") / "store")
    yield started
    started.stop()


def upload(page: Any, *files: dict[str, Any]) -> None:
    page.locator("#upload input[type=file]").set_input_files(list(files))


def text_file(name: str, text: str) -> dict[str, Any]:
    return {"name": name, "mimeType": "text/plain", "buffer": text.encode()}


def row(page: Any, source: str) -> Any:
    return page.locator("#articles tbody tr").filter(has=page.get_by_role("cell", name=source, exact=True))


def test_an_upload_is_answered_from_and_can_be_removed(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("18 articles in").wait_for()
    upload(page, text_file("lighthouse.md", TEXT), text_file("empty.txt", ""))
    page.get_by_text("19 articles in").wait_for()
    page.get_by_text("Adding is done").wait_for()
    assert "empty.txt" in page.locator("#job").inner_text()
    assert [path.name for path in (changing.store / "uploads").iterdir() if path.suffix == ".md"] == ["lighthouse.md"]
    page.get_by_label("Search titles and sources").fill("lighthouse.md")
    row(page, "seeds/apollo-11.md").wait_for(state="detached")
    assert page.locator("#job").bounding_box()["y"] < page.locator("#articles").bounding_box()["y"]
    row(page, "lighthouse.md").get_by_role("button", name="Remove").click()
    page.get_by_text("18 articles in").wait_for()
    assert not (changing.store / "uploads" / "lighthouse.md").exists()
    assert [error for error in page.errors if not error.startswith("dialog: Remove")] == []


def test_another_open_page_shows_the_new_generation_by_itself(changing: Server, open_page: Any) -> None:
    one, other = open_page(changing.url + "/articles"), open_page(changing.url + "/articles")
    other.get_by_text("Live generation").wait_for()
    before = other.locator("#store").inner_text()
    upload(one, text_file("second.md", TEXT.replace("Quendale", "Sandness")))
    other.wait_for_function("text => document.querySelector('#store').innerText !== text", arg=before)


def test_a_bad_format_is_refused_with_what_is_read(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    upload(page, text_file("program.exe", "MZ"))
    page.get_by_text("not a format that is read").wait_for()
    page.wait_for_timeout(2500)  # longer than the page looks for news: what it said stays
    assert page.get_by_text("program.exe: skipped, not a format that is read").is_visible()
    assert not list((changing.store / "uploads").glob("*.exe"))


def test_the_table_is_searched(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    row(page, "seeds/apollo-11.md").wait_for()
    page.get_by_label("Search titles and sources").fill("REEFS coral")
    row(page, "seeds/apollo-11.md").wait_for(state="detached")
    row(page, "seeds/coral-reefs.md").wait_for()


def test_verify_and_history(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_role("button", name="Is the store whole?").click()
    page.get_by_role("button", name="Verify every byte").click()
    page.get_by_text("The store is whole").wait_for()
    assert "(live)" in page.locator("#history").inner_text()


def test_a_row_that_names_a_file_does_not_give_it_out(changing: Server, open_page: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("nothing for the page\n")
    table = tmp_path / "rows.csv"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([["title", "text", "source"], ["Row", TEXT * 3, str(secret)]])
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    held = int(page.locator("#store dd").nth(1).inner_text().split()[0])
    upload(page, {"name": "rows.csv", "mimeType": "text/csv", "buffer": table.read_bytes()})
    page.get_by_text(f"{held + 1} articles in").wait_for()
    listed = page.request.post(f"{changing.url}/gradio_api/call/articles", data={"data": []}).json()["event_id"]
    answer = page.request.get(f"{changing.url}/gradio_api/call/articles/{listed}").text()
    assert str(secret) in answer
    identity = answer.split(str(secret))[0].rsplit('"id": "', 1)[1][:16]
    given = page.request.get(f"{changing.url}/originals/{identity}")
    assert given.ok
    assert "nothing for the page" not in given.text()


def test_reading_all_files_again_takes_up_what_changed_on_disk(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    upload(page, text_file("keeper.md", TEXT.replace("Quendale", "Norwick")))
    page.get_by_text("Adding is done").wait_for()
    row(page, "keeper.md").wait_for()
    (changing.store / "uploads" / "keeper.md").write_text("The lighthouse of Norwick was kept by Osla Gray.\n")
    page.get_by_role("button", name="Read all files again").click()
    page.get_by_text(re.compile(r"Reading again is done in .*: 1 changed\.")).wait_for()
    page.goto(changing.url)
    assert "Osla Gray" in ask(page, "Who kept the lighthouse of Norwick?").locator(".answer-text").inner_text()


def test_rolling_back_brings_the_generation_before_back(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    upload(page, text_file("mistake.md", TEXT.replace("Quendale", "Hillswick")))
    row(page, "mistake.md").wait_for()
    live = int(page.locator("#store dd").first.inner_text().split(",")[0])
    page.get_by_role("button", name="Is the store whole?").click()
    assert "1 added: mistake.md" in page.locator("#history").inner_text()
    page.get_by_role("button", name="Make live").click()
    page.get_by_text(f"Generation {live - 1} answers now").wait_for()
    row(page, "mistake.md").wait_for(state="detached")
    assert f"{live - 1} (live)" in page.locator("#history").inner_text()
    assert "answers." not in page.locator("#job").inner_text()
    page.get_by_role("button", name="Make live").click()
    row(page, "mistake.md").wait_for()
    assert page.errors == [f"dialog: Let generation {one} answer from now on?" for one in (live - 1, live)]


def test_a_taken_name_is_asked_about(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    upload(page, text_file("notes.txt", TEXT.replace("Quendale", "Ollaberry")))
    row(page, "notes.txt").wait_for()
    upload(page, text_file("notes.txt", TEXT.replace("Quendale", "Gutcher")))
    page.get_by_text("Nothing is added until you choose").wait_for()
    page.get_by_role("button", name="Keep both").click()
    row(page, "notes (2).txt").wait_for()
    assert "Ollaberry" in (changing.store / "uploads" / "notes.txt").read_text()
    assert "Gutcher" in (changing.store / "uploads" / "notes (2).txt").read_text()
    assert page.get_by_text("Nothing is added until you choose").is_hidden()


def test_sources_of_uploads_are_their_names_everywhere(changing: Server, open_page: Any) -> None:
    page = open_page(changing.url + "/articles")
    page.get_by_text("Live generation").wait_for()
    upload(page, text_file("baltasound.md", TEXT.replace("Quendale", "Baltasound")))
    row(page, "baltasound.md").wait_for()
    assert str(changing.store) not in page.content()
    page.get_by_role("link", name="The lighthouse of Baltasound").click()
    page.locator("#source .facts").get_by_text("baltasound.md · no date").wait_for()
    exchange = ask(page, "Who was the keeper of the lighthouse of Baltasound?")
    assert exchange.locator(".about").first.inner_text() == "baltasound.md"
    exchange.get_by_role("button", name="Copy the answer with its citations").click()
    page.get_by_text("Copied").wait_for()
    assert str(changing.store) not in page.evaluate("navigator.clipboard.readText()") + page.content()


def test_a_change_shows_how_far_it_is_while_others_ask(changing: Server, open_page: Any) -> None:
    page, other = open_page(changing.url + "/articles"), open_page(changing.url)
    other.wait_for_selector(".welcome")
    page.get_by_text("Live generation").wait_for()
    before = page.locator("#store").inner_text()
    upload(page, text_file("long.txt", "\n\n".join(TEXT.replace("1871", str(year)) * 9 for year in range(1000, 2000))))
    page.get_by_text(re.compile("Adding: .* of .*, about .* s left")).wait_for()
    bar = page.get_by_role("progressbar")
    assert 0 < int(bar.get_attribute("value")) < int(bar.get_attribute("max"))
    page.get_by_role("button", name="Read all files again").click()
    page.get_by_text("another change is running").wait_for()
    assert "1980" in ask(other, ANSWERED).locator(".answer-text").inner_text()
    page.get_by_text("Adding is done").wait_for()
    page.wait_for_function("text => document.querySelector('#store').innerText !== text", arg=before)
