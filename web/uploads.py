"""Files that people hand in: checked, renamed and kept in the store's own `uploads/`, and nowhere else."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from index.articles.formats import FORMATS
from index.errors import InputError

MAX_UPLOAD_BYTES = 50_000_000  # one file; what the index reads at most
MAX_AT_ONCE = 200  # files
MAX_KEPT_BYTES = 5_000_000_000  # all uploads of a store together
MAX_NAME = 120  # characters
_ODD = re.compile(r"[^\w.\- ]+")


def safe_name(name: str) -> str:
    """The last part of a file's name with nothing in it that a path or a shell could mind.

    >>> safe_name("../../etc/passwd.txt"), safe_name("C:\\\\x\\\\Über uns?.md"), safe_name("...txt")
    ('passwd.txt', 'Über uns_.md', 'txt')
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    plain = _ODD.sub("_", last).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    kept = f"{stem[: MAX_NAME - len(suffix) - 1]}.{suffix}" if dot and len(suffix) <= 8 else plain[:MAX_NAME]
    return kept or "article"


def take_in(folder: Path, files: Sequence[str | Path]) -> list[Path]:
    """Move uploaded files into `folder`, a file of the same name replacing the one before. Raises InputError."""
    paths = [Path(file) for file in files]
    if len(paths) > MAX_AT_ONCE:
        raise InputError(f"{len(paths)} files at once are too many: upload at most {MAX_AT_ONCE}")
    for path in paths:
        _check(path)
    held = sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0
    if held + sum(path.stat().st_size for path in paths) > MAX_KEPT_BYTES:
        raise InputError(f"the uploads would pass {MAX_KEPT_BYTES // 10**9} GB: remove some articles first")
    folder.mkdir(parents=True, exist_ok=True)
    return [_move(path, folder / safe_name(path.name)) for path in paths]


def _check(path: Path) -> None:
    name = safe_name(path.name)
    if Path(name).suffix.lower() not in FORMATS:
        raise InputError(f"{name}: not a format that is read; those end in {', '.join(FORMATS)}")
    if path.stat().st_size > MAX_UPLOAD_BYTES:
        raise InputError(f"{name}: larger than {MAX_UPLOAD_BYTES // 10**6} MB; split it")


def _move(path: Path, target: Path) -> Path:
    return path.replace(target)
