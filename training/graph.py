"""The large reader's graph for onnxruntime, without its weights: MPNet (Song et al. 2020) with an answer head.

The weights lie in a file of their own, which `index.derived` writes in the same order; so the graph is small enough
to be kept in the project, and nobody needs torch or onnx to set the reader up. Rows of a batch have the same length:
there is no padding.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from onnx import TensorProto, helper

from index.derived import ALIGNED, WEIGHTS_FILE, Tensor
from qa.reader.merging import HEADS, LAYERS

EPSILON = 1e-5  # the base's layer norms'
LATE_BIAS = ("out", "down")  # whose bias is added with the sum that follows
LEAST = 0.2  # of a token's size: what is below zero after a Gelu is never smaller than -0.17
MS = "com.microsoft"  # onnxruntime's own operators: attention with a bias, products with 8-bit matrices
KINDS = {"float16": TensorProto.FLOAT16, "float32": TensorProto.FLOAT, "int8": TensorProto.INT8}
Node = Any  # onnx.NodeProto, which has no types


def write_graph(tensors: Iterable[tuple[str, Tensor]], path: Path) -> None:
    """Write the graph whose weights are `tensors`, in their order."""
    nodes = [*_embedding(), *(node for layer in range(LAYERS) for node in _layer(layer)), *_head()]
    tokens = ["batch", "tokens"]
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, tokens)
    outputs = [helper.make_tensor_value_info(f"{side}_logits", TensorProto.FLOAT, tokens) for side in ("start", "end")]
    constants = [
        helper.make_tensor(name, TensorProto.INT64, [len(values)], values)
        for name, values in {"zero": [0], "two": [2], "three": [3], "last": [-1]}.items()
    ]
    constants.append(helper.make_tensor("least", TensorProto.FLOAT, [1], [LEAST]))
    graph = helper.make_graph(nodes, "reader", [ids], outputs, [*constants, *external(tensors)])
    domains = [helper.make_opsetid("", 21), helper.make_opsetid(MS, 1)]
    path.write_bytes(helper.make_model(graph, opset_imports=domains, ir_version=10).SerializeToString())


def external(tensors: Iterable[tuple[str, Tensor]]) -> Iterator[TensorProto]:
    """Initialisers that point into the weights' file."""
    offset = 0
    for name, tensor in tensors:
        proto = TensorProto(name=name, dims=tensor.shape, data_type=KINDS[tensor.dtype.name])
        proto.data_location = TensorProto.EXTERNAL
        for key, value in {"location": WEIGHTS_FILE, "offset": offset, "length": tensor.nbytes}.items():
            proto.external_data.add(key=key, value=str(value))
        offset += -(-tensor.nbytes // ALIGNED) * ALIGNED
        yield proto


def _embedding() -> Iterator[Node]:
    yield helper.make_node("Gather", ["words", "input_ids"], ["looked up"])
    yield helper.make_node("Cast", ["looked up"], ["word"], to=TensorProto.FLOAT)
    yield helper.make_node("Shape", ["input_ids"], ["length"], start=1, end=2)
    yield helper.make_node("Slice", ["places", "zero", "length", "zero"], ["place"])
    yield helper.make_node("Add", ["word", "place"], ["embedded"])
    yield helper.make_node("LayerNormalization", ["embedded", "first.gain", "first.shift"], ["end -1"], epsilon=EPSILON)
    yield helper.make_node("Concat", ["length", "length"], ["square"], axis=0)
    yield helper.make_node("Concat", ["two", "three"], ["both"], axis=0)
    yield helper.make_node("Concat", ["zero", "zero"], ["corner"], axis=0)
    yield helper.make_node("Slice", ["nearness", "corner", "square", "both"], ["near"])


def _layer(layer: int) -> Iterator[Node]:
    before = f"end {layer - 1}"
    yield from _product(layer, "qkv", before)
    parts = [f"{layer} {part}" for part in ("q", "k", "v")]
    yield helper.make_node("Split", [f"{layer} qkv"], parts, axis=2, num_outputs=3)
    yield helper.make_node(
        "MultiHeadAttention", [*parts, "", "", "near"], [f"{layer} mixed"], domain=MS, num_heads=HEADS
    )
    yield from _product(layer, "out", f"{layer} mixed")
    yield from _sum(layer, "mid", "out", before)
    yield from _product(layer, "up", f"mid {layer}")
    yield helper.make_node("Gelu", [f"{layer} up"], [f"{layer} gelu"])
    yield from _product(layer, "down", f"{layer} gelu")
    yield from _sum(layer, "end", "down", f"mid {layer}")


def _product(layer: int, name: str, given: str) -> Iterator[Node]:
    """A linear layer: the input smoothed, quantised and multiplied by the 8-bit matrix.

    What comes out of a Gelu differs much in size from token to token: there each token is brought to one size first.
    """
    stem, product, bias = (
        f"{layer}.{name}",
        f"{layer} {name}",
        [] if name in LATE_BIAS else ["", f"{layer}.{name}.bias"],
    )
    yield helper.make_node("Mul", [given, f"{stem}.smooth"], [f"{stem} smoothed"])
    if name != "down":
        inputs = [f"{stem} smoothed", f"{stem}.weight", f"{stem}.scale", *bias]
        yield helper.make_node("DynamicQuantizeMatMul", inputs, [product], domain=MS)
        return
    yield helper.make_node("ReduceMax", [f"{stem} smoothed", "last"], [f"{stem} largest"], keepdims=1)
    yield helper.make_node("Max", [f"{stem} largest", "least"], [f"{stem} size"])
    yield helper.make_node("Div", [f"{stem} smoothed", f"{stem} size"], [f"{stem} even"])
    inputs = [f"{stem} even", f"{stem}.weight", f"{stem}.scale"]
    yield helper.make_node("DynamicQuantizeMatMul", inputs, [f"{stem} product"], domain=MS)
    yield helper.make_node("Mul", [f"{stem} product", f"{stem} size"], [product])


def _sum(layer: int, norm: str, name: str, skipped: str) -> Iterator[Node]:
    """A product with its bias, added to what went into the block, and normalised."""
    inputs = [f"{layer} {name}", skipped, f"{layer}.{norm}.gain", f"{layer}.{norm}.shift", f"{layer}.{name}.bias"]
    yield helper.make_node("SkipLayerNormalization", inputs, [f"{norm} {layer}"], domain=MS, epsilon=EPSILON)


def _head() -> Iterator[Node]:
    yield helper.make_node("MatMul", [f"end {LAYERS - 1}", "head.weight"], ["scores"])
    yield helper.make_node("Add", ["scores", "head.bias"], ["logits"])
    yield helper.make_node("Split", ["logits"], ["starts", "ends"], axis=2, num_outputs=2)
    yield helper.make_node("Squeeze", ["starts", "two"], ["start_logits"])
    yield helper.make_node("Squeeze", ["ends", "two"], ["end_logits"])
