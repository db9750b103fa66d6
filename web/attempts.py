"""Wrong passwords: each of one address for one name makes the next wait longer, and nobody else."""

import time
from collections import OrderedDict
from dataclasses import dataclass

FREE = 5  # wrong passwords of one address for one name that cost no waiting
FREE_ADDRESS = 50  # the same for all names together: who tries names is held too
LONGEST_SECONDS = 300.0
FORGOTTEN_SECONDS = 3600.0  # after the last wrong one
MAX_KEPT = 10_000  # addresses and names; the oldest go first


@dataclass(slots=True)
class _Count:
    wrong: int
    last: float  # on the monotonic clock, which nobody sets back


class Attempts:
    """Counts wrong passwords. One thread only: it is asked on the event loop."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()

    def wait(self, address: str, name: str) -> float:
        """The seconds until this address may try this name again."""
        now = time.monotonic()
        return max(self._left((address, name), FREE, now), self._left((address, ""), FREE_ADDRESS, now))

    def begin(self, address: str, name: str) -> None:
        """Count an attempt as wrong before it is checked: many at once are no way around the limit."""
        now = time.monotonic()
        for key in ((address, name), (address, "")):
            count = self._counts.pop(key, None)
            stale = count is None or now - count.last > FORGOTTEN_SECONDS
            self._counts[key] = _Count(1 if stale or count is None else count.wrong + 1, now)
        while len(self._counts) > MAX_KEPT:
            self._counts.popitem(last=False)

    def right(self, address: str, name: str) -> None:
        """The attempt that was begun was right: it was none, and those before it for this name are forgotten."""
        self._counts.pop((address, name), None)
        every = self._counts.get((address, ""))
        if every is not None:
            every.wrong -= 1

    def _left(self, key: tuple[str, str], free: int, now: float) -> float:
        count = self._counts.get(key)
        if count is None or count.wrong < free or now - count.last > FORGOTTEN_SECONDS:
            return 0.0
        pause = min(2.0 ** min(count.wrong - free, 30), LONGEST_SECONDS)
        return max(0.0, count.last + pause - now)
