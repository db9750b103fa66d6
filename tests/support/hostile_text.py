"""Hostile Markdown, plain text and tables: what makes a careless rule take the square of their length."""

from collections.abc import Callable

N = 200_000  # characters or so of what is repeated: squared, some minutes of a fast loop
FEW = 40_000

Makers = dict[str, Callable[[], str | bytes]]


def _fences_within_fences() -> str:
    return "".join(f"{'`' * (3 + number % 50)}\nx\n" for number in range(FEW))


def _deep_yaml(step: str) -> str:
    return "---\n" + "".join(f"{' ' * depth}{step}\n" for depth in range(440)) + "---\nStorks.\n"


def _front_matter(body: str) -> Callable[[], str]:
    return lambda: f"---\ntitle: Storks\n{body[:95_000]}\n---\n\nStorks came back.\n"


MARKDOWN: Makers = {
    "hashes": lambda: "#" * N,
    "hashes after a hash": lambda: "# " + "#" * N + "x",
    "spaces in a heading": lambda: "# a" + " " * N + "b",
    "tabs and hashes in a heading": lambda: "# a" + "\t#" * N + "b",
    "open brackets": lambda: "# " + "[" * N,
    "empty links": lambda: "# " + "[](" * N,
    "pictures": lambda: "# " + "![" * N,
    "links that never end": lambda: "# " + "[a](b" * N,
    "backticks": lambda: "# " + "`" * N + "x",
    "underscores": lambda: "# a" + "_" * N + "b",
    "stars": lambda: "# " + "*" * N + "x",
    "headings without words": lambda: "# *\n" * N,
    "fenced headings": lambda: "```\n# no heading\n```\n" * FEW,
    "open fences": lambda: "```a\n# x\n" * N,
    "fences within fences": _fences_within_fences,
    "backticks that are no fence": lambda: ("`" * N + " x`\n") * 3,
    "tildes": lambda: "~" * N + "\n# x\n" + "~~~\n" * FEW,
    "underlines": lambda: "=" * N + "\n" + "=\n" * N,
    "underlined lines": lambda: "a\n---\n" * N,
    "dashes that are no underline": lambda: "a\n" + "-" * N + "x\n",
    "a long heading over a long text": lambda: "# " + "stork " * N + "\n\n" + "Storks came back to Ely. " * FEW,
    "many headings": lambda: "# Storks\n\nCame.\n\n" * FEW,
    "headings with trailing hashes": lambda: ("# Ely " + "# " * 2000 + "x\n") * 200,
    "bold headings": lambda: ("**" * 5000 + "x\n\n") * 100,
    "a list": lambda: "- x\n" * N,
    "a nested list": lambda: "".join("  " * depth + "- x\n" for depth in range(1500)),
    "numbered items": lambda: "1. x\n" * N,
    "quotes": lambda: ">" * N + " x",
    "table bars": lambda: "|" * N + "\n" + "| " * N,
    "yaml in brackets": _front_matter("a: " + "[" * 90_000),
    "yaml in braces": _front_matter("a: " + "{a: " * 20_000),
    "yaml keys": _front_matter("".join(f"k{number}: v\n" for number in range(9000))),
    "yaml without an end": _front_matter('a: "' + "x " * 40_000),
    "yaml question marks": _front_matter("? " * 40_000),
    "yaml aliases": _front_matter(
        "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 2000))
    ),
    "yaml merges": _front_matter("a: &a {b: c}\n" + "d: {<<: [" + "*a, " * 20_000 + "*a]}\n"),
    "yaml tags": _front_matter("a: " + "!!python/object/apply:os.system [x] " * 1000),
    "yaml deep mappings": lambda: _deep_yaml("a:"),
    "yaml deep items": lambda: _deep_yaml("-"),
    "yaml comments": _front_matter("# x\n" * 20_000),
    "rules without end": lambda: "---\n" + "--- x\n" * 15_000,
    "spaces after a rule": lambda: "---" + " " * N + "x\n" + ("---" + " " * 3000 + "x\n") * 30,
}

