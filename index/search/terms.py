"""What the lexical side counts of a text: stemmed words."""

import re
import threading
import unicodedata

import Stemmer

from index.search.function_words import FUNCTION_WORDS

# The letters are what is left of "Iran's" and "doesn't". Only in small letters or capitalised: "WHO", "IT" and "US" are
# names.
_STOPPED = FUNCTION_WORDS | {"if", "into", "no", "not", "such", "then", "s", "t"}
STOP_WORDS = _STOPPED | {word.capitalize() for word in _STOPPED}

# A word is a run of letters and digits. Chinese and Japanese do not write words apart: there each character
# is one. The vowel signs of the Indic scripts are no letters to Unicode but belong to the word.
_IDEOGRAM = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_INDIC = "\u0900-\u0963\u0966-\u0dff"
_WORD = re.compile(rf"[{_IDEOGRAM}]|(?:[^\W_{_IDEOGRAM}]|[{_INDIC}])+")
_ACRONYM = re.compile(r"(?<!\w)(?:[^\W\d_]\.){2,}")
_MARKS = dict.fromkeys([*range(0x300, 0x370), *range(0x591, 0x5C8), *range(0x64B, 0x660), 0x670])

_local = threading.local()


def _stem(words: list[str]) -> list[str]:
    """English stems; a Stemmer keeps state, so each thread has its own."""
    stemmer = getattr(_local, "stemmer", None)
    if stemmer is None:
        stemmer = _local.stemmer = Stemmer.Stemmer("english")
    return list(stemmer.stemWords(words))


def terms(text: str) -> list[str]:
    """What is counted of `text`: stems in order, no accents, no stop words; "U.S." is one term."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).translate(_MARKS)
    text = _ACRONYM.sub(lambda match: match[0].replace(".", ""), text)
    return _stem([word.casefold() for word in _WORD.findall(text) if word not in STOP_WORDS])
