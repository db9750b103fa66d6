"""Train the reader: from all-MiniLM-L6-v2 to an extractive reader that also knows when there is no answer.

    python -m training.train --work training/work --out training/work/reader

The examples come from `training.prepare`. A group is a question with its gold passage and hard negatives. Two losses
are added: the usual one of SQuAD 2.0 readers (start and end, with the [CLS] position for "no answer"; Devlin et al.
2019) and a choice among the passages of the group by "any span minus no answer", which makes scores comparable
across passages (in the spirit of the shared normalisation of Clark and Gardner 2018). A killed run resumes from its
last checkpoint with the same command.
"""

import json
import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModelForQuestionAnswering

from index.command_line import Parser
from index.search import default_folder
from qa.reader import reading_prefix

MAX_TOKENS = 256  # question, title and passage
MAX_QUESTION_TOKENS = 48
GROUPS_PER_BATCH = 12
PEAK_RATE = 1e-4
WARM_UP = 0.05
RANKING_WEIGHT = 0.5  # of the choice among passages, beside the two span losses
TITLE_DROPPED = 0.15  # share of groups read without their titles: not every article has one worth reading
CHECKPOINT_EVERY = 200  # steps
# (source -> times each question is seen, negatives beside each gold passage), one schedule after the other
STAGES: tuple[tuple[dict[str, float], int], ...] = (
    ({"amazon": 0.35, "reddit": 0.35, "policy": 0.08, "wiki": 1, "nq": 1, "squad2": 1}, 1),
    ({"amazon": 0.08, "reddit": 0.08, "wiki": 1, "nq": 1, "squad2": 1}, 2),
    ({"amazon": 0.06, "reddit": 0.06, "wiki": 1, "nq": 1, "squad2": 0.7}, 1),
    (
        {
            **{"amazon": 0.7, "reddit": 0.7, "policy": 0.05, "wiki": 3, "nq": 3, "squad2": 3},
            **{"amazon altered": 0.08, "reddit altered": 0.08, "wiki altered": 1, "nq altered": 1, "squad2 altered": 1},
        },
        1,
    ),
)
Group = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Encoded:
    """One question with one passage as the model reads it; `answers` are token spans, empty for none."""

    ids: list[int]
    passage_from: int
    answers: list[tuple[int, int]]


