"""An article as a list of references names it: in the style of the APA, and as BibTeX."""

import re

from index import Article

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_TEX = re.compile(r"([\\{}$&#_%~^])")
_NAMED = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}


def apa(article: Article, page: int | None) -> str:
    """One line: author, date, title, where it stands.

    >>> from datetime import date
    >>> apa(Article("id", "The mill", "mill.pdf", date(2024, 5, 20), "", "Ada Berg"), 3)
    'Ada Berg. (2024, May 20). The mill. mill.pdf, p. 3.'
    >>> apa(Article("id", "The mill", "mill.md", None, ""), None)
    'The mill. (n.d.). mill.md.'
    """
    day = article.published
    date = f"({day.year}, {_MONTHS[day.month - 1]} {day.day})." if day else "(n.d.)."
    where = f"{article.origin or article.source}{f', p. {page}' if page else ''}."
    first, *rest = [_ended(part) for part in (article.author, article.title) if part]
    return " ".join((first, date, *rest, where))


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def bibtex(article: Article, page: int | None) -> str:
    """An entry of BibTeX; what TeX would obey is escaped.

    >>> print(bibtex(Article("0f", "50 % of it", "a_b.md", None, "", "Ada Berg"), None))
    @misc{article0f,
      author = {Ada Berg},
      title = {{50 \\% of it}},
      howpublished = {a\\_b.md}
    }
    """
    day = article.published
    fields = {
        "author": _tex(article.author or ""),
        "title": f"{{{_tex(article.title)}}}",
        "year": str(day.year) if day else "",
        "month": str(day.month) if day else "",
        "howpublished": _tex(article.source),
        "url": _tex(article.origin or "") if (article.origin or "").startswith(("https://", "http://")) else "",
        "note": f"p. {page}" if page else "",
    }
    return "@misc{article%s,\n%s\n}" % (  # noqa: UP031 - braces of its own
        article.id,
        ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value),
    )


def _tex(text: str) -> str:
    return _TEX.sub(lambda found: _NAMED.get(found[1], f"\\{found[1]}"), text)
