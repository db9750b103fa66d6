"""The sentences that answer: chosen by what the reader marked in each, together with its closeness to the question."""

from collections.abc import Sequence

from qa.reader import Span
from qa.text import sentences_around
from qa.words import WORD, content_words, stem

# In the reader's log-odds; chosen on the calibration half of clapnq: benchmarks/README.md, "How much answers".
SPREAD = 4.0  # how far below the best a sentence may lie
CLOSENESS = 2.0  # what holding every word of the question is worth
DEFINING = 6.0  # how far below the best a sentence that begins with the term may lie
BEFORE_THE_TERM = 1  # words: "The", "A"
ASKING = frozenset(("define", "mean", "what", "what's", "whats", "meanin", "defini"))


def defining(question: str, best: Span, spans: Sequence[Span]) -> Span:
    """The likeliest span in a sentence that begins with the term that is asked for; without one the best."""
    asked = {stem(word.lower()) for word in content_words(question)} - ASKING
    able = [best, *(span for span in spans if span.score >= best.score - DEFINING)]
    return max((span for span in able if _begins_with(asked, span)), key=lambda span: span.score, default=best)


def _begins_with(asked: set[str], span: Span) -> bool:
    start, end = _sentence(span)
    first = WORD.findall(span.hit.article.text[start:end])[: len(asked) + BEFORE_THE_TERM]
    return bool(asked) and asked <= {stem(word.lower()) for word in first}


def sentences_of(question: str, best: Span, spans: Sequence[Span], most: int) -> list[Span]:
    """The best span's sentence, with those next to it that answer too, then the others in the text's order."""
    least = _value(question, best) - SPREAD
    values = {_sentence(span): _value(question, span) for span in spans if span.hit == best.hit}
    first = _sentence(best)
    others = sorted((p for p in values if p != first and values[p] >= least), key=lambda place: -values[place])
    kept = sorted([first, *others[: most - 1]])
    runs = [kept[:1]]
    for place in kept[1:]:
        text = best.hit.article.text[runs[-1][-1][1] : place[0]]
        if text.strip() or "\n\n" in text:
            runs.append([place])
        else:
            runs[-1].append(place)
    runs.sort(key=lambda run: first not in run)
    return [Span(best.hit, run[0][0], run[-1][1], best.score) for run in runs]


def _sentence(span: Span) -> tuple[int, int]:
    return sentences_around(span.hit.passage, span.start, span.end)


def _value(question: str, span: Span) -> float:
    start, end = _sentence(span)
    sentence = span.hit.article.text[start:end]
    asked = [stem(word.lower()) for word in content_words(question)]
    said = [stem(word.lower()) for word in WORD.findall(sentence)]
    return span.score + CLOSENESS * sum(word in said for word in asked) / max(1, len(asked))