TEXT: Makers = {
    "spaces": lambda: "Storks." + " " * 5 * N + "Herons.",
    "line ends": lambda: "Storks." + "\n" * 5 * N + "Herons.",
    "blank lines of odd spaces": lambda: "Storks." + "\n \t\u00a0" * N + "Herons.",
    "carriage returns": lambda: "Storks." + "\r" * 5 * N + "Herons.",
    "form feeds": lambda: "Storks.\f" * N,
    "one word": lambda: "x" * 10 * N,
    "full stops": lambda: "Storks" + "." * 2 * N,
    "quoted full stops": lambda: '."' * N,
    "closing quotes": lambda: "Storks." + "”" * N + "x",
    "Arabic question marks": lambda: "؟" * N + "x",
    "Chinese full stops": lambda: "。" * N + "」" * N,
    "exclamation marks": lambda: "Click here to " + "!" * N + "\na",
    "words that end": lambda: "abc. " * N,
    "small words and brackets": lambda: "abc. " + "(" * N + "a",
    "capitals with stops": lambda: "A. " * N,
    "stops without spaces": lambda: "a.b." * N,
    "initials": lambda: "U.S." * N,
    "numbers": lambda: "1.2,3 " * N,
    "citation marks": lambda: "Storks.[1]" + "[2]" * N,
    "open brackets": lambda: "(" * N + "Photo",
    "captions": lambda: "(" + "a" * 100 + " Photo " * N,
    "lines of capitals": lambda: "Storks Of Ely\n" * N,
    "short lines": lambda: "a\n" * N,
    "wrapped lines": lambda: "storks came back to the village of Ely in the month of March and\n" * FEW,
    "dashes": lambda: "-" * N + "\n" + "- " * N,
    "footers": lambda: "Sign up for the newsletter\n" * FEW,
    "newsletters": lambda: ("sign up " + "newsletter icon" * 500 + "\n") * 200,
    "ideograms": lambda: "水" * N,
    "combining marks": lambda: "e" + "\u0301" * N,
    "letters that grow": lambda: "ﷺ" * FEW,
    "joined faces": lambda: "👨\u200d👩\u200d" * FEW,
    "directions": lambda: "\u202e\u2066" * N + "x",
    "control characters": lambda: "\x01" * 10 * N,
    "invisible lines": lambda: "\x0e\n" * N + "Storks " * N,
    "zero bytes": lambda: b"\0" * N,
    "zero bytes after a mark": lambda: b"\xff\xfe" + b"\0" * N,
    "half a UTF-16 file": lambda: "Storks".encode("utf-16") * 1000 + b"\xff\xd8\xff",
    "lone surrogates": lambda: b"\xff\xfe" + b"\x00\xd8" * FEW,
    "a wrong UTF-32 mark": lambda: b"\xff\xfe\0\0" + b"\xff" * FEW,
    "Latin-1 of every letter": lambda: bytes(range(160, 256)) * 4000,
    "UTF-8 that ends in the middle": lambda: "é".encode() * FEW + b"\xc3",
    "overlong UTF-8": lambda: b"\xc0\x80" * FEW,
    "an odd byte far in": lambda: b"Storks came. " * FEW + b"\xe9",
}

ROWS: Makers = {
    "deep.jsonl": lambda: '{"text": ' + "[" * N,
    "deep objects.jsonl": lambda: '{"a":' * N,
    "a long number.jsonl": lambda: '{"text": ' + "9" * 1_000_000 + "}",
    "an endless string.jsonl": lambda: '{"text": "' + "x" * 12_000_000,
    "bad rows.jsonl": lambda: "{\n" * FEW,
    "bad rows of bytes.jsonl": lambda: b"\xff\n" * FEW,
    "many keys.jsonl": lambda: "{" + ", ".join(f'"k{n}": 1' for n in range(FEW)) + ', "text": "Storks."}',
    "a key many times.jsonl": lambda: "{" + '"text": "a", ' * FEW + '"text": "Storks."}',
    "sources.jsonl": lambda: '{"text": "Storks.", "source": "' + "../" * FEW + 'etc/passwd"}',
    "one source.jsonl": lambda: '{"text": "Storks.", "source": "one"}\n' * 5000,
    "surrogates.jsonl": lambda: '{"text": "' + "\\ud800" * FEW + '"}',
    "escapes.jsonl": lambda: '{"text": "' + "\\u0000" * FEW + 'Storks."}',
    "infinite.jsonl": lambda: '{"text": "Storks.", "published": Infinity, "title": NaN}',
    "an open quote.csv": lambda: 'text\n"' + "Storks.\n" * 2_000_000,
    "quotes.csv": lambda: "text\n" + '"' * 2 * N + "\n",
    "columns.csv": lambda: "text" + "," * 1_000_000 + "\nStorks.\n",
    "fields.csv": lambda: "text\n" + "Storks," * 1_000_000,
    "delimiters.csv": lambda: ";,\t" * N + "text\nStorks.\n",
    "a long header.csv": lambda: "x" * 12_000_000 + ",text\nStorks.\n",
    "zero bytes.csv": lambda: b"text\nStor\0ks\n" * FEW,
    "empty rows.csv": lambda: "text\n" + "\n" * 1_000_000,
}