class Corpus:
    """The training passages and questions, tokenised once."""

    def __init__(self, work: Path, tokenizer: Path | None = None) -> None:
        self.tokenizer = Tokenizer.from_file(str(tokenizer or default_folder() / "tokenizer.json"))
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        passages = [json.loads(line) for line in (work / "passages.jsonl").open()]
        self.titles = self.encode([reading_prefix(title, None) for title, _ in passages])
        texts = self.tokenizer.encode_batch([text for _, text in passages], add_special_tokens=False)
        self.passages = [np.array(e.ids, dtype=np.int32) for e in texts]
        self.offsets = [np.array(e.offsets, dtype=np.int32).reshape(-1, 2) for e in texts]
        rows = [json.loads(line) for line in (work / "train.jsonl").open()]
        questions = self.encode([row[1] for row in rows])
        self.groups: list[Group] = [
            {"source": s, "question": q[:MAX_QUESTION_TOKENS], "positive": p, "answers": a, "negatives": n}
            for (s, _, p, a, n), q in zip(rows, questions, strict=True)
        ]
        # Before, between and after a pair as the tokenizer has it: "[CLS] q [SEP] p [SEP]", "<s> q </s></s> p </s>".
        self.cls, *self.between, self.sep = self.tokenizer.encode("", "").ids

    def encode(self, texts: list[str]) -> list[list[int]]:
        return [e.ids for e in self.tokenizer.encode_batch(texts, add_special_tokens=False)]

    def token_spans(self, passage: int, answers: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """Character spans of a passage as token spans (inclusive)."""
        starts, ends = self.offsets[passage][:, 0], self.offsets[passage][:, 1]
        spans = []
        for start, end in answers:
            first, last = int(np.searchsorted(ends, start, "right")), int(np.searchsorted(starts, end, "left")) - 1
            if first <= last:
                spans.append((first, last))
        return spans

    def read(
        self, group: Group, passage: int, titled: bool, rng: random.Random, max_tokens: int = MAX_TOKENS
    ) -> Encoded:
        """Question, title and passage; of a long passage a window that keeps an answer."""
        head = [self.cls, *group["question"], *self.between, *(self.titles[passage] if titled else [])]
        room = max_tokens - len(head) - 1
        tokens = self.passages[passage]
        spans = self.token_spans(passage, group["answers"]) if passage == group["positive"] else []
        first = 0
        if len(tokens) > room:
            low, high = 0, len(tokens) - room
            if spans:
                start, end = rng.choice(spans)
                low, high = max(0, min(high, end - room + 1)), min(high, start)
            first = rng.randint(min(low, high), max(low, high))
        shift = len(head) - first
        inside = [(s + shift, e + shift) for s, e in spans if s >= first and e < first + room]
        return Encoded([*head, *tokens[first : first + room].tolist(), self.sep], len(head), inside)


def schedule(groups: list[Group], rng: random.Random, stages: tuple[tuple[dict[str, float], int], ...]) -> list[Any]:
    """Batches of (group, number of negatives), each of questions with passages of like length."""
    batches: list[Any] = []
    for shares, negatives in stages:
        chosen = []
        for group in groups:
            share = shares.get(group["source"], 0)
            chosen += [group] * (int(share) + (rng.random() < share % 1))
        rng.shuffle(chosen)
        stage = []
        for at in range(0, len(chosen), 50 * GROUPS_PER_BATCH):
            window = sorted(chosen[at : at + 50 * GROUPS_PER_BATCH], key=lambda g: g["length"])
            stage += [(window[i : i + GROUPS_PER_BATCH], negatives) for i in range(0, len(window), GROUPS_PER_BATCH)]
        rng.shuffle(stage)
        batches += stage
    return batches


def assemble(corpus: Corpus, batch: list[Group], negatives: int, rng: random.Random) -> dict[str, torch.Tensor]:
    """Tensors of a batch: rows are passages, groups one after the other, the gold passage first in each."""
    rows: list[Encoded] = []
    owner: list[int] = []
    for number, group in enumerate(batch):
        titled = rng.random() >= TITLE_DROPPED
        count = negatives if group["answers"] else 0
        hard = group["negatives"][: 2 + 2 * negatives]
        passages = [group["positive"], *rng.sample(hard, min(count, len(hard)))]
        rows += [corpus.read(group, passage, titled, rng) for passage in passages]
        owner += [number] * len(passages)
    length = max(len(row.ids) for row in rows)
    ids, types = np.zeros((len(rows), length), np.int64), np.zeros((len(rows), length), np.int64)
    attended, allowed = np.zeros((len(rows), length), np.int64), np.zeros((len(rows), length), bool)
    starts, ends = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    for i, row in enumerate(rows):
        size = len(row.ids)
        ids[i, :size], attended[i, :size] = row.ids, 1
        types[i, row.ids.index(corpus.sep) + 1 : size] = 1
        allowed[i, row.passage_from : size - 1] = True
        if row.answers:
            starts[i], ends[i] = rng.choice(row.answers)
    arrays = {"ids": ids, "types": types, "attended": attended, "allowed": allowed, "starts": starts, "ends": ends}
    return {**{k: torch.from_numpy(v) for k, v in arrays.items()}, "owner": torch.tensor(owner)}


def loss_of(model: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean span loss and mean choice-among-passages loss of a batch."""
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(input_ids=batch["ids"], attention_mask=batch["attended"], token_type_ids=batch["types"])
    return span_and_choice(out, batch)


def span_and_choice(out: Any, batch: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """Both losses from the logits of a batch, each (rows, tokens)."""
    readable = batch["allowed"].clone()
    readable[:, 0] = True  # [CLS]: no answer
    start = out.start_logits.float().masked_fill(~readable, -1e4)
    end = out.end_logits.float().masked_fill(~readable, -1e4)
    cross = torch.nn.functional.cross_entropy
    span = (cross(start, batch["starts"]) + cross(end, batch["ends"])) / 2
    margin = (start[:, 1:].logsumexp(1) - start[:, 0] + end[:, 1:].logsumexp(1) - end[:, 0]) / 2
    groups = int(batch["owner"].max()) + 1
    choices = []
    for group in range(groups):
        members = (batch["owner"] == group).nonzero().squeeze(1)
        if len(members) > 1 and batch["starts"][members[0]] > 0:
            choices.append(margin[members].logsumexp(0) - margin[members[0]])
    return span, torch.stack(choices).mean() if choices else span.new_zeros(())


def rate_at(step: int, steps: int, peak: float) -> float:
    """Learning rate: linear warm-up, then linear to zero."""
    warm = max(1, int(WARM_UP * steps))
    return peak * min((step + 1) / warm, max(0.0, (steps - step) / (steps - warm)))


def train(work: Path, out: Path, *, seed: int, start_from: Path, stages: tuple[int, ...], peak: float) -> None:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    corpus = Corpus(work)
    for group in corpus.groups:
        group["length"] = len(corpus.passages[group["positive"]]) + len(group["question"])
    batches = schedule(corpus.groups, rng, tuple(STAGES[i] for i in stages))
    model = AutoModelForQuestionAnswering.from_pretrained(
        start_from, attn_implementation="sdpa", hidden_dropout_prob=0.1, attention_probs_dropout_prob=0.0
    )  # the random numbers for the attention's dropout alone would cost half of the time on a CPU
    model.train()
    plain = [p for n, p in model.named_parameters() if "bias" in n or "LayerNorm" in n]
    decayed = [p for n, p in model.named_parameters() if not ("bias" in n or "LayerNorm" in n)]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.01}, {"params": plain, "weight_decay": 0.0}], lr=peak, fused=True
    )
    out.mkdir(parents=True, exist_ok=True)
    checkpoint, first = out / "checkpoint.pt", 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        first = state["step"]
    began, seen, running = time.perf_counter(), 0, [0.0, 0.0]
    for step in range(first, len(batches)):
        groups, negatives = batches[step]
        batch = assemble(corpus, groups, negatives, random.Random(seed * 1_000_003 + step))
        for parameters in optimiser.param_groups:
            parameters["lr"] = rate_at(step, len(batches), peak)
        span, choice = loss_of(model, batch)
        optimiser.zero_grad()
        torch.autograd.backward(span + RANKING_WEIGHT * choice)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        seen += len(batch["starts"])
        running = [0.98 * running[0] + 0.02 * span.item(), 0.98 * running[1] + 0.02 * choice.item()]
        if (step + 1) % 10 == 0:
            part = 1 - 0.98 ** (step + 1 - first)
            speed = seen / (time.perf_counter() - began)
            print(
                f"step {step + 1}/{len(batches)} span {running[0] / part:.3f} choice {running[1] / part:.3f} "
                f"{speed:.1f} passages/s",
                flush=True,
            )
        if (step + 1) % CHECKPOINT_EVERY == 0 or step + 1 == len(batches):
            aside = checkpoint.with_suffix(".new")
            torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step + 1}, aside)
            aside.replace(checkpoint)
            model.save_pretrained(out / "model")
    corpus.tokenizer.save(str(out / "model" / "tokenizer.json"))


def main() -> None:
    parser = Parser.of("training.train", __doc__)
    parser.add_argument("--work", type=Path, default=Path("training/work"))
    parser.add_argument("--out", type=Path, default=Path("training/work/reader"))
    parser.add_argument("--start-from", type=Path, default=default_folder(), help="folder of the first weights")
    parser.add_argument("--stages", type=int, nargs="+", default=[0, 1], help="which of STAGES, in this order")
    parser.add_argument("--rate", type=float, default=PEAK_RATE, help="highest learning rate")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    train(
        arguments.work,
        arguments.out,
        seed=arguments.seed,
        start_from=arguments.start_from,
        stages=tuple(arguments.stages),
        peak=arguments.rate,
    )


if __name__ == "__main__":
    main()
