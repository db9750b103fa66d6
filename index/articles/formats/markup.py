"""HTML pages and EPUB books."""

import posixpath
import re
import zipfile
from contextlib import suppress
from typing import Any, BinaryIO
from urllib.parse import unquote

from index.articles.article import Article, Unreadable, make_article
from index.articles.formats.archive import MAX_DOCUMENT_BYTES, opened_zip, unpacked
from index.articles.formats.decode import decode, parse_date
from index.articles.formats.element_text import BLOCK, BREAK, CELL, INLINE, ITEM, LINE, ROW, Marks, text_of
from index.articles.formats.quiet import quiet

MAX_HTML_BYTES = 20_000_000
# trafilatura's time grows with the square of the elements in a page: 2 s for 20,000 paragraphs; and
# of the tags in a paragraph: 0.3 s for 3,000, 1.1 s for 5,400. MAX_TANGLE bounds the sum of the latter squares.
MAX_ELEMENTS = 20_000
MAX_TANGLE = 30_000_000

# htmldate refuses dates before 1995 and after today unless told otherwise; here it reads, and does not judge.
DATE_SETTINGS = {
    "original_date": True,
    "extensive_search": False,  # an extensive search takes any day named in the text for the article's own
    "min_date": "1000-01-01",
    "max_date": "9999-12-31",
}

