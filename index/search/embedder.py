"""Texts into unit vectors: what the index asks of a model, and any sentence-transformers model that lies here."""

import hashlib
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.checksum import file_sha256
from index.errors import ArticleQAError, InputError
from index.search.default_model import DEFAULT_EMBEDDER

BATCH = 32
SLICE = 256  # texts between two chances for a query to get in
MOST_TOKENS = 512  # read of a text by a model that names no bound: passages are shorter anyway
UNIT = 1e-3  # how far from 1 a row's length may be; float32 rows come within 1e-6


class Embedder(Protocol):
    """What the index asks of a model."""

    @property
    def name(self) -> str:
        """As the user named it."""

    @property
    def digest(self) -> str:
        """Tells these weights from any others."""

    @property
    def dimension(self) -> int:
        """The length of a row."""

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage it reads, special ones and prompts not counted: the rest it drops unseen."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, without special ones."""

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension)."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model; torch is imported and the weights are read at the first encoding.

    Every method raises InputError when the model cannot be had, ArticleQAError when its files are not what they
    should be.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.RLock()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the weights and settings in the model's folder."""
        return _folder_digest(self._found)

    @property
    def dimension(self) -> int:
        """The length of a row."""
        with self._lock:
            return int(self._model.get_embedding_dimension())

    @cached_property
    def max_tokens(self) -> int:
        """How many tokens of a passage it reads, special ones and its prompt not counted."""
        with self._lock:
            most = min(self._model.max_seq_length or MOST_TOKENS, MOST_TOKENS)
            special = len(self._tokens([""], special=True)[0])
            return int(most) - special - len(self._tokens([_passage_prompt(self._model)])[0])

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, without special ones."""
        with self._lock:
            return [len(found) for found in self._tokens(texts)]

    def _tokens(self, texts: Sequence[str], *, special: bool = False) -> list[list[int]]:
        found = self._model.tokenizer(list(texts), add_special_tokens=special, truncation=False, verbose=False)
        ids: list[list[int]] = found["input_ids"]
        return ids

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension), in the order of `texts`."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), SLICE):
            some = list(texts[start : start + SLICE])
            with self._lock:
                rows[start : start + len(some)] = self._model.encode_document(some, **_ENCODE)
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        with self._lock:
            row = self._model.encode_query([text], **_ENCODE)[0]
        return np.asarray(row, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        return _load_model(self._found)

    @property
    def _found(self) -> Path:
        return _folder(self.name)


_ENCODE = {
    "batch_size": BATCH,
    "normalize_embeddings": True,
    "convert_to_numpy": True,
    "show_progress_bar": False,
}

_embedders: dict[str, Embedder] = {}
_embedders_lock = threading.Lock()


def load_embedder(name: str = DEFAULT_EMBEDDER) -> Embedder:
    """The embedder called `name`: the default, a folder or a name in the local Hugging Face cache."""
    key = str(Path(name).resolve()) if Path(name).is_dir() else name
    with _embedders_lock:
        if key not in _embedders:
            _embedders[key] = _embedder(name)
        return _embedders[key]


def _embedder(name: str) -> Embedder:
    from index.search.int8 import Int8Embedder

    return Int8Embedder() if name == DEFAULT_EMBEDDER else SentenceTransformerEmbedder(name)


def check_rows(rows: NDArray[np.float32], shape: tuple[int, int], whose: str) -> None:
    """Raises ArticleQAError unless these are finite unit rows of that shape; `whose` begins its message."""
    if rows.shape != shape:
        raise ArticleQAError(f"{whose}: vectors of shape {rows.shape}, expected {shape}")
    lengths = np.linalg.norm(rows.astype(np.float64), axis=1)
    if not np.all(np.abs(lengths - 1) < UNIT):  # a NaN is not below anything
        raise ArticleQAError(f"{whose}: vectors that are not finite or not of length 1")


def _passage_prompt(model: Any) -> str:
    """What the model puts before a passage; sentence-transformers looks for it under these names, in this order."""
    names = (name for name in ("document", "passage", "corpus") if name in model.prompts)
    return model.prompts.get(next(names, model.default_prompt_name)) or ""


def _folder(name: str) -> Path:
    """The folder that holds the model called `name`; InputError when there is none."""
    if (Path(name) / "config.json").is_file() or (Path(name) / "modules.json").is_file():
        return Path(name)
    if Path(name).exists() or name.startswith((".", "/", "~")):
        raise InputError(f"{name} is no sentence-transformers model: expected a folder with modules.json")
    return _hub_folder(name)


def _hub_folder(name: str) -> Path:
    """The snapshot of a Hugging Face model, downloaded first unless HF_HUB_OFFLINE is set."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    repository = name if "/" in name else f"sentence-transformers/{name}"
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "ON", "YES", "TRUE"}
    try:
        return Path(snapshot_download(repository, local_files_only=offline))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        hint = "it is not in the local cache and HF_HUB_OFFLINE is set" if offline else "it cannot be fetched"
        raise InputError(f"no embedder called {name}: {hint}; give {DEFAULT_EMBEDDER} or a folder") from error


def _load_model(folder: Path) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # reading the weights takes a blink

    try:
        return SentenceTransformer(str(folder), local_files_only=True)
    except Exception as error:  # whatever the libraries raise, the cause is the model's folder
        reason = str(error).strip().splitlines()
        raise InputError(
            f"the embedder in {folder} cannot be loaded: {reason[0] if reason else repr(error)}"
        ) from error


def _folder_digest(folder: Path) -> str:
    """SHA-256 over the weights and every setting, by name: a changed pooling gives other vectors too."""
    kinds = {".safetensors", ".bin", ".json", ".txt", ".model"}
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in kinds and path.is_file():
            try:
                digest = file_sha256(path)
            except OSError as error:
                raise InputError(f"the embedder's {path} cannot be read ({error.strerror})") from error
            total.update(f"{path.relative_to(folder).as_posix()} {digest}\n".encode())
    return total.hexdigest()
