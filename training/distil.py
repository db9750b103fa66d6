"""Distil the large reader into the small one, which learns its whole distributions (Hinton et al. 2015).

    python -m training.distil --base DIR --teacher training/work/large/checkpoint.pt --out training/work/small

For each question with its gold passage and retrieved ones, the teacher's softmax over "no answer" and all starts (and
ends) of the passage is the target; the labels count a little on top. Both tokenizers cut into the same word pieces, so
the teacher's tokens are the student's. The student starts from the small reader that the project keeps, its int8
weights taken back to floats.
"""

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import AutoModelForQuestionAnswering

from index.search import default_folder
from qa.reader.checkpoint import ONNX_FILE
from qa.reader.choice import SMALL_FOLDER
from training.adapt import ROUND_TO, adapted, logits
from training.train import TITLE_DROPPED, Corpus, Encoded, Group, rate_at, span_and_choice

WINDOW = 224  # the student's tokens of question, title and passage
GROUPS_PER_BATCH = 10
NEGATIVES = 2  # retrieved passages beside the gold one
LABELS = 0.3  # weight of the labels' loss beside the teacher's
PEAK_RATE = 1e-4
PASSES = 2  # of the student over what the teacher has read
# source -> times each question is seen
SHARES = {"wiki": 1.0, "nq": 1.0, "squad2": 1.0, "amazon": 0.08, "reddit": 0.08, "qamr": 0.03, "squad2 altered": 0.15}
Read = tuple[Encoded, torch.Tensor]  # what the student reads, the teacher's start and end logits of its tokens (2, n)


def kept_weights(file: Path) -> dict[str, torch.Tensor]:
    """The weights of an int8 ONNX file of `training.to_onnx`, by their names in torch, as floats."""
    graph = onnx.load(file).graph
    arrays = {found.name: numpy_helper.to_array(found) for found in graph.initializer}

    def floats(stem: str) -> NDArray[np.float32]:
        levels, zero = (arrays[f"{stem}_{part}"].astype(np.float32) for part in ("quantized", "zero_point"))
        return np.asarray((levels - zero) * arrays[f"{stem}_scale"], np.float32)

    weights = {}
    for name, array in arrays.items():
        if name.startswith("model."):
            stem = name.removesuffix("_quantized")
            weights[stem.removeprefix("model.")] = floats(stem) if name != stem else array
    for node in graph.node:
        if node.op_type == "MatMulInteger":
            name = node.name.removeprefix("/model/").removesuffix("/MatMul_quant").replace("/", ".")
            weights[f"{name}.weight"] = floats(node.input[1].removesuffix("_quantized")).T
    return {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}


def student_of(file: Path) -> Any:
    """The small reader in torch."""
    model: Any = AutoModelForQuestionAnswering.from_pretrained(
        default_folder(), attn_implementation="sdpa", hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0
    )
    found = model.load_state_dict(kept_weights(file), strict=False)
    if missing := [name for name in found.missing_keys if not name.endswith("position_ids")]:
        raise SystemExit(f"{file} lacks {missing[0]}")
    return model


def chosen(groups: list[Group], rng: random.Random) -> list[list[Group]]:
    """Batches of questions, those of a batch with passages of like length."""
    items = [group for group in groups if rng.random() < SHARES.get(group["source"], 0)]
    rng.shuffle(items)
    batches = []
    for at in range(0, len(items), 40 * GROUPS_PER_BATCH):
        window = sorted(items[at : at + 40 * GROUPS_PER_BATCH], key=lambda group: int(group["length"]))
        batches += [window[i : i + GROUPS_PER_BATCH] for i in range(0, len(window), GROUPS_PER_BATCH)]
    rng.shuffle(batches)
    return batches


