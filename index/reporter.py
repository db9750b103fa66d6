"""A build's progress for people: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from index.progress import OnProgress, Progress

if TYPE_CHECKING:
    from tqdm import tqdm

UNITS = {"reading": "article", "embedding": "passage", "indexing": "passage", "checking": "passage"}
LINE_SECONDS = 5.0  # between two plain lines of one stage


class Reporter:
    """Shows the progress of builds on `stream`, in the way that suits it."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: _Bar | None = _Bar(self._stream) if self._stream.isatty() else None
        self._stage = ""
        self._told = 0.0

    @property
    def on_progress(self) -> OnProgress:
        """What a build is to call."""
        return self._bar.show if self._bar else self._line

    def _line(self, progress: Progress) -> None:
        now = time.monotonic()
        ended = progress.total is not None and progress.done == progress.total
        if progress.stage == self._stage and now - self._told < LINE_SECONDS and not ended:
            return
        if progress.stage == self._stage or ended:
            print(describe(progress), file=self._stream, flush=True)
        self._stage, self._told = progress.stage, now

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._bar:
            self._bar.close()


class _Bar:
    """One tqdm bar per stage, the last one staying in place."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._stage = ""
        self._tqdm: tqdm | None = None

    def show(self, progress: Progress) -> None:
        """Move the bar; a new stage begins a new one."""
        from tqdm import tqdm

        if progress.stage != self._stage or self._tqdm is None:
            self.close()
            self._stage = progress.stage
            unit = " " + UNITS.get(progress.stage, "step")
            self._tqdm = tqdm(desc=progress.stage, unit=unit, file=self._stream, dynamic_ncols=True, leave=False)
        self._tqdm.total = progress.total
        self._tqdm.update(progress.done - self._tqdm.n)

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._tqdm is not None:
            self._tqdm.close()
            self._tqdm = None


def describe(progress: Progress) -> str:
    """A moment in words: `embedding: 128 of 512 passages, 6 s left`."""
    unit = UNITS.get(progress.stage, "step") + "s"
    if progress.total is None:
        return f"{progress.stage}: {progress.done} {unit}"
    left = "" if not progress.seconds_left else f", {progress.seconds_left:.0f} s left"
    return f"{progress.stage}: {progress.done} of {progress.total} {unit}{left}"
