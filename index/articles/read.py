"""Files and folders to articles, one after the other. What cannot be read is named, with its reason.

A source names a file by its path: relative to the project where it lies beneath it, absolute elsewhere, and
never resolved: two links to one file are two sources. Bytes that are no UTF-8 and control characters in names
are shown escaped.
"""

import errno
import io
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from index.articles.article import Article, Skipped, Unreadable
from index.articles.confined import read_confined
from index.articles.formats import (
    FORMATS,
    MAX_FILE_BYTES,
    MAX_STREAM_BYTES,
    STREAMED,
    is_left_out,
    read_stream,
    suffix_of,
    too_large,
)
from index.articles.formats.decode import reason_of, visible
from index.errors import InputError
from index.project import PROJECT

SUPPORTED = ", ".join(FORMATS)
# Plain text of our own linear rules is not worth the way to a worker and back, some 0.3 ms. Of 16 kB, the worst that
# was found for the two libraries behind it (PyYAML, charset-normalizer) is a second: brackets as front matter.
PLAIN = {".txt", ".md"}
SMALL_BYTES = 16_384
_FOLDER, _FILE = "folder", "file"


def read_articles(
    paths: Iterable[str | Path],
    *,
    strict: bool = False,
    on_skip: Callable[[Skipped], None] | None = None,
) -> Iterator[Article]:
    """The articles in `paths`, files or folders, in order and each once, read as they are asked for.

    Bad files go to `on_skip`, or raise InputError when `strict`. Raises InputError when a path does not
    exist, or when there is no article file at all.
    """
    names = [os.fspath(path) for path in ([paths] if isinstance(paths, str | Path) else paths)]
    _check_existence(names)
    ids: set[int] = set()
    all_found = list(_files(names))
    files = {source_of(found) for found in all_found if isinstance(found, Path)}
    for found in all_found:
        file = source_of(found) if isinstance(found, Path) else found.source
        for item in _read_file(found) if isinstance(found, Path) else [found]:
            reason = _reason_against(item, file, files, ids)
            if isinstance(item, Article) and not reason:
                ids.add(int(item.id, 16))
                yield replace(item, file=file)
                continue
            skipped = Skipped(item.source, reason, file)
            if strict:
                raise InputError(f"{skipped.source}: {skipped.reason}")
            if on_skip:
                on_skip(skipped)
    if not files:
        raise InputError(f"no article in {', '.join(map(visible, names))}: files that are read end in {SUPPORTED}")


def _reason_against(item: Article | Skipped, file: str, files: set[str], ids: set[int]) -> str:
    """Why what `file` holds is no article to take in; empty for one that is."""
    if isinstance(item, Skipped):
        return item.reason
    if item.source != file and item.source in files:
        return "its source is the path of another file: leave it out or name another"
    return "another article has this source" if int(item.id, 16) in ids else ""


def source_of(path: str | Path) -> str:
    """The source that names a file: see the module."""
    path = absolute(path)
    return visible((path.relative_to(PROJECT) if path.is_relative_to(PROJECT) else path).as_posix())


def absolute(path: str | Path) -> Path:
    """`path` from the root, without `.` and `..`; links are not followed, which Path.resolve would do."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _check_existence(names: list[str]) -> None:
    if not names:
        raise InputError("no path was given: name a file or a folder of articles")
    for name in names:
        try:
            os.lstat(name)
        except PermissionError:
            continue  # it may be there: reading it gives the reason
        except (OSError, ValueError):
            raise InputError(f"{visible(name)}: no such file or folder; name a file or a folder of articles") from None


def _files(names: list[str]) -> Iterator[Path | Skipped]:
    """The files to read, each once, and what is known to be unreadable without opening it."""
    files: set[Path] = set()
    folders: set[tuple[int, int]] = set()  # (device, inode): a link back to a folder above ends here
    for path in map(absolute, names):
        found: Iterable[Path | Skipped] = [path]
        if _kind(path) == _FOLDER:
            found = _walk(path, folders)
        elif suffix_of(path.name) not in FORMATS:
            found = [Skipped(source_of(path), f"not a format that is read; those end in {SUPPORTED}")]
        for item in found:
            if isinstance(item, Skipped):
                yield item
            elif item not in files:
                files.add(item)
                yield item


def _walk(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path | Skipped]:
    """The article files in `folder` and beneath, sorted; `seen` holds the folders that were walked before."""
    waiting = [folder]
    while waiting:
        folder = waiting.pop()
        try:
            about = folder.stat()
            paths = [] if (about.st_dev, about.st_ino) in seen else sorted(folder.iterdir())
            seen.add((about.st_dev, about.st_ino))
        except OSError as error:
            yield Skipped(source_of(folder), _reason(error, folder))
            continue
        folders = []
        for path in paths:
            if path.name.startswith("."):
                continue
            kind = _kind(path)
            if kind == _FOLDER:
                folders.append(path)
            elif kind != _FILE:
                yield Skipped(source_of(path), kind)
            elif not is_left_out(path.name):
                yield path
        waiting += reversed(folders)


def _kind(path: Path) -> str:
    """_FOLDER or _FILE, which stands for all else; or why the system will not even look, as for an overlong path."""
    try:
        return _FOLDER if path.is_dir() else _FILE
    except OSError as error:
        return _reason(error, path)


def _read_file(path: Path) -> Iterator[Article | Skipped]:
    """What the file at `path` holds: at least one Article or Skipped."""
    source, suffix = source_of(path), suffix_of(path.name)
    streamed = suffix in STREAMED
    try:
        with _opened(path, MAX_STREAM_BYTES if streamed else MAX_FILE_BYTES) as file:
            before = version(file)
            found = _found(file, before[0], suffix, source)
            if streamed:
                yield from found
            items = list(found)  # of a file of one article nothing counts before it is known to be whole
            if version(file) != before:
                missing = ", articles may be missing" if streamed else ""
                raise Unreadable(f"it changed while it was being read: build again{missing}")
            yield from items
    except Unreadable as reason:
        yield Skipped(source, str(reason))
    except OSError as error:
        yield Skipped(source, _reason(error, path))


def _found(file: BinaryIO, size: int, suffix: str, source: str) -> Iterator[Article | Skipped]:
    if suffix in PLAIN and size <= SMALL_BYTES:
        return read_stream(io.BytesIO(file.read(SMALL_BYTES)), suffix, source)
    return read_confined(file, suffix, source)


@contextmanager
def _opened(path: Path, limit: int) -> Iterator[BinaryIO]:
    """A regular file of at most `limit` bytes. A pipe put in its place at the last moment cannot block."""
    _check_regular(path.stat(), limit)
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        _check_regular(os.fstat(file.fileno()), limit)
        yield file


def _check_regular(about: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable("not a regular file")
    if about.st_size > limit:
        raise Unreadable(too_large(limit))


def version(file: BinaryIO) -> tuple[int, int]:
    """An open file's size and the time of its last change: others when somebody has written to it."""
    about = os.fstat(file.fileno())
    return about.st_size, about.st_mtime_ns


def _reason(error: OSError, path: Path) -> str:
    if error.errno == errno.ENAMETOOLONG:
        return "its path is longer than the system takes: move it further up"
    if isinstance(error, FileNotFoundError):
        return "broken symbolic link" if path.is_symlink() else "it vanished before it was read"
    return (error.strerror or reason_of(error)).lower()