def taught(
    teacher: Any, theirs: Corpus, ours: Corpus, groups: list[Group], rng: random.Random
) -> Iterator[tuple[int, Read]]:
    """Of a batch's questions the passages as the student reads them, each with its question's place and the targets."""
    rows: list[tuple[int, Encoded, Encoded]] = []
    for place, group in enumerate(groups):
        titled, seed = rng.random() >= TITLE_DROPPED, rng.random()
        passages = [group["positive"], *rng.sample(group["negatives"], min(NEGATIVES, len(group["negatives"])))]
        large = {**group, "question": group["pieces"]}
        for passage in passages:
            # The teacher's separator is two tokens, the student's one: with a window of one more both read the same.
            read = theirs.read(large, passage, titled, random.Random(seed), WINDOW + len(theirs.between) - 1)
            rows.append((place, read, ours.read(group, passage, titled, random.Random(seed), WINDOW)))
    length = -(-max(len(row.ids) for _, row, _ in rows) // ROUND_TO) * ROUND_TO
    ids = torch.full((len(rows), length), int(theirs.tokenizer.token_to_id("<pad>") or 0))
    attended = torch.zeros((len(rows), length), dtype=torch.int64)
    for number, (_, row, _) in enumerate(rows):
        ids[number, : len(row.ids)], attended[number, : len(row.ids)] = torch.tensor(row.ids), 1
    with torch.inference_mode():
        out = logits(teacher, {"ids": ids, "attended": attended})
    for number, (place, large_row, row) in enumerate(rows):
        inside = slice(large_row.passage_from, len(large_row.ids) - 1)
        both = torch.stack([out.start_logits[number], out.end_logits[number]]).float()
        target = torch.full((2, len(row.ids)), -1e4)
        target[:, 0] = both[:, 0]
        target[:, row.passage_from : len(row.ids) - 1] = both[:, inside]
        yield place, (row, target)


def assemble(reads: list[tuple[int, Read]], ours: Corpus, rng: random.Random) -> dict[str, torch.Tensor]:
    """Tensors (rows, tokens) for the student; `targets` is (2, rows, tokens)."""
    length = max(len(row.ids) for _, (row, _) in reads)
    shape = (len(reads), length)
    batch = {name: torch.zeros(shape, dtype=torch.int64) for name in ("ids", "types", "attended")}
    batch["allowed"] = torch.zeros(shape, dtype=torch.bool)
    batch["targets"] = torch.full((2, *shape), -1e4)
    batch["starts"], batch["ends"] = (torch.zeros(len(reads), dtype=torch.int64) for _ in range(2))
    batch["owner"] = torch.tensor([place for place, _ in reads])
    for number, (_, (row, target)) in enumerate(reads):
        size = len(row.ids)
        batch["ids"][number, :size], batch["attended"][number, :size] = torch.tensor(row.ids), 1
        batch["types"][number, row.ids.index(ours.sep) + 1 : size] = 1
        batch["allowed"][number, row.passage_from : size - 1] = True
        batch["targets"][:, number, :size] = target
        if row.answers:
            batch["starts"][number], batch["ends"][number] = rng.choice(row.answers)
    return batch


def loss_of(student: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """How far the student's distributions are from the teacher's (mean cross entropy), and the labels' loss."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = student(input_ids=batch["ids"], attention_mask=batch["attended"], token_type_ids=batch["types"])
    readable = batch["allowed"].clone()
    readable[:, 0] = True
    cross = torch.zeros(())
    for side, given in zip(batch["targets"], (out.start_logits, out.end_logits), strict=True):
        likely = given.float().masked_fill(~readable, -1e4).log_softmax(-1)
        cross = cross - (side.softmax(-1) * likely).sum(-1).mean() / 2
    span, choice = span_and_choice(out, batch)
    return cross, span + choice / 2


def distil(base: Path, teacher_state: Path, work: Path, out: Path, *, seed: int, peak: float, minutes: float) -> None:
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = random.Random(seed)
    theirs, ours = Corpus(work, base / "tokenizer.json"), Corpus(work)
    for group, same in zip(ours.groups, theirs.groups, strict=True):
        group["pieces"] = same["question"]
        group["length"] = len(ours.passages[group["positive"]]) + len(group["question"])
    teacher = adapted(base)
    teacher.load_state_dict(torch.load(teacher_state, weights_only=True)["trained"], strict=False)
    teacher.eval()
    student = student_of(SMALL_FOLDER / ONNX_FILE)
    student.train()
    optimiser = torch.optim.AdamW(student.parameters(), lr=peak, weight_decay=0.01, fused=True)
    batches = chosen(ours.groups, rng)
    kept: list[list[tuple[int, Read]]] = []
    began, running, step, done = time.perf_counter(), [0.0, 0.0], 0, 0.0
    while done < 1:
        # Passes take turns: something new, then again something the teacher has read already.
        if step % PASSES == 0 and len(kept) < len(batches):
            kept.append(list(taught(teacher, theirs, ours, batches[len(kept)], rng)))
            reads = kept[-1]
        else:
            reads = rng.choice(kept)
        done = max((time.perf_counter() - began) / 60 / minutes, step / (PASSES * len(batches)))
        for parameters in optimiser.param_groups:
            parameters["lr"] = rate_at(int(done * 1000), 1000, peak)
        cross, labels = loss_of(student, assemble(reads, ours, rng))
        optimiser.zero_grad()
        torch.autograd.backward(cross + LABELS * labels)
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        running = [0.98 * running[0] + 0.02 * cross.item(), 0.98 * running[1] + 0.02 * labels.item()]
        step += 1
        if step % 20 == 0:
            part = 1 - 0.98**step
            print(
                f"step {step}, {len(kept)} of {len(batches)} batches read, teacher {running[0] / part:.3f} "
                f"labels {running[1] / part:.3f}, {done:.0%}",
                flush=True,
            )
    student.save_pretrained(out)
    ours.tokenizer.save(str(out / "tokenizer.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--base", type=Path, required=True, help="folder of all-mpnet-base-v2")
    parser.add_argument("--teacher", type=Path, default=Path("training/work/large/checkpoint.pt"))
    parser.add_argument("--work", type=Path, default=Path("training/work"))
    parser.add_argument("--out", type=Path, default=Path("training/work/small"))
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--minutes", type=float, default=60, help="ends after so long, its rate at zero")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    distil(
        given.base,
        given.teacher,
        given.work,
        given.out,
        seed=given.seed,
        peak=given.rate,
        minutes=given.minutes,
    )


if __name__ == "__main__":
    main()
