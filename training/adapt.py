"""Train the large reader: low-rank adapters (Hu et al. 2021) on the frozen all-mpnet-base-v2.

    python -m training.adapt --base DIR --work training/work --out training/work/large

Trained are matrices of rank RANK beside every linear layer of the encoder, the layer norms and the answer head; all
else stays as it came, in bf16. Examples and losses are those of `training.train`. A killed run resumes from its last
checkpoint with the same command; what comes out is a few megabytes (`training.pack`).

Two cores are used best by two processes of a thread each (`--worker 0` and `--worker 1` at the same time): each goes
through every other batch, and now and then they take the mean of their weights (local SGD, Stich 2019).
"""

import math
import random
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from peft import LoraConfig, get_peft_model
from peft.tuners.lora.layer import Linear
from safetensors.torch import load_file
from transformers import MPNetForQuestionAnswering
from transformers.modeling_outputs import QuestionAnsweringModelOutput
from transformers.models.mpnet.modeling_mpnet import MPNetSelfAttention

from index.command_line import Parser
from training.train import RANKING_WEIGHT, TITLE_DROPPED, Corpus, Encoded, Group, span_and_choice

RANK, ALPHA = 16, 32
LAYERS = ["q", "k", "v", "o", "dense"]  # the names that every linear layer of the encoder ends in
PEAK_RATE = 5e-4
WARM_UP = 60  # steps
ROWS_PER_BATCH = 16  # question-passage pairs
ROUND_TO = 32  # tokens; few lengths, as memory is kept for each
WINDOWS = {"A": 144, "B": 144, "C": 208, "D": 240}  # tokens of question, title and passage, by stage
CHECKPOINT_EVERY = 100  # steps
MEET_EVERY = 15  # steps after which two workers take their mean
# One schedule after the other: source -> (times each question is seen, share of the questions that get a hard negative)
STAGES: dict[str, dict[str, tuple[float, float]]] = {
    "A": {
        "amazon": (0.06, 0.4),
        "reddit": (0.06, 0.4),
        "qamr": (0.09, 0.3),
        "policy": (0.02, 0.5),
        "multispan": (0.6, 1),
        "wiki": (0.3, 0.6),
        "nq": (0.5, 0.9),
        "squad2": (0.25, 0.3),
    },
    "B": {
        "amazon": (0.1, 0.4),
        "reddit": (0.1, 0.4),
        "qamr": (0.08, 0.3),
        "policy": (0.02, 0.5),
        "multispan": (0.6, 1),
        "wiki": (0.4, 0.6),
        "nq": (0.6, 0.9),
        "squad2": (0.4, 0.3),
        "squad2 altered": (0.1, 0),
    },
    "C": {
        "amazon": (0.03, 0.5),
        "reddit": (0.03, 0.5),
        "multispan": (1, 1),
        "wiki": (0.8, 0.6),
        "nq": (1.5, 0.9),
        "squad2": (0.9, 0.3),
        "wiki altered": (0.1, 0),
        "nq altered": (0.3, 0),
        "squad2 altered": (0.25, 0),
        "amazon altered": (0.01, 0),
        "reddit altered": (0.01, 0),
    },
    "D": {
        "amazon": (0.15, 0.4),
        "reddit": (0.15, 0.4),
        "qamr": (0.08, 0.3),
        "policy": (0.03, 0.4),
        "multispan": (1, 1),
        "wiki": (1.3, 0.9),
        "nq": (2, 1),
        "squad2": (1.2, 0.4),
        "wiki altered": (0.15, 0),
        "nq altered": (0.3, 0),
        "squad2 altered": (0.3, 0),
        "amazon altered": (0.02, 0),
        "reddit altered": (0.02, 0),
    },
}
Items = list[tuple[Group, list[int]]]  # questions, each with its negatives
Batch = tuple[int, Items]  # the window in tokens, and what is read in it


class Adapted(torch.autograd.Function):
    """A linear layer with its adapter as one product, in bf16.

    With peft's own forward (the base, the adapter, their sum in fp32) and autocast a step takes 2.2 times the processor
    time; the gradients of both agree to a cosine of .998.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: Any, down: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
        weight, scaling = layer.base_layer.weight, layer.scaling["default"]
        down, up = down.to(weight.dtype), (up * scaling).to(weight.dtype)
        whole = torch.addmm(weight, up, down)
        ctx.save_for_backward(x, whole, down, up)
        ctx.scaling = scaling
        return torch.nn.functional.linear(x, whole, layer.base_layer.bias)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, whole, down, up = ctx.saved_tensors
        (gradient,) = gradients
        rows, out = x.reshape(-1, x.shape[-1]), gradient.reshape(-1, gradient.shape[-1])
        for_up = (out.t() @ (rows @ down.t())).float() * ctx.scaling
        for_down = ((out @ up).t() @ rows).float()
        return (out @ whole).view_as(x), None, for_down, for_up


def fast_linear(self: Any, x: torch.Tensor) -> torch.Tensor:
    """In place of the forward of peft's adapted linear layer."""
    apply: Any = Adapted.apply
    result: torch.Tensor = apply(x, self, self.lora_A["default"].weight, self.lora_B["default"].weight)
    return result