# Names of HTML's elements and of the ones trafilatura makes of them (head, item, row, cell, lb, quote).
_MARKS: dict[str, Marks | None] = {
    **dict.fromkeys(("script", "style", "template", "noscript", "title", "graphic")),
    **dict.fromkeys(("svg", "math", "object", "iframe")),
    **dict.fromkeys(("body", "main", "article", "section", "div", "aside", "header", "footer", "nav"), BLOCK),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6", "head", "p", "pre", "hr", "address"), BLOCK),
    **dict.fromkeys(("blockquote", "quote", "figure", "figcaption", "details", "summary", "form"), BLOCK),
    **dict.fromkeys(("ul", "ol", "dl", "list", "table"), BLOCK),
    **dict.fromkeys(("li", "item", "dd"), ITEM),
    **dict.fromkeys(("tr", "row"), ROW),
    **dict.fromkeys(("td", "th", "cell"), CELL),
    **dict.fromkeys(("br", "lb"), BREAK),
    "dt": LINE,
}
_SELF_CLOSED = re.compile(rb"<(title|script|style|a|span|div|p|i|b|em)\b([^<>]*)/>", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w.:-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*>")


@quiet()
def read_html(file: BinaryIO, source: str) -> list[Article]:
    """A web page: its main text without menus, comments and footers; all its text where none is found.

    Raises Unreadable for a page without text, and for one that is too large.
    """
    import trafilatura
    from trafilatura.metadata import extract_metadata

    page = _page(file.read(MAX_HTML_BYTES + 1))
    about = extract_metadata(page, date_config=DATE_SETTINGS, extensive=False)
    main = None if _is_tangled(page) else trafilatura.bare_extraction(page, include_comments=False)
    text = _fuller(text_of(main.body, marks_of) if main else "", text_of(_body(page), marks_of))
    if not text:
        raise Unreadable("no text found in the page")
    return [
        make_article(
            text,
            source,
            title=about.title,
            published=parse_date(about.date),
            author=about.author,
            language=page.get("lang"),
            origin=about.url,
        )
    ]


@quiet()
def read_epub(file: BinaryIO, source: str) -> list[Article]:
    """A book: its chapters in reading order, as one article. Raises Unreadable when it holds none, or is locked."""
    with opened_zip(file, MAX_DOCUMENT_BYTES) as archive:
        package_path = _xml(unpacked(archive, "META-INF/container.xml")).xpath(
            "string(//*[local-name()='rootfile']/@full-path)"
        )
        package = _xml(unpacked(archive, package_path))
        chapters = _chapters(package, posixpath.dirname(package_path))
        _refuse_encrypted(archive, chapters)
        texts = [_chapter(unpacked(archive, name)) for name in chapters if name in archive.NameToInfo]

    def named(name: str, condition: str = "") -> str | None:
        found = package.xpath(f"//*[local-name()='metadata']/*[local-name()='{name}'{condition}]")
        return ", ".join(filter(None, ("".join(element.itertext()).strip() for element in found))) or None

    dates = (named("date", " and @*[local-name()='event']='publication'"), *(named("date") or "").split(", "))
    return [
        make_article(
            "\n\n".join(filter(None, texts)),
            source,
            title=named("title"),
            published=next(filter(None, map(parse_date, dates)), None),
            author=named("creator"),
            language=named("language"),
            origin=named("source"),
        )
    ]


def marks_of(_element: Any, name: str) -> Marks | None:
    """The marks of an element of HTML, by its name."""
    return _MARKS.get(name.lower(), INLINE)


def _page(data: bytes) -> Any:
    """The root element of an HTML document."""
    from lxml import etree, html

    if len(data) > MAX_HTML_BYTES:
        raise Unreadable(f"larger than {MAX_HTML_BYTES // 1_000_000} MB, the most that is read of a web page")
    declared = _CHARSET.search(data[:2048])
    text = _DECLARATION.sub("", decode(data, declared.group(1).decode("ascii", "replace") if declared else None))
    if not text.strip():
        raise Unreadable("empty")
    with suppress(etree.ParserError):  # nothing but comments
        return html.document_fromstring(text, parser=html.HTMLParser(remove_comments=True, remove_pis=True))
    raise Unreadable("empty")


def _is_tangled(page: Any) -> bool:
    """Whether the page has so many elements that finding its main text would take minutes."""
    if sum(1 for _ in page.iter()) > MAX_ELEMENTS:
        return True
    return sum(sum(1 for _ in paragraph.iter()) ** 2 for paragraph in page.iter("p")) > MAX_TANGLE


def _fuller(main: str, whole: str) -> str:
    """The main text; the whole page where that says the same, for short pages lose their paragraphs."""
    same = re.sub(r"\W", "", main) == re.sub(r"\W", "", whole)
    return whole if same or not main else main


def _body(page: Any) -> Any:
    found = page.find("body")
    return page if found is None else found


def _xml(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def _chapter(data: bytes) -> str:
    """A chapter's text: of its XHTML, or of what browsers make of it when it is not well formed."""
    from lxml import etree

    try:
        root = _xml(data)
        if next(root.iter(etree.Entity), None) is None:  # such as &nbsp;, which HTML knows and XML does not
            return text_of((root.xpath("//*[local-name()='body']") or [root])[0], marks_of)
    except etree.XMLSyntaxError:
        pass
    with suppress(Unreadable):
        return text_of(_body(_page(_SELF_CLOSED.sub(rb"<\1\2></\1>", data))), marks_of)
    return ""


def _chapters(package: Any, folder: str) -> list[str]:
    """The names of the members that the book's spine lists, in order, each once, without its table of contents."""
    items = {item.get("id"): item for item in package.xpath("//*[local-name()='manifest']/*[local-name()='item']")}
    listed = [items.get(entry.get("idref")) for entry in package.xpath("//*[local-name()='spine']/*")]
    hrefs = [
        item.get("href", "").split("#")[0]
        for item in listed
        if item is not None and "nav" not in item.get("properties", "").split()
    ]
    return list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, unquote(href))) for href in hrefs))


def _refuse_encrypted(archive: zipfile.ZipFile, chapters: list[str]) -> None:
    """Raises Unreadable when a chapter is under digital rights management; encrypted fonts do not matter."""
    if "META-INF/encryption.xml" in archive.NameToInfo:
        locked = _xml(unpacked(archive, "META-INF/encryption.xml")).xpath("//*[local-name()='CipherReference']/@URI")
        if set(map(unquote, locked)) & set(chapters):
            raise Unreadable("encrypted: a copy without copy protection is needed")
