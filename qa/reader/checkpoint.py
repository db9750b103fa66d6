"""Question-answering checkpoints: token ids in, start and end logits out.

Our own readers are ONNX files and run on onnxruntime, without torch. Any extractive question-answering
checkpoint in Hugging Face format, by folder or hub name, runs on transformers.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from index import InputError

ONNX_FILE = "model.onnx"
MAX_TOKENS = 384  # question, title and passage; longer passages are read in windows

Ids = NDArray[np.int64]
Logits = NDArray[np.float32]


class Checkpoint(Protocol):
    """A loaded model with its tokenizer."""

    name: str
    tokenizer: Tokenizer
    max_tokens: int
    at_once: int  # calls of `logits` that make good use of the machine when made at the same time

    def logits(self, ids: Ids, types: Ids, attended: Ids) -> tuple[Logits, Logits]:
        """Start and end logits, each (batch, tokens), from arrays of that shape without padding."""


class OnnxCheckpoint:
    """A folder with `model.onnx` and `tokenizer.json`."""

    def __init__(self, folder: Path, name: str) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # A core for each passage: two cores that share one passage are hardly faster than one.
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self.name = name
        self.max_tokens = MAX_TOKENS
        self.at_once = os.cpu_count() or 1
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._session = onnxruntime.InferenceSession(
            str(folder / ONNX_FILE), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = [given.name for given in self._session.get_inputs()]

    def logits(self, ids: Ids, types: Ids, attended: Ids) -> tuple[Logits, Logits]:
        """See Checkpoint.logits."""
        arrays = {"input_ids": ids, "token_type_ids": types, "attention_mask": attended}
        start, end = self._session.run(["start_logits", "end_logits"], {name: arrays[name] for name in self._inputs})
        return start, end


class TorchCheckpoint:
    """A Hugging Face checkpoint, by folder or hub name; on a GPU when there is one."""

    def __init__(self, name: str) -> None:
        import torch
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # type: ignore[no-untyped-call]  # reading the weights takes a blink
        fast = AutoTokenizer.from_pretrained(name)
        model: Any = AutoModelForQuestionAnswering.from_pretrained(name)
        self.name = name
        self.tokenizer = fast.backend_tokenizer
        self.max_tokens = min(MAX_TOKENS, int(getattr(fast, "model_max_length", MAX_TOKENS)))
        self.at_once = 1
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._model = model.eval().to(self._device)
        self._typed = getattr(model.config, "type_vocab_size", 0) > 1
        self._torch = torch

    def logits(self, ids: Ids, types: Ids, attended: Ids) -> tuple[Logits, Logits]:
        """See Checkpoint.logits."""

        def to(array: Ids) -> Any:
            return self._torch.from_numpy(array).to(self._device)

        inputs = {"input_ids": to(ids), "attention_mask": to(attended)}
        if self._typed:
            inputs["token_type_ids"] = to(types)
        with self._torch.inference_mode():
            out = self._model(**inputs)
        return out.start_logits.float().cpu().numpy(), out.end_logits.float().cpu().numpy()


def load_checkpoint(weights: str | Path, name: str | None = None) -> Checkpoint:
    """The checkpoint in that folder or of that hub's name. Raises InputError when it cannot be loaded."""
    opener: Callable[[], Checkpoint]
    if (Path(weights) / ONNX_FILE).is_file():

        def opener() -> Checkpoint:
            return OnnxCheckpoint(Path(weights), name or Path(weights).name)
    else:

        def opener() -> Checkpoint:
            return TorchCheckpoint(str(weights))

    try:
        return opener()
    except Exception as error:  # each library has its own; none is for the user's eyes
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"the reader {str(weights)!r} cannot be loaded ({reason}): give --reader large, small or a folder"
        ) from error
