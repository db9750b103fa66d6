"""Question-answering data in SQuAD's JSON format, versions 1.1 and 2.0, as articles and questions.

An entry of `data` becomes one article: its paragraphs joined by a blank line. Gold answers point into it.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from index import Article, InputError, Passage, Skipped
from index.articles import make_article

PARAGRAPH_BREAK = "\n\n"
SAMPLE_SEED = 0


@dataclass(frozen=True, slots=True)
class Gold:
    """A right answer: `article.text[start:end] == text`."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question on paragraph [start, end) of an article; without golds the article does not answer it."""

    id: str
    text: str
    article_id: str
    start: int
    end: int
    golds: tuple[Gold, ...]

    @property
    def answerable(self) -> bool:
        return bool(self.golds)

    @property
    def answers(self) -> list[str]:
        """The golds' words."""
        return [gold.text for gold in self.golds]


@dataclass(frozen=True, slots=True)
class Dataset:
    """Articles in file order, the questions on them, and what could not be used with its reason."""

    files: tuple[str, ...]
    articles: tuple[Article, ...]
    questions: tuple[Question, ...]
    skipped: tuple[Skipped, ...] = ()

    def article(self, article_id: str) -> Article:
        """The article of that id; KeyError if the dataset has none."""
        return {article.id: article for article in self.articles}[article_id]

    def named(self, question: Question) -> str:
        """How a question is named to a person: its article's source and its id."""
        return f"{self.article(question.article_id).source} question {question.id}"

    def sample(self, limit: int | None, seed: int = SAMPLE_SEED) -> "Dataset":
        """The same articles with at most `limit` questions, drawn at random and kept in file order."""
        if limit is None or limit >= len(self.questions):
            return self
        chosen = sorted(random.Random(seed).sample(range(len(self.questions)), limit))
        return replace(self, questions=tuple(self.questions[i] for i in chosen))


def covers(passage: Passage, question: Question) -> bool:
    """Whether a passage is of the question's article and holds a gold answer whole, where it is marked."""
    return passage.article_id == question.article_id and any(
        passage.start <= gold.start and gold.end <= passage.end for gold in question.golds
    )


def read_dataset(paths: Sequence[str | Path]) -> Dataset:
    """All of `paths` as one dataset.

    A question or article that cannot be used is left out and named in `skipped`. InputError names a file that
    is missing, not JSON or not in SQuAD's format, a file given twice, and files without any usable question.
    """
    files = [Path(path) for path in paths]
    _refuse_repeats(files)
    articles: list[Article] = []
    questions: list[Question] = []
    skipped: list[Skipped] = []
    for file in files:
        for row, entry in enumerate(_entries(file)):
            source = f"{file.as_posix()}#{row}"
            try:
                article, stretches = _article(entry, source, f"{file.stem} {row + 1}")
            except ValueError as error:
                skipped.append(Skipped(source, str(error)))
                continue
            articles.append(article)
            for item in _questions(entry, article, stretches):
                if isinstance(item, Question):
                    questions.append(item)
                else:
                    skipped.append(item)
    if not questions:
        reason = f" (the first: {skipped[0].source}: {skipped[0].reason})" if skipped else ""
        raise InputError(f"{', '.join(map(str, paths))}: no usable question{reason}; is this SQuAD data?")
    return Dataset(tuple(map(str, paths)), tuple(articles), tuple(questions), tuple(skipped))


def _refuse_repeats(files: Sequence[Path]) -> None:
    seen: set[Path] = set()
    for file in files:
        if file.resolve() in seen:
            raise InputError(f"{file}: given twice; name each file once")
        seen.add(file.resolve())


def _entries(file: Path) -> list[Any]:
    """The `data` list of one file."""
    try:
        document = json.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{file}: there is no such file; give one in SQuAD's JSON format") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror}); give a readable file") from error
    except (ValueError, RecursionError) as error:
        reason = str(error) or "nested too deeply"
        raise InputError(f"{file}: is not JSON ({reason}); give a file in SQuAD's JSON format") from error
    data = document.get("data") if isinstance(document, dict) else None
    if not isinstance(data, list):
        raise InputError(f'{file}: has no list "data" at its top; give a file in SQuAD\'s JSON format')
    return data


