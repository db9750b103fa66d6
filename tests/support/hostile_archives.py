"""Hostile archives, books and Word documents: bombs, lies about sizes, the same thing many times."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from tests.support.hostile_text import FEW, Makers, N

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
CHAPTER = '<html xmlns="http://www.w3.org/1999/xhtml"><body>{}</body></html>'
SENTENCE = "<p>Storks came back to Ely.</p>"


def zipped(
    members: Mapping[str, str | bytes] | Iterable[tuple[str, str | bytes]], method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """An archive of the given members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items() if isinstance(members, Mapping) else members:
            archive.writestr(name, content)
    return out.getvalue()


@cache
def zeros(number: int) -> bytes:
    """Zero bytes, deflated without being held in memory."""
    packer, out = zlib.compressobj(9, zlib.DEFLATED, -15), []
    for _ in range(number // 1_000_000):
        out.append(packer.compress(bytes(1_000_000)))
    return b"".join((*out, packer.flush()))


def lying(name: str, packed: bytes, claimed: int, others: Mapping[str, str] | None = None) -> bytes:
    """An archive with one member that says it is `claimed` bytes long and holds the deflated `packed`."""
    members: dict[str, str | bytes] = {**(others or {}), name: b"\0" * 100}
    data = bytearray(zipped(members, zipfile.ZIP_STORED))
    at = data.rindex(b"PK\x03\x04")
    directory = data.index(b"PK\x01\x02")
    entry = data.rindex(b"PK\x01\x02")
    head = 30 + struct.unpack_from("<H", data, at + 26)[0]
    for place, start in ((at, 8), (entry, 10)):
        struct.pack_into("<H", data, place + start, zipfile.ZIP_DEFLATED)
        struct.pack_into("<LL", data, place + start + 10, len(packed), claimed)
    body = bytes(data[: at + head]) + packed
    end = bytearray(data[directory:])
    struct.pack_into("<L", end, end.rindex(b"PK\x05\x06") + 16, len(body))
    return body + bytes(end)


def word(body: str, head: str = "", **others: str) -> bytes:
    """A Word document whose body holds this XML."""
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        'wordprocessingml.document.main+xml"/></Types>'
    )
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
        'officeDocument" Target="word/document.xml"/></Relationships>'
    )
    document = f'{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>'
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, "word/document.xml": document, **others})


def _run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def book(manifest: str, spine: str, members: Mapping[str, str | bytes] | None = None) -> bytes:
    """An EPUB."""
    package = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{manifest}</manifest><spine>{spine}</spine></package>'
    )
    whole = {"META-INF/container.xml": CONTAINER, "book.opf": package, "a.xhtml": CHAPTER.format(SENTENCE)}
    return zipped({**whole, **(members or {})})


def chapter(body: str, head: str = "") -> bytes:
    """An EPUB of one chapter."""
    return book('<item id="a" href="a.xhtml"/>', '<itemref idref="a"/>', {"a.xhtml": head + CHAPTER.format(body)})


def entities(depth: int, width: int) -> str:
    """A document type of entities each of which is the one before many times."""
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * width}">' for n in range(1, depth))
    return f'<!DOCTYPE html [<!ENTITY e0 "stork ">{lines}]>'


def _overlapping() -> bytes:
    """A thousand members that are one and the same stretch of the file, of 20 kB, and together 20 GB."""
    whole = lying("a.txt", zeros(20_000_000), 20_000_000)
    at = whole.rindex(b"PK\x01\x02")
    entry = whole[at : whole.rindex(b"PK\x05\x06")]
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 1000, 1000, len(entry) * 1000, at, 0)
    return whole[:at] + entry * 1000 + end


def _namespaced_cells(row: str, cell: str) -> str:
    cells = "".join(f'<n{n}:{cell} xmlns:n{n}="urn:{n}"><n{n}:p>x</n{n}:p></n{n}:{cell}>' for n in range(20_000))
    return f"<{row}>{cells}</{row}>"


def _nested_words() -> str:
    return "<w:tbl><w:tr><w:tc>" * 3000 + f"<w:p>{_run('x')}</w:p>" + "</w:tc></w:tr></w:tbl>" * 3000


