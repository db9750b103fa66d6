"""What size of an answer a question asks for: words, a list, a sentence, several sentences, or two things side by side.

Rules over the question's own words.
"""

import re
from typing import Literal

Size = Literal["words", "list", "sentence", "sentences", "comparison"]

_BEGIN = r"^\W*(?:(?:and|but|so|ok|please)\b\W*)*"
_AUXILIARY = r"(?:is|are|was|were|did|does|do|can|could|may|has|have|had|will|would|should|must)"
# Questions that a few words cannot answer.
OPEN_ENDED = re.compile(
    _BEGIN + r"(?:why\b|how come\b|for what reason\b"
    r"|how (?:do|does|did|can|could|has|have|should|would|will)\b"
    r"|how (?:is|are|was|were)\b(?!.*\b(?:called|named|spelt|spelled|pronounced|old|tall)\W*$)"
    r"|(?:explain|describe|outline|tell me)\b"
    r"|what (?:is|are|was|were) (?:the )?(?:reasons?|causes?|effects?|consequences?|background|significance)\b"
    r"|what(?:'s|’s| is| was) (?:so )?(?:wrong|special|new|different)\b"
    r"|what (?:do|does|did) (?:the |these |this )?(?:articles?|texts?|sources?) (?:say|tell|report)\b"
    r"|what happen(?:s|ed)\b|what led to\b|in what ways?\b)",
    re.IGNORECASE,
)
# "What is inflation?", "Who was Kelvin Kiptum?": the sentence that says it. With "the" or "of" a thing is named instead
# ("What is the capital of Peru?").
DEFINITION = re.compile(
    _BEGIN + r"(?:(?:what (?:is|are|was|were)|what['’]?s) (?!the\b|his\b|her\b|its\b|their\b|it\b|this\b|that\b)"
    r"|(?:who (?:is|was|were|are)|who['’]?s) (?!the\b|his\b|her\b|its\b|their\b|it\b)"
    r"(?!.*\b(?:first|last|next|current|new|supreme|president|minister|leader|king|queen|head|chair|captain|owner)\b))"
    r"(?:an? )?[\w’'.-]+(?: (?!of\b|for\b|in\b|that\b|who\b|to\b|by\b|called\b|made\b)[\w’'.-]+){0,3}\W*$"
    r"|" + _BEGIN + r"what['’]?s the [\w’'.-]+ [\w’'.-]+\W*$"
    r"|" + _BEGIN + r"(?:define|what (?:does|do) (?:[\w’'.-]+ ){1,4}mean\b|(?:the )?(?:meaning|definition) of)\b"
    r"|^[\w’'. -]+\W+what(?:['’]?s| is| was| are) (?:that|this|it|those)\W*$",
    re.IGNORECASE,
)
# "Did smallpox kill Janet Parker?": the sentence that settles it.
YES_OR_NO = re.compile(_BEGIN + _AUXILIARY + r"(?:n['’]?t)? \w", re.IGNORECASE)
# "Which is heavier, M87 or Sagittarius A*?", "the difference between hail and sleet".
COMPARISON = re.compile(
    r"\b(?:difference|differ|compared?|versus|vs)\b"
    r"|\b(?:more|less|fewer|better|worse|same|as \w+ as|\w{2,}(?<!numb)(?<!oth)(?<!nev)(?<!wat)(?<!und)(?<!whe)er)\b"
    r".*\b(?:or|than)\b",
    re.IGNORECASE,
)
# A question that asks for several things: their list is the answer, not its first item.
ASKS_FOR_SEVERAL = re.compile(
    r"\b(?:which|what|name|list)\b(?!\s+(?:is|was|has|does|did|do)\b)(?:\s+(?!is\b|was\b|did\b|does\b|do\b)\w+){0,3}?\s+"
    r"(?:(?!(?:this|does|always|perhaps|was|has|is)\b)[\w-]{2,}[^su\W]s\b(?!\s+(?:an?|the|his|her|its|their|it|him|them)\b)"
    r"|are\b|were\b|people\b)"
    r"|\bwho(?:m|se)?\s+(?:all\s+)?(?:are|were|else|attended|took part)\b"
    r"|\bwhere (?:do|did|are|were) (?:the |all )+\w+s\b"
    r"|\blist (?:of|all|them)\b"
    r"|^\W*(?:crew|members|names|dangers|causes|types|kinds|ingredients|parts) (?:of|to|in|for)\b"
    r"|\bwhat (?:comes|goes|is included|is) in(?:side)? (?:the|it)\b|\bwhat (?:else )?do(?:es)? \w+ need\b",
    re.IGNORECASE,
)
RULES: tuple[tuple[Size, re.Pattern[str]], ...] = (
    ("sentences", OPEN_ENDED),
    ("comparison", COMPARISON),
    ("sentence", DEFINITION),
    ("list", ASKS_FOR_SEVERAL),
    ("sentence", YES_OR_NO),
)
QUESTION_WORD = re.compile(r"\b(?:who|whom|whose|what|whats|which|when|where|why|how|name|list)\b", re.IGNORECASE)
MOST_KEYWORDS = 6


def size_of(question: str) -> Size:
    """The size of the answer that the question asks for."""
    for size, rule in RULES:
        if rule.search(question):
            return size
    return "sentence" if is_keywords(question) else "words"


def is_keywords(question: str) -> bool:
    """Whether it is a few words without a question in them, as typed into a search box."""
    asks = question.rstrip().endswith("?") or QUESTION_WORD.search(question)
    return not asks and len(question.split()) <= MOST_KEYWORDS
