import datetime
import io
import json
import logging
import random
import struct
import warnings
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import docx
import pytest
from pypdf import PdfReader, PdfWriter

from index.articles import Article, Skipped, formats
from index.articles.formats import FORMATS, archive, decode, markup, read_stream, rows
from index.articles.formats.decode import parse_date, visible

DAY = datetime.date(2024, 5, 20)


def read(suffix: str, data: str | bytes) -> list[Any]:
    """What a file holds: each an Article or a Skipped, as the test expects."""
    data = data.encode() if isinstance(data, str) else data
    return list(read_stream(io.BytesIO(data), suffix, f"x{suffix}"))


def one(suffix: str, data: str | bytes) -> Article:
    (found,) = read(suffix, data)
    assert isinstance(found, Article), found
    return found


def reason(suffix: str, data: str | bytes) -> str:
    (found,) = read(suffix, data)
    assert isinstance(found, Skipped), found
    return found.reason


# Plain text and Markdown

RAW = """River Storks Return to Ely After Forty Years

River Storks Return to Ely After Forty Years
A stork above the church of Ely on March 3, 2024. (A. Photographer/Agency)

Storks came back to Ely in March.

A Long Absence

NTV Photo
The last pair left in 1984.

Sign up for the newsletter
By registering you agree to the terms."""


def test_an_article_off_the_web_is_left_as_it_is_and_titled_once() -> None:
    article = one(".txt", RAW)
    assert article.text == RAW
    assert article.title == "River Storks Return to Ely After Forty Years"
    assert (article.published, article.skip, article.pages) == (None, (), ())


def test_front_matter_gives_the_metadata_and_stays_in_the_text() -> None:
    head = "---\ntitle: 'Storks: back'\nsource: https://example.org/s\npublished: 2024-05-20\nauthor: Ann Lee\n"
    head += "---\n"
    article = one(".md", head + "\n# Another heading\n\nStorks.\n")
    assert (article.title, article.origin, article.author) == (
        "Storks: back",
        "https://example.org/s",
        "Ann Lee",
    )
    assert article.published == DAY
    assert article.text.startswith("---\ntitle") and article.skip == ((0, len(head)),)
    assert one(".txt", head + "Storks.").title == "Storks: back"


@pytest.mark.parametrize("day", ["2024-02-30", "0000-01-01", "soon", "[1, 2]", "null", "''"])
def test_a_day_that_never_was_is_no_date(day: str) -> None:
    assert one(".md", f"---\ntitle: A\npublished: {day}\n---\nStorks.").published is None


@pytest.mark.parametrize("body", ["a: b: c", "a: [1", "\ta: 1", "a: 'x", "&a [*a, *b]", "x: " + "[" * 5000])
def test_front_matter_that_is_not_yaml_is_refused_in_markdown_alone(body: str) -> None:
    assert reason(".md", f"---\n{body}\n---\nStorks.").startswith("its front matter is not YAML")
    assert one(".txt", f"---\n{body}\n---\nStorks.").title == "---"


