"""A build or an evaluation for people to follow: a bar with the time left on a terminal, plain lines elsewhere.

Also what is skipped, file by file.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from index.articles import Skipped
from index.building import UNITS, Progress

if TYPE_CHECKING:
    from tqdm import tqdm

LINE_SECONDS = 5.0  # between two plain lines of one stage
SHOWN_SKIPS = 20  # lines for one file: a table may have a million bad rows


class SkipLines:
    """Writes what is skipped, of one file at most SHOWN_SKIPS lines; its length counts all."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._count = 0
        self._file: str | None = None
        self._in_file = 0

    def __len__(self) -> int:
        return self._count

    def add(self, skipped: Skipped) -> None:
        """Take one in; those of one file come one after the other."""
        if skipped.file != self._file:
            self.end_file()
        self._file = skipped.file
        self._count += 1
        self._in_file += 1
        if self._in_file <= SHOWN_SKIPS:
            self._write(f"skipped {skipped.source}: {skipped.reason}")

    def end_file(self) -> None:
        """Write how many of the last file were not shown."""
        if self._in_file > SHOWN_SKIPS:
            self._write(f"skipped {self._in_file - SHOWN_SKIPS:,} more in {self._file}")
        self._in_file = 0


class Reporter:
    """Shows progress on `stream`, in the way that suits it, and what a build skips."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._bar: _Bar | None = _Bar(self._stream) if self._stream.isatty() else None
        self.skips = SkipLines(self._bar.write if self._bar else self._write)
        self._stage = ""
        self._told = 0.0

    def on_progress(self, progress: Progress) -> None:
        """What is to be called as work goes on."""
        if progress.stage != "reading":
            self.skips.end_file()
        if self._bar:
            self._bar.show(progress)
        else:
            self._line(progress)

    def _line(self, progress: Progress) -> None:
        now = time.monotonic()
        ended = progress.total is not None and progress.done == progress.total
        if progress.stage == self._stage and now - self._told < LINE_SECONDS and not ended:
            return
        if progress.stage == self._stage or ended:
            self._write(progress.text)
        self._stage, self._told = progress.stage, now

    def _write(self, line: str) -> None:
        print(line, file=self._stream, flush=True)

    def __enter__(self) -> Reporter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.skips.end_file()
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

    def write(self, line: str) -> None:
        """Write a line above the bar."""
        from tqdm import tqdm

        tqdm.write(line, file=self._stream)

    def close(self) -> None:
        """Take the bar off the terminal."""
        if self._tqdm is not None:
            self._tqdm.close()
            self._tqdm = None
