"""From a training checkpoint to what the project keeps of the large reader: the adapter, the graph, the tokenizer.

    python -m training.pack training/work/large/checkpoint.pt --base DIR --out models/reader-large

The adapter is in fp16. With it go the factors that even out the channels before they are quantised: for each, the
largest activation seen over training passages to the power EVEN against the largest weight (SmoothQuant, Xiao et al.
2022). `--float DIR` writes the merged weights as they are instead, for torch: `qa evaluate --reader DIR` shows what
int8 costs.
"""

import json
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from transformers import MPNetForQuestionAnswering

from index.command_line import Parser
from index.derived import GRAPH_FILE, Tensor
from qa.reader.making import ADAPTER_FILE, ADAPTER_FOLDER
from qa.reader.merging import LAYERS, MATRICES, Weights, tensors
from training.adapt import kept_name
from training.graph import write_graph

PASSAGES = 48  # that activations are looked at on
EVEN, EVEN_DOWN = 0.7, 0.45  # of .2 to .8 the nearest to the float logits; "down" is also evened out by token
MAX_BYTES = 12 * 2**20
Floats = NDArray[np.float32]


def adapter_of(checkpoint: Path) -> dict[str, Tensor]:
    """The trained tensors by the base's names: matrices in fp16, norms and head as they are."""
    state = torch.load(checkpoint, weights_only=True)["trained"]
    named: dict[str, Tensor] = {}
    for name, tensor in state.items():
        short = kept_name(name)
        array = tensor.float().numpy()
        named[short] = array.astype(np.float16) if short.endswith((".A", ".B")) else array
    return named


def factors(weights: Weights, base: Path, texts: list[tuple[str, str]]) -> dict[str, Tensor]:
    """What each input channel of each matrix is divided by before it is quantised, fp16."""
    largest = activations(weights, base, texts)
    found: dict[str, Tensor] = {}
    for layer in range(LAYERS):
        for name, parts in MATRICES.items():
            stem = f"encoder.layer.{layer}."
            matrix = np.concatenate([weights.merged(f"{stem}{part}.weight") for part in parts])
            even = EVEN_DOWN if name == "down" else EVEN
            factor = largest[stem + parts[0]] ** even / np.maximum(np.abs(matrix).max(0), 1e-6) ** (1 - even)
            factor = factor / np.exp(np.log(factor).mean())
            found[f"{stem}{name}.smooth"] = np.clip(factor, 0.01, 100).astype(np.float16)
    return found


@torch.inference_mode()
def activations(weights: Weights, base: Path, texts: list[tuple[str, str]]) -> dict[str, Floats]:
    """The largest input of each channel of each linear layer, by the layer's name; shape (channels,)."""
    from tokenizers import Tokenizer

    model: Any = float_model(weights, base)
    largest: dict[str, Floats] = {}
    for name, module in model.mpnet.named_modules():
        if isinstance(module, torch.nn.Linear):

            def look(_: Any, inputs: Any, name: str = name) -> None:
                seen = inputs[0].abs().amax((0, 1)).numpy()
                largest[name] = np.maximum(largest.get(name, np.float32(1e-3)), seen)

            module.register_forward_pre_hook(look)
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256, strategy="only_second")
    for question, passage in texts:
        model(torch.tensor([tokenizer.encode(question, passage).ids]))
    return largest


def float_model(weights: Weights, base: Path) -> Any:
    """The merged model in torch, float32."""
    model: Any = MPNetForQuestionAnswering.from_pretrained(base)
    model.eval()
    state = {
        name: torch.from_numpy(weights.merged(name.removeprefix("mpnet.")))
        for name in model.state_dict()
        if not name.endswith("position_ids")
    }
    model.load_state_dict(state)
    return model


def examples(work: Path) -> Iterator[tuple[str, str]]:
    """Questions with their passages, title before it as when they are read."""
    passages = [json.loads(line) for line in (work / "passages.jsonl").open()]
    rows = [json.loads(line) for line in (work / "train.jsonl").open()]
    for source, question, positive, _, _ in random.Random(1).sample(rows, len(rows)):
        if source in ("wiki", "nq", "squad2"):
            title, text = passages[positive]
            yield question, f"{title}. {text}"


def main() -> None:
    parser = Parser.of("training.pack", __doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-mpnet-base-v2")
    parser.add_argument("--work", type=Path, default=Path("training/work"))
    parser.add_argument("--out", type=Path, default=ADAPTER_FOLDER)
    parser.add_argument("--float", type=Path, help="a folder for the merged weights in float32, to compare")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    base, adapter = load_file(given.base / "model.safetensors"), adapter_of(given.checkpoint)
    if given.float:
        float_model(Weights(base, adapter), given.base).save_pretrained(given.float)
        for file in ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt"):
            shutil.copyfile(given.base / file, given.float / file)
        return
    texts = [text for text, _ in zip(examples(given.work), range(PASSAGES), strict=False)]
    adapter |= factors(Weights(base, adapter), given.base, texts)
    save_file(adapter, given.out / ADAPTER_FILE)
    write_graph(tensors(Weights(base, adapter)), given.out / GRAPH_FILE)
    shutil.copyfile(given.base / "tokenizer.json", given.out / "tokenizer.json")
    size = (given.out / ADAPTER_FILE).stat().st_size
    print(f"{given.out / ADAPTER_FILE}: {size / 2**20:.1f} MiB")
    if size > MAX_BYTES:
        raise SystemExit(f"the adapter is larger than {MAX_BYTES // 2**20} MiB")


if __name__ == "__main__":
    main()
