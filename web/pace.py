"""How often one address may do something that is kept."""

import threading
import time
from collections import OrderedDict, deque

from index import InputError

MAX_ADDRESSES = 10_000  # the oldest go first


class Pace:
    """At most `most` times in `seconds` for each address. Thread-safe."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most, self._seconds = most, seconds
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def step(self, address: str) -> None:
        """Count once. Raises InputError for one too many."""
        now = time.monotonic()
        with self._lock:
            times = self._times.setdefault(address, deque())
            self._times.move_to_end(address)
            if len(self._times) > MAX_ADDRESSES:
                self._times.popitem(last=False)
            while times and now - times[0] > self._seconds:
                times.popleft()
            if len(times) >= self._most:
                raise InputError(f"that was {self._most} times in {self._seconds:.0f} s: wait a moment")
            times.append(now)
