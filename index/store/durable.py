"""Every change to a store's files goes through here, so that it is durable and can be made to fail.

A change survives a power cut once its file and its folder are synced; a rename is the only way in which a
finished file or folder appears under its name.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from index.errors import StoreError


def before(step: str, path: Path) -> None:
    """Called before each change to `path`; does nothing. Attacks replace it to fail or kill at the n-th."""


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Raises StoreError, one line that says what to do, for whatever a write beneath `path` raises."""
    try:
        yield
    except (OSError, sqlite3.Error, RuntimeError, MemoryError) as error:  # FAISS raises RuntimeError
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise StoreError(
            f"cannot write the store at {path}: {' '.join(reason.split())}; what it held before is unharmed. "
            "Make room or access there and run the same command again"
        ) from error


def make_folder(path: Path) -> None:
    """Create `path` and its parents."""
    if not path.is_dir():
        before("mkdir", path)
        path.mkdir(parents=True, exist_ok=True)


def write(path: Path, data: bytes) -> None:
    """Write a whole file, durably. Not atomic: see `replace`."""
    before("write", path)
    path.write_bytes(data)
    sync(path)


def sync(path: Path) -> None:
    """Have the disk hold a file's bytes, or a folder's entries, before going on."""
    before("sync", path)
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_tree(folder: Path) -> None:
    """Sync every file and folder beneath `folder`, innermost first."""
    for path in sorted(folder.rglob("*"), reverse=True):
        sync(path)
    sync(folder)


def replace(path: Path, data: bytes) -> None:
    """Give `path` new content in one step: a reader sees the old bytes or the new ones."""
    aside = path.with_name(path.name + ".new")
    write(aside, data)
    before("rename", path)
    aside.replace(path)
    sync(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder in one step, durably."""
    before("rename", target)
    source.rename(target)
    sync(target.parent)


def remove(path: Path) -> None:
    """Remove a file or a folder with all it holds; nothing there is no error."""
    before("remove", path)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_empty(folder: Path) -> None:
    """Remove a folder that holds nothing; one that is not there, or holds something, is no error."""
    with suppress(OSError):
        before("remove", folder)
        folder.rmdir()