BOOKS: Makers = {
    "one chapter 200,000 times": lambda: book('<item id="a" href="a.xhtml"/>', '<itemref idref="a"/>' * 200_000),
    "a long chapter many times": lambda: book(
        '<item id="a" href="a.xhtml"/>', '<itemref idref="a"/>' * 20_000, {"a.xhtml": CHAPTER.format(SENTENCE * 30_000)}
    ),
    "a chapter of many names": lambda: book(
        "".join(f'<item id="i{n}" href="x/../a.xhtml#{n}"/>' for n in range(50_000)),
        "".join(f'<itemref idref="i{n}"/>' for n in range(50_000)),
    ),
    "a chapter from above": lambda: book('<item id="a" href="../../../etc/passwd"/>', '<itemref idref="a"/>'),
    "a long way to a chapter": lambda: book(f'<item id="a" href="{"x/../" * N}a.xhtml"/>', '<itemref idref="a"/>'),
    "a lying chapter": lambda: lying(
        "a.xhtml",
        zeros(2_000_000_000),
        100,
        {
            "META-INF/container.xml": CONTAINER,
            "book.opf": '<package><manifest><item id="a" href="a.xhtml"/></manifest>'
            '<spine><itemref idref="a"/></spine></package>',
        },
    ),
    "entities": lambda: chapter("<p>&e30;</p>", entities(31, 2)),
    "entities of many": lambda: chapter("<p>&e9;</p>", entities(10, 10)),
    "one entity many times": lambda: chapter("<p>" + "&e0;" * FEW + "</p>", entities(1, 1)),
    "an entity of a file": lambda: chapter("<p>&x;</p>", '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
    "a document type elsewhere": lambda: chapter(SENTENCE, '<!DOCTYPE html SYSTEM "http://elsewhere.invalid/x.dtd">'),
    "cells of many namespaces": lambda: chapter(
        _namespaced_cells("table><tr", "td").replace("</table><tr>", "</tr></table>")
    ),
    "bars in a chapter": lambda: chapter("<p>" + "| " * FEW + "x</p>"),
    "a deep chapter": lambda: chapter("<div>" * 100_000 + "x" + "</div>" * 100_000),
    "self-closed elements": lambda: chapter("<p/>" * N + "&nbsp;"),
    "open self-closed elements": lambda: chapter("<a " * N + "&nbsp;"),
    "attributes in a chapter": lambda: chapter("<p " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">x</p>"),
    "locked chapters": lambda: book(
        '<item id="a" href="a.xhtml"/>',
        '<itemref idref="a"/>',
        {"META-INF/encryption.xml": "<e>" + '<CipherReference URI="x"/>' * 100_000 + "</e>"},
    ),
    "no package": lambda: zipped({"META-INF/container.xml": "<container/>"}),
    "a package of itself": lambda: zipped(
        {"META-INF/container.xml": CONTAINER.replace("book.opf", "META-INF/container.xml")}
    ),
}

WORDS: Makers = {
    "bars": lambda: word(f"<w:p>{_run('| ' * 100_000 + 'x')}</w:p>"),
    "cells": lambda: word(
        f"<w:tbl><w:tr>{'<w:tc><w:p/></w:tc>' * FEW}<w:tc><w:p>{_run('x')}</w:p></w:tc></w:tr></w:tbl>"
    ),
    "cells of many namespaces": lambda: word(
        _namespaced_cells("w:tbl><w:tr", "tc").replace("</w:tbl><w:tr>", "</w:tr></w:tbl>")
    ),
    "deep tables": lambda: word(_nested_words()),
    "deep elements": lambda: word("<w:p>" * 100_000 + "</w:p>" * 100_000),
    "runs": lambda: word("<w:p>" + _run("x ") * 100_000 + "</w:p>"),
    "empty runs": lambda: word("<w:p>" + "<w:r/>" * 1_000_000 + _run("x") + "</w:p>"),
    "items": lambda: word(f"<w:p><w:pPr><w:numPr/></w:pPr>{_run('x')}</w:p>" * FEW),
    "paragraphs within paragraphs": lambda: word(("<w:p>" + "<w:r/>" * 200) * 200 + _run("x") + "</w:p>" * 200),
    "spaces": lambda: word(f"<w:p>{_run(' ') * N}{_run('x')}</w:p>"),
    "attributes": lambda: word("<w:p " + " ".join(f'a{n}="x"' for n in range(100_000)) + f">{_run('x')}</w:p>"),
    "a bomb of spaces": lambda: word(f"<w:p>{_run(' ' * 9_000_000)}{_run('x')}</w:p>"),
    "a lying document": lambda: lying("word/document.xml", zeros(2_000_000_000), 100, _parts_of(word(""), "rels")),
    "a lying picture": lambda: lying("word/media/x.png", zeros(2_000_000_000), 100, _parts_of(word(_run("x")))),
    "entities": lambda: word("<w:p><w:r><w:t>&e30;</w:t></w:r></w:p>", entities(31, 2)),
    "relations of itself": lambda: word(_run("x"), **{"word/_rels/document.xml.rels": _relations("document.xml")}),
    "many relations": lambda: word(_run("x"), **{"word/_rels/document.xml.rels": _relations("document.xml", 50_000)}),
}


def _parts_of(document: bytes, ending: str = "") -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(document)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(ending)}


