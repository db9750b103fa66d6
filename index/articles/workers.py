"""The worker processes: started when the first file is to be read, lent for one file, renewed when one is lost.

A worker never outlives its owner by more than the seconds that `limits` gives a file.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from index.articles import limits, wire
from index.errors import ArticleQAError

KEPT_IDLE = 2  # workers that wait for the next file, of 20 MB each and 100 MB once they have read a web page
START_SECONDS = 60
END_SECONDS = 5

# The package's own __init__ opens the doors to building and searching: a worker starts in a third of the time, and
# with a third of the memory, without.
_START = (
    "import sys, types; index = sys.modules['index'] = types.ModuleType('index'); index.__path__ = [sys.argv[2]]; "
    "from index.articles.worker import main; main()"
)
_PACKAGE = Path(__file__).resolve().parent.parent


class WorkerLost(Exception):  # noqa: N818 - reads as a state, not as an event
    """A worker died or was killed over a file; str(e) says why, in words that fit the file."""


class Worker:
    """One process that reads files."""

    def __init__(self) -> None:
        self._connection, its = socket.socketpair()
        try:
            self._process = _process(its)
        except BaseException:
            self._connection.close()
            raise
        finally:
            its.close()
        self._owner = os.getpid()
        self._patience = float(START_SECONDS)  # of waiting, for what it is at
        self.waited = 0.0  # of it
        self.seconds = 0.0  # of its own time that it has for what it reads now
        self.fit = True  # for another file

    def ask(self, file: BinaryIO, request: dict[str, Any]) -> None:
        """Give it a file to read; `request` has the file's `seconds`. Raises ConnectionError when it is dead."""
        wire.send(self._connection, wire.encoded(request), file.fileno())
        self.seconds = request["seconds"]
        self._patience, self.waited = self.seconds * limits.PATIENCE, 0.0

    def hear(self) -> list[Any]:
        """Its next word. Raises WorkerLost."""
        began = time.monotonic()
        try:
            word = wire.receive(self._connection, limits.MAX_ARTICLE_BYTES, began + self._patience - self.waited)
        except TimeoutError:
            self.end()
            raise WorkerLost(self._too_long()) from None
        except (EOFError, ConnectionError):
            with suppress(subprocess.TimeoutExpired):  # it is ending: let it come to its own exit code
                self._process.wait(END_SECONDS)
            raise WorkerLost(self._reason(self.end())) from None
        except (wire.Overlong, ValueError):
            self.end()
            raise WorkerLost("its reader went astray") from None
        finally:
            self.waited += time.monotonic() - began
        return word if isinstance(word, list) else []

    @property
    def is_ours(self) -> bool:
        """Whether it lives and was started by this very process, not by one that this was forked from."""
        return self._owner == os.getpid() and self._process.poll() is None

    def end(self) -> int:
        """End it, whatever it does; returns its exit code, negative for a signal."""
        if self._owner == os.getpid():
            self._process.kill()  # does nothing to one that is dead
            self._process.wait()
        self._connection.close()
        return self._process.returncode or 0

    def _too_long(self) -> str:
        return f"it takes over {self.seconds:.0f} s to read"

    def _reason(self, code: int) -> str:
        if code == -signal.SIGXCPU:
            return self._too_long()
        if code < 0:
            return f"its parser broke down ({signal.Signals(-code).name})"
        return f"its reader ended with exit code {code}"


def _process(its: socket.socket) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _START, str(its.fileno()), str(_PACKAGE)],
        pass_fds=[its.fileno()],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for the owner, which then ends the worker
    )


_idle: list[Worker] = []
_lock = threading.Lock()


@contextmanager
def lent(file: BinaryIO, request: dict[str, Any]) -> Iterator[Worker]:
    """A worker that has begun with a file. It is kept for the next when all went well, else ended."""
    worker = _asked(file, request)
    try:
        yield worker
    except BaseException:
        worker.end()
        raise
    with _lock:
        keep = worker.fit and len(_idle) < KEPT_IDLE
        if keep:
            _idle.append(worker)
    if not keep:
        worker.end()


def _asked(file: BinaryIO, request: dict[str, Any]) -> Worker:
    with _lock:
        worker = _idle.pop() if _idle else None
    if worker is not None:
        try:
            if worker.is_ours:
                worker.ask(file, request)
                return worker
        except ConnectionError:  # it has just died
            pass
        worker.end()
    worker = _started()
    worker.ask(file, request)
    return worker


def _started() -> Worker:
    """A worker that has said that it is ready. Raises ArticleQAError: then no file can be read, and none is bad."""
    try:
        worker = Worker()
        if worker.hear() == ["ready"]:
            return worker
        worker.end()
        reason = "it did not begin"
    except (OSError, WorkerLost) as error:
        reason = str(error)
    raise ArticleQAError(
        f"cannot start a process to read files in ({reason}): see that memory and processes are left, and try again"
    )


@atexit.register
def end_idle() -> None:
    """End the workers that wait for files."""
    with _lock:
        ended = list(_idle)
        _idle.clear()
    for worker in ended:
        worker.end()
