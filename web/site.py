"""What all pages share: the opened store, the changes to it, the feedback, and the gate."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from index import Article, ArticleQAError, InputError, PassageIndex, Skipped, Snapshot, read_articles
from index.articles import source_of
from index.building import BuildSummary, OnProgress
from index.project import PROJECT
from qa import QA
from qa.feedback import Feedback
from web.auth import Gate
from web.inbox import Inbox
from web.jobs import Jobs, OnSkip, Work, counting
from web.names import for_page, shown_source
from web.pace import Pace
from web.uploads import UPLOADS, LeftOver, WhenTaken, in_place, left_over, offered, readable, taken

OPINIONS, OPINION_SECONDS = 60, 60.0  # kept from one address
# How events of the pages are registered: none is an endpoint for programs, and quick ones wait in no queue.
PRIVATE: dict[str, Any] = {"api_visibility": "private"}
INSTANT: dict[str, Any] = {**PRIVATE, "queue": False, "show_progress": "hidden"}


@dataclass
class Site:
    """One served store. Thread-safe: each part guards itself."""

    qa: QA
    store: Path
    gate: Gate
    feedback: Feedback
    inbox: Inbox = field(init=False)
    jobs: Jobs = field(default_factory=Jobs)
    opinions: Pace = field(default_factory=lambda: Pace(OPINIONS, OPINION_SECONDS))
    examples: set[int] = field(default_factory=set)  # generations for which they are, or were, chosen here
    examples_lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.inbox = Inbox(self.store)

    @property
    def uploads(self) -> Path:
        """The folder that uploaded files are kept in."""
        return self.store / UPLOADS

    def shown(self, source: str) -> str:
        """What the pages call a source: see `shown_source`."""
        return shown_source(source, source_of(self.uploads))

    def snapshot(self) -> Snapshot:
        """The newest generation."""
        return self.qa.index.current()

    def taken(self, tokens: list[str]) -> list[str]:
        """The names of uploaded files that other uploads have."""
        return taken(self.uploads, self.inbox.names(tokens))

    def adding(self, tokens: list[str], when_taken: WhenTaken) -> Work:
        """Adds the articles of uploaded files, each with a result of its own. Raises InputError for unknown tokens."""
        return self._adding(self.inbox.take(tokens), when_taken)

    def _adding(self, paths: list[Path], when_taken: WhenTaken, also: Sequence[Path] = ()) -> Work:
        def work(on_skip: OnSkip, on_progress: OnProgress) -> BuildSummary:
            try:
                files = readable(offered(self.uploads, paths, on_skip, when_taken), on_skip)
                with in_place(files) as places:
                    if not places and not also:
                        raise InputError("nothing was added")
                    every = list(dict.fromkeys([*places, *also]))
                    articles = counting(read_articles(every, on_skip=on_skip), len(every), on_progress)
                    summary = PassageIndex.add(articles, self.store, on_progress=on_progress)
                self.jobs.tell((one.target.name, one.what) for one in files)
                return summary
            finally:
                self.inbox.discard(paths)
                with suppress(OSError):  # not empty, or not there
                    self.uploads.rmdir()

        return work

    def recover(self) -> str:
        """Take up what a server that was killed left in `incoming/`; what is done about it, in one line or none."""
        left: LeftOver = left_over(self.inbox.folder)
        self.inbox.discard([])
        said = []
        if left.broken:
            said.append(f"{left.broken} unfinished {'upload was' if left.broken == 1 else 'uploads were'} removed")
        if left.whole or left.begun:
            there = [path for path in sorted(self.uploads.iterdir()) if path.is_file()] if self.uploads.is_dir() else []
            self.jobs.start("Adding what was left", self._adding(list(left.whole), "both", there))
            said.append("uploads that were left from before are being added" if left.whole or there else "")
        return "; ".join(part for part in said if part)

    def removing(self, article_id: str) -> Work:
        """Removes an article, and its file where that is an upload of its own. Raises InputError for an unknown one."""
        source = self.snapshot().article(article_id).source

        def work(_: OnSkip, on_progress: OnProgress) -> BuildSummary:
            summary = PassageIndex.remove([source], self.store, on_progress=on_progress)
            for path in self.uploads.iterdir() if self.uploads.is_dir() else ():
                if source_of(path) == source:
                    path.unlink()
            with suppress(OSError):  # not empty, or not there
                self.uploads.rmdir()
            return summary

        return work

    def rebuilding(self) -> Work:
        """Reads every article's file again and takes up what changed; an article whose file is gone stays."""

        def work(on_skip: OnSkip, on_progress: OnProgress) -> BuildSummary:
            there = {path: path.is_file() for path in self.files()}
            paths = [path for path, is_there in there.items() if is_there]
            if not paths:
                raise InputError("none of the articles' files is there any more; upload them again")
            for path, is_there in there.items():
                if not is_there:
                    on_skip(Skipped(source_of(path), "the file is gone; what the store has of it stays"))
            kept = {info.source for info in self.snapshot().articles()}
            read = (one for one in read_articles(paths, on_skip=on_skip) if _belongs(one, kept))
            return PassageIndex.add(counting(read, len(paths), on_progress), self.store, on_progress=on_progress)

        return work

    def files(self) -> list[Path]:
        """The files that the articles come from, archives and tables once each."""
        return [PROJECT / file for file in dict.fromkeys(info.file for info in self.snapshot().articles()) if file]


def _belongs(article: Article, kept: set[str]) -> bool:
    # A removed member of an archive stays removed; new rows and members are not taken up unasked.
    return article.source in kept


def step_words(step: str) -> str:
    """What the page says while `qa` is at that step."""
    return {"retrieving": "Looking for passages…", "reading": "Reading them…"}.get(step, f"{step}…")


def one_line(error: Exception) -> str:
    """What the page says of an error: the message of ours, a general one for anything else."""
    if isinstance(error, ArticleQAError):
        return for_page(str(error))
    return f"Something went wrong here ({type(error).__name__}). Ask again."