def test_what_only_looks_like_front_matter_is_text() -> None:
    for text in (
        "---\nStorks came.\n---\nAnd went.",
        "---\ntitle: open end\n\nStorks.",
        "Storks.\n---\na: b\n---\n",
    ):
        article = one(".md", text)
        assert article.text == text and article.skip == ()
    assert one(".txt", "---\nnot: a title\n---\nStorks.").skip == ()
    assert reason(".md", "---\ntitle: A\n---\n \n") == "empty"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# Storks ##\n\nText.", "Storks"),
        ("Intro.\n\n## The **white** [stork](http://x.org) of `Ely`\n", "The white stork of Ely"),
        ("Storks\n======\nText.", "Storks"),
        ("```\n# a comment\n```\n\n## Storks\n", "Storks"),
        ("#\n\n# snake_case stays\n", "snake_case stays"),
        ("#hashtag\n\nText.", "#hashtag"),
        ("\n\n  First line. \nMore.", "First line."),
        ("word " * 100, "word " * 38 + "word…"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_titles_of_markdown(text: str, title: str) -> None:
    assert one(".md", text).title == title


# Encodings

FRENCH = "L'été à Besançon fut très chaud. Les élèves du collège étaient déjà rentrés à l'école, “enfin”."
ENGLISH = "He called it a “naïve” plan — the café’s owner wasn’t amused, and plain English goes on."
GERMAN = "Die Vögel über den Dächern waren müde. Für größere Städte gilt das natürlich nicht."
POLISH = "Zażółć gęślą jaźń. Wczoraj był piękny dzień w Łodzi, a dzieci bawiły się na powietrzu przy rzece."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. Včera byl krásný den a děti si hrály na vzduchu u řeky."
RUSSIAN = "Вчера был прекрасный день, и дети играли на свежем воздухе у реки, рядом с мостом."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_files_are_decoded_and_lose_only_their_mark(encoding: str) -> None:
    assert one(".txt", FRENCH.encode(encoding)).text == FRENCH
    assert one(".csv", f"title,text\n{FRENCH},Étés".encode(encoding)).title == FRENCH[: FRENCH.index(",")]
    assert one(".jsonl", json.dumps({"text": FRENCH}, ensure_ascii=False).encode(encoding)).text == FRENCH


@pytest.mark.parametrize("mark", ["utf-16-be", "utf-32-be"])
def test_big_endian_marks(mark: str) -> None:
    assert one(".txt", ("\ufeff" + POLISH).encode(mark)).text == POLISH


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "café"),
        ("cp1252", FRENCH),
        ("cp1252", ENGLISH),
        ("cp1252", GERMAN),
        ("cp1250", POLISH),
        ("cp1250", CZECH),
        ("cp1251", RUSSIAN),
        ("shift_jis", "昨日は素晴らしい一日でした。子供たちは川のそばの新鮮な空気の中で遊んでいました。"),
        ("gbk", "昨天是美好的一天，孩子们在河边的新鲜空气中玩耍，桥就在旁边。俄罗斯总统发表了讲话。"),
    ],
)
def test_older_encodings_are_detected(encoding: str, text: str) -> None:
    assert one(".txt", text.encode(encoding)).text == text
    assert one(".csv", f"title;text\nA;{text}".encode(encoding)).text == text


def test_a_page_may_declare_its_encoding() -> None:
    body = "Şehir ve köprü. " * 9
    page = f"<html><head><meta charset='iso-8859-9'><title>A</title></head><body><p>{body}</p></body>"
    assert "Şehir ve köprü." in one(".html", page.encode("iso-8859-9")).text


@pytest.mark.parametrize("suffix", [".txt", ".md", ".html", ".csv", ".jsonl"])
def test_binary_data_is_named_so(suffix: str) -> None:
    assert reason(suffix, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))) == "binary file"


def test_binary_data_without_a_zero_byte() -> None:
    noise = bytes(random.Random(1).choices(range(1, 256), k=5000))
    assert reason(".txt", noise) in ("binary file", "undecodable: save it as UTF-8")
    assert reason(".txt", "\x01\x02" * 50) == "binary file"
    assert reason(".txt", b"\xff\xfea\0b") == "undecodable: it begins like UTF-16 and goes on otherwise"


@pytest.mark.parametrize("suffix", sorted(FORMATS))
@pytest.mark.parametrize("data", [b"", b" \n\n\t ", b"%PDF-1.4 broken", b"PK\x03\x04 broken", b"\xd0\xcf\x11\xe0"])
def test_no_file_is_too_broken_for_a_reason(suffix: str, data: bytes) -> None:
    for item in read(suffix, data):
        if isinstance(item, Skipped):
            assert item.reason and "\n" not in item.reason and len(item.reason) < 250
        else:
            assert item.text.strip()


