"""The large reader, made once on each machine: base weights and adapter merged, quantised, kept in a cache folder."""

from collections.abc import Iterator
from pathlib import Path

from index.derived import GRAPH_FILE, Recipe, Tell, Tensor, derived
from index.project import PROJECT
from qa.reader.base import BASE_DIGEST, base_weights

ADAPTER_FOLDER = PROJECT / "models" / "reader-large"
ADAPTER_FILE = "adapter.safetensors"


def large_reader(tell: Tell) -> Path:
    """The folder of the large reader, made first where it is missing or damaged. Raises BaseError or InputError."""
    return derived(recipe(), tell)


def recipe() -> Recipe:
    """What goes into it."""
    adapter, graph, tokenizer = (ADAPTER_FOLDER / name for name in (ADAPTER_FILE, GRAPH_FILE, "tokenizer.json"))
    return Recipe(
        name="reader-large",
        title="the large reader",
        takes="half a minute",
        base_digest=BASE_DIGEST,
        parts=(adapter, graph, tokenizer),
        copied=(graph, tokenizer),
        tensors=_tensors,
    )


def _tensors() -> Iterator[tuple[str, Tensor]]:
    from safetensors.numpy import load, load_file

    from qa.reader.merging import Weights, tensors

    return tensors(Weights(load(base_weights()), load_file(ADAPTER_FOLDER / ADAPTER_FILE)))
