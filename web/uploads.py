"""Files that people hand in: checked, read, and kept in the store's own `uploads/`, and nowhere else.

A file takes its place there only once it could be read, and the one before comes back if the store could not take it.
"""

import filecmp
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Literal

from index import InputError, Skipped, read_articles
from index.articles import source_of
from index.articles.formats import FORMATS
from web.jobs import OnSkip
from web.reception import MAX_AT_ONCE, MAX_UPLOAD_BYTES, UNFINISHED

UPLOADS = "uploads"
MAX_KEPT_BYTES = 5_000_000_000  # all uploads of a store together
_BEFORE = ".before"  # within an upload's own folder: the file whose place it takes


WhenTaken = Literal["replace", "both", "leave"]


@dataclass(frozen=True, slots=True)
class Offered:
    """An uploaded file, the place that it will take, and what that makes of it there."""

    path: Path
    target: Path
    what: Literal["added", "changed", "unchanged"]


def taken(folder: Path, paths: Sequence[Path]) -> list[str]:
    """The names of uploaded files that another file in `folder` has: it is a person who has to say what then."""
    return [
        path.name for path in paths if path.suffix.lower() in FORMATS and _what(path, folder / path.name) == "changed"
    ]


def offered(folder: Path, paths: Sequence[Path], on_skip: OnSkip, when_taken: WhenTaken) -> list[Offered]:
    """Uploaded files with their places in `folder`; of those that get none it is told why.

    Raises InputError for too many files or bytes.
    """
    if len(paths) > MAX_AT_ONCE:
        raise InputError(f"{len(paths)} files at once are too many: upload at most {MAX_AT_ONCE}")
    held = sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
    if held + sum(path.stat().st_size for path in paths) > MAX_KEPT_BYTES:
        raise InputError(f"the uploads would pass {MAX_KEPT_BYTES // 10**9} GB: remove some articles first")
    found: list[Offered] = []
    for path in paths:
        target = folder / path.name
        if reason := _refused(path, {one.target for one in found}, target, when_taken):
            on_skip(Skipped(source_of(target), reason, source_of(target)))
            continue
        if when_taken == "both" and _what(path, target) == "changed":
            target = _free(target, {one.target for one in found})
        found.append(Offered(path, target, _what(path, target)))
    return found


def _refused(path: Path, places: set[Path], target: Path, when_taken: WhenTaken) -> str:
    """Why a file gets no place, if so."""
    if path.suffix.lower() not in FORMATS:
        return f"not a format that is read; those end in {', '.join(FORMATS)}"
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        return f"larger than {MAX_UPLOAD_BYTES // 10**6} MB; split it"
    if target in places:
        return "another of these files has its name: rename it, or upload it by itself"
    return "left out: the one of that name stays" if when_taken == "leave" and _what(path, target) == "changed" else ""


def _what(path: Path, target: Path) -> Literal["added", "changed", "unchanged"]:
    if not target.exists():
        return "added"
    return "unchanged" if filecmp.cmp(path, target, shallow=False) else "changed"


def _free(target: Path, places: set[Path]) -> Path:
    """The first of `name (2)`, `name (3)` … that no file has."""
    names = (target.with_name(f"{target.stem} ({number}){target.suffix}") for number in count(2))
    return next(path for path in names if not path.exists() and path not in places)


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