# Dates and names


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-20",
        "2024-5-20",
        "2024-05-20T23:30:00-05:00",
        "20240520",
        "D:20240520103000+02'00'",
        "2024/05/20",
        "20 May 2024",
        "May 20, 2024",
        "Mon, 20 May 2024 10:00:00 +0000",
        " 2024-05-20 10:00 ",
    ],
)
def test_dates(text: str) -> None:
    assert parse_date(text) == DAY


@pytest.mark.parametrize(
    "text", ["", "2024", "2024-13-01", "05/06/2024", "1710102000", "D:2024", 20240520, None, "x" * 99]
)
def test_no_dates(text: str) -> None:
    assert parse_date(text) is None


def test_dates_of_the_parsers() -> None:
    assert parse_date(datetime.datetime(2024, 5, 20, 10)) == parse_date(DAY) == DAY


def test_visible_names() -> None:
    assert visible("a\nb\udcff\x1b[31mé\u2028") == "a\\nb\\udcff\\x1b[31mé\\u2028"
    assert visible("gpj.\u202etxt \u2067a\u200b") == "gpj.\\u202etxt \\u2067a\\u200b"
    assert visible("نامه\u200cها") == "نامه\u200cها"


# HTML

PAGE = """<!doctype html><html lang="en-GB"><head><title>Storks return | The Daily</title>
<meta name="author" content="Ann Lee"><meta property="article:published_time" content="2024-05-20T10:00:00Z">
<link rel="canonical" href="https://example.org/storks"></head><body><nav><a href="/">Home page</a></nav>
<article><h1>Storks return</h1><p>Storks came back to the <b>village</b> of <a href="x">Ely</a> in
March, after forty years away from it, and they have built many nests on the roofs since.</p>
<h2>Numbers</h2><p>There were 31 pairs.<br>Then there were 32, and the people of Ely counted them.</p>
<ul><li>One pair on the church</li><li>Two on the school</li></ul>
<table><tr><th>Year</th><th>Pairs</th></tr><tr><td>2023</td><td>31</td></tr></table>
<blockquote><p>We are happy, said the mayor of Ely on Monday evening.</p></blockquote></article>
<footer>Copyright 2019 The Daily</footer></body></html>"""


def test_a_page_gives_its_main_text_and_metadata() -> None:
    article = one(".html", PAGE)
    assert article.text == (
        "Storks return\n\n"
        "Storks came back to the village of Ely in March, after forty years away from it, and they have "
        "built many nests on the roofs since.\n\n"
        "Numbers\n\n"
        "There were 31 pairs.\nThen there were 32, and the people of Ely counted them.\n\n"
        "- One pair on the church\n- Two on the school\n\n"
        "Year | Pairs\n2023 | 31\n\n"
        "We are happy, said the mayor of Ely on Monday evening."
    )
    assert (article.title, article.author, article.language) == ("Storks return", "Ann Lee", "en-GB")
    assert (article.published, article.origin) == (DAY, "https://example.org/storks")


def test_a_day_named_in_the_text_is_not_the_pages_own() -> None:
    page = "<html><body><p>It happened on 3 May 2021, they say.</p><p>Copyright 2019</p></body></html>"
    assert one(".html", page).published is None
    dated = page.replace("<body>", "<meta name='date' content='1912-04-15'><body>")
    assert one(".htm", dated).published == datetime.date(1912, 4, 15)


def test_short_pages_keep_their_paragraphs() -> None:
    nested = "<ul><li>one<ul><li>in</li><li></li></ul></li><li><p>two</p><p>more</p></li></ul>"
    breaks = "after<br><br>b<br>c<script>x()</script><!-- no -->"
    table = "<table><tr><td><p>x</p><p>y</p></td><td>z</td></tr><tr><td>only</td></tr></table>"
    page = f"<p>a</p>{nested}<p>{breaks}</p>{table}<p>End &#xD800; \x01b</p>"
    expected = "a\n\n- one\n- in\n- two\nmore\n\nafter\n\nb\nc\n\nx y | z\n\nonly\n\nEnd \ufffd b"
    assert one(".html", page).text == expected


