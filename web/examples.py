"""Example questions that fit what is in the store: each has been asked, and those answered most surely are shown."""

import re
import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from index import Article, ArticleQAError
from qa.confidence import LIKELY, VERY_LIKELY
from web.render import fragment
from web.site import Site

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


def welcome_html(site: Site) -> str:
    """What an empty conversation shows: what this is, and questions to begin with."""
    return fragment("welcome.html", number=site.snapshot().manifest.articles, questions=examples(site))


def examples(site: Site) -> list[str]:
    """Those of the live generation; none until they have been found, which this starts."""
    generation = site.snapshot().generation
    with site.examples_lock:
        if generation in site.examples:
            return site.examples[generation]
        site.examples.clear()
        site.examples[generation] = []
    threading.Thread(target=_find, args=(site, generation), name="examples", daemon=True).start()
    return []


def _find(site: Site, generation: int) -> None:
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
    site.examples[generation] = [question for _, question in found[:SHOWN]]


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
