"""A dataset's questions made ready for a store: those one may ask, pointing into its articles."""

from dataclasses import replace

from index import Article, InputError, Skipped, Snapshot
from qa.evaluation.dataset import Dataset, Gold, Question
from qa.pipeline import checked


def askable(dataset: Dataset) -> Dataset:
    """`dataset` without the questions that no one may ask (no word in them, too long), which are named.

    Raises InputError when none is left.
    """
    questions, skipped = [], list(dataset.skipped)
    for question in dataset.questions:
        try:
            checked(question.text)
            questions.append(question)
        except InputError as error:
            skipped.append(Skipped(dataset.named(question), str(error)))
    if not questions:
        raise InputError(f"no question can be asked ({skipped[-1].source}: {skipped[-1].reason})")
    return replace(dataset, questions=tuple(questions), skipped=tuple(skipped))


def place(dataset: Dataset, snapshot: Snapshot) -> Dataset:
    """`dataset` with its questions pointing into the store's own articles; those without place are named.

    Raises InputError when none has one.
    """
    articles = {info.id: snapshot.article(info.id) for info in snapshot.articles()}
    found: dict[tuple[str, int], tuple[str, int] | None] = {}
    questions, skipped = [], list(dataset.skipped)
    for question in dataset.questions:
        key = (question.article_id, question.start)
        if key not in found:
            found[key] = _find(dataset.article(question.article_id), question, articles)
        match = found[key]
        if match is None:
            skipped.append(Skipped(dataset.named(question), "its paragraph stands in no article of the store"))
        else:
            questions.append(_moved(question, *match))
    if not questions:
        raise InputError("the store holds none of the questions' paragraphs; leave --store out to build one")
    used = {question.article_id for question in questions}
    kept = tuple(article for article in articles.values() if article.id in used)
    return replace(dataset, articles=kept, questions=tuple(questions), skipped=tuple(skipped))


def _find(article: Article, question: Question, articles: dict[str, Article]) -> tuple[str, int] | None:
    """The store's article with the question's paragraph, and the offset; the same article comes first."""
    own = articles.get(article.id)
    if own is not None and own.text == article.text:
        return own.id, question.start
    paragraph = article.text[question.start : question.end].strip()
    for candidate in articles.values():
        offset = candidate.text.find(paragraph)
        if offset >= 0:
            lead = article.text.index(paragraph, question.start) - question.start
            return candidate.id, offset - lead
    return None


def _moved(question: Question, article_id: str, start: int) -> Question:
    by = start - question.start
    golds = tuple(Gold(gold.text, gold.start + by, gold.end + by) for gold in question.golds)
    return replace(question, article_id=article_id, start=max(0, start), end=question.end + by, golds=golds)