def test_pages_without_text_or_over_the_limit() -> None:
    assert reason(".html", "<html><body><img src=x></body></html>") == "no text found in the page"
    assert reason(".html", "<!-- nothing -->") == "empty"
    assert reason(".html", b"<p>" + b"x" * markup.MAX_HTML_BYTES).startswith("larger than 20 MB")


def test_a_paragraph_of_ten_thousand_tags_does_not_hold_up_the_rest() -> None:
    page = f"<html><body><article><p>{'<b>stork</b> ' * 20_000}</p></article></body></html>"
    assert one(".html", page).text == "stork " * 19_999 + "stork"


def test_xhtml_with_a_declaration() -> None:
    page = "<html><head><title>Q</title></head><body><p>Äpfel.</p></body></html>"
    assert one(".html", '<?xml version="1.0" encoding="utf-8"?>' + page).text == "Äpfel."


# PDF


def pdf(*pages: list[str], **info: str) -> bytes:
    """A PDF with one Helvetica line each 14 points: just enough of the format for text in Latin letters."""

    def escaped(line: str) -> str:
        return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    objects = [
        "<< /Type /Catalog /Pages 2 0 R /Lang (en-GB) >>",
        "",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for lines in pages:
        content = "BT /F1 11 Tf 14 TL 50 780 Td " + " ".join(f"({escaped(line)}) Tj T*" for line in lines) + " ET"
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    objects.append("<< " + " ".join(f"/{key} ({escaped(value)})" for key, value in info.items()) + " >>")
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info {len(objects)} 0 R >>"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n{trailer}\nstartxref\n{start}\n"
    return (out + "%%EOF").encode("latin-1")


WIDE = "and the river carried them on through the wide green valley of the Ouse towards the sea"


def test_a_pdf_has_pages_metadata_and_paragraphs() -> None:
    article = one(
        ".pdf",
        pdf(
            [
                "Storks of Ely",
                f"Storks came {WIDE}",
                "for many years.",
                "In March",
                f"They came back {WIDE}.",
            ],
            [f"Page two says {WIDE}", "and ends."],
            Title="The storks",
            Author="Ann Lee",
            CreationDate="D:20240520103000Z",
        ),
    )
    assert article.text == (
        f"Storks of Ely\n\nStorks came {WIDE}\nfor many years.\n\nIn March\n\nThey came back {WIDE}.\n"
        f"Page two says {WIDE}\nand ends.\n"
    )
    assert article.text[article.pages[1] :].startswith("Page two") and len(article.pages) == 2
    assert article.page_at(article.text.index("and ends")) == 2
    assert (article.title, article.author) == ("The storks", "Ann Lee")
    assert article.published is None  # when the file was made is no date of publication
    assert article.language == "en-GB" and article.skip == ()


def test_headers_and_footers_are_no_passages_but_stay_in_the_text() -> None:
    def page(number: int) -> list[str]:
        side = "Journal of Birds" if number % 2 else "Storks and Herons"
        return [f"{side}  {number}", f"Body {chr(96 + number)} {WIDE}.", f"Page {number} of 8"]

    article = one(".pdf", pdf(*[page(number) for number in range(1, 9)]))
    skipped = [article.text[a:b] for a, b in article.skip]
    assert skipped == [line + "\n" for n in range(1, 9) for line in (page(n)[0], page(n)[2])]
    assert article.title.startswith("Body a")
    assert [article.text[start : start + 4] for start in article.pages] == ["Jour", "Stor"] * 4


def test_lines_that_repeat_on_few_pages_are_text() -> None:
    article = one(".pdf", pdf(["Chapter", f"A {WIDE}."], ["Chapter", f"B {WIDE}."], ["Other", f"C {WIDE}."]))
    assert article.skip == ()


def test_a_title_left_by_a_program_is_none() -> None:
    assert one(".pdf", pdf(["Storks of Ely", WIDE], Title="Microsoft Word - final_v3.doc")).title == "Storks of Ely"


def test_pdfs_that_cannot_be_read_say_why() -> None:
    whole = pdf([f"Storks {WIDE}."])
    assert reason(".pdf", pdf([])) == reason(".pdf", pdf()) == "no text layer: run text recognition (OCR) on it first"
    for broken in (whole[:300], whole.replace(b"/Pages", b"/Sages"), b"%PDF-1.7\n%%EOF"):
        assert reason(".pdf", broken)
    assert reason(".pdf", b"not a pdf").startswith("could not be read as PDF: ")


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_encrypted_pdfs_are_read_only_without_a_password(algorithm: str) -> None:
    def encrypted(password: str) -> bytes:
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf([f"Storks {WIDE}."]))))
        writer.encrypt(password, owner_password="owner", algorithm=algorithm)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    assert reason(".pdf", encrypted("secret")) == "encrypted: save a copy without a password"
    assert one(".pdf", encrypted("")).text.startswith("Storks")


