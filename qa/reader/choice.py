"""Which reader answers: the large one where it can be had, else the small one; or the one that is named."""

import sys
from dataclasses import dataclass
from pathlib import Path

from index import InputError
from qa.reader.base import BaseError
from qa.reader.making import ADAPTER_FOLDER, large_reader

LARGE, SMALL = "large", "small"
SMALL_FOLDER = ADAPTER_FOLDER.parent / "reader"


@dataclass(frozen=True, slots=True)
class Choice:
    """A reader's name, its weights (a folder, or the name of a checkpoint), and the folder of its calibration."""

    name: str
    weights: str
    calibration: Path


def choose(name: str | None = None) -> Choice:
    """The reader of that name: "large", "small", a folder or a hub's name; without one, the best that can be had.

    The large one is made first where it has not been yet, which a line on stderr says. Raises InputError for "large"
    where it cannot be had.
    """
    if name == SMALL:
        return Choice(SMALL, str(SMALL_FOLDER), SMALL_FOLDER)
    if name is not None and name != LARGE:
        return Choice(name, name, Path(name))
    try:
        return Choice(LARGE, str(large_reader(_tell)), ADAPTER_FOLDER)
    except (BaseError, InputError) as error:
        if name == LARGE:
            raise InputError(f"the large reader cannot be had: {error}") from error
        _tell(f"the small reader answers, as the large one cannot be had: {error}")
        return choose(SMALL)


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
