"""From public SQuAD-format files to training examples with hard negatives, and to held-out splits.

    python -m training.prepare DATASETS_DIR --work training/work

Articles, never single questions, are dealt to the splits: `train` trains the reader, `calibration` fits the order's
weights and the confidence, `dev` is what gets reported. The held-out files keep the whole corpus but only the
questions of their split, so that retrieval has to choose among all articles.
"""

import copy
import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from index.command_line import Parser
from index.search import load_embedder
from training.altered import altered

# file stem -> (name, has real titles, share of articles for calibration, for dev)
SOURCES = {
    "squadshifts_wiki_part": ("wiki", True, 0.125, 0.17),
    "nq_part": ("nq", True, 0.10, 0.15),
    "squad2_part": ("squad2", True, 0.125, 0.25),
    "squadshifts_amazon_reviews": ("amazon", False, 0.0, 0.0),
    "squadshifts_reddit": ("reddit", False, 0.0, 0.0),
    "policyqa_dev": ("policy", True, 0.0, 0.0),
    "policyqa_test": ("policy", True, 0.0, 0.0),
    "qamr": ("qamr", False, 0.0, 0.0),
    "multispan_part": ("multispan", False, 0.15, 0.25),
    "clapnq_part": ("clapnq", True, 0.4, 0.6),  # never trained on
}
MEASURED_ONLY = "xquad_en"  # some of its passages also stand in squad2_part: those leave training
NEGATIVES = 8  # hard negatives kept for each question
POOL = 20  # retrieved passages looked through for them
LIST_GAP = 12  # characters between two items that are still one list: ", and the "
RRF_K = 60


@dataclass(frozen=True, slots=True)
class Example:
    """One question with its gold passage, its answers there, and passages that do not hold the answer."""

    source: str
    question: str
    positive: int
    answers: list[tuple[int, int]]  # empty: unanswerable
    texts: list[str]


def split_of(title: str, position: int, count: int, calibration: float, dev: float) -> str:
    """Deal an article to a split: by hash where there are many, by hash order where there are few."""
    by_hash = int(hashlib.sha256(title.encode()).hexdigest()[:8], 16) / 2**32
    share = by_hash if count > 100 else position / count
    if share < dev:
        return "dev"
    return "calibration" if share < dev + calibration else "train"


def deal(data: list[dict[str, Any]], calibration: float, dev: float) -> list[str]:
    """The split of each article of a file."""
    order = sorted(range(len(data)), key=lambda i: hashlib.sha256(str(data[i]["title"]).encode()).hexdigest())
    position = {article: place for place, article in enumerate(order)}
    return [split_of(str(entry["title"]), position[i], len(data), calibration, dev) for i, entry in enumerate(data)]