def test_parsers_are_silent(capfd: pytest.CaptureFixture[str]) -> None:
    level = logging.getLogger("pypdf").level
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for data in (pdf([WIDE])[:300], pdf([WIDE]).replace(b"startxref\n", b"startxref\n9")):
            read(".pdf", data)
        read(".html", "<p>")
    assert caught == [] and capfd.readouterr() == ("", "")
    assert logging.getLogger("pypdf").level == level


# Word


def word(build: Callable[[Any], None] = lambda document: None, **properties: object) -> bytes:
    document = docx.Document()
    build(document)
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_word_document_gives_its_blocks_in_order() -> None:
    def build(document: Any) -> None:
        document.add_heading("Storks of Ely", 0)
        document.add_paragraph("Storks came ").add_run("back").bold = True
        document.add_heading("Numbers", 1)
        document.add_paragraph("First", style="List Bullet")
        document.add_paragraph("Second", style="List Number")
        table = document.add_table(2, 2)
        for cell, text in zip(
            (c for row in table.rows for c in row.cells), ("Year", "Pairs", "2023", "31"), strict=True
        ):
            cell.text = text
        document.add_paragraph("One line\nand the next.\tAnd more.")

    properties = {"title": "The storks", "author": "Ann Lee", "created": datetime.datetime(2024, 5, 20, 9)}
    article = one(".docx", word(build, **properties))
    assert article.text == (
        "Storks of Ely\n\nStorks came back\n\nNumbers\n\n- First\n- Second\n\nYear | Pairs\n2023 | 31\n\n"
        "One line\nand the next. And more."
    )
    assert (article.title, article.author, article.published) == (
        "The storks",
        "Ann Lee",
        None,
    )  # made is not published


def test_word_documents_that_cannot_be_read() -> None:
    assert reason(".docx", word()) == "empty"
    assert reason(".docx", b"\xd0\xcf\x11\xe0 and so on").startswith("encrypted, or an old Word file")
    assert reason(".docx", zipped({"a.txt": "x"})).startswith("could not be read as DOCX: ")
    assert one(".docx", word(lambda document: document.add_paragraph("Untitled text."))).title == "Untitled text."


# Archives and EPUB


