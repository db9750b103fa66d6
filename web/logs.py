"""The log: one line for each thing that happens, and few lines for the same thing many times over."""

import logging
import time
from collections import OrderedDict

from index.articles import visible

LINES = 5  # of one kind within
SECONDS = 60.0
MAX_KINDS = 200
MAX_CHARS = 1_000  # of a line


class Sparing(logging.Filter):
    """Lets the first lines of a kind through, counts the rest, and leaves out tracebacks."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: OrderedDict[tuple[str, str], tuple[float, int]] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written; it may be changed to tell how many were not."""
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            told = " ".join(str(error).split())[:300]
            record.msg = f"{record.getMessage().strip()}: {type(error).__name__}: {told}"
            record.args, record.exc_info, record.exc_text = (), None, None
        kind, now = (record.name, str(record.msg)[:80]), time.monotonic()
        began, seen = self._kinds.get(kind, (now, 0))
        left_out = max(0, seen - LINES)
        if now - began > SECONDS:
            began, seen = now, 0
            if left_out:
                record.msg, record.args = f"{record.getMessage()} (and {left_out:,} more like it before)", ()
        self._kinds[kind] = (began, seen + 1)
        while len(self._kinds) > MAX_KINDS:
            self._kinds.popitem(last=False)
        return seen < LINES


class OneLine(logging.Formatter):
    """A record as one line of bounded length: it may hold what somebody sent."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        return visible(super().format(record)[:MAX_CHARS])


def set_up() -> None:
    """One handler for every logger, ours and those of libraries, that writes sparingly."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine("%(message)s"))
    handler.addFilter(Sparing())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
