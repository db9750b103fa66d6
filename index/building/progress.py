"""How far a build is, for a terminal or a page to show."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """One moment of a build: the stage, how much of it is done, the seconds left where that can be told."""

    stage: str  # "reading", "embedding", "indexing" or "checking"
    done: int  # articles when reading, else passages
    total: int | None
    seconds_left: float | None


OnProgress = Callable[[Progress], None]


class Meter:
    """Reports one stage, with the time left reckoned from its own pace so far."""

    def __init__(self, stage: str, report: OnProgress | None) -> None:
        self._stage = stage
        self._report = report
        self._began = time.monotonic()

    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell that `done` of `total` are done."""
        if self._report is None:
            return
        left = None
        if total is not None and done:
            left = (time.monotonic() - self._began) / done * (total - done)
        self._report(Progress(self._stage, done, total, left))