def zipped(members: Mapping[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


CONTAINER = """<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>The Storks</dc:title><dc:creator>Ann Lee</dc:creator><dc:creator>Bo Ek</dc:creator>
<dc:date>2024-05-20</dc:date><dc:language>en</dc:language></metadata><manifest>
<item id="nav" href="nav.xhtml" properties="nav"/><item id="two" href="text/two%20.xhtml"/>
<item id="one" href="text/one.xhtml#top"/><item id="lost" href="lost.xhtml"/></manifest>
<spine><itemref idref="nav"/><itemref idref="one"/><itemref idref="two"/><itemref idref="lost"/>
<itemref idref="?"/>
</spine></package>"""
CHAPTER = """<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>
<h1>One</h1><p>Storks came to<br/>Ely.</p></body></html>"""
SLOPPY = "<html><head><title/></head><body><h1>Two</h1><p>Herons&nbsp;too &amp; rails.<p>The end.</body></html>"
BOOK = {
    "mimetype": "application/epub+zip",
    "META-INF/container.xml": CONTAINER,
    "OPS/book.opf": PACKAGE,
    "OPS/nav.xhtml": CHAPTER.replace("One", "Contents"),
    "OPS/text/one.xhtml": CHAPTER,
    "OPS/text/two .xhtml": SLOPPY,
}


def test_a_book_is_its_chapters_in_the_order_of_the_spine() -> None:
    article = one(".epub", zipped(BOOK))
    assert article.text == "One\n\nStorks came to\nEly.\n\nTwo\n\nHerons\xa0too & rails.\n\nThe end."
    assert (article.title, article.author, article.language) == ("The Storks", "Ann Lee, Bo Ek", "en")
    assert article.published == DAY


def test_books_that_cannot_be_read() -> None:
    locked = '<encryption><CipherReference URI="OPS/text/one.xhtml"/></encryption>'
    fonts = locked.replace("text/one.xhtml", "font.otf")
    assert reason(".epub", zipped({**BOOK, "META-INF/encryption.xml": locked})).startswith("encrypted: ")
    assert one(".epub", zipped({**BOOK, "META-INF/encryption.xml": fonts})).title == "The Storks"
    assert reason(".epub", zipped({"a.txt": "x"})).startswith("could not be read as EPUB: ")
    empty = {name: content for name, content in BOOK.items() if "text/" not in name}
    assert reason(".epub", zipped(empty)) == "empty"


def test_xml_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE html [<!ENTITY a "storks storks"><!ENTITY b "&a;&a;&a;">]>' + CHAPTER.partition("?>")[2]
    text = one(".epub", zipped({**BOOK, "OPS/text/one.xhtml": bomb.replace("One", "One &b;")})).text
    assert "storks storks" not in text.partition("Two")[0]


def test_an_archive_is_read_like_a_folder() -> None:
    members: dict[str, str | bytes] = {
        "b.md": "# Herons\n",
        "a/z.txt": "Storks.",
        "a/README.md": "x",
        ".hidden.txt": "x",
        "__MACOSX/._b.md": "x",
        "photo.jpg": "x",
        "rows.jsonl": '{"text": "Rails."}\n{"text": "Coots.", "source": "own"}\n',
        "bad.txt": b"\0",
        "book.epub": zipped(BOOK),
    }
    found = {item.source: item for item in read(".zip", zipped(members))}
    assert list(found) == [
        *("x.zip!a/z.txt", "x.zip!b.md", "x.zip!bad.txt", "x.zip!book.epub", "x.zip!rows.jsonl#1", "own")
    ]
    assert found["x.zip!bad.txt"].reason == "binary file"
    assert found["x.zip!b.md"].title == "Herons"


@pytest.mark.parametrize("name", ["../up.txt", "a/../../up.txt", "/etc/x.txt", "..\\up.txt", "C:\\x.txt"])
def test_members_that_lead_out_are_refused(name: str) -> None:
    items = read(".zip", zipped({name: "x", "ok.txt": "Storks."}))
    assert Skipped(f"x.zip!{name}", "refused: its path leads out of the archive") in items
    assert [item.source for item in items if isinstance(item, Article)] == ["x.zip!ok.txt"]


def renamed(name: bytes) -> bytes:
    """An archive whose one member has a name that zipfile would not write."""
    plain = b"x" * len(name)
    return zipped({plain.decode(): "Storks."}).replace(plain, name)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"a\0.txt", "a\\x00.txt"), (b"a.txt\0/../../etc/x.jpg", None), (b"a\x1b[2J.txt", "a\\x1b[2J.txt"),
        (b"a\n.txt", "a\\n.txt"), (b"a\r\nb.txt", "a\\r\\nb.txt"), (b"\x7f.txt", "\\x7f.txt"),
    ],
)  # fmt: skip
def test_members_named_by_control_characters_are_refused(name: bytes, shown: str | None) -> None:
    (item,) = read(".zip", renamed(name))
    reason = "its name holds characters that nobody sees" if shown else "its path leads out of the archive"
    assert isinstance(item, Skipped)
    assert item.reason == f"refused: {reason}"
    assert shown is None or item.source == f"x.zip!{shown}"
    assert item.source.isprintable()


