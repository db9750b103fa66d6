"""Changes to the articles, one at a time in a thread of their own, while others go on asking."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from index import Article, ArticleQAError, BuildSummary, Progress, Skipped, StoreBusy
from index.building import Meter, OnProgress

OnSkip = Callable[[Skipped], None]
Work = Callable[[OnSkip, OnProgress], BuildSummary]
logger = logging.getLogger("web")
MAX_SKIPPED = 100  # files kept with their reasons; the rest are counted, for a table may have a million bad rows


@dataclass(frozen=True, slots=True)
class Job:
    """One change as it stands: running while `ended` is None; then either a summary or a problem."""

    name: str
    began: float
    progress: Progress | None = None
    skipped: tuple[Skipped, ...] = ()
    skipped_count: int = 0
    files: tuple[tuple[str, str], ...] = ()  # each uploaded file that was taken, and what came of it
    summary: BuildSummary | None = None
    problem: str = ""
    ended: float | None = None


@dataclass
class Jobs:
    """Runs a change at a time; `latest` is the running one or the last."""

    latest: Job | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    @property
    def running(self) -> bool:
        """Whether a change is being made."""
        return self.latest is not None and self.latest.ended is None

    def start(self, name: str, work: Work) -> None:
        """Begin a change. Raises StoreBusy while another runs."""
        with self._lock:
            if self.running and self.latest is not None:
                raise StoreBusy(f"{self.latest.name} is still running: wait until it is done")
            self.latest = Job(name, time.time())
        self._thread = threading.Thread(target=self._run, args=(work,), name=name, daemon=True)
        self._thread.start()

    def wait(self) -> Job:
        """The latest job once it has ended."""
        if self._thread is not None:
            self._thread.join()
        assert self.latest is not None
        return self.latest

    def tell(self, files: Iterable[tuple[str, str]]) -> None:
        """Of the running change: what came of each file."""
        self._change(files=tuple(files))

    def _run(self, work: Work) -> None:
        try:
            summary = work(self._skip, self._progress)
            self._change(summary=summary, ended=time.time())
        except ArticleQAError as error:
            self._change(problem=str(error), ended=time.time())
        except Exception as error:
            self._change(problem=f"internal error: {type(error).__name__}: {error}", ended=time.time())
            logger.error("%s failed: %s: %s", self.latest and self.latest.name, type(error).__name__, error)

    def _skip(self, skipped: Skipped) -> None:
        if self.latest is not None:
            kept = self.latest.skipped
            self._change(
                skipped=(*kept, skipped) if len(kept) < MAX_SKIPPED else kept,
                skipped_count=self.latest.skipped_count + 1,
            )

    def _progress(self, progress: Progress) -> None:
        self._change(progress=progress)

    def _change(self, **changes: object) -> None:
        if self.latest is not None:
            self.latest = replace(self.latest, **changes)  # type: ignore[arg-type]


def counting(articles: Iterator[Article], total: int, report: OnProgress) -> Iterator[Article]:
    """`articles`, with the files read so far reported against how many there are."""
    meter = Meter("reading", report)
    for number, article in enumerate(articles, start=1):
        yield article
        meter(number, total)
