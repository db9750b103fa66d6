"""Hostile PDFs: loops, bombs and lies in a format that is full of references."""

import zlib
from collections.abc import Sequence

from tests.support.hostile_text import Makers

FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
SHOWN = b"BT /F1 11 Tf 14 TL 50 780 Td (Storks came back to Ely.) Tj T* ET\n"


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A file of these objects, numbered from 1, the first of which is the catalogue."""
    out, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    about = b"<< /Size %d /Root 1 0 R %s >>" % (len(objects) + 1, trailer)
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n%s\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1, table, about, len(out),
    )  # fmt: skip


def stream(data: bytes, more: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(data), more, data)


def packed(data: bytes, more: bytes = b"") -> bytes:
    """A deflated stream object."""
    return stream(zlib.compress(data, 9), b"/Filter /FlateDecode " + more)


def one_page(content: bytes, *others: bytes, kids: bytes = b"3 0 R", page: bytes = b"", font: bytes = FONT) -> bytes:
    """A file of one page (object 3) with a content stream (5), a font (4) and `others` from 6 on."""
    number = kids.count(b"R")
    return pdf_of(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, number),
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 4 0 R >> "
            b"/XObject << /X 6 0 R >> >> /Contents 5 0 R %s >>" % page,
            font,
            content,
            *others,
        ]
    )


def _form(content: bytes) -> bytes:
    inner = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> /Font << /F1 4 0 R >> >>"
    )
    return packed(content, inner)


def _cmap(lines: bytes) -> bytes:
    return one_page(
        stream(SHOWN),
        packed(b"/CIDInit /ProcSet findresource begin\nbegincmap\n" + lines + b"\nendcmap\n"),
        font=b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>",
    )


def _page_tree_of_itself() -> bytes:
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])


def _deep_page_tree() -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 3) for number in range(5000)]
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, b"<< /Type /Page >>"])


def _doubling_page_tree() -> bytes:
    nodes = [b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 2 >>" % (n + 3, n + 3) for n in range(30)]
    return pdf_of([b"<< /Type /Catalog /Pages 2 0 R >>", *nodes, b"<< /Type /Page /MediaBox [0 0 9 9] >>"])


def _doubling_forms() -> bytes:
    forms = []
    for number in range(28):
        inner = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X %d 0 R >> >>" % (
            number + 7
        )
        forms.append(stream(b"/X Do /X Do", inner))
    return one_page(stream(b"/X Do"), *forms, _form(SHOWN))


def _previous_table_of_itself() -> bytes:
    whole = one_page(stream(SHOWN))
    at = whole.rindex(b"xref\n0 ")
    return whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % at)


def _no_table(body: bytes) -> bytes:
    return b"%PDF-1.4\n" + body + b"\ntrailer << /Root 1 0 R >>\nstartxref\n999999999\n%%EOF"


PDFS: Makers = {
    "lines in a packed page": lambda: one_page(packed(SHOWN * 300_000)),
    "strings in a packed page": lambda: one_page(packed(b"BT /F1 9 Tf " + b"(a) Tj " * 2_000_000 + b"ET")),
    "a string array": lambda: one_page(packed(b"BT /F1 9 Tf [" + b"(a) -9 " * 1_000_000 + b"] TJ ET")),
    "saved states": lambda: one_page(packed(b"q " * 2_000_000)),
    "saved and restored": lambda: one_page(packed(b"q 1 0 0 1 0 0 cm BT (a) Tj ET " * 200_000 + b"Q " * 200_000)),
    "open brackets in a page": lambda: one_page(packed(b"[" * 3_000_000)),
    "open dictionaries in a page": lambda: one_page(packed(b"<<" * 1_000_000)),
    "open parentheses in a page": lambda: one_page(packed(b"(" * 5_000_000)),
    "inline pictures": lambda: one_page(packed(b"BI /W 1 /H 1 ID x EI " * 200_000)),
    "an endless inline picture": lambda: one_page(packed(b"BI /W 1 /H 1 ID " + b"E I" * 2_000_000)),
    "numbers": lambda: one_page(packed(b"9" * 5_000_000 + b" Tj")),
    "operands": lambda: one_page(packed(b"1 " * 3_000_000 + b"Td")),
    "names": lambda: one_page(packed(b"/" + b"a" * 5_000_000 + b" gs")),
    "escaped names": lambda: one_page(packed(b"/" + b"#41" * 1_000_000 + b" gs")),
    "a bomb": lambda: one_page(packed(bytes(300_000_000))),
    "a bomb within a bomb": lambda: one_page(
        stream(zlib.compress(zlib.compress(bytes(300_000_000), 9), 9), b"/Filter [/FlateDecode /FlateDecode]")
    ),
    "filters": lambda: one_page(stream(SHOWN, b"/Filter [" + b"/ASCIIHexDecode " * 20_000 + b"]")),
    "run lengths": lambda: one_page(stream(b"\x81a" * 500_000 + b"\x80", b"/Filter /RunLengthDecode")),
    "LZW": lambda: one_page(stream(b"\x80\x0b\x60\x50" * 200_000, b"/Filter /LZWDecode")),
    "letters as hex": lambda: one_page(stream(b"<" + b"4" * 3_000_000 + b"> Tj")),
    "a predictor of huge rows": lambda: one_page(
        packed(bytes(10_000), b"/DecodeParms << /Predictor 15 /Columns 999999999 /Colors 99 /BitsPerComponent 16 >>")
    ),
    "a page many times": lambda: one_page(packed(SHOWN * 20), kids=b"3 0 R " * 20_000),
    "many pages": lambda: one_page(packed(SHOWN * 2000), kids=b"3 0 R " * 2000),
    "a page tree of itself": _page_tree_of_itself,
    "a deep page tree": _deep_page_tree,
    "a doubling page tree": _doubling_page_tree,
    "contents many times": lambda: one_page(packed(SHOWN * 100), page=b"/Contents [" + b"5 0 R " * 20_000 + b"]"),
    "a form of itself": lambda: one_page(stream(b"/X Do"), _form(b"/X Do " + SHOWN)),
    "a form many times": lambda: one_page(packed(b"/X Do " * 100_000), _form(SHOWN * 100)),
    "doubling forms": _doubling_forms,
    "a character map of ranges": lambda: _cmap(b"1 beginbfrange\n" + b"<0000> <FFFF> <0000>\n" * 300 + b"endbfrange"),
    "a wide character map": lambda: _cmap(b"1 beginbfrange\n<00000000> <FFFFFFFF> <0000>\nendbfrange"),
    "a character map of characters": lambda: _cmap(
        b"1 beginbfchar\n"
        + b"".join(b"<%04X> <%s>\n" % (n % 65536, b"0041" * 50) for n in range(60_000))
        + b"endbfchar"
    ),
    "font widths": lambda: one_page(
        stream(SHOWN),
        font=b"<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
        b"/Subtype /CIDFontType2 /W [" + b"0 65535 500 " * 20_000 + b"] >>] >>",
    ),
    "font differences": lambda: one_page(
        stream(SHOWN),
        font=b"<< /Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /Differences ["
        + b"0 /a " * 200_000
        + b"] >> >>",
    ),
    "deep arrays": lambda: one_page(stream(SHOWN), page=b"/X " + b"[" * 100_000 + b"]" * 100_000),
    "deep dictionaries": lambda: one_page(stream(SHOWN), page=b"/X " + b"<< /X " * 50_000 + b">>" * 50_000),
    "a reference to itself": lambda: pdf_of([b"1 0 R"]),
    "a length of itself": lambda: one_page(b"<< /Length 5 0 R >>\nstream\n" + SHOWN + b"\nendstream"),
    "a length beyond the end": lambda: one_page(b"<< /Length 99999999999 >>\nstream\n" + SHOWN + b"\nendstream"),
    "a previous table of itself": _previous_table_of_itself,
    "objects without a table": lambda: _no_table(b"".join(b"%d 0 obj\n<< >>\nendobj\n" % n for n in range(100_000))),
    "words that look like objects": lambda: _no_table(b"1 0 obj " * 200_000),
    "no table and no objects": lambda: _no_table(b"0 " * 2_000_000),
    "starts of tables": lambda: b"%PDF-1.4\n" + b"startxref\n0\n" * 200_000 + b"%%EOF",
    "ends of file": lambda: b"%PDF-1.4\n" + b"%%EOF\n" * 500_000,
    "comments": lambda: _no_table(b"1 0 obj\n" + b"%\n" * 1_000_000 + b"<< >>\nendobj"),
    "a table of many": lambda: b"%PDF-1.4\nxref\n0 99999999\n" + b"0000000000 65535 f \n" * 100_000 + b"trailer << >>",
    "white space": lambda: b"%PDF-1.4\n" + b" " * 5_000_000 + b"%%EOF",
    "metadata of brackets": lambda: one_page(stream(SHOWN)).replace(
        b"/Root", b"/Info << /Title (" + b"(" * 99_999 + b" /Root"
    ),
    "an encryption of rounds": lambda: one_page(stream(SHOWN)).replace(
        b"/Root", b"/Encrypt << /Filter /Standard /V 5 /R 6 /Length 256 /O (x) /U (x) /P -1 >> /ID [(a)(b)] /Root"
    ),
}
