"""What an answer never cuts through: numbers with signs, separators, currency and units, dates, times, names. Pure.

Every rule is a regular expression without nested repetition, so that a text is gone through in linear time.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

CURRENCY = "$€£¥₹₽₩"
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)\b"
)
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = rf"\b(?:{DAY}(?: of)? {MONTH}(?:,? \d{{4}}\b)?|{MONTH}\.? {DAY}\b(?:, \d{{4}}\b)?|\d{{4}}-\d\d-\d\d\b)"
TIME = r"\b\d{1,2}(?::\d\d(?::\d\d)?(?: ?(?:[ap]\.m\.|[ap]m\b))?|(?:\.\d\d)? ?(?:[ap]\.m\.|[ap]m\b))"
NUMBER = r"\d+(?:[.,:/’'\u00a0\u202f]\d+)*"
# Units that a number means nothing without; counted things ("8 days") are left to the reader.
UNIT = (
    r"(?:%|‰|°(?: ?[CF]\b)?|[ \u00a0\u202f-]?(?:%|°(?: ?[CF]\b)?"
    r"|(?:[kMGTmµn]?(?:V|W|A|Hz|Wh|J|Pa|m|g|l|L|s|t|B)|km/h|mph|K|ha|cm|mm²|c[lL]|h|min|m²|km²|m³|dB|bar|ppm|ppb)\b(?!['’])"
    r"|(?:cents?|pence|dollars?|euros?|pounds?|rupees?|yen|per ?cent|percentage points?"
    r"|hundred|thousand|million|billion|trillion"
    r"|(?:kilo|centi|milli)?met(?:re|er)s?|(?:kilo|milli)?grams?|(?:milli)?lit(?:re|er)s?|tonn?es?|tons?|miles?|feet|foot"
    r"|inch(?:es)?|yards?|acres?|hectares?|(?:kilo|mega|giga)?(?:watts?|volts?)|degrees?|light-years?|parsecs?)\b))"
)
AMOUNT = (
    rf"(?:(?<![\w{CURRENCY}])(?:[+−-](?=[\d{CURRENCY}]))?)?(?:[A-Z]{{1,3}}(?=[{CURRENCY}]))?(?:[{CURRENCY}] ?)?{NUMBER}"
)
WORD = r"[^\W_]+(?:[-‐‑][^\W_]+|(?<=\d)[.,]\d+|['’](?!s\b)[^\W_]+)*"
ATOM = re.compile(
    rf"{DATE}|{TIME}|{AMOUNT}(?:[^\W\d_]*(?:[-‐‑][^\W_]+)*{UNIT}?(?: {UNIT})?)?(?: ?[{CURRENCY}])?|{WORD}"
)
ONLY_DATE = re.compile(DATE)
YEAR = re.compile(r"\d{4}")


def whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the numbers, dates and names that its ends would cut through, taken in whole.

    A year alone may stand for its date.
    """
    if start >= end:
        return start, end
    atoms = _atoms(text)
    first, last = bisect_right(atoms.starts, start) - 1, bisect_right(atoms.starts, end - 1) - 1
    if first == last and first in atoms.dates and YEAR.fullmatch(text, start, end):
        return start, end
    if first >= 0 and atoms.starts[first] < start < atoms.ends[first]:
        start = atoms.starts[first]
    if last >= 0 and atoms.starts[last] < end < atoms.ends[last]:
        end = atoms.ends[last]
    return start, end


@dataclass(frozen=True, slots=True)
class _Atoms:
    """Where a text's atoms begin and end, in order, and which of them are dates."""

    starts: list[int]
    ends: list[int]
    dates: frozenset[int]


@lru_cache(maxsize=64)  # each of a passage's spans asks for them
def _atoms(text: str) -> _Atoms:
    found = list(ATOM.finditer(text))
    dates = frozenset(i for i, atom in enumerate(found) if ONLY_DATE.fullmatch(text, *atom.span()))
    return _Atoms([atom.start() for atom in found], [atom.end() for atom in found], dates)
