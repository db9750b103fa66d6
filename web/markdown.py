"""Markdown as it reads, every character of it in its place: what is shown, and what is syntax and only hidden.

The parser (pulldown-cmark) tells where in the text each of its events stands. Between two of them lies what it took as
syntax; that stays in the page, hidden. So the page's text is the article's, from the first character to the last, and a
mark stands where its offsets say, whatever the Markdown. Nothing of an article becomes an address or a script.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pyromark import Markdown, Options

from web.render import Mark, Piece, pieces

MAX_DEPTH = 24  # elements within each other; what is nested deeper is shown without its own
# An article's headings stand below those of the page.
_TAGS = {
    "Paragraph": "p", "BlockQuote": "blockquote", "CodeBlock": "pre", "HtmlBlock": "p", "Item": "li", "Table": "table",
    "TableHead": "thead", "TableRow": "tr", "Emphasis": "em", "Strong": "strong", "Strikethrough": "s", "Link": "span",
    "Image": "span",
}  # fmt: skip
_HEADINGS = {"H1": "h3", "H2": "h4", "H3": "h5", "H4": "h6", "H5": "h6", "H6": "h6"}
_WITHOUT_TEXT = (["ul"], ["ol"], ["table"], ["thead"], ["tr"])  # a browser moves text out of them
_PARTS = ("li", "thead", "tr", "th", "td")
_PARSER = Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_STRIKETHROUGH)


@dataclass(frozen=True, slots=True)
class Item:
    """One step of the page: an element that "opens" or "closes", or a stretch of text that is "shown" or "hidden".

    A hidden stretch may have `instead`: what it reads as, such as & for &amp;.
    """

    kind: str
    tag: str = ""
    start: int = 0
    end: int = 0
    instead: str = ""
    cut: Sequence[Piece] = ()


def markdown_items(text: str, first: int, last: int, marks: Sequence[Mark]) -> list[Item]:
    """The characters [first, last) of an article as items, in order, each character once."""
    body = text[first:last]
    page = _Page(body)
    at = _characters(body)
    for event, where in _PARSER.events_with_range(body):
        page.take(event, at[where["start"]], at[where["end"]])
    page.finish()
    return [replace(one, cut=pieces(body[one.start : one.end], first + one.start, marks)) for one in page.items]


def _characters(text: str) -> Sequence[int]:
    """For each byte of the text in UTF-8, and for its end, the number of the character that it is in."""
    if text.isascii():
        return range(len(text) + 1)
    numbers = array("L")
    for number, character in enumerate(text):
        numbers.extend([number] * len(character.encode("utf-8")))
    numbers.append(len(text))
    return numbers


@dataclass(slots=True)
class _Page:
    """Items as they are made; `done` is how far the text is in them."""

    text: str
    done: int = 0
    items: list[Item] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)  # for each tag of the parser how many elements it became
    within: list[str] = field(default_factory=list)  # those elements, a few at most

    def take(self, event: Any, start: int, end: int) -> None:
        """One event of the parser."""
        if isinstance(event, str):  # those that carry nothing
            name, value = event, ""
        else:
            ((name, value),) = event.items()
        if name == "Start":
            self._open(value)
        elif name == "End":
            self._close()
        elif name == "Code":
            self._code(value, start, end)
        elif name in ("Text", "Html", "InlineHtml"):
            self._words(value, start, end)
        elif name in ("SoftBreak", "TaskListMarker"):
            self._words(self.text[start:end], start, end)
        elif name in ("HardBreak", "Rule"):
            self._hide(start)
            self.items.append(Item("void", "br" if name == "HardBreak" else "hr"))

    def finish(self) -> None:
        """What is left of the text was syntax."""
        while self.opened:
            self._close()
        self._hide(len(self.text))

    def _open(self, what: Any) -> None:
        tags = list(_elements(what, "thead" in self.within))
        part = tags[0] in _PARTS  # has its place in the element around it, or none
        left_out = self.opened[-1:] == [0] if part else len(self.within) + len(tags) > MAX_DEPTH
        if left_out or not tags[0]:
            tags = []
        self.opened.append(len(tags))
        self.within += tags
        self.items += [Item("opens", tag) for tag in tags]

    def _close(self) -> None:
        for _ in range(self.opened.pop()):
            self.items.append(Item("closes", self.within.pop()))

    def _words(self, words: str, start: int, end: int) -> None:
        start = max(start, self.done)
        if start >= end:
            return
        self._hide(start)
        if self.text[start:end] == words:
            self._add(Item("shown", "", start, end))
        else:
            self.items.append(Item("hidden", "", start, end, words))
            self.done = end

    def _code(self, words: str, start: int, end: int) -> None:
        self._open("Code")
        marks = len(self.text[start:end]) - len(self.text[start:end].lstrip("`"))
        for blank in (0, 1):  # one blank at either end belongs to the syntax
            inner = slice(start + marks + blank, end - marks - blank)
            if self.text[inner].replace("\n", " ") == words:
                self._words(self.text[inner], inner.start, inner.stop)
                break
        else:
            self._words(words, start, end)
        self._close()

    def _hide(self, end: int) -> None:
        """Syntax up to `end`; where no text may stand it waits for the next place where it may."""
        if end > self.done and self.within[-1:] not in _WITHOUT_TEXT:
            self._add(Item("hidden", "", self.done, end))

    def _add(self, item: Item) -> None:
        """A stretch of the text that follows what is there; one with the last where both are the same."""
        last = self.items[-1] if self.items else None
        if last and (last.kind, last.instead) == (item.kind, "") and last.end == item.start:
            self.items[-1] = Item(item.kind, "", last.start, item.end)
        else:
            self.items.append(item)
        self.done = item.end


def _elements(what: Any, head: bool) -> Iterator[str]:
    """The elements that a tag of the parser becomes."""
    name, value = next(iter(what.items())) if isinstance(what, dict) else (str(what), None)
    if name == "Heading":
        yield _HEADINGS[str(value["level"] if isinstance(value, dict) else value)]
    elif name == "List":
        yield "ul" if value is None else "ol"
    elif name == "TableCell":
        yield "th" if head else "td"
    elif name == "TableHead":
        yield from ("thead", "tr")
    elif name in ("CodeBlock", "Code"):
        yield from ("pre", "code") if name == "CodeBlock" else ("code",)
    else:
        yield _TAGS.get(name, "")
