"""Sentences: where they start and end in a text.

nupunkt finds them; a few rules add what it does not know. How it compares on the hard cases of
tests/data/sentences.json stands in benchmarks/README.md (python -m benchmarks.sentence_splitters).
"""

import re
import threading
from collections.abc import Iterator

from nupunkt import PunktSentenceTokenizer
from nupunkt.models import get_default_model_path

Bounds = tuple[int, int]  # [start, end) of a text

MORE_ABBREVIATIONS = ["lt", "rs"]

# A blank line ends a sentence, and so does the start of a list item; any other line end is a space.
_PARAGRAPH_END = re.compile(r"\n[^\S\n]*\n\s*|\n(?=[^\S\n]*(?:[-*•‣◦]|\d{1,3}[.)])[^\S\n])")
# nupunkt learnt its abbreviations from scanned papers and takes many a word for one: a small word of three
# letters and more ends its sentence before a capital, unless it is one of these.
_SMALL_WORD_END = re.compile(r"(?<![\w.-])([a-z]{3,})\.[\"”’)\]]*\s+(?=[\"“‘(\[]*[A-Z])")
_SMALL_ABBREVIATIONS = frozenset(
    ("approx", "capt", "col", "dept", "eds", "esp", "est", "etc", "ext", "fig", "figs", "gen", "hon", "incl")
) | frozenset(("prof", "ref", "refs", "resp", "rev", "spp", "subsp", "tel", "var", "ver", "viz", "vol", "vols"))
# "vitamin C. It", "so do I. We": a letter after a small word is no initial before a word that starts
# sentences.
_LETTER_END = re.compile(
    r"(?<=[a-z°\d] )[A-Za-z]\.\s+(?=(?:A|An|The|This|That|These|Those|It|He|She|We|They|You|I|His|Her|Its"
    r"|Their|Our|There|Here|But|And|If|In|As|At|On|For|When|While|After|Before|However|Then)\b)"
)
# Sentence ends of scripts nupunkt was not made for: Chinese and Japanese, Arabic and Urdu, Hindi.
_OTHER_END = re.compile(r"(?:[。！？｡]+[」』”’）】》]*|(?<![؟۔।॥])[؟۔।॥]++[»”’)\]]*+(?=\s))\s*")
# "fast.[3] It": marks of citation belong to the sentence before.
_CITATION_MARKS = re.compile(r"(?:\[[\d,–\- ]{1,12}\])+\s*")

# nupunkt's time grows with the square of the end marks in a run without white space; longer paragraphs are cut, at a
# sentence's end when there is one in the last part of the window, and no sentences are looked for in such a run.
WINDOW = 10_000  # characters
MARKS_IN_A_RUN = 50  # more are no prose: 400,000 characters of '."' took 10 s in windows alone
_RUN = re.compile(r"\S{200,}+")
_MARK = re.compile(r"[.!?]")
_LIKELY_END = re.compile(r"[.!?。！？؟][\"”’)\]]*\s+(?=[^a-z\d\s])")

_lock = threading.Lock()
_tokenizers: list[PunktSentenceTokenizer] = []


def sentences(text: str) -> list[Bounds]:
    """The sentences of `text` in order, as [start, end) without the white space around them."""
    return [
        span
        for start, end in _pieces(0, len(text), [match.end() for match in _PARAGRAPH_END.finditer(text)])
        for first, last in _windows(text, start, end)
        for low, high in _pieces(first, last, [first + cut for cut in _cuts(text[first:last])])
        if (span := _trim(text, low, high)) is not None
    ]


def _tokenizer() -> PunktSentenceTokenizer:
    with _lock:
        if not _tokenizers:
            tokenizer = PunktSentenceTokenizer.load(get_default_model_path())
            tokenizer.add_abbreviations(MORE_ABBREVIATIONS)
            _tokenizers.append(tokenizer)
        return _tokenizers[0]


def _cuts(text: str) -> list[int]:
    """Where the sentences of a paragraph start, in order."""
    runs = (len(_MARK.findall(run[0])) for run in _RUN.finditer(text))
    tangled = max(runs, default=0) > MARKS_IN_A_RUN
    starts = set() if tangled else {start for start, _ in _tokenizer().span_tokenize(text)}
    starts.update(m.end() for m in _SMALL_WORD_END.finditer(text) if m[1] not in _SMALL_ABBREVIATIONS)
    starts.update(match.end() for match in _LETTER_END.finditer(text))
    starts.update(match.end() for match in _OTHER_END.finditer(text))
    marks = (_CITATION_MARKS.match(text, start) for start in starts if start)
    moved = {match.start(): match.end() for match in marks if match}
    return sorted({moved.get(start, start) for start in starts})


def _pieces(start: int, end: int, cuts: list[int]) -> Iterator[Bounds]:
    """[start, end) cut at `cuts`."""
    for cut in cuts:
        if start < cut < end:
            yield start, cut
            start = cut
    if start < end:
        yield start, end


def _windows(text: str, start: int, end: int) -> Iterator[Bounds]:
    """A paragraph in parts of at most WINDOW characters."""
    while end - start > WINDOW:
        high = start + WINDOW
        ends = [match.end() for match in _LIKELY_END.finditer(text, high - WINDOW // 4, high)]
        space = text.rfind(" ", start, high) + 1
        cut = ends[-1] if ends else space if space > start else high
        yield start, cut
        start = cut
    yield start, end


def _trim(text: str, start: int, end: int) -> Bounds | None:
    """The span without white space at its ends; None when nothing is left."""
    body = text[start:end]
    left = len(body) - len(body.lstrip())
    return (start + left, start + len(body.rstrip())) if left < len(body) else None
