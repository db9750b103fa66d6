"""The default embedder in 8 bits: all-MiniLM-L6-v2 on onnxruntime, without torch.

Matrices are quantised per output channel, activations when the model runs. Each text runs alone, so that its row
depends on no other text and nothing is padded. benchmarks/README.md has the precision's cost and the gain.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index.derived import GRAPH_FILE, Recipe, Tensor, derived, quantised, write
from index.errors import InputError
from index.project import PROJECT
from index.search.default_model import (
    DEFAULT_DIGEST,
    DEFAULT_DIMENSION,
    DEFAULT_EMBEDDER,
    DEFAULT_MAX_TOKENS,
    WEIGHTS_DIGEST,
    official_weights,
    tokenizer_file,
    word_pieces,
)

GRAPH = PROJECT / "models" / "embedder" / GRAPH_FILE
LAYERS, HEADS = 6, 12
SPECIAL = 2  # [CLS] and [SEP]
# What goes through one matrix: its name in the graph -> the model's names, below "encoder.layer.N."
MATRICES = {
    "qkv": ("attention.self.query", "attention.self.key", "attention.self.value"),
    "out": ("attention.output.dense",),
    "up": ("intermediate.dense",),
    "down": ("output.dense",),
}
NORMS = {"mid": "attention.output.LayerNorm", "end": "output.LayerNorm"}


class Int8Embedder:
    """The default model; onnxruntime is imported and the weights are mapped at the first encoding. Thread-safe.

    Encoding raises ArticleQAError when the model's package is missing or altered.
    """

    name = DEFAULT_EMBEDDER
    digest = DEFAULT_DIGEST
    dimension = DEFAULT_DIMENSION
    max_tokens = DEFAULT_MAX_TOKENS

    def __init__(self) -> None:
        self._opening = threading.Lock()

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """The tokens of each text, without special ones."""
        return word_pieces(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, shape (texts, dimension), in the order of `texts`; a core for each text."""
        rows = np.empty((len(texts), DEFAULT_DIMENSION), dtype=np.float32)
        ids = [found.ids for found in self._tokenizer.encode_batch_fast(list(texts))]
        for place, row in enumerate(self._workers.map(self._row, ids)):
            rows[place] = row
        return rows

    def encode_query(self, text: str) -> NDArray[np.float32]:
        """One unit row, shape (dimension,)."""
        return self._row(self._tokenizer.encode(text).ids)

    def warm(self) -> None:
        """Load all that the first encoding would."""
        self._row(self._tokenizer.encode("warm").ids)

    def _row(self, ids: list[int]) -> NDArray[np.float32]:
        (found,) = self._session.run(["mean"], {"input_ids": np.array([ids], dtype=np.int64)})
        row: NDArray[np.float32] = found[0] / np.linalg.norm(found[0])
        return row

    @property
    def _session(self) -> Any:
        with self._opening:
            return self._opened

    @cached_property
    def _opened(self) -> Any:
        try:
            return _session(derived(recipe(), lambda line: None))
        except InputError:  # there is nowhere to keep it: it is made for this process alone
            with tempfile.TemporaryDirectory() as folder:
                write(Path(folder) / "model", recipe())
                return _session(Path(folder) / "model")

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer.from_file(str(tokenizer_file()))
        tokenizer.no_padding()
        tokenizer.enable_truncation(DEFAULT_MAX_TOKENS + SPECIAL)
        return tokenizer

    @cached_property
    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="embedder")


def _session(folder: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(folder / GRAPH_FILE), options, providers=["CPUExecutionProvider"])


def recipe() -> Recipe:
    """How the folder that onnxruntime reads is made."""
    return Recipe(
        name="embedder",
        title="the embedder",
        takes="a second",
        base_digest=WEIGHTS_DIGEST,
        parts=(GRAPH,),
        copied=(GRAPH,),
        tensors=_tensors,
    )


def _tensors() -> Iterator[tuple[str, Tensor]]:
    """Every tensor of the graph, by name, in the order of the weights' file. Raises ArticleQAError."""
    from safetensors.numpy import load

    base = load(official_weights())
    yield "words", base["embeddings.word_embeddings.weight"].astype(np.float16)
    places = base["embeddings.position_embeddings.weight"] + base["embeddings.token_type_embeddings.weight"][0]
    yield "places", places[: DEFAULT_MAX_TOKENS + SPECIAL]
    yield from _norm(base, "first", "embeddings.LayerNorm")
    for layer in range(LAYERS):
        stem = f"encoder.layer.{layer}."
        for name, parts in MATRICES.items():
            integers, scale = quantised(np.concatenate([base[f"{stem}{part}.weight"] for part in parts]).T)
            yield f"{layer}.{name}.weight", integers
            yield f"{layer}.{name}.scale", scale
            yield f"{layer}.{name}.bias", np.concatenate([base[f"{stem}{part}.bias"] for part in parts])
        for name, part in NORMS.items():
            yield from _norm(base, f"{layer}.{name}", stem + part)


def _norm(base: dict[str, Tensor], name: str, base_name: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.gain", base[f"{base_name}.weight"]
    yield f"{name}.shift", base[f"{base_name}.bias"]
