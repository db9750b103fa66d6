"""Our own rules take a time in proportion to the text: by counted steps, or on texts whose square nobody waits for."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree, html

from index import Skipped, read_articles, split
from index.articles import make_article
from index.articles.formats import element_text, markup, plain, word
from index.articles.formats.archive import opened_zip
from index.passages import layout, sentences
from tests.support import hostile_archives, hostile_text
from tests.support.hostile_files import write_hostile
from tests.support.steps import is_linear, steps

HEADINGS = {
    "fences": lambda n: "```\n# no heading\n```\n" * n,
    "open fences": lambda n: "```a\n# x\n" * n,
    "headings without words": lambda n: "# *\n" * n,
    "underlines": lambda n: "**\n---\n" * n,
    "text": lambda n: "Storks came.\n" * n,
}


def test_the_measure_itself_tells_a_line_from_a_square() -> None:
    def square(items: range) -> int:
        return sum(1 for _ in items for _ in items)

    def line(items: range) -> int:
        count = 0
        for _ in items:
            count += 1
        return count

    assert steps(line, range(100)) < steps(line, range(200))
    assert is_linear(line, range, 100)
    assert not is_linear(square, range, 100)


@pytest.mark.parametrize("make", HEADINGS.values(), ids=list(HEADINGS))
def test_headings_are_looked_for_line_by_line(make: Callable[[int], str]) -> None:
    assert is_linear(lambda text: plain.first_heading(text, 0), make, 500)


ROWS = {
    "cells": lambda n: f"<table><tr>{'<td>x</td>' * n}</tr></table>",
    "cells of two kinds": lambda n: f"<table><tr>{'<td>x</td>' * n}{'<th>x</th>' * n}</tr></table>",
    "rows": lambda n: f"<table>{'<tr><td>x</td></tr>' * n}</table>",
    "rows in cells": lambda n: f"<table><tr>{'<td><table><tr><td>x</td></tr></table></td>' * n}</tr></table>",
    "items": lambda n: f"<ul>{'<li>x</li>' * n}</ul>",
}


@pytest.mark.parametrize("make", ROWS.values(), ids=list(ROWS))
def test_a_tree_is_walked_once(make: Callable[[int], str]) -> None:
    def text(page: str) -> str:
        return element_text.text_of(html.fromstring(page), markup.marks_of)

    assert is_linear(text, make, 300)


def test_cells_of_many_namespaces_are_counted_once_a_row() -> None:
    def row(n: int) -> str:
        cells = "".join(f'<n{i}:tc xmlns:n{i}="urn:{i}">x</n{i}:tc>' for i in range(n))
        return f"<tr>{cells}</tr>"

    class Visited(etree.ElementBase):  # type: ignore[misc]  # lxml has no types
        """An element that counts how often siblings are looked for from it."""

        looks = 0

        def itersiblings(self, *arguments: Any, **options: Any) -> Any:
            Visited.looks += 1
            return super().itersiblings(*arguments, **options)

    parser = etree.XMLParser()
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=Visited))
    assert is_linear(lambda xml: element_text.text_of(etree.fromstring(xml, parser), word.marks_of), row, 300)
    assert Visited.looks == 0


def test_a_chapter_listed_many_times_is_read_once() -> None:
    data = hostile_archives.BOOKS["one chapter 200,000 times"]()
    assert isinstance(data, bytes)
    (article,) = markup.read_epub(io.BytesIO(data), "x.epub")
    assert article.text == "Storks came back to Ely."


def test_overlapping_members_are_a_bomb_by_the_size_of_the_file() -> None:
    data = hostile_archives.ARCHIVES["overlapping members"]()
    assert isinstance(data, bytes)
    with pytest.raises(Exception, match="refused as a zip bomb: it unpacks to"), opened_zip(io.BytesIO(data), 1 << 40):
        pass


# What follows would take minutes to hours if it were a square: a worker would be ended over it, a test be hung.


@pytest.mark.parametrize("name", [f"{name}.md" for name in hostile_text.MARKDOWN if not name.startswith("yaml")])
def test_hostile_markdown_is_read(tmp_path: Path, name: str) -> None:
    skipped: list[Skipped] = []
    list(read_articles([write_hostile(tmp_path, name)], on_skip=skipped.append))
    assert [item.reason for item in skipped] == []


TIDIED = {
    "bars": "a" + " |" * 200_000 + "x",
    "spaces": "a" + " " * 500_000 + "x",
    "items": "\v\0" * 200_000,
    "an item of spaces": "\v\0" + " " * 500_000 + "x",
    "marks": "\n \v\f" * 100_000 + "x",
    "bars and breaks": "| \f" * 100_000 + "x",
}


@pytest.mark.parametrize("text", TIDIED.values(), ids=list(TIDIED))
def test_extracted_text_is_tidied(text: str) -> None:
    assert element_text.tidy(text + "Storks.").endswith("Storks.")


def test_empty_cells_go_and_bars_within_a_row_stay() -> None:
    assert element_text.tidy("a |  | b | | \vc | | d\v | |\n") == "a | | b\nc | | d"


NOISE = {
    "exclamation marks": "Click here to " + "!" * 300_000 + "\na",
    "a heading of spaces": "# a" + " " * 300_000 + "b",
    "a heading of hashes": "# a" + " #" * 300_000 + "b",
    "underlines below a line": "storks\n---\n" * 30_000,
}


@pytest.mark.parametrize("text", NOISE.values(), ids=list(NOISE))
def test_the_layout_is_found(text: str) -> None:
    found = layout.blocks(make_article(text + "\n\nStorks came back to Ely.", "x"))
    assert found[-1].end == len(text) + len("\n\nStorks came back to Ely.")


def test_a_joined_paragraph_is_not_looked_through_at_each_line() -> None:
    assert is_linear(lambda text: layout.blocks(make_article(text, "x")), lambda n: "storks\n---\n" * n, 500)


SENTENCES = {
    "Arabic question marks": "؟" * 100_000 + "x",
    "quoted full stops": '."' * 100_000,
    "marks between letters": "a!b." * 50_000,
}


@pytest.mark.parametrize("text", SENTENCES.values(), ids=list(SENTENCES))
def test_sentences_are_found(text: str) -> None:
    found = sentences(text)
    assert found[0][0] == 0 and found[-1][1] == len(text)


def test_a_heading_is_not_copied_whole_into_each_of_its_passages() -> None:
    text = "# " + "stork " * 50_000 + "\n\n" + "Storks came back to Ely. " * 1000
    passages = split(make_article(text, "x"))
    assert len(passages) > 30
    assert sum(len(passage.heading or "") for passage in passages) <= 200 * len(passages)