def examples(entry: dict[str, Any], name: str, row: int) -> Iterator[Example]:
    """The questions of one article; `row` is the passage table's row of its first paragraph."""
    for offset, paragraph in enumerate(entry["paragraphs"]):
        context = paragraph["context"]
        for qa in paragraph["qas"]:
            answers = [] if qa.get("is_impossible") else qa["answers"]
            spans = [(a["answer_start"], a["answer_start"] + len(a["text"])) for a in answers]
            if all(context[s:e] == a["text"] for (s, e), a in zip(spans, answers, strict=True)):
                texts = [a["text"] for a in (answers or qa.get("plausible_answers", []))]
                targets = joined(spans) if name == "multispan" else sorted(set(spans))
                yield Example(name, " ".join(qa["question"].split()), row + offset, targets, texts)


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The items of a list that stand one after the other as one span, since all of them together answer."""
    runs: list[tuple[int, int]] = []
    for start, end in sorted(set(spans)):
        if runs and start - runs[-1][1] <= LIST_GAP:
            runs[-1] = (runs[-1][0], max(end, runs[-1][1]))
        else:
            runs.append((start, end))
    return runs


def ranked(questions: list[str], texts: list[str], *, dense: bool) -> Iterator[list[int]]:
    """Passages for each question, best first, by BM25; with `dense` fused with dense ranks (reciprocal rank fusion)."""
    stemmer = Stemmer.Stemmer("english")
    lexical = bm25s.BM25()
    lexical.index(bm25s.tokenize(texts, stemmer=stemmer, show_progress=False), show_progress=False)
    found, _ = lexical.retrieve(
        bm25s.tokenize(questions, stemmer=stemmer, show_progress=False), k=min(POOL, len(texts)), show_progress=False
    )
    if not dense:
        yield from ([int(passage) for passage in row] for row in found)
        return
    embedder = load_embedder()
    rows = embedder.encode_passages(texts)
    for start in range(0, len(questions), 256):
        queries: NDArray[np.float32] = embedder.encode_passages(questions[start : start + 256])
        scores = queries @ rows.T
        for i, nearest in enumerate(np.argsort(-scores, axis=1)[:, :POOL]):
            fused: dict[int, float] = {}
            for ranking in (nearest, found[start + i]):
                for rank, passage in enumerate(ranking):
                    fused[int(passage)] = fused.get(int(passage), 0.0) + 1 / (RRF_K + rank)
            yield sorted(fused, key=lambda p: -fused[p])


def holds(text: str, answers: list[str]) -> bool:
    """Whether a passage holds an answer, letter case aside: then it is no negative."""
    lowered = text.lower()
    return any(answer.lower() in lowered for answer in answers)


def prepare(datasets: Path, work: Path) -> None:
    """Write `passages.jsonl`, `train.jsonl` and the held-out files NAME.SPLIT.json to the work folder."""
    work.mkdir(parents=True, exist_ok=True)
    measured = json.loads((datasets / f"{MEASURED_ONLY}.json").read_text())["data"]
    forbidden = {" ".join(p["context"].split()) for entry in measured for p in entry["paragraphs"]}
    passages: list[tuple[str, str]] = []
    rng = random.Random(1)
    with (work / "train.jsonl").open("w") as out:
        for stem, (name, titled, calibration, dev) in SOURCES.items():
            data = json.loads((datasets / f"{stem}.json").read_text())["data"]
            splits = deal(data, calibration, dev)
            for split in ("dev", "calibration"):
                if split in splits:
                    write_held_out(data, splits, split, work / f"{name}.{split}.json")
            base = len(passages)
            questions: list[Example] = []
            for entry, split in zip(data, splits, strict=True):
                if split != "train":
                    continue
                kept = [p for p in entry["paragraphs"] if " ".join(p["context"].split()) not in forbidden]
                questions += examples({**entry, "paragraphs": kept}, name, len(passages))
                title = str(entry["title"]).replace("_", " ") if titled else ""
                passages += [(title, p["context"]) for p in kept]
            texts = [f"{title}. {text}" for title, text in passages[base:]]
            if not questions:
                continue
            # Encoding the large sets takes longer than it shows in the reader: words alone find their negatives.
            rankings = ranked([q.question for q in questions], texts, dense=dev > 0)
            for example, ranking in zip(questions, rankings, strict=True):
                negatives = [
                    base + row
                    for row in ranking
                    if base + row != example.positive and not holds(passages[base + row][1], example.texts)
                ][:NEGATIVES]
                record = [example.source, example.question, example.positive, example.answers, negatives]
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
                neighbours = " ".join(passages[row][1] for row in negatives)
                changed = altered(example.question, passages[example.positive][1], neighbours, rng)
                if changed and example.answers:
                    record = [f"{example.source} altered", changed, example.positive, [], []]
                    out.write(json.dumps(record, ensure_ascii=False) + "\n")
            print(f"{stem}: {len(questions)} training questions, {len(passages) - base} passages", flush=True)
    with (work / "passages.jsonl").open("w") as out:
        out.writelines(json.dumps(p, ensure_ascii=False) + "\n" for p in passages)


def write_held_out(data: list[dict[str, Any]], splits: list[str], split: str, path: Path) -> None:
    """The whole corpus with the questions of one split only."""
    held = copy.deepcopy(data)
    for entry, its_split in zip(held, splits, strict=True):
        for paragraph in entry["paragraphs"]:
            if its_split != split:
                paragraph["qas"] = []
    path.write_text(json.dumps({"version": "v2.0", "data": held}, ensure_ascii=False))


def main() -> None:
    parser = Parser.of("training.prepare", __doc__)
    parser.add_argument("datasets", type=Path, help="folder with the public files in SQuAD format")
    parser.add_argument("--work", type=Path, default=Path("training/work"))
    arguments = parser.parse_args()
    prepare(arguments.datasets, arguments.work)


if __name__ == "__main__":
    main()
