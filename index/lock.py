"""One writer at a time: a lock that dies with its process."""

import fcntl
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from index import files
from index.errors import InputError, StoreBusy

LOCK = "LOCK"
COMMAND_CHARACTERS = 120


@contextmanager
def writing(root: Path) -> Iterator[None]:
    """Hold the store's lock. Raises StoreBusy, naming the holder, when another build has it.

    The kernel drops an flock when its process ends, however it ends, so a kill leaves nothing to clean.
    """
    if root.exists() and not root.is_dir():
        raise InputError(f"{root} is a file, not a store: give a folder with --store")
    with files.storing(root):
        files.make_folder(root)
        handle = os.open(root / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreBusy(f"the store at {root} is being written {_holder(handle)}: try again then") from None
        with files.storing(root):
            _sign(handle, root)
        try:
            yield
        finally:
            os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _sign(handle: int, root: Path) -> None:
    command = " ".join(sys.argv)[:COMMAND_CHARACTERS]
    since = datetime.now(UTC).isoformat(timespec="seconds")
    files.before("write", root / LOCK)
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({"pid": os.getpid(), "since": since, "command": command}).encode(), 0)


def _holder(handle: int) -> str:
    try:
        told = json.loads(os.pread(handle, 4096, 0))
        return f"by process {told['pid']} ({told['command']!r}, since {told['since']})"
    except (ValueError, KeyError, TypeError):  # it has just taken the lock and not yet signed
        return "by another process"
