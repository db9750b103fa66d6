"""Hostile files of every format: each must be read or named with a reason, within its bounds of time and memory."""

from collections.abc import Callable
from pathlib import Path

from tests.support.hostile_archives import ARCHIVES, BOOKS, WORDS
from tests.support.hostile_pages import PAGES
from tests.support.hostile_pdfs import PDFS
from tests.support.hostile_text import MARKDOWN, ROWS, TEXT

Maker = Callable[[], str | bytes]

MAKERS: dict[str, Maker] = {
    **{
        f"{name}{suffix}": make
        for suffix, makers in (
            (".md", MARKDOWN),
            (".txt", TEXT),
            ("", ROWS),
            (".html", PAGES),
            (".pdf", PDFS),
            (".epub", BOOKS),
            (".docx", WORDS),
            (".zip", ARCHIVES),
        )
        for name, make in makers.items()
    }
}


def write_hostile(folder: Path, name: str) -> Path:
    """Make one of them in `folder`."""
    made = MAKERS[name]()
    path = folder / name
    path.write_bytes(made.encode("utf-8", "surrogatepass") if isinstance(made, str) else made)
    return path