def _article(entry: Any, source: str, fallback_title: str) -> tuple[Article, list[tuple[int, int]]]:
    """The entry's article and where each of its paragraphs stands in it; ValueError says what is wrong."""
    paragraphs = entry.get("paragraphs") if isinstance(entry, dict) else None
    if not isinstance(paragraphs, list) or not paragraphs:
        raise ValueError('has no list "paragraphs"')
    texts = [_context(paragraph, number) for number, paragraph in enumerate(paragraphs)]
    text = PARAGRAPH_BREAK.join(texts)
    if not text.strip():
        raise ValueError("holds no text")
    title = entry.get("title")
    title = _readable(title) if isinstance(title, str) else ""
    _refuse_surrogates(text + title)
    stretches, start = [], 0
    for part in texts:
        stretches.append((start, start + len(part)))
        start += len(part) + len(PARAGRAPH_BREAK)
    return make_article(text, source, title=title or fallback_title), stretches


def _context(paragraph: Any, number: int) -> str:
    text = paragraph.get("context") if isinstance(paragraph, dict) else None
    if not isinstance(text, str):
        raise ValueError(f'paragraph {number} has no "context"')
    return text


def _readable(title: str) -> str:
    """A title as people write it; SQuAD's are Wikipedia's page names, as in `1973_oil_crisis`."""
    return unquote(title).replace("_", " ").strip()


def _refuse_surrogates(text: str) -> None:
    """ValueError for half a character: JSON can spell one, no file or store can hold it."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"has a lone surrogate at character {error.start}") from None


def _questions(
    entry: dict[str, Any], article: Article, stretches: Sequence[tuple[int, int]]
) -> Iterator[Question | Skipped]:
    for (start, end), paragraph in zip(stretches, entry["paragraphs"], strict=True):
        asked = paragraph.get("qas", [])
        if not isinstance(asked, list):
            yield Skipped(article.source, '"qas" is not a list')
            continue
        for number, item in enumerate(asked):
            name = str(item.get("id", number)) if isinstance(item, dict) else str(number)
            try:
                yield _question(item, name, article, start, end)
            except ValueError as error:
                yield Skipped(f"{article.source} question {name}", str(error))


def _question(item: Any, name: str, article: Article, start: int, end: int) -> Question:
    text = item.get("question") if isinstance(item, dict) else None
    if not isinstance(text, str) or not text.strip():
        raise ValueError("has no question text")
    _refuse_surrogates(text)
    if item.get("is_impossible", False):
        return Question(name, text.strip(), article.id, start, end, ())
    answers = item.get("answers")
    if not isinstance(answers, list) or not answers:
        raise ValueError("has no answers and is not marked is_impossible")
    golds = _golds(answers, article.text, start, end)
    return Question(name, text.strip(), article.id, start, end, golds)


def _golds(answers: Iterable[Any], text: str, start: int, end: int) -> tuple[Gold, ...]:
    """The answers as stretches of the article, bare of white space; ValueError for the first bad one.

    Files in circulation differ in whether `answer_start` counts leading white space: both will do.
    """
    golds: dict[Gold, None] = {}
    for answer in answers:
        words = answer.get("text") if isinstance(answer, dict) else None
        offset = answer.get("answer_start") if isinstance(answer, dict) else None
        if not isinstance(words, str) or not words.strip() or type(offset) is not int or offset < 0:
            raise ValueError("has an answer without text or answer_start")
        bare = words.strip()
        begins = (start + offset, start + offset + words.index(bare))
        place = next((b for b in begins if text[b : b + len(bare)] == bare and b + len(bare) <= end), None)
        if place is None:
            found = text[start + offset : min(start + offset + len(words), end)]
            raise ValueError(f"answer_start {offset} points at {found[:60]!r}, not at {words[:60]!r}")
        golds[Gold(bare, place, place + len(bare))] = None
    return tuple(golds)
