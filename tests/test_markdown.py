"""Articles as they are read: whatever the Markdown and whatever the span, the marked text is the quote."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index import Article
from web.reading import reading_of
from web.render import fragment

PARTS = (
    "# ", "## ", "\n", "\n\n", "*", "**", "_", "`", "```\n", "> ", "- ", "1. ", "    ", "\t", "|", "|-|-|\n", "a | b\n",
    "[", "]", "(", ")", "![", "<b>", "</p>", "<!-- ", "&amp;", "&", "\\", "\\\n", "  \n", "~~", "---\n", "===\n", "a",
    "Ärger ", "שלום", "word word", "{", "}", "$", "[a]: b\n", "\U0001f600", "http://x.y", "- [ ] ", "[^1]", "<script>",
    "\u00a0", "\x0c",
)  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(PARTS), max_size=40).map("".join) | st.text(
    st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=60
)
ALLOWED = {
    "p", "div", "span", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "table", "thead", "tr",
    "th", "td", "h3", "h4", "h5", "h6", "br", "hr", "mark",
}  # fmt: skip
VOID = {"br", "hr"}


class Page(HTMLParser):
    """The text of a page and of its marks; elements have to be closed in the order in which they were opened."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.marked, self.open, self.seen = "", "", list[str](), set[str]()
        self.feed(html)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= {"class", "dir", "data-instead", "open"}
        self.seen.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert self.open[-1:] not in (["ul"], ["ol"], ["table"], ["thead"], ["tr"]), "a browser moves text out of there"
        self.text += data
        self.marked += data if "mark" in self.open else ""


def shown(text: str, start: int, end: int, source: str = "x.md", pages: tuple[int, ...] = ()) -> str:
    front = text.find("\n---\n") + 5 if text.startswith("---\n") else 0
    article = Article("id", "T", source, None, text, pages=pages, skip=((0, front),) if front else ())
    return fragment("reading.html", reading=reading_of(article, [(start, end, "quote-mark")]))


def markdown(text: str, start: int, end: int) -> Page:
    html = shown(text, start, end)
    return Page(html[html.index('<div class="markdown">') :].strip()) if "<div" in html else Page("")


@settings(deadline=None)
@given(MARKDOWN, st.integers(0, 200), st.integers(0, 200))
def test_any_span_of_any_markdown_is_marked_and_reads_back_as_the_quote(text: str, start: int, end: int) -> None:
    text = f"Text. {text}"  # front matter is another matter
    page = markdown(text, start, end)
    assert page.text == text
    assert page.marked == text[start:end]
    assert page.seen <= ALLOWED


def test_what_markdown_means_is_shown_as_that() -> None:
    html = shown("# T\n\nA **b** _c_ `d` &lt; \\* [l](javascript:x)\n\n- one\n\n|h|\n|-|\n|x|\n\n> q\n\n1. n\n", 0, 0)
    for element in ("<h3", "<strong>", "<em>", "<code>", "<ul>", "<ol>", "<table>", "<th", "<td", "<blockquote>"):
        assert element in html
    assert 'data-instead="&lt;"' in html
    assert "href" not in html
    hidden = [part.split("</span>")[0].strip() for part in html.split('<span class="syntax"><span>')[1:]]
    assert {"#", "**", "_", "[", "](javascript:x)\n\n-"} <= set(hidden)


def test_what_is_nested_deep_is_shown_all_the_same() -> None:
    text = "> " * 3000 + "deep\n" + "".join("  " * depth + "- item\n" for depth in range(300))
    page = markdown(text, text.index("deep"), text.index("deep") + 4)
    assert (page.text, page.marked) == (text, "deep")


@pytest.mark.parametrize("part", ["[", "*a ", "`", "![", "<", "&", "|", "> ", "a_b_", "[a](", "~~", "\\"])
def test_a_long_article_of_one_mark_takes_no_longer_than_its_length(part: str) -> None:
    text = part * (100_000 // len(part))
    assert markdown(text, 0, 1).text == text


def test_front_matter_is_folded_unless_the_quote_stands_in_it() -> None:
    text = "---\ntitle: The mill\n---\n\n# The mill\n"
    assert '<details class="matter"><summary>' in shown(text, 30, 34)
    assert '<details class="matter" open>' in shown(text, 4, 9)


def test_the_lines_of_a_pdf_flow_into_paragraphs() -> None:
    text = (
        "The bridge\nThe bridge crosses the river below the\nmill. It is made of oak.\n"
        "It was built by the carpenter Olaf\nBerg.\n"
    )
    html = shown(text, 49, 60, "bridge.pdf", (0,))
    assert html.count("<p") == 3
    assert Page(html).text.split() == text.split()
    assert Page(html).marked == text[49:60]
