"""Models made once on each machine from weights that packages hold: 8-bit tensors and their graph, in a cache folder.

Nothing is fetched. The folder is named by the digests of all that goes into it, is written aside and switched by a
rename, and carries the digest of its weights: one that is damaged or half-written is made again.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from index.checksum import file_sha256
from index.errors import InputError

GRAPH_FILE, WEIGHTS_FILE = "model.onnx", "weights.bin"
RECORD = "made.json"
MAKING = ".making-"  # begins the names of folders that are being written
ABANDONED = 3600  # seconds after which such a folder is what a killed run left
ALIGNED = 4096  # bytes; a page, so that tensors can be mapped
FORMAT = "1"  # of what this module writes

Tensor = NDArray[np.generic]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Recipe:
    """What goes into a model: the digest of the weights it starts from, files of the project, and the tensors."""

    name: str  # how its folder's name begins
    title: str  # what people call it
    takes: str  # how long making it takes, in words
    base_digest: str
    parts: tuple[Path, ...]  # files that go in
    copied: tuple[Path, ...]  # those of them that lie beside the weights as they are
    tensors: Callable[[], Iterable[tuple[str, Tensor]]]  # in the order of the weights' file

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        digest = hashlib.sha256(f"{FORMAT} {self.base_digest}".encode())
        for part in self.parts:
            digest.update(part.read_bytes())
        return cache_folder() / f"{self.name}-{digest.hexdigest()[:16]}"


def derived(recipe: Recipe, tell: Tell) -> Path:
    """The folder of a model, made first where it is missing or damaged.

    Raises InputError where the cache cannot hold it, and whatever the recipe's tensors raise.
    """
    folder = recipe.folder
    if not is_whole(folder, recipe):
        tell(f"making {recipe.title}, once: {recipe.takes}")
        _make(folder, recipe)
    return folder


def cache_folder() -> Path:
    """Where what is derived from packages is kept."""
    return Path(os.environ.get("ARTICLE_QA_CACHE") or user_cache_path("article-qa"))


def is_whole(folder: Path, recipe: Recipe) -> bool:
    """Whether the folder holds every file, and weights of the digest that was written down."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        found = file_sha256(folder / WEIGHTS_FILE)
    except (OSError, ValueError):
        return False
    there = all((folder / part.name).is_file() for part in recipe.copied)
    return isinstance(record, dict) and found == record.get("sha256") and there


def _make(folder: Path, recipe: Recipe) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear(folder.parent)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=folder.parent) as name:
            aside = Path(name) / "model"
            write(aside, recipe)
            if folder.exists():
                folder.rename(Path(name) / "damaged")
            aside.rename(folder)
    except OSError as error:
        if is_whole(folder, recipe):  # another process was faster
            return
        reason = error.strerror or str(error)
        raise InputError(f"{folder.parent} cannot hold {recipe.title} ({reason}): set ARTICLE_QA_CACHE") from error


def _clear(cache: Path) -> None:
    """Remove what killed runs left."""
    for left in cache.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def write(folder: Path, recipe: Recipe) -> None:
    """Write a model into a new folder. Raises OSError."""
    folder.mkdir()
    digest = _write_weights(folder / WEIGHTS_FILE, recipe.tensors())
    for part in recipe.copied:
        shutil.copyfile(part, folder / part.name)
    (folder / RECORD).write_text(json.dumps({"sha256": digest}))


def _write_weights(file: Path, tensors: Iterable[tuple[str, Tensor]]) -> str:
    """Write the tensors in their order, each at a multiple of ALIGNED bytes; returns the file's SHA-256."""
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for _, tensor in tensors:
            data = tensor.tobytes()
            data += bytes(-len(data) % ALIGNED)
            digest.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def quantised(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Shape (inputs, outputs) in 8 bits, and the scale of each output, shape (outputs,)."""
    scale = np.maximum(np.abs(matrix).max(0), 1e-12).astype(np.float32) / np.float32(127)
    return np.ascontiguousarray(np.round(matrix / scale)).astype(np.int8), scale
