"""Questions that a passage nearly answers: one detail changed, so that it no longer does.

SQuAD 2.0's writers made unanswerable questions by negation, antonyms, swapped names and swapped numbers (Rajpurkar,
Jia and Liang 2018, table 3). The same four changes, made by rule, give a reader many more of them.
"""

import random
import re

OPPOSITES = """
    first last, largest smallest, biggest smallest, highest lowest, longest shortest, oldest newest, most least,
    more fewer, before after, began ended, begin end, start end, started ended, earliest latest, increase decrease,
    increased decreased, rise fall, rose fell, won lost, win lose, above below, north south, east west,
    northern southern, eastern western, inside outside, minimum maximum, early late, male female, men women,
    son daughter, father mother, public private, buy sell, bought sold, good bad, like dislike, love hate, best worst,
    easy hard, positive negative, strong weak, allowed forbidden, accepted rejected, opened closed, joined left,
    hot cold
"""
ANTONYMS = {a: b for pair in OPPOSITES.split(",") for a, b in (pair.split(), pair.split()[::-1])}
NEGATED = re.compile(r"\b(did|does|do|is|was|were|are|can|could|will|would|has|have|had)\b")
NUMBER = re.compile(r"\b\d[\d,.]*\b")
NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+)*")


def altered(question: str, passage: str, neighbours: str, rng: random.Random) -> str | None:
    """The question with one detail changed to one that `passage` does not support; None where no rule applies.

    `neighbours` is text of the same article, from which swapped names are taken.
    """
    changes = []
    lowered = passage.lower()
    for word in re.finditer(r"[a-z]+", question):
        if word.group() in ANTONYMS and ANTONYMS[word.group()] not in lowered:
            changes += [(word.span(), ANTONYMS[word.group()])] * 2
    for number in NUMBER.finditer(question):
        digits = number.group().rstrip(".,")
        other = str(int(digits) + rng.choice((-1, 1)) * rng.randint(1, 9)) if digits.isdigit() else ""
        if other and other not in passage:
            changes += [((number.start(), number.start() + len(digits)), other)] * 2
    names = [n for n in NAME.findall(neighbours) if n.lower() not in lowered and n not in question]
    for name in NAME.finditer(question):
        if names and name.group() in passage:
            changes += [(name.span(), rng.choice(names))] * 2
    verb = NEGATED.search(question)
    if verb and " not " not in question and "n't" not in question:
        changes.append((verb.span(), {"can": "can", "will": "won"}.get(verb.group(), verb.group() + "n") + "'t"))
    if not changes:
        return None
    (start, end), text = rng.choice(changes)
    return question[:start] + text + question[end:]
