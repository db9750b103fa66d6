"""Word documents (.docx)."""

import posixpath
import zipfile
from contextlib import suppress
from typing import Any, BinaryIO

from index.articles.article import Article, Unreadable, make_article
from index.articles.formats.archive import MAX_DOCUMENT_BYTES, opened_zip, unpacked
from index.articles.formats.element_text import BLOCK, BREAK, CELL, INLINE, ITEM, ROW, Marks, text_of

OLE_FILE = b"\xd0\xcf\x11\xe0"  # how Word 97 files begin, and encrypted .docx files too

# How the types of the package's relationships end, in the transitional and in the strict form alike.
_DOCUMENT = "/officeDocument"
_PROPERTIES = "/core-properties"

# Deleted text, field codes, and the second copy of a drawing for old versions of Word.
_NOT_TEXT = ("delText", "instrText", "Fallback", "sectPr", "pPr", "rPr", "tblPr", "trPr", "tcPr", "sdtPr")
_MARKS: dict[str, Marks | None] = {
    **dict.fromkeys(_NOT_TEXT),
    **dict.fromkeys(("tbl", "body", "txbxContent"), BLOCK),
    **dict.fromkeys(("br", "cr"), BREAK),
    "tr": ROW,
    "tc": CELL,
    "tab": (" ", ""),
}


def read_docx(file: BinaryIO, source: str) -> list[Article]:
    """A Word document: paragraphs, headings, lists, tables and content controls in order; core properties.

    Nothing else of the package is unpacked: no pictures, no fonts. Raises Unreadable for another kind of file.
    """
    if file.read(4) == OLE_FILE:
        raise Unreadable("encrypted, or an old Word file: save it as .docx without a password")
    with opened_zip(file, MAX_DOCUMENT_BYTES) as archive:
        parts = _parts(archive)
        about = _properties(archive, parts.get(_PROPERTIES))
        document = _xml(unpacked(archive, parts[_DOCUMENT]))
    return [
        make_article(
            text_of(document, marks_of),
            source,
            title=about.get("title"),
            author=about.get("creator"),
            language=about.get("language"),
        )
    ]


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The member that each kind of relationship of the package leads to."""
    listed = _xml(unpacked(archive, "_rels/.rels"))
    found = {kind: entry.get("Target", "") for entry in listed for kind in _kinds(entry.get("Type", ""))}
    if _DOCUMENT not in found:
        raise Unreadable("it holds no Word document")
    return {kind: posixpath.normpath(target.lstrip("/")) for kind, target in found.items()}


def _kinds(name: str) -> list[str]:
    return [kind for kind in (_DOCUMENT, _PROPERTIES) if name.endswith(kind)]


def _properties(archive: zipfile.ZipFile, name: str | None) -> dict[str, str]:
    """The document's properties by their names; none where they cannot be read: the text is what matters."""
    from lxml import etree

    with suppress(KeyError, etree.XMLSyntaxError):
        root = _xml(unpacked(archive, name or ""))
        return {etree.QName(entry).localname: (entry.text or "").strip() for entry in root.iterchildren("{*}*")}
    return {}


def _xml(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def marks_of(element: Any, name: str) -> Marks | None:
    """The marks of an element of a Word document."""
    if name == "p":
        return ITEM if _is_item(element) else BLOCK
    return _MARKS.get(name, INLINE)


def _is_item(paragraph: Any) -> bool:
    """Whether a paragraph is numbered or bulleted, by itself or by its style; numbered headings are not."""
    named = paragraph.find("{*}pPr/{*}pStyle")
    style = "" if named is None else next(iter(named.values()), "")
    if style.startswith(("Heading", "Title")):
        return False
    return style.startswith("List") or paragraph.find("{*}pPr/{*}numPr") is not None
