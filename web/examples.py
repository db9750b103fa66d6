"""Example questions that fit what is in the store: each has been asked, and those answered most surely are shown.

They are chosen once for each generation: when `app.py` or the articles page has built it, else when it is first served.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from index import Article, ArticleQAError
from qa.confidence import LIKELY, VERY_LIKELY
from web.render import fragment
from web.site import Site

FILE = "examples.json"
SHOWN = 4
TRIED = 10  # questions asked at most to find them, in the background: about 8 s on two cores
# Questions that the articles in seeds/ answer; in any other store they fall through and the made ones take over.
FOR_SEEDS = (
    "Who is Iran's ambassador to Moscow?",
    "When did Apollo 11 land on the Moon?",
    "How long is a marathon?",
    "Who built the Panama Canal?",
    "When was smallpox declared eradicated?",
    "Which countries joined BRICS in 2024?",
    "Who invented the printing press?",
    "Where did the helicopter of President Raisi crash?",
)
_SUBJECT = re.compile(
    r"^(The )?((?:[A-Z][\w'’-]+)(?: (?:[A-Z][\w'’-]+|of|the|and|de|von)){0,5}) (was|is|were|are) (?:an?|the) ",
    re.MULTILINE,
)
_PRONOUNS = {"It", "He", "She", "They", "This", "That", "These", "There", "What", "We", "You", "In", "One"}


@dataclass(frozen=True, slots=True)
class Kept:
    """The file: the questions that were chosen for a generation."""

    generation: int
    questions: list[str]


def welcome_html(site: Site) -> str:
    """What an empty conversation shows: what this is, and questions to begin with."""
    return fragment("welcome.html", number=site.snapshot().manifest.articles, questions=examples(site))


def examples(site: Site) -> list[str]:
    """Those of the live generation, which are kept beside it; none while they are being chosen, which this starts."""
    generation, path = site.snapshot().generation, _path(site)
    try:
        kept = TypeAdapter(Kept).validate_json(path.read_bytes())
    except (OSError, ValueError):
        kept = Kept(0, [])
    if kept.generation == generation:
        return kept.questions
    with site.examples_lock:
        if generation not in site.examples:
            site.examples.add(generation)
            threading.Thread(target=choose, args=(site,), name="examples", daemon=True).start()
    return []


def choose(site: Site) -> None:
    """Ask what may make an example of the live generation, and keep beside it what was answered most surely."""
    generation = site.snapshot().generation
    found: list[tuple[float, str]] = []
    for question in islice(candidates(site), TRIED):
        try:
            answer = site.qa.ask(question)
        except ArticleQAError:
            continue
        if answer.text is not None and answer.confidence >= LIKELY:
            found.append((answer.confidence, question))
        sure = sum(confidence >= VERY_LIKELY for confidence, _ in found)
        if sure == SHOWN:
            break
    found.sort(key=lambda one: -one[0])
    path = _path(site)
    with suppress(OSError):  # a store that cannot be written has its examples chosen anew at each start
        path.parent.mkdir(exist_ok=True)
        aside = path.with_suffix(".new")
        aside.write_bytes(TypeAdapter(Kept).dump_json(Kept(generation, [question for _, question in found[:SHOWN]])))
        aside.replace(path)


def _path(site: Site) -> Path:
    return site.store / FILE


def candidates(site: Site) -> Iterator[str]:
    """Questions worth trying: those for the seeds where these are in the store, then made from the articles."""
    snapshot = site.snapshot()
    infos = snapshot.articles()
    from_seeds = FOR_SEEDS if any(info.source.startswith("seeds/") for info in infos) else ()
    step = max(len(infos) // TRIED, 1)
    return chain(from_seeds, made(snapshot.article(info.id) for info in infos[::step]))


def made(articles: Iterable[Article]) -> Iterator[str]:
    """ "What was the X?" for an article that says "The X was a …"."""
    for article in articles:
        for the, subject, verb in _SUBJECT.findall(article.text):
            if subject.split()[0] not in _PRONOUNS:
                yield f"What {verb} {the.lower()}{_as_in_a_sentence(subject, article.text)}?"
                break


def _as_in_a_sentence(subject: str, text: str) -> str:
    """With a small letter where the article writes it so: "smallpox", not "Smallpox"."""
    small = subject[0].lower() + subject[1:]
    return small if re.search(rf"(?<!\w){re.escape(small)}(?!\w)", text) else subject
