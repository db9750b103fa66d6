"""The large reader, made once on each machine: base weights and adapter merged, quantised and kept in a cache folder.

Nothing is fetched. The folder is named by the digests of all that goes into it, is written aside and switched by a
rename, and carries the digest of its weights: one that is damaged or half-written is made again.
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from platformdirs import user_cache_path

from index import InputError
from index.checksum import file_sha256
from index.project import PROJECT
from qa.reader.base import BASE_DIGEST, base_weights

ADAPTER_FOLDER = PROJECT / "models" / "reader-large"
ADAPTER_FILE, GRAPH_FILE, WEIGHTS_FILE = "adapter.safetensors", "model.onnx", "weights.bin"
COPIED = (GRAPH_FILE, "tokenizer.json")  # from the project beside the weights
RECORD = "made.json"
MAKING = ".making-"  # begins the names of folders that are being written
ABANDONED = 3600  # seconds after which such a folder is what a killed run left
ALIGNED = 4096  # bytes; a page, so that tensors can be mapped
FORMAT = "1"  # of what this module writes

Tell = Callable[[str], None]


def large_reader(tell: Tell) -> Path:
    """The folder of the large reader, made first where it is missing or damaged. Raises BaseError or InputError."""
    folder = cache_folder() / f"reader-large-{key()}"
    if not is_whole(folder):
        tell("making the large reader, once: half a minute")
        _make(folder)
    return folder


def cache_folder() -> Path:
    """Where what is derived from packages is kept."""
    return Path(os.environ.get("ARTICLE_QA_CACHE") or user_cache_path("article-qa"))


def key() -> str:
    """The digests of all that goes into the large reader, as one."""
    digest = hashlib.sha256(f"{FORMAT} {BASE_DIGEST}".encode())
    for name in (ADAPTER_FILE, *COPIED):
        digest.update((ADAPTER_FOLDER / name).read_bytes())
    return digest.hexdigest()[:16]


def is_whole(folder: Path) -> bool:
    """Whether the folder holds every file, and weights of the digest that was written down."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        found = file_sha256(folder / WEIGHTS_FILE)
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and found == record.get("sha256") and all((folder / n).is_file() for n in COPIED)


def _make(folder: Path) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _clear(folder.parent)
        with tempfile.TemporaryDirectory(prefix=MAKING, dir=folder.parent) as name:
            aside = Path(name) / "reader"
            aside.mkdir()
            digest = _write_weights(aside / WEIGHTS_FILE)
            for part in COPIED:
                shutil.copyfile(ADAPTER_FOLDER / part, aside / part)
            (aside / RECORD).write_text(json.dumps({"sha256": digest}))
            if folder.exists():
                folder.rename(Path(name) / "damaged")
            aside.rename(folder)
    except OSError as error:
        if is_whole(folder):  # another process was faster
            return
        reason = error.strerror or str(error)
        raise InputError(f"{folder.parent} cannot hold the large reader ({reason}): set ARTICLE_QA_CACHE") from error


def _clear(cache: Path) -> None:
    """Remove what killed runs left."""
    for left in cache.glob(f"{MAKING}*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)


def _write_weights(file: Path) -> str:
    """Write the tensors in their order, each at a multiple of ALIGNED bytes; returns the file's SHA-256."""
    from safetensors.numpy import load, load_file

    from qa.reader.merging import Weights, tensors

    weights = Weights(load(base_weights()), load_file(ADAPTER_FOLDER / ADAPTER_FILE))
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for _, tensor in tensors(weights):
            data = tensor.tobytes()
            data += bytes(-len(data) % ALIGNED)
            digest.update(data)
            out.write(data)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()
