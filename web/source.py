"""The source panel: an article's text with the quote marked in place, and the answer inside it more strongly."""

from dataclasses import replace
from urllib.parse import parse_qs

from index import Article, InputError
from qa import Citation
from web.reading import reading_of
from web.references import apa, bibtex
from web.render import Mark, fragment
from web.site import Site

MAX_DIGITS = 12  # of an offset in a link
EMPTY = fragment("source_empty.html")
LABELS = {"cite": "Citation", "related": "Close passage"}


def source_html(site: Site, cited: Citation, exchange_id: str, do: str) -> str:
    """The article of a citation. When it changed or is gone since, that is said and the quote shown as it was."""
    try:
        article = site.snapshot().article(cited.article.id)
    except InputError:
        return fragment("source_gone.html", cited=cited, exchange=exchange_id, do=do)
    marks = locate(article, cited)
    notice = "" if marks else "The article has changed since: these words no longer stand in it."
    return _panel(site, article, marks, cited, exchange_id, f"{LABELS[do]} {cited.number}", do, notice)


def linked_html(site: Site, query: str) -> str | None:
    """The article that a link's `?article=…&start=…&end=…` names, opened there; None where it names none."""
    fields = {name: values[0] for name, values in parse_qs(query[1:1000]).items()}
    if "article" not in fields:
        return None
    try:
        article = site.snapshot().article(fields["article"])
    except InputError:
        return fragment("notice.html", text="The article of this link is not in the store.", role="alert")
    start, end = (_offset(fields.get(name, ""), len(article.text)) for name in ("start", "end"))
    cited = Citation(0, article, article.text[start:end], start, end, None, None, "", article.page_at(start))
    marks: list[Mark] = [(start, end, "quote-mark")] if start < end else []
    return _panel(site, article, marks, cited, "", "Article", "article", "")


def _offset(text: str, last: int) -> int:
    return min(int(text), last) if text.isdecimal() and len(text) <= MAX_DIGITS else 0


def _panel(  # noqa: PLR0917
    site: Site, article: Article, marks: list[Mark], cited: Citation, exchange_id: str, label: str, do: str, notice: str
) -> str:
    named = replace(article, source=site.shown(article.source))
    span = f"&start={marks[0][0]}&end={marks[0][1]}" if marks else ""
    page = cited.page if marks else None
    return fragment(
        "source.html", article=named, reading=reading_of(article, marks), label=label, exchange=exchange_id,
        number=cited.number, do=do, page=page, notice=notice, link=f"?article={article.id}{span}",
        apa=apa(named, page), bibtex=bibtex(named, page),
    )  # fmt: skip


def locate(article: Article, cited: Citation) -> list[Mark]:
    """The marks of a citation in the article as it is now; empty when its words are not where, or no longer, there."""
    start = cited.start
    if article.text[start : cited.end] != cited.quote:
        start = article.text.find(cited.quote)
        if start < 0 or article.text.find(cited.quote, start + 1) >= 0:
            return []
    marks: list[Mark] = [(start, start + len(cited.quote), "quote-mark")]
    if cited.answer_start is not None and cited.answer_end is not None:
        moved = start - cited.start
        marks.append((cited.answer_start + moved, cited.answer_end + moved, "answer-mark"))
    return marks
