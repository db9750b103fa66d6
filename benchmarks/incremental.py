"""What a rebuild costs: full, with one article changed, with none; by the shell, as an operator runs it.

    python -m benchmarks.incremental DATASET.json [...] [--articles 2000] [--words 400]

Contexts of the datasets (SQuAD format) are joined to articles of about so many words. Prints a JSON object a
line: wall seconds, CPU seconds (the fairer measure on a busy machine) and peak memory of the whole process,
torch and all.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from index.command_line import Parser


def contexts(paths: Sequence[str | Path]) -> Iterator[str]:
    """Every different context of the datasets, in order."""
    seen: set[str] = set()
    for path in paths:
        for entry in json.loads(Path(path).read_text(encoding="utf-8"))["data"]:
            for paragraph in entry["paragraphs"]:
                if paragraph["context"] not in seen:
                    seen.add(paragraph["context"])
                    yield paragraph["context"]


def made_articles(paths: Sequence[str | Path], words: int) -> Iterator[str]:
    """Contexts joined, paragraph by paragraph, to texts of at least `words` words."""
    paragraphs: list[str] = []
    for text in contexts(paths):
        paragraphs.append(text)
        if sum(len(paragraph.split()) for paragraph in paragraphs) >= words:
            yield "\n\n".join(paragraphs)
            paragraphs = []


def measured(command: Sequence[str]) -> tuple[str, float, float, int]:
    """Run a command; returns (stdout, wall seconds, CPU seconds, peak resident bytes)."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return out, time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def rebuild(name: str, folder: Path, store: Path) -> dict[str, Any]:
    """One build by the shell, and what it cost."""
    command = [sys.executable, "-m", "index", "build", str(folder), "--store", str(store), "--json"]
    out, seconds, cpu, peak = measured(command)
    found = json.loads(out)
    return {
        "build": name,
        **found["articles"],
        "passages": found["passages"],
        "embedded": found["embedded"],
        "build seconds": found["seconds"],
        "process seconds": round(seconds, 2),
        "CPU seconds": round(cpu, 2),
        "peak MB": peak // 1_000_000,
    }


def main() -> None:
    """Build three times and print each, with its share of the full build's time."""
    parser = Parser.of("benchmarks.incremental", __doc__)
    parser.add_argument("datasets", nargs="+", metavar="DATASET.json")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--words", type=int, default=400)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name) / "articles", Path(name) / "store"
        folder.mkdir()
        written = 0
        for written, text in enumerate(made_articles(options.datasets, options.words), start=1):
            (folder / f"{written:05d}.txt").write_text(f"Article {written}\n\n{text}\n", encoding="utf-8")
            if written == options.articles:
                break
        if written < options.articles:
            raise SystemExit(f"the datasets make {written} articles, not {options.articles}: name more of them")
        full = rebuild("full", folder, store)
        print(json.dumps(full), flush=True)
        one = folder / f"{options.articles // 2:05d}.txt"
        for kind in ("one changed", "none changed"):
            if kind == "one changed":
                one.write_text(one.read_text(encoding="utf-8") + "\nThis sentence is new.\n", encoding="utf-8")
            found = rebuild(kind, folder, store)
            for measure in ("build seconds", "process seconds", "CPU seconds"):
                found[f"share of full {measure}"] = f"{found[measure] / full[measure]:.2%}"
            print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
