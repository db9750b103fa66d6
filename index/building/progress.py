"""How far a build or an evaluation is, for a terminal or a page to show."""

import time
from collections.abc import Callable
from dataclasses import dataclass

UNITS = {
    "reading": "article",
    "embedding": "passage",
    "indexing": "passage",
    "checking": "passage",
    "asking": "question",
}


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of it: the stage, how much of it is done, the seconds left where that can be told."""

    stage: str  # one of UNITS, which says what is counted
    done: int
    total: int | None
    seconds_left: float | None

    @property
    def text(self) -> str:
        """In words: `embedding: 128 of 512 passages, 6 s left`."""
        unit = UNITS.get(self.stage, "step") + "s"
        if self.total is None:
            return f"{self.stage}: {self.done} {unit}"
        left = f", {self.seconds_left:.0f} s left" if self.seconds_left else ""
        return f"{self.stage}: {self.done} of {self.total} {unit}{left}"


OnProgress = Callable[[Progress], None]


class Meter:
    """Reports one stage, with the time left reckoned from its own pace so far."""

    def __init__(self, stage: str, report: OnProgress | None) -> None:
        self._stage = stage
        self._report = report
        self._began = time.monotonic()

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell that `done` of `total` are done; the pace counts from the last time that none was."""
        if not done:
            self._began = time.monotonic()
        if self._report is None:
            return
        left = None
        if total is not None and done:
            left = (time.monotonic() - self._began) / done * max(total - done, 0)
        self._report(Progress(self._stage, done, total, left))
