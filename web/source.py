"""The source panel: an article's text with the quote marked in place, and the answer inside it more strongly."""

from index import Article, InputError, Snapshot
from web.conversations import Cited
from web.render import Mark, action, escape, marked

MAX_SHOWN = 200_000  # characters of a long article shown around the quote; about a book's chapter on either side
EMPTY = (
    '<div class="source-empty"><p>Choose a citation, and its article opens here at the very words.</p>'
    "<p><kbd>Alt</kbd>+<kbd>↓</kbd> and <kbd>Alt</kbd>+<kbd>↑</kbd> go to the next and the one before.</p></div>"
)


def source_html(snapshot: Snapshot, cited: Cited, exchange_id: str, do: str) -> str:
    """The article of a citation. When it changed or is gone since, that is said and the quote shown as it was."""
    try:
        article = snapshot.article(cited.article_id)
    except InputError:
        return _gone(cited, exchange_id, do)
    marks = locate(article, cited)
    notice = "" if marks else '<p class="notice">The article has changed since: these words no longer stand in it.</p>'
    label = "Close passage" if do == "related" else "Citation"
    text = paragraphs(article, marks)
    return (
        f'<div class="source" data-exchange="{escape(exchange_id)}" data-number="{cited.number}" data-kind="{do}">'
        f"{_head(article, cited, label)}{notice}"
        f'<div class="text" tabindex="0" role="region" aria-label="Text of the article">{text}</div></div>'
    )


def locate(article: Article, cited: Cited) -> list[Mark]:
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


def paragraphs(article: Article, marks: list[Mark]) -> str:
    """The text line by line, each with its own direction; a long one is cut to what is near the first mark."""
    text = article.text
    middle = marks[0][0] if marks else 0
    first = _line_start(text, max(middle - MAX_SHOWN // 2, 0))
    last = min(first + MAX_SHOWN, len(text))
    front = _front_matter_end(text)
    lines = ['<p class="cut">… earlier text is left out here; open the original for all of it</p>'] if first else []
    offset = first
    for line in text[first:last].split("\n"):
        style = "matter" if offset < front else "heading" if line.startswith("#") else ""
        if line.strip():
            lines.append(f'<p dir="auto" class="{style}">{marked(line, offset, marks)}</p>')
        offset += len(line) + 1
    if last < len(text):
        lines.append('<p class="cut">… later text is left out here; open the original for all of it</p>')
    return "".join(lines)


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1 if position else 0


def _front_matter_end(text: str) -> int:
    if not text.startswith("---\n"):
        return 0
    end = text.find("\n---", 3)
    return end + 4 if end > 0 else 0


def _head(article: Article, cited: Cited, label: str) -> str:
    facts = [article.source, article.published.isoformat() if article.published else "no date"]
    if cited.page:
        facts.append(f"page {cited.page}")
    if article.author:
        facts.append(article.author)
    address = f"originals/{article.id}"
    page = f"#page={cited.page}" if cited.page else ""
    return (
        f'<header><p class="position">{escape(label)} {cited.number}</p>'
        f'<h2 class="source-title" dir="auto">{escape(article.title)}</h2>'
        f'<p class="facts" dir="auto">{escape(" · ".join(facts))}</p><p class="links">'
        f"{action('↑ Previous', 'step', title='Previous citation', by=-1)}"
        f"{action('↓ Next', 'step', title='Next citation', by=1)}"
        f"{action('Back to the answer', 'back', style='quiet back')}"
        f'<a href="{address}{page}" target="_blank" rel="noopener">Open the original</a>'
        f'<a href="{address}?download=1" download>Download</a></p></header>'
    )


def _gone(cited: Cited, exchange_id: str, do: str) -> str:
    return (
        f'<div class="source" data-exchange="{escape(exchange_id)}" data-number="{cited.number}" data-kind="{do}">'
        f'<header><h2 class="source-title" dir="auto">{escape(cited.title)}</h2>'
        f'<p class="facts">{escape(cited.source)}</p></header>'
        f'<p class="notice">This article is no longer in the store. The words were:</p>'
        f'<div class="text"><p dir="auto"><mark class="quote-mark">{escape(cited.quote)}</mark></p></div></div>'
    )
