"""The trained reader as one int8 ONNX file that runs without torch.

    python -m training.to_onnx training/work/reader3/model --out models/reader

Weights are quantised per channel where that helps (matrix products), activations when the model runs (dynamic
quantisation, onnxruntime). `training.calibrate` then shows what it cost.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModelForQuestionAnswering

from index.command_line import Parser
from index.search import default_folder
from qa.reader.checkpoint import ONNX_FILE

MAX_BYTES = 25 * 2**20  # the file is kept in the project
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS = ("start_logits", "end_logits")


class Logits(torch.nn.Module):
    """The model with plain tensors in and out."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        out = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return out.start_logits, out.end_logits


def export(model_folder: Path, out: Path, quantised: bool) -> Path:
    """Write `model.onnx` and `tokenizer.json`; returns the model's path."""
    out.mkdir(parents=True, exist_ok=True)
    model: Any = AutoModelForQuestionAnswering.from_pretrained(model_folder, attn_implementation="eager").eval()
    example = tuple(torch.ones((2, 16), dtype=torch.int64) for _ in INPUTS)
    axes = {name: {0: "batch", 1: "tokens"} for name in (*INPUTS, *OUTPUTS)}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / ONNX_FILE
        torch.onnx.export(
            Logits(model), example, str(plain), input_names=list(INPUTS), output_names=list(OUTPUTS),
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        if quantised:
            quantize_dynamic(plain, out / ONNX_FILE, per_channel=True, weight_type=QuantType.QInt8)
        else:
            shutil.copy(plain, out / ONNX_FILE)
    shutil.copy(default_folder() / "tokenizer.json", out / "tokenizer.json")
    return out / ONNX_FILE


def main() -> None:
    parser = Parser.of("training.to_onnx", __doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=Path("models/reader"))
    parser.add_argument("--float", action="store_true", help="leave the weights as they are, to compare")
    arguments = parser.parse_args()
    file = export(arguments.model, arguments.out, quantised=not arguments.float)
    size = file.stat().st_size
    print(f"{file}: {size / 2**20:.1f} MiB")
    if not arguments.float and size > MAX_BYTES:
        raise SystemExit(f"{file} is larger than {MAX_BYTES // 2**20} MiB")


if __name__ == "__main__":
    main()