@pytest.mark.parametrize(
    "name",
    [
        "evil\u202etxt.md", "\u2066a.md", "a\u200b.md", "a\u2028b.md", "a\xadb.md", "\ufeffa.md", "a\U000e0041.md",
        "a\x85b.md",
    ],
)  # fmt: skip
def test_members_whose_names_hide_something_are_refused_and_shown_with_it(name: str) -> None:
    items = read(".zip", zipped({name: "x", "ok.txt": "Storks."}))
    hidden = next(item for item in items if isinstance(item, Skipped))
    assert hidden.reason == "refused: its name holds characters that nobody sees"
    assert ascii(name)[1:-1] == hidden.source.removeprefix("x.zip!")
    assert [item.source for item in items if isinstance(item, Article)] == ["x.zip!ok.txt"]


@pytest.mark.parametrize("name", ["n" * 60_000 + ".md", "é" * 127 + ".md", "d" * 256 + "/a.md", "d/" * 500 + "a.md"])
def test_members_of_overlong_names_are_refused_and_named_in_short(name: str) -> None:
    (item,) = read(".zip", zipped({name: "Storks."}))
    assert isinstance(item, Skipped)
    assert item.reason == "refused: its name is longer than a file's may be"
    assert len(item.source) <= 1100


@pytest.mark.parametrize(
    "name",
    [
        "نامه\u200cها.md", "👨\u200d👩\u200d👧.txt", "\u200fשלום.md", "\u061cسلام.md", "über uns?.md", "水.txt",
        "a b..md", "d/" * 100 + "a.md", "n" * 252 + ".md", "./a.md", "a\\b.md", "a..b/c..md", "~root.md",
    ],
)  # fmt: skip
def test_members_of_honest_names_are_read(name: str) -> None:
    (item,) = read(".zip", zipped({name: "Storks."}))
    assert isinstance(item, Article)
    assert (item.source, item.text) == (f"x.zip!{name}", "Storks.")


def test_archives_within_archives_links_and_locked_members_are_refused() -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    out = io.BytesIO(zipped({"inner.zip": zipped({"a.txt": "x"})}))
    with zipfile.ZipFile(out, "a") as file:
        file.writestr(link, "/etc/passwd")
    reasons = [item.reason for item in read(".zip", out.getvalue())]
    assert reasons == ["refused: an archive within an archive", "not a regular file"]
    locked = bytearray(zipped({"a.txt": "x"}))
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    assert reason(".zip", bytes(locked)) == "encrypted: save the archive without a password"


def test_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = zipped({"a.txt": b"a" * 20_000_000})
    assert reason(".zip", bomb).startswith("refused as a zip bomb")
    monkeypatch.setattr(formats, "MAX_STREAM_BYTES", 1000)
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    assert reason(".zip", zipped({"a.txt": b"a" * 1001})).startswith("refused: it unpacks to 1,001 bytes")
    many = zipped({f"{number}.txt": "x" for number in range(4)})
    assert reason(".zip", many).startswith("refused: it holds more than 3 members")
    monkeypatch.setattr(formats, "MAX_FILE_BYTES", 10)
    assert reason(".zip", zipped({"a.txt": "Storks came."})).startswith("larger than")


def test_a_member_that_holds_more_than_it_says_is_damaged() -> None:
    data = bytearray(zipped({"a.txt": "Storks came back to Ely."}, zipfile.ZIP_STORED))
    at = data.index(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 5)
    assert reason(".zip", bytes(data)).startswith("damaged: ")


# Rows


