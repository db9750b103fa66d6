"""Questions about the articles as such, answered in their own words: what is here, what one of them says; greetings."""

import re
from collections.abc import Iterator

from index import Filter, Hit, Passage, Snapshot
from index.passages import sentences
from qa.answer import Answer, Citation, cite
from qa.words import content_words, stem

MOST = 12  # articles or sections that are shown
WELCOME = "Ask what the articles say: a question, or a few words. Some of what is here:"
HERE = "Some of the articles, each with how it begins:"
GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening|day)|thanks|thank you|many thanks|help|who are you"
    r"|what can (?:i|you) (?:ask|do)(?: here| you)?|how (?:does|do) (?:this|it|i use this) ?(?:work)?)(?: there)?\W*$",
    re.IGNORECASE,
)
CONTENTS = re.compile(
    r"^\W*(?:what(?:['’]?s| is) (?:in )?(?:here|there|this(?: about)?|it all about)"
    r"|what (?:articles|texts|topics|subjects) (?:are (?:here|there)|do you have|can i ask about)"
    r"|what (?:do you|can you tell me|are the articles) (?:know )?about"
    r"|(?:list|show)(?: me)?(?: all)?(?: the)? articles)\W*$",
    re.IGNORECASE,
)
SUMMARY = re.compile(
    r"^\W*(?:please |can you |could you )*"
    r"(?:summari[sz]e|sum up|outline|(?:give me )?(?:an? |the )?(?:summary|outline) of|what does the (?:article|text))"
    r"\s+(?:(?:the )?(?:article|text) )?(?:about |on )?(?P<topic>.+?)(?: say)?\W*$",
    re.IGNORECASE,
)
ABOUT = re.compile(r"\bsay about\b", re.IGNORECASE)  # a question, not for an outline


def overview(question: str, snapshot: Snapshot, where: Filter | None) -> Answer | None:
    """What answers a question about the articles as such; None for any other question."""
    if GREETING.match(question):
        return Answer(question, None, 1.0, (), tuple(_openings(snapshot, where)), snapshot.generation, note=WELCOME)
    if CONTENTS.match(question):
        return Answer(question, None, 1.0, (), tuple(_openings(snapshot, where)), snapshot.generation, note=HERE)
    asked = None if ABOUT.search(question) else SUMMARY.match(question)
    if asked and (article_id := _about(asked["topic"], snapshot, where)):
        outline = tuple(_outline(article_id, snapshot))
        return Answer(question, outline[0].answer, 1.0, outline, (), snapshot.generation) if outline else None
    return None


def _openings(snapshot: Snapshot, where: Filter | None) -> Iterator[Citation]:
    """The first sentence of each article."""
    ids = [article_id for article_id, _ in _admitted(snapshot, where)]
    for number, article_id in enumerate(ids[:: max(1, len(ids) // MOST)][:MOST], start=1):
        for passage in snapshot.passages(article_id)[:1]:
            yield _first_sentence(number, passage, snapshot)


def _about(topic: str, snapshot: Snapshot, where: Filter | None) -> str | None:
    """The article with all the topic's words in its title, else that of the passage found first."""
    words = {stem(word.lower()) for word in content_words(topic)}
    for article_id, title in _admitted(snapshot, where):
        if words and words <= {stem(word.lower()) for word in content_words(title)}:
            return article_id
    hits = snapshot.search(topic, 1, where=where)
    return hits[0].article.id if hits else None


def _outline(article_id: str, snapshot: Snapshot) -> Iterator[Citation]:
    """For each section the sentence that it begins with; the section's heading stands with it."""
    seen: set[str | None] = set()
    number = 0
    for passage in snapshot.passages(article_id):
        if passage.heading not in seen and number < MOST:
            seen.add(passage.heading)
            number += 1
            yield _first_sentence(number, passage, snapshot)


def _first_sentence(number: int, passage: Passage, snapshot: Snapshot) -> Citation:
    first, last = next(iter(sentences(passage.text)), (0, len(passage.text)))
    hit = Hit(passage, snapshot.article(passage.article_id), 0.0, None, None)
    return cite(hit, passage.start + first, passage.start + last, number=number, header=passage.heading)


def _admitted(snapshot: Snapshot, where: Filter | None) -> Iterator[tuple[str, str]]:
    """The id and the title of each article that passes."""
    for info in snapshot.articles():
        if where is None or where.admits(info.source, info.title, info.published):
            yield info.id, info.title
