"""Word documents (.docx)."""

from typing import Any, BinaryIO

from index.articles.article import Article, Unreadable, make_article
from index.articles.formats.archive import MAX_DOCUMENT_BYTES, opened_zip
from index.articles.formats.element_text import BLOCK, BREAK, CELL, INLINE, ITEM, ROW, Marks, is_only_cell, text_of
from index.articles.formats.quiet import quiet

OLE_FILE = b"\xd0\xcf\x11\xe0"  # how Word 97 files begin, and encrypted .docx files too

# Deleted text, field codes, and the second copy of a drawing for old versions of Word.
_NOT_TEXT = ("delText", "instrText", "Fallback", "sectPr", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr")
_MARKS: dict[str, Marks | None] = {
    **dict.fromkeys(_NOT_TEXT),
    **dict.fromkeys(("tbl", "body", "txbxContent"), BLOCK),
    **dict.fromkeys(("br", "cr"), BREAK),
    "tr": ROW,
    "tab": (" ", ""),
}


@quiet()
def read_docx(file: BinaryIO, source: str) -> list[Article]:
    """A Word document: paragraphs, headings, lists, tables and content controls in order; core properties."""
    from docx import Document

    if file.read(4) == OLE_FILE:
        raise Unreadable("encrypted, or an old Word file: save it as .docx without a password")
    with opened_zip(file, MAX_DOCUMENT_BYTES):
        file.seek(0)
        document = Document(file)
    about = document.core_properties
    return [
        make_article(
            text_of(_plain(document.part.blob), _marks),
            source,
            title=about.title,
            published=about.created.date() if about.created else None,
            author=about.author,
            language=about.language,
        )
    ]


def _plain(xml: bytes) -> Any:
    """The document as bare elements: python-docx's own give the whole run's text for an element's."""
    from lxml import etree

    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))


def _marks(element: Any, name: str) -> Marks | None:
    if name == "p":
        return ITEM if _is_item(element) else BLOCK
    if name == "tc":
        return BLOCK if is_only_cell(element) else CELL
    return _MARKS.get(name, INLINE)


def _is_item(paragraph: Any) -> bool:
    """Whether a paragraph is numbered or bulleted, by itself or by its style; numbered headings are not."""
    named = paragraph.find("{*}pPr/{*}pStyle")
    style = "" if named is None else next(iter(named.values()), "")
    if style.startswith(("Heading", "Title")):
        return False
    return style.startswith("List") or paragraph.find("{*}pPr/{*}numPr") is not None