def fast_attention(self: Any, hidden: torch.Tensor, mask: Any = None, position_bias: Any = None, **_: Any) -> Any:
    """MPNet's attention with scale, relative positions and mask in one product: half the time of torch's own kernel
    (whose backward pass with a bias is slow on a CPU)."""
    rows, tokens, width = hidden.shape
    heads, size = self.num_attention_heads, self.attention_head_size
    q, k, v = (
        layer(hidden).view(rows, tokens, heads, size).transpose(1, 2).reshape(rows * heads, tokens, size)
        for layer in (self.q, self.k, self.v)
    )
    bias = position_bias if mask is None else position_bias + mask
    bias = bias.to(q.dtype).expand(rows, heads, tokens, tokens).reshape(rows * heads, tokens, tokens)
    likely = torch.baddbmm(bias, q, k.transpose(1, 2), alpha=1 / math.sqrt(size)).softmax(-1)
    mixed = torch.bmm(likely, v).view(rows, heads, tokens, size).transpose(1, 2).reshape(rows, tokens, width)
    return (self.o(mixed),)


def adapted(base: Path) -> Any:
    """The base with adapters to be trained."""
    MPNetSelfAttention.forward = fast_attention  # type: ignore[method-assign,assignment]
    Linear.forward = fast_linear
    model: Any = MPNetForQuestionAnswering.from_pretrained(
        base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, dtype=torch.bfloat16
    )
    config = LoraConfig(
        r=RANK, lora_alpha=ALPHA, target_modules=LAYERS, modules_to_save=["qa_outputs"], lora_dropout=0.0
    )
    model = get_peft_model(model, config)
    for name, parameter in model.named_parameters():
        if "LayerNorm" in name:
            parameter.requires_grad_(True)
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return model


def logits(model: Any, batch: dict[str, torch.Tensor]) -> Any:
    """Start and end, (rows, tokens) each: the encoder in bf16, the head in fp32."""
    inner = model.base_model.model
    hidden = inner.mpnet(batch["ids"], attention_mask=batch["attended"])[0]
    start, end = inner.qa_outputs(hidden.float()).unbind(-1)
    return QuestionAnsweringModelOutput(start_logits=start, end_logits=end)


def schedule(groups: list[Group], stages: str, rng: random.Random) -> list[Batch]:
    """Batches of questions with passages of like length."""
    batches: list[Batch] = []
    for stage in stages:
        chosen: Items = []
        for group in groups:
            share, negative = STAGES[stage].get(group["source"], (0, 0))
            for _ in range(int(share) + (rng.random() < share % 1)):
                wanted = bool(group["answers"]) and rng.random() < negative
                hard = group["negatives"][:4]
                chosen.append((group, rng.sample(hard, 1) if wanted and hard else []))
        rng.shuffle(chosen)
        part: list[Items] = []
        for at in range(0, len(chosen), 600):
            items: Items = []
            for item in sorted(chosen[at : at + 600], key=lambda item: int(item[0]["length"])):
                if sum(1 + len(negatives) for _, negatives in items) + 1 + len(item[1]) > ROWS_PER_BATCH:
                    part.append(items)
                    items = []
                items.append(item)
            part.append(items)
        rng.shuffle(part)
        batches += [(WINDOWS[stage], items) for items in part]
    return batches


def assemble(corpus: Corpus, batch: Batch, pad: int, rng: random.Random) -> dict[str, torch.Tensor]:
    """Tensors (rows, tokens): rows are passages, those of a question together, the gold passage first."""
    rows: list[Encoded] = []
    owner: list[int] = []
    window, items = batch
    for number, (group, negatives) in enumerate(items):
        titled = rng.random() >= TITLE_DROPPED
        passages = [group["positive"], *negatives]
        rows += [corpus.read(group, passage, titled, rng, window) for passage in passages]
        owner += [number] * len(passages)
    length = math.ceil(max(len(row.ids) for row in rows) / ROUND_TO) * ROUND_TO
    ids, attended = np.full((len(rows), length), pad, np.int64), np.zeros((len(rows), length), np.int64)
    allowed = np.zeros((len(rows), length), bool)
    starts, ends = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for i, row in enumerate(rows):
        size = len(row.ids)
        ids[i, :size], attended[i, :size] = row.ids, 1
        allowed[i, row.passage_from : size - 1] = True
        if row.answers:
            starts[i], ends[i] = rng.choice(row.answers)
    arrays = {"ids": ids, "attended": attended, "allowed": allowed, "starts": starts, "ends": ends}
    return {**{k: torch.from_numpy(v) for k, v in arrays.items()}, "owner": torch.tensor(owner)}


