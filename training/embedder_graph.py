"""The default embedder's graph for onnxruntime, without its weights: MiniLM (Wang et al. 2020), its rows averaged.

    python -m training.embedder_graph [--out models/embedder/model.onnx]

The weights lie in a file of their own, which `index.derived` writes in the order of `index.search.int8`; so nobody
needs torch or onnx to set the embedder up. Rows of a batch have the same length: there is no padding.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from onnx import TensorProto, helper

from index.command_line import Parser, run
from index.search.int8 import HEADS, LAYERS, recipe
from training.graph import LEAST, MS, Node, external

EPSILON = 1e-12  # the model's layer norms'


def write_graph(path: Path) -> None:
    """Write the graph: ids of shape (batch, tokens) in, the mean of the last layer's rows, (batch, 384), out."""
    nodes = [*_embedding(), *(node for layer in range(LAYERS) for node in _layer(layer))]
    nodes.append(helper.make_node("ReduceMean", [f"end {LAYERS - 1}", "one"], ["mean"], keepdims=0))
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    mean = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["batch", "dimension"])
    constants = [
        helper.make_tensor(name, TensorProto.INT64, [1], [value])
        for name, value in {"zero": 0, "one": 1, "last": -1}.items()
    ]
    constants.append(helper.make_tensor("least", TensorProto.FLOAT, [1], [LEAST]))
    graph = helper.make_graph(nodes, "embedder", [ids], [mean], [*constants, *external(recipe().tensors())])
    domains = [helper.make_opsetid("", 21), helper.make_opsetid(MS, 1)]
    path.write_bytes(helper.make_model(graph, opset_imports=domains, ir_version=10).SerializeToString())


def _embedding() -> Iterator[Node]:
    yield helper.make_node("Gather", ["words", "input_ids"], ["looked up"])
    yield helper.make_node("Cast", ["looked up"], ["word"], to=TensorProto.FLOAT)
    yield helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2)
    yield helper.make_node("Slice", ["places", "zero", "length", "zero"], ["place"])
    yield helper.make_node("Add", ["word", "place"], ["embedded"])
    yield _norm("embedded", "first", "end -1")


def _layer(layer: int) -> Iterator[Node]:
    before = f"end {layer - 1}"
    yield _product(layer, "qkv", before, bias=True)
    parts = [f"{layer} {part}" for part in ("q", "k", "v")]
    yield helper.make_node("Split", [f"{layer} qkv"], parts, axis=2, num_outputs=3)
    yield helper.make_node("MultiHeadAttention", parts, [f"{layer} mixed"], domain=MS, num_heads=HEADS)
    yield _product(layer, "out", f"{layer} mixed")
    yield from _sum(layer, "mid", "out", before)
    yield _product(layer, "up", f"mid {layer}", bias=True)
    yield helper.make_node("Gelu", [f"{layer} up"], [f"{layer} gelu"])
    yield from _evened(layer, f"{layer} gelu")
    yield from _sum(layer, "end", "down", f"mid {layer}")


def _product(layer: int, name: str, given: str, *, bias: bool = False) -> Node:
    stem = f"{layer}.{name}"
    inputs = [given, f"{stem}.weight", f"{stem}.scale", *(["", f"{stem}.bias"] if bias else [])]
    return helper.make_node("DynamicQuantizeMatMul", inputs, [f"{layer} {name}"], domain=MS)


def _evened(layer: int, given: str) -> Iterator[Node]:
    """The product after a Gelu, each token brought to one size before all are quantised with one scale."""
    size, even = f"{layer} size", f"{layer} even"
    yield helper.make_node("ReduceMax", [given, "last"], [f"{layer} largest"], keepdims=1)
    yield helper.make_node("Max", [f"{layer} largest", "least"], [size])
    yield helper.make_node("Div", [given, size], [even])
    inputs = [even, f"{layer}.down.weight", f"{layer}.down.scale"]
    yield helper.make_node("DynamicQuantizeMatMul", inputs, [f"{layer} product"], domain=MS)
    yield helper.make_node("Mul", [f"{layer} product", size], [f"{layer} down"])


def _sum(layer: int, norm: str, name: str, skipped: str) -> Iterator[Node]:
    """A product with its bias, added to what went into the block, and normalised.

    In three steps: onnxruntime's SkipLayerNormalization takes 13 times as long on a CPU.
    """
    yield helper.make_node("Add", [f"{layer} {name}", f"{layer}.{name}.bias"], [f"{layer} {name} shifted"])
    yield helper.make_node("Add", [f"{layer} {name} shifted", skipped], [f"{layer} {norm} sum"])
    yield _norm(f"{layer} {norm} sum", f"{layer}.{norm}", f"{norm} {layer}")


def _norm(given: str, stem: str, out: str) -> Node:
    return helper.make_node("LayerNormalization", [given, f"{stem}.gain", f"{stem}.shift"], [out], epsilon=EPSILON)


def main() -> None:
    parser = Parser.of("training.embedder_graph", __doc__)
    parser.add_argument("--out", type=Path, default=recipe().copied[0])
    given = parser.parse_args()
    given.out.parent.mkdir(parents=True, exist_ok=True)
    write_graph(given.out)
    print(f"{given.out}: {given.out.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    sys.exit(run(main))