def test_json_lines_give_an_article_a_row_and_a_reason_for_each_bad_one() -> None:
    lines = [
        '{"title": "A", "text": "Storks.\\r\\nHerons.", "source": "e.org/1", "published": "2024-05-20"}',
        "",
        "{not json",
        '["text"]',
        '{"title": "no text"}',
        '{"text": 5}',
        '{"text": " "}',
        '{"TEXT": "Lone \\ud800 and \\u0000 paired \\ud83d\\ude00", "author": "Ann", "title": 7}',
    ]
    found = read(".jsonl", "\n".join(lines).encode() + b'\n{"text": "\xff"}')
    first, last = found[0], found[6]
    assert (first.title, first.source, first.published) == ("A", "e.org/1", DAY)
    assert first.text == "Storks.\nHerons."
    assert (last.text, last.source, last.author) == ("Lone \ufffd and  paired 😀", "x.jsonl#8", "Ann")
    assert last.title == "Lone \ufffd and paired 😀"
    assert [(item.source, item.reason.partition(":")[0]) for item in found if isinstance(item, Skipped)] == [
        ("x.jsonl#3", "not JSON"),
        ("x.jsonl#4", "not a JSON object"),
        ("x.jsonl#5", "it has no `text`"),
        ("x.jsonl#6", "its `text` is not a string"),
        ("x.jsonl#7", "empty"),
        ("x.jsonl#9", "not UTF-8"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_gives_an_article_a_row(delimiter: str) -> None:
    table = 'Title,Text,Source,Published\nA,"Storks, ""back""\nin Ely.",,2024-05-20\n,,,\nB,,,\nC,Coots\n'
    first, empty, last = read(".csv", table.replace(",", delimiter))
    assert first.text.replace(delimiter, ",") == 'Storks, "back"\nin Ely.'
    assert (first.title, first.source, first.published) == ("A", "x.csv#1", DAY)
    assert empty == Skipped("x.csv#3", "empty")
    assert (last.text, last.source) == ("Coots", "x.csv#4")


def test_tables_that_cannot_be_read() -> None:
    assert reason(".csv", "title,body\nA,B\n") == "it has no column `text` (its columns: title, body)"
    assert reason(".csv", "title,text\n") == "empty: it holds no article"
    for suffix in (".csv", ".jsonl"):
        assert reason(suffix, "") == reason(suffix, "\n\n") == "empty: it holds no article"
    assert reason(".zip", zipped({"a.jpg": "x"})) == "empty: it holds no article"


def test_endless_rows_are_refused_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MAX_ROW_CHARS", 200)
    long = json.dumps({"text": "x" * 1000})
    found = read(".jsonl", f'{{"text": "a"}}\n{long}\n{{"text": "b"}}\n')
    assert [getattr(item, "text", None) for item in found] == ["a", None, "b"]
    assert found[1] == Skipped("x.jsonl#2", "longer than 200 characters")
    first, second = read(".csv", f'text\na\n"{"x" * 1000}\n')
    assert first.text == "a" and second.reason.startswith("a row is longer than") and second.source == "x.csv"


def test_rows_are_read_as_they_are_asked_for() -> None:
    class Counted(io.BytesIO):
        served = 0

        def read1(self, size: int | None = -1, /) -> bytes:
            data = super().read1(size)
            self.served += len(data)
            return data

    data = b'{"text": "Storks."}\n' * 200_000
    file = Counted(data)
    stream = read_stream(file, ".jsonl", "x")
    first = next(iter(stream))
    assert isinstance(first, Article) and first.text == "Storks."
    assert file.served < len(data) / 100


def test_a_book_of_two_hundred_thousand_words() -> None:
    text = "# A long book\n\n" + "The stork crossed the bridge of Ely again. " * 25_000
    assert len(text.split()) > 200_000
    assert one(".md", text).text == text


def test_detection_reads_only_so_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "DETECTION_BYTES", 100)
    assert one(".txt", ("Plain words only. " * 50 + FRENCH).encode("cp1252")).text.endswith(FRENCH)