def rate_at(step: int, steps: int, peak: float) -> float:
    """Learning rate: linear warm-up, then linear to zero."""
    return peak * min((step + 1) / WARM_UP, max(0.0, (steps - step) / max(1, steps - WARM_UP)))


def trained(model: Any) -> dict[str, torch.Tensor]:
    """The tensors that training changes, by name."""
    return {name: p.detach() for name, p in model.named_parameters() if p.requires_grad}


def kept_name(name: str) -> str:
    """What a trained tensor is called in the adapter that the project keeps."""
    short = name.removeprefix("base_model.model.").removeprefix("mpnet.").replace(".modules_to_save.default", "")
    for side in ("A", "B"):
        short = short.replace(f".lora_{side}.default.weight", f".{side}")
    return short


def take_up(model: Any, adapter: Path) -> None:
    """Go on from an adapter that the project keeps."""
    kept = load_file(adapter)
    for name, tensor in trained(model).items():
        tensor.copy_(kept[kept_name(name)])


def meet(model: Any, out: Path, worker: int, step: int) -> int:
    """Leave the weights for the other worker, take the mean with what it left; returns the further of both steps."""
    mine, other = trained(model), out / f"worker{1 - worker}.pt"
    save({"trained": mine, "step": step}, out / f"worker{worker}.pt")
    if not other.exists():
        return step
    state = torch.load(other, weights_only=True)
    other.unlink()
    for name, tensor in state["trained"].items():
        mine[name].lerp_(tensor, 0.5)
    return max(step, int(state["step"]))


def save(state: dict[str, Any], path: Path) -> None:
    aside = path.with_suffix(".new")
    torch.save(state, aside)
    aside.replace(path)


def adapt(
    base: Path,
    work: Path,
    out: Path,
    *,
    start_from: Path | None,
    stages: str,
    worker: int | None,
    peak: float,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    corpus = Corpus(work, base / "tokenizer.json")
    for group in corpus.groups:
        group["length"] = len(corpus.passages[group["positive"]]) + len(group["question"])
    batches = schedule(corpus.groups, stages, random.Random(seed))
    if worker is not None:
        batches = batches[worker::2]
    print(f"{len(batches)} steps, {sum(1 + len(n) for _, items in batches for _, n in items)} rows", flush=True)
    model = adapted(base)
    model.train()
    pad = int(corpus.tokenizer.token_to_id("<pad>") or 0)
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=peak, weight_decay=0.01, fused=True)
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, first = out / f"checkpoint{worker or ''}.pt", 0
    earlier = checkpoint if checkpoint.exists() else start_from
    if earlier and earlier.suffix == ".safetensors":
        take_up(model, earlier)
    elif earlier:
        state = torch.load(earlier, weights_only=True)
        model.load_state_dict(state["trained"], strict=False)
        if checkpoint.exists():
            optimiser.load_state_dict(state["optimiser"])
            first = state["step"]
    began, seen, running, furthest = time.perf_counter(), 0, [0.0, 0.0], first
    for step in range(first, len(batches)):
        furthest = max(furthest, step)
        batch = assemble(corpus, batches[step], pad, random.Random(seed * 1_000_003 + step))
        for group in optimiser.param_groups:
            group["lr"] = rate_at(furthest, len(batches), peak)
        span, choice = span_and_choice(logits(model, batch), batch)
        optimiser.zero_grad()
        torch.autograd.backward(span + RANKING_WEIGHT * choice)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        seen += len(batch["starts"])
        running = [0.98 * running[0] + 0.02 * span.item(), 0.98 * running[1] + 0.02 * choice.item()]
        if (step + 1) % 10 == 0:
            part = 1 - 0.98 ** (step + 1 - first)
            speed = seen / (time.perf_counter() - began)
            losses = f"span {running[0] / part:.3f} choice {running[1] / part:.3f}"
            print(f"step {step + 1}/{len(batches)} {losses} {speed:.2f} rows/s", flush=True)
        if worker is not None and (step + 1) % MEET_EVERY == 0:
            furthest = meet(model, out, worker, step + 1)
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(batches):
            save({"trained": trained(model), "optimiser": optimiser.state_dict(), "step": step + 1}, checkpoint)
        if furthest >= len(batches):  # the other worker is through
            break


def main() -> None:
    parser = Parser.of("training.adapt", __doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-mpnet-base-v2")
    parser.add_argument("--work", type=Path, default=Path("training/work"))
    parser.add_argument("--out", type=Path, default=Path("training/work/large"))
    parser.add_argument("--stages", default="AB", help="which of STAGES, in this order")
    parser.add_argument(
        "--start-from", type=Path, help="a checkpoint of an earlier run, or the adapter that the project keeps"
    )
    parser.add_argument("--worker", type=int, choices=(0, 1), help="one of two that run side by side")
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    adapt(
        given.base,
        given.work,
        given.out,
        start_from=given.start_from,
        stages=given.stages,
        worker=given.worker,
        peak=given.rate,
        seed=given.seed,
    )


if __name__ == "__main__":
    main()
