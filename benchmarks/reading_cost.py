"""Processor seconds and peak memory of reading: `python -m benchmarks.reading_cost`. Limits rest on it."""

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from random import Random

import docx

from index.articles import Article
from index.articles.formats import read_stream

WORDS = [
    "the",
    "quick",
    "river",
    "stork",
    "village",
    "bridge",
    "council",
    "winter",
    "market",
    "paper",
    "iron",
]


def sentences(count: int) -> Iterator[str]:
    """`count` sentences of 20 random words, the same at every call."""
    random = Random(1)
    return (" ".join(random.choices(WORDS, k=20)).capitalize() + "." for _ in range(count))


def page(paragraphs: Iterator[str]) -> bytes:
    body = "".join(paragraphs)
    return f"<html><head><title>T</title></head><body><article>{body}</article></body></html>".encode()


def word(paragraphs: int) -> bytes:
    document = docx.Document()
    for sentence in sentences(paragraphs):
        document.add_paragraph(sentence)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "1,000,000 rows of JSON lines": (".jsonl", lambda: b'{"text": "A tiny row."}\n' * 1_000_000),
    "1,000,000 rows of CSV": (".csv", lambda: b"title,text\n" + b"T,A tiny row.\n" * 1_000_000),
    "200,000 words of Markdown": (".md", lambda: "\n\n".join(sentences(10_000)).encode()),
    "200,000 words of Word": (".docx", lambda: word(10_000)),
    "HTML, 19 MB of paragraphs": (".html", lambda: page(f"<p>{text}</p>" for text in sentences(138_000))),
    "HTML, 19,900 paragraphs": (".html", lambda: page(f"<p>{text}</p>" for text in sentences(19_900))),
    "HTML, 3,000 tags in a paragraph": (".html", lambda: page(iter(["<p>", "<b>a</b> " * 3000]))),
    "HTML, 5,400 tags in a paragraph": (".html", lambda: page(iter(["<p>", "<b>a</b> " * 5400]))),
    "HTML, 4 MB of tags in a paragraph": (".html", lambda: page(iter(["<p>", "<b>a</b> " * 400_000]))),
    "100 kB of front matter": (".md", lambda: b"---\n" + b"key: [a, b, {c: d}]\n" * 4950 + b"---\nText."),
}


def main() -> None:
    """Prints a line a case, smallest memory first, since the peak never falls."""
    for name, (suffix, make) in CASES.items():
        data = make()
        start = time.process_time()
        articles = sum(isinstance(item, Article) for item in read_stream(io.BytesIO(data), suffix, "x"))
        seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        sys.stdout.write(
            json.dumps({"case": name, "MB": round(len(data) / 1e6, 1), "articles": articles,
                        "seconds": round(seconds, 2), "peak_MB": peak}) + "\n"
        )  # fmt: skip
        sys.stdout.flush()


if __name__ == "__main__":
    main()
