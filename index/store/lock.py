"""One writer at a time: a lock that dies with its process, and goes with a store that comes to nothing."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from index.errors import InputError, StoreBusy
from index.store import durable

LOCK = "LOCK"
COMMAND_CHARACTERS = 120


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the store's lock. Raises StoreBusy, naming the holder, when another build has it; InputError for a file.

    The kernel drops an flock when its process ends, however it ends, so a kill leaves nothing to clean.
    What fails before there is anything to keep leaves no folder behind that was not there before.
    """
    with durable.storing(root):
        if root.exists() and not root.is_dir():
            raise InputError(f"{root} is a file, not a store: give a folder with --store")
        made = [path for path in (root, *root.parents) if not path.exists()]
        handle = _locked(root)
    try:
        with durable.storing(root):
            _sign(handle, root)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    except BaseException:
        _leave_nothing(root, made)
        raise
    finally:
        os.close(handle)


def _locked(root: Path) -> int:
    """The open lock file, once it is ours."""
    while True:
        durable.make_folder(root)
        handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_open_at(handle, root / LOCK):
                return handle
        except BlockingIOError:
            holder = _holder(handle)
            os.close(handle)
            raise StoreBusy(f"the store at {root} is being written {holder}: try again then") from None
        os.close(handle)


def _is_open_at(handle: int, path: Path) -> bool:
    """Whether an open file still has its name: the holder before may have taken the lock file away."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _leave_nothing(root: Path, made: Sequence[Path]) -> None:
    """Where there is nothing but the lock file, remove that and the folders that were made for it."""
    with suppress(OSError):
        if list(root.iterdir()) == [root / LOCK]:
            durable.remove(root / LOCK)
            for folder in made:
                durable.remove_empty(folder)


def _sign(handle: int, root: Path) -> None:
    command = " ".join(sys.argv)[:COMMAND_CHARACTERS]
    since = datetime.now(UTC).isoformat(timespec="seconds")
    durable.before("write", root / LOCK)
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since, "command": command}).encode(), 0)


def _holder(handle: int) -> str:
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return f"by process {told['pid']} ({told['command']!r}, since {told['since']})"
    except (ValueError, KeyError, TypeError):  # it has just taken the lock and not yet signed
        return "by another process"
