"""Files that people hand in: checked, read, and kept in the store's own `uploads/`, and nowhere else.

A file takes its place there only once it could be read, and the one before comes back if the store could not take it.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from index import InputError, Skipped, read_articles
from index.articles import source_of
from index.articles.formats import FORMATS
from web.jobs import OnSkip
from web.reception import MAX_AT_ONCE, MAX_UPLOAD_BYTES, UNFINISHED

UPLOADS = "uploads"
MAX_KEPT_BYTES = 5_000_000_000  # all uploads of a store together
_BEFORE = ".before"  # within an upload's own folder: the file whose place it takes


@dataclass(frozen=True, slots=True)
class Offered:
    """An uploaded file and the place that it will take."""

    path: Path
    target: Path


def offered(folder: Path, paths: Sequence[Path]) -> list[Offered]:
    """Uploaded files with their places in `folder`. Raises InputError for what cannot be taken."""
    if len(paths) > MAX_AT_ONCE:
        raise InputError(f"{len(paths)} files at once are too many: upload at most {MAX_AT_ONCE}")
    names = [path.name for path in paths]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise InputError(f"two of the files are called {twice[0]}: rename one, or upload them one after the other")
    for path in paths:
        _check(path)
    held = sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
    if held + sum(path.stat().st_size for path in paths) > MAX_KEPT_BYTES:
        raise InputError(f"the uploads would pass {MAX_KEPT_BYTES // 10**9} GB: remove some articles first")
    return [Offered(path, folder / path.name) for path in paths]


def readable(files: Sequence[Offered], on_skip: OnSkip) -> list[Offered]:
    """The files that hold an article; of the others it is told why they do not."""
    return [one for one in files if _holds_article(one, on_skip)]


def _holds_article(one: Offered, on_skip: OnSkip) -> bool:
    reasons: list[Skipped] = []
    held = next(iter(read_articles([one.path], on_skip=reasons.append)), None) is not None
    if not held:
        reason = reasons[0].reason if reasons else "it holds no article"
        kept = "; the one of before stays" if one.target.exists() else ""
        on_skip(Skipped(source_of(one.target), reason + kept, source_of(one.target)))
    return held


@contextmanager
def in_place(files: Sequence[Offered]) -> Iterator[list[Path]]:
    """The files in their places; back to what was there before when what follows fails."""
    done: list[Offered] = []
    try:
        for one in files:
            one.target.parent.mkdir(parents=True, exist_ok=True)
            if one.target.exists():
                _copy(one.target, one.path.with_name(_BEFORE))
            done.append(one)
            one.path.replace(one.target)
        yield [one.target for one in files]
    except BaseException:
        for one in done:
            with suppress(OSError):
                _back(one)
        raise


def _back(one: Offered) -> None:
    before = one.path.with_name(_BEFORE)
    if before.exists():
        before.replace(one.target)
    elif not one.path.exists():  # it had taken an empty place
        one.target.unlink(missing_ok=True)


def _copy(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except OSError:  # a file system without second names
        shutil.copyfile(path, target)


@dataclass(frozen=True, slots=True)
class LeftOver:
    """What a server that was killed left in `incoming/`."""

    whole: tuple[Path, ...]  # uploads that were not added yet
    broken: int  # uploads that were still coming in; they are removed
    begun: bool  # whether an addition had begun, so that files in `uploads/` may not be in the store


def left_over(incoming: Path) -> LeftOver:
    """Look at what was left, the newest of each name, and remove the rest."""
    whole: dict[str, Path] = {}
    broken, begun = 0, False
    for folder in sorted(incoming.iterdir(), key=lambda path: path.stat().st_mtime) if incoming.is_dir() else []:
        names = [path.name for path in folder.iterdir()] if folder.is_dir() else [UNFINISHED]
        kept = [name for name in names if name not in (_BEFORE, UNFINISHED)]
        broken += UNFINISHED in names
        begun = begun or (UNFINISHED not in names and (not kept or _BEFORE in names))
        for name in kept:
            if name in whole:
                shutil.rmtree(whole[name].parent, ignore_errors=True)
            whole[name] = folder / name
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
            folder.unlink(missing_ok=True) if folder.is_file() else None
    return LeftOver(tuple(whole.values()), broken, begun)


def _check(path: Path) -> None:
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"{path.name}: not a format that is read; those end in {', '.join(FORMATS)}")
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise InputError(f"{path.name}: larger than {MAX_UPLOAD_BYTES // 10**6} MB; split it")
