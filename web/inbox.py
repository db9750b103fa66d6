"""Uploads that wait to be added: each a file in a folder of its own within the store's `incoming/`, under a token.

The page knows a file by its token alone; no path leaves the server, and none is taken from a request.
"""

import secrets
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from index import InputError
from web.doors.refusal import Refusal

INCOMING = "incoming"
MAX_INCOMING_BYTES = 2_000_000_000  # of all files that wait, those on their way in among them
KEPT_SECONDS = 3600.0  # for what was uploaded and not added


@dataclass(frozen=True, slots=True)
class Arrived:
    """One file that was uploaded whole."""

    token: str
    path: Path  # its last part is the name under which it is kept
    browser: str
    size: int
    at: float  # on the monotonic clock


class Inbox:
    """The files that wait to be added. Thread-safe."""

    def __init__(self, store: Path) -> None:
        self.folder = store / INCOMING
        self._arrived: dict[str, Arrived] = {}
        self._held = 0
        self._lock = threading.Lock()

    def has(self, token: str, browser: str) -> bool:
        """Whether that browser uploaded the file of that token."""
        found = self._arrived.get(token)
        return found is not None and bool(browser) and secrets.compare_digest(found.browser, browser)

    def reserve(self, size: int) -> None:
        """Count bytes that come in. Raises Refusal when too many wait."""
        with self._lock:
            if self._held + size > MAX_INCOMING_BYTES:
                raise Refusal(503, "too many uploads are waiting to be added: try again later", {"Retry-After": "60"})
            self._held += size

    def release(self, size: int) -> None:
        """These bytes wait no more."""
        with self._lock:
            self._held -= size

    def keep(self, path: Path, browser: str, size: int) -> str:
        """A file has come whole, its bytes reserved; returns its token, the name of its folder."""
        token = path.parent.name
        with self._lock:
            self._arrived[token] = Arrived(token, path, browser, size, time.monotonic())
        return token

    def names(self, tokens: list[str]) -> list[Path]:
        """The files of some tokens that wait, which go on waiting."""
        return [one.path for token in tokens if (one := self._arrived.get(token)) is not None]

    def take(self, tokens: list[str]) -> list[Path]:
        """The files of some tokens, to be added and then discarded. Raises InputError for a token of none."""
        with self._lock:
            found = [self._arrived.pop(token, None) for token in tokens]
        there = [one for one in found if one is not None]
        self.release(sum(one.size for one in there))
        if len(there) < len(tokens):
            self.discard([one.path for one in there])
            raise InputError("an uploaded file is no longer there: upload it again")
        return [one.path for one in there]

    def discard(self, paths: list[Path]) -> None:
        """Remove files with their folders, and `incoming/` once it is empty."""
        for path in paths:
            shutil.rmtree(path.parent, ignore_errors=True)
        with suppress(OSError):
            self.folder.rmdir()

    def drop(self, tokens: list[str]) -> None:
        """Remove those of these files that still wait."""
        for token in tokens:
            with suppress(InputError):
                self.discard(self.take([token]))

    def sweep(self) -> None:
        """Remove what was uploaded long ago and never added."""
        before = time.monotonic() - KEPT_SECONDS
        self.drop([one.token for one in list(self._arrived.values()) if one.at < before])