def _relations(target: str, number: int = 1) -> str:
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/x"
    lines = "".join(f'<Relationship Id="r{n}" Type="{kind}" Target="{target}"/>' for n in range(number))
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'
    )


def _altered(change: Callable[[bytearray], None]) -> bytes:
    data = bytearray(zipped({"a.txt": "Storks came back to Ely."}))
    change(data)
    return bytes(data)


def _method(number: int) -> Callable[[bytearray], None]:
    def change(data: bytearray) -> None:
        struct.pack_into("<H", data, data.index(b"PK\x03\x04") + 8, number)
        struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, number)

    return change


ARCHIVES: Makers = {
    "a lying member": lambda: lying("a.txt", zeros(2_000_000_000), 100),
    "a lying page": lambda: lying("a.html", zeros(2_000_000_000), 1000),
    "a lying table": lambda: lying("a.csv", zeros(2_000_000_000), 1000),
    "a lying book": lambda: zipped({"a.epub": BOOKS["a lying chapter"](), "b.txt": "Storks."}),
    "a bomb": lambda: zipped({"a.txt": bytes(200_000_000)}),
    "a bomb of bzip2": lambda: zipped({"a.txt": bytes(200_000_000)}, zipfile.ZIP_BZIP2),
    "a bomb of LZMA": lambda: zipped({"a.txt": bytes(200_000_000)}, zipfile.ZIP_LZMA),
    "overlapping members": _overlapping,
    "many members": lambda: zipped([(f"{n}.txt", "x") for n in range(65_000)], zipfile.ZIP_STORED),
    "many empty members": lambda: zipped([(f"{n}.txt", "") for n in range(65_000)], zipfile.ZIP_STORED),
    "long names": lambda: zipped([("x" * 60_000 + f"{n}.txt", "Storks.") for n in range(400)]),
    "deep names": lambda: zipped([("x/" * 30_000 + f"{n}.txt", "Storks.") for n in range(400)]),
    "names that lead out": lambda: zipped([("../" * 5000 + f"{n}.txt", "Storks.") for n in range(400)]),
    "odd names": lambda: zipped([("\x1b[31m\u202e\n" * 100 + f"{n}.txt", "Storks.") for n in range(400)]),
    "archives within archives": lambda: zipped({"a.zip": zipped({"b.zip": zipped({"c.txt": "x"})})}),
    "hostile books": lambda: zipped([(f"{n}.epub", BOOKS["one chapter 200,000 times"]()) for n in range(20)]),
    "hostile pages": lambda: zipped([(f"{n}.html", f"<p>{'| ' * 20_000}x</p>") for n in range(50)]),
    "hostile headings": lambda: zipped([(f"{n}.md", "# " + "[" * N) for n in range(20)]),
    "an unknown method": lambda: _altered(_method(99)),
    "a wrong method": lambda: _altered(_method(zipfile.ZIP_LZMA)),
    "half an archive": lambda: zipped({"a.txt": "Storks. " * 1000})[:200],
    "an archive after rubbish": lambda: b"\0" * 1_000_000 + zipped({"a.txt": "Storks."}),
    "ends of archives": lambda: zipped({"a.txt": "Storks."}) + b"PK\x05\x06" * 10_000,
    "a directory elsewhere": lambda: _altered(lambda data: struct.pack_into("<L", data, len(data) - 6, 0xFFFFFFF0)),
    "a directory of everything": lambda: _altered(
        lambda data: struct.pack_into("<L", data, len(data) - 10, 0x7FFFFFFF)
    ),
}
