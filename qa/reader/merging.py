"""The large reader's tensors: all-mpnet-base-v2 with our adapter merged in, its matrices in 8 bits.

Each matrix is quantised per output channel, symmetrically. Activations are quantised when the model runs, all channels
of a layer's input with one scale; channels that are much larger than the rest would take the bits of the others. They
are therefore made smaller, and their weights larger by as much (SmoothQuant, Xiao et al. 2022); the factors are kept
with the adapter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.derived import Tensor, quantised

Floats = NDArray[np.float32]

LAYERS = 12
HEADS = 12
LORA_SCALE = 2.0  # alpha 32 over rank 16, as trained
MAX_TOKENS = 384
FIRST_PLACE = 2  # the row of the first token in the base's table of positions
BUCKETS, FARTHEST = 32, 128  # of the base's relative positions
# What goes through one matrix: its name here -> the base's names, below "encoder.layer.N."
MATRICES = {
    "qkv": ("attention.attn.q", "attention.attn.k", "attention.attn.v"),
    "out": ("attention.attn.o",),
    "up": ("intermediate.dense",),
    "down": ("output.dense",),
}
NORMS = {"mid": "attention.LayerNorm", "end": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Weights:
    """The base's tensors and the adapter's, by name."""

    base: Mapping[str, Tensor]
    adapter: Mapping[str, Tensor]

    def merged(self, name: str) -> Floats:
        """A tensor as trained: the adapter's own, or the base's with the adapter's product added. float32."""
        if name in self.adapter:
            return self.adapter[name].astype(np.float32)
        tensor = self.base[name].astype(np.float32)
        stem = name.removesuffix(".weight")
        if f"{stem}.A" in self.adapter:
            a, b = self.adapter[f"{stem}.A"].astype(np.float32), self.adapter[f"{stem}.B"].astype(np.float32)
            tensor = tensor + LORA_SCALE * (b @ a)
        return tensor


def tensors(weights: Weights) -> Iterator[tuple[str, Tensor]]:
    """Every tensor of the graph, by name, in the order of the weights' file; matrices of shape (inputs, outputs)."""
    merged = weights.merged
    yield "words", merged("embeddings.word_embeddings.weight").astype(np.float16)
    yield "places", merged("embeddings.position_embeddings.weight")[FIRST_PLACE : FIRST_PLACE + MAX_TOKENS]
    yield from _norm(weights, "first", "embeddings.LayerNorm")
    yield "nearness", nearness(merged("encoder.relative_attention_bias.weight"))
    for layer in range(LAYERS):
        stem = f"encoder.layer.{layer}."
        for name, parts in MATRICES.items():
            matrix = np.concatenate([merged(f"{stem}{part}.weight") for part in parts]).T
            smooth = merged(f"{stem}{name}.smooth")
            yield f"{layer}.{name}.smooth", 1 / smooth
            integers, scale = quantised(matrix * smooth[:, None])
            yield f"{layer}.{name}.weight", integers
            yield f"{layer}.{name}.scale", scale
            yield f"{layer}.{name}.bias", np.concatenate([merged(f"{stem}{part}.bias") for part in parts])
        for name, part in NORMS.items():
            yield from _norm(weights, f"{layer}.{name}", stem + part)
    yield "head.weight", np.ascontiguousarray(merged("qa_outputs.weight").T)
    yield "head.bias", merged("qa_outputs.bias")


def _norm(weights: Weights, name: str, base_name: str) -> Iterator[tuple[str, Tensor]]:
    yield f"{name}.gain", weights.merged(f"{base_name}.weight")
    yield f"{name}.shift", weights.merged(f"{base_name}.bias")


def nearness(table: Floats) -> Floats:
    """What the distance of two tokens adds to their attention, shape (1, heads, tokens, tokens).

    The base's table has a row for each bucket of distances: exact ones, then logarithmic (Raffel et al. 2020).
    """
    place = np.arange(MAX_TOKENS)
    ahead = place[None, :] - place[:, None]
    distance, half = np.abs(ahead), BUCKETS // 2
    exact = half // 2
    far = np.log(np.maximum(distance, 1).astype(np.float32) / exact) / np.log(FARTHEST / exact) * (half - exact)
    bucket = np.where(distance < exact, distance, np.minimum(exact + far.astype(np.int64), half - 1))
    rows: Floats = table[bucket + np.where(ahead > 0, half, 0)]
    return np.ascontiguousarray(rows.transpose(2, 0, 1)[None])
