"""Hostile web pages: what makes a parser, or the search for the main text, take for ever."""

from tests.support.hostile_text import FEW, Makers, N

SENTENCE = "Storks came back to the village of Ely in March, after forty years away from it. "


def _page(body: str, head: str = "") -> str:
    return f"<!doctype html><html><head><title>Storks</title>{head}</head><body>{body}</body></html>"


def _nested(tag: str, depth: int) -> str:
    return _page(f"<{tag}>" * depth + SENTENCE + f"</{tag}>" * depth)


PAGES: Makers = {
    "bars": lambda: _page("<p>" + "| " * 20_000 + "x</p>"),
    "bars between tags": lambda: _page("<p>" + "<b> |</b>" * 20_000 + "x</p>"),
    "cells": lambda: _page("<table><tr>" + "<td></td>" * FEW + "<td>x</td></tr></table>"),
    "cells of text": lambda: _page("<table><tr>" + "<td>x</td>" * FEW + "</tr></table>"),
    "rows": lambda: _page("<table>" + "<tr><td>x</td></tr>" * FEW + "</table>"),
    "attributes": lambda: _page("<p " + " ".join(f"a{n}='x'" for n in range(100_000)) + f">{SENTENCE}</p>"),
    "the same attribute": lambda: _page("<p " + "a=x " * 100_000 + f">{SENTENCE}</p>"),
    "a long attribute": lambda: _page(f"<p class='{'x ' * N}'>{SENTENCE}</p>"),
    "an open attribute": lambda: _page("<p class='" + "x " * N),
    "classes": lambda: _page("".join(f"<p class='{'a' * 500}{n}'>{SENTENCE}</p>" for n in range(2000))),
    "deep divs": lambda: _nested("div", 100_000),
    "deep bold": lambda: _nested("b", 100_000),
    "deep lists": lambda: _nested("ul><li", 20_000),
    "deep tables": lambda: _nested("table><tr><td", 20_000),
    "deep quotes": lambda: _nested("blockquote", 200),
    "paragraphs": lambda: _page(f"<p>{SENTENCE}</p>" * FEW),
    "empty paragraphs": lambda: _page("<p>" * N),
    "open paragraphs in tables": lambda: _page("<p><table>" * FEW),
    "line breaks": lambda: _page("<p>" + "<br>" * N + "x</p>"),
    "spaces between tags": lambda: _page("<p>" + "<b> </b>" * N + "x</p>"),
    "empty items": lambda: _page("<ul>" + "<li> </li>" * FEW + "</ul>"),
    "open items": lambda: _page("<ul>" + "<li>" * N + "x"),
    "links": lambda: _page("".join(f"<p><a href='/{n}'>{SENTENCE}</a></p>" for n in range(8000))),
    "less-than signs": lambda: _page("<" * N),
    "ends without a beginning": lambda: _page("</p></div>" * N + SENTENCE),
    "ampersands": lambda: _page("<p>" + "&" * N + "</p>"),
    "entities": lambda: _page("<p>" + "&amp;&#xD800;&#0;&notit;" * FEW + "</p>"),
    "an open comment": lambda: _page("<!--" + "-" * N),
    "comments": lambda: _page("<!-- x -->" * N + SENTENCE),
    "declarations": lambda: "<?xml " * N + _page(SENTENCE),
    "instructions": lambda: _page("<?x ?>" * N + SENTENCE),
    "doctypes": lambda: "<!doctype html>" * N + _page(SENTENCE),
    "a script without end": lambda: _page("<script>" + "if (a < b) " * N),
    "scripts": lambda: _page("<script>x</script>" * FEW + SENTENCE),
    "a long title": lambda: f"<html><head><title>{'Storks ' * N}</title></head><body>{SENTENCE}</body></html>",
    "metadata": lambda: _page(SENTENCE, "".join(f"<meta name='author' content='A{n}'>" for n in range(FEW))),
    "authors": lambda: _page(SENTENCE, f"<meta name='author' content='{'By Ann, ' * FEW}'>"),
    "an author of one letter": lambda: _page(SENTENCE, f"<meta name='author' content='{'a' * N}'>"),
    "dates": lambda: _page(SENTENCE, "<meta name='date' content='2024-" + "05-20 " * FEW + "'>"),
    "days": lambda: _page("".join(f"<time datetime='2024-05-{n % 40}'>x</time>" for n in range(FEW)) + SENTENCE),
    "deep JSON": lambda: _page(SENTENCE, f"<script type='application/ld+json'>{'[' * N}</script>"),
    "JSON of authors": lambda: _page(
        SENTENCE,
        '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "author": ['
        + '{"name": "A"},' * FEW
        + "{}]}</script>",
    ),
    "broken JSON": lambda: _page(SENTENCE, "<script type='application/ld+json'>" + '{"author":"' * FEW + "</script>"),
    "the page's own URL": lambda: _page(SENTENCE, f"<link rel='canonical' href='http://{'a.' * FEW}invalid/'>"),
    "URLs with dots": lambda: _page("".join(f"<a href='{'../' * 400}{n}'>x</a>" for n in range(2000)) + SENTENCE),
    "a picture in the page": lambda: _page(f"<img src='data:image/png;base64,{'A' * 4_000_000}'>{SENTENCE}"),
    "forms": lambda: _page("<form><select>" + "<option>x" * FEW + "</select></form>" + SENTENCE),
    "frames": lambda: _page("<iframe><template>" * FEW + SENTENCE),
    "mathematics": lambda: _page("<math><mi>" * FEW + SENTENCE),
    "custom elements": lambda: _page("".join(f"<x-{n}>" for n in range(FEW)) + SENTENCE),
    "headings": lambda: _page("".join(f"<h{1 + n % 6}>Storks {n}</h{1 + n % 6}>" for n in range(15_000)) + SENTENCE),
    "an alphabet declared wrongly": lambda: _page(SENTENCE, "<meta charset='utf-7'>").encode() + b"+2AA-\xff",
    "a charset that is none": lambda: _page(SENTENCE, "<meta charset='rot13'>").encode() + b"\xff",
    "a charset of many": lambda: b"<meta " * FEW + b"charset=x" + b"\xe9" * 1000,
    "twenty million tags": lambda: "<b>" * 6_600_000,
    "twenty million empty tags": lambda: _page("<i></i>" * 2_800_000 + SENTENCE),
}
